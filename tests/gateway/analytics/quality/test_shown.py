"""What pages are told of a judgement."""

from __future__ import annotations

from gateway.analytics.quality.rubric import Rubrics
from gateway.analytics.quality.shown import RubricNames, outlined_standing, shown_standing
from tests.gateway.analytics.quality.test_standing import standing

NAMES = RubricNames(
    Rubrics.model_validate(
        {
            "rubrics": [
                {
                    "id": "service",
                    "version": "2",
                    "name": {"ko": "응대", "en": "Service"},
                    "criteria": [{"id": "sources", "check": "cited", "name": {"en": "Sources"}}],
                }
            ]
        }
    )
)
APPEAL = {"rubric": "service", "criterion": "greeting", "by": "kim", "reason": "I did", "appeal": "a1"}
ANSWER = {
    "rubric": "service",
    "criterion": "greeting",
    "verdict": "met",
    "before": "missed",
    "by": "lee",
    "reason": "so",
    "appeal": "a1",
}


def test_names_are_those_of_the_rubrics_as_they_are_and_what_they_lost_has_none() -> None:
    told = shown_standing(standing(), NAMES)
    assert told["name"] == {"ko": "응대", "en": "Service"}
    assert {one["id"]: one["name"] for one in told["criteria"]} == {"greeting": {}, "sources": {"en": "Sources"}}
    assert RubricNames(None).rubric("service") == {}
    assert RubricNames(None).criterion("service", "sources") == {}


def test_a_list_tells_what_was_missed_and_what_waits() -> None:
    told = outlined_standing(standing(("quality.appealed", APPEAL)), NAMES)
    assert (told["missed"], told["open"], told["decided"]) == ([{"id": "greeting", "name": {}}], 1, 0)
    assert (told["score"], told["passed"]) == (50.0, False)
    told = outlined_standing(standing(("quality.appealed", APPEAL), ("quality.overridden", ANSWER)), NAMES)
    assert (told["missed"], told["open"], told["decided"]) == ([], 0, 1)
    assert (told["score"], told["passed"]) == (100.0, True)
