"""What people say to a score, and how it stands then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.analytics.errors import AppealRefused, NoSuchCriterion
from gateway.analytics.quality.checks import Verdict
from gateway.analytics.quality.standing import Standing, standings
from gateway.session.records import ContactEvent
from tests.gateway.analytics.quality.contacts import MORNING

SCORED = {
    "rubric": "service",
    "version": "1",
    "passes_at": 80,
    "agents": ["kim"],
    "score": 50.0,
    "passed": False,
    "criteria": [
        {"id": "greeting", "check": "said", "verdict": "missed", "weight": 1, "critical": False, "turns": [2]},
        {"id": "sources", "check": "cited", "verdict": "met", "weight": 1, "critical": False, "events": [4]},
    ],
}


def log(*told: tuple[str, Mapping[str, Any]]) -> list[ContactEvent]:
    every = (("quality.scored", SCORED), *told)
    return [ContactEvent("shop", "c", place, MORNING, kind, dict(one)) for place, (kind, one) in enumerate(every, 1)]


def standing(*told: tuple[str, Mapping[str, Any]]) -> Standing:
    [one] = standings(log(*told))
    return one


def test_a_score_stands_as_it_was_given_until_somebody_says_otherwise() -> None:
    one = standing()
    assert (one.score, one.passed, one.agents) == (50.0, False, ("kim",))
    assert one.criterion("greeting").turns == (2,)


def test_an_override_changes_the_criterion_and_the_score_and_keeps_who_and_why() -> None:
    payload = standing().override("greeting", Verdict.MET, by="lee", reason="said in other words")
    assert (payload["before"], payload["verdict"], payload["score"], payload["passed"]) == (
        "missed",
        "met",
        100.0,
        True,
    )
    one = standing(("quality.overridden", payload))
    assert (one.score, one.passed) == (100.0, True)
    [override] = one.overrides
    assert (override.by, override.reason, override.before) == ("lee", "said in other words", Verdict.MISSED)


def test_the_later_of_two_overrides_stands() -> None:
    first = standing().override("greeting", Verdict.MET, by="lee", reason="was said")
    then = standing(("quality.overridden", first)).override(
        "greeting", Verdict.NOT_APPLICABLE, by="park", reason="transferred in"
    )
    one = standing(("quality.overridden", first), ("quality.overridden", then))
    assert one.criterion("greeting").verdict is Verdict.NOT_APPLICABLE
    assert one.score == 100.0


def test_an_appeal_is_open_until_a_decision_answers_it_even_where_the_verdict_stays() -> None:
    objection = standing().appeal("greeting", "a1", by="kim", reason="I did greet")
    appealed = standing(("quality.appealed", objection))
    assert appealed.open_appeal("greeting") is not None
    with pytest.raises(AppealRefused):
        appealed.appeal("greeting", "a2", by="kim", reason="again")
    upheld = appealed.override("greeting", Verdict.MISSED, by="lee", reason="not to be heard")
    assert upheld["appeal"] == "a1"
    one = standing(("quality.appealed", objection), ("quality.overridden", upheld))
    assert one.open_appeal("greeting") is None
    assert [appeal.answer for appeal in one.appeals] == [3]
    assert one.score == 50.0


def test_there_is_no_appeal_against_what_was_met() -> None:
    with pytest.raises(AppealRefused):
        standing().appeal("sources", "a1", by="kim", reason="why not")


def test_what_was_not_judged_cannot_be_decided() -> None:
    with pytest.raises(NoSuchCriterion):
        standing().override("humour", Verdict.MET, by="lee", reason="funny")


def test_what_belongs_to_no_score_is_left_alone() -> None:
    events = log(("quality.overridden", {"rubric": "another", "criterion": "x"}))
    assert [one.rubric for one in standings(events)] == ["service"]
    assert standings([]) == ()


def test_a_contact_that_was_erased_stands_nowhere_any_more() -> None:
    left = {"rubric": "service", "version": "1", "score": 50.0, "erased": True}
    assert standings([ContactEvent("shop", "c", 1, MORNING, "quality.scored", left)]) == ()
