"""Scores: what counts, what does not, and what fails whatever the rest is worth."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.analytics.quality.checks import Verdict
from gateway.analytics.quality.rubric import Rubric
from gateway.analytics.quality.scoring import Judged, applies, passes, scored, total
from gateway.session.records import decode, encode
from tests.gateway.analytics.quality.contacts import DISCLOSED, accepted, agent_said, contact, decided, heard, turn

MET, MISSED, NONE = Verdict.MET, Verdict.MISSED, Verdict.NOT_APPLICABLE


def judged(verdict: Verdict, weight: float = 1.0, *, critical: bool = False) -> Judged:
    return Judged("one", "cited", verdict, weight, critical)


@pytest.mark.parametrize(
    ("criteria", "score"),
    [
        ([judged(MET)], 100.0),
        ([judged(MET), judged(MISSED)], 50.0),
        ([judged(MET, 3), judged(MISSED)], 75.0),
        ([judged(MET), judged(NONE, 50)], 100.0),
        ([judged(MISSED)], 0.0),
        ([judged(NONE)], None),
        ([], None),
        ([judged(MET, 0)], None),
    ],
)
def test_the_score_is_the_weighted_share_of_what_applied(criteria: list[Judged], score: float | None) -> None:
    assert total(criteria) == score


def test_nought_is_not_the_same_as_nothing() -> None:
    assert passes([judged(MISSED)], 80) is False
    assert passes([judged(NONE)], 80) is None


def test_what_is_critical_fails_the_rest() -> None:
    assert passes([judged(MET, 99), judged(MISSED, 1, critical=True)], 80) is False
    assert passes([judged(MET, 99), judged(MISSED, 1)], 80) is True
    assert passes([judged(MET), judged(NONE, critical=True)], 80) is True
    assert passes([judged(MET), judged(MISSED, 0, critical=True)], 80) is False


def rubric(**applies: Any) -> Rubric:
    criteria = [{"id": "sources", "check": "cited"}, {"id": "disclosure", "check": "disclosed", "critical": True}]
    return Rubric.model_validate(
        {"id": "service", "version": "7", "passes_at": 60, "applies": applies, "criteria": criteria}
    )


def test_a_scored_contact_says_which_turns_show_it_and_can_be_written_down() -> None:
    one = contact(DISCLOSED, turn(1, "how long"), decided(1, 2), turn(2, "how much"), decided(2, 3, cited=False))
    payload = decode(encode(scored(rubric(), one)))
    assert (payload["rubric"], payload["version"], payload["score"], payload["passed"]) == ("service", "7", 50.0, False)
    sources, disclosure = payload["criteria"]
    assert (sources["verdict"], sources["turns"], sources["events"]) == ("missed", [2], [5])
    assert (disclosure["verdict"], disclosure["events"]) == ("met", [1])
    assert payload["agents"] == []


@pytest.mark.parametrize(
    ("wanted", "one", "is_judged"),
    [
        ({}, contact(turn(1, "hi"), decided(1, 1)), True),
        ({}, contact(decided(0, 1, "converse"), heard(0, 1)), False),
        ({}, contact(turn(1, "hi"), decided(1, 1), ("contact.erased", {"erased": True})), False),
        ({"served_by": "person"}, contact(turn(1, "hi"), decided(1, 1)), False),
        ({"served_by": "person"}, contact(accepted(), agent_said("hi")), True),
        ({"served_by": "bot"}, contact(accepted(), agent_said("hi")), False),
        ({"channels": ["chat"]}, contact(turn(1, "hi"), decided(1, 1)), False),
        ({"channels": ["chat"]}, contact(turn(1, "hi"), decided(1, 1), channel="chat"), True),
    ],
)
def test_a_rubric_judges_what_it_is_meant_for(wanted: dict[str, Any], one: Any, is_judged: bool) -> None:
    assert applies(rubric(**wanted), one) is is_judged
