"""Whoever asks for a change has it read back as callers do, and is held to the same values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from dialog.actions.read_back import PLAIN, beyond_limits, by_caller_alone, flow_of, read_back
from tests.house import example_release

NOON = datetime(2026, 11, 22, 12, 0)
VISIT = {"phone": "01012345678", "at": "2026-11-24T15:00", "people": 2}


@pytest.mark.parametrize(
    ("tool", "arguments", "language", "words"),
    [
        ("cancel_order", {"order_number": "20261042"}, "en", "Shall I cancel order 2 0 2 6, 1 0 4 2?"),
        ("cancel_order", {"order_number": "20261042"}, "ko", "2 0 2 6, 1 0 4 2"),
        (
            "refund_order",
            {"order_number": "20260815", "amount": 12000, "reason": "damaged"},
            "en",
            "Shall I refund 12,000 won of order 2 0 2 6, 0 8 1 5 for",
        ),
        ("book_visit", VISIT, "en", "Shall I book Tuesday, November 24"),
        ("book_visit", VISIT, "ko", "11월 24일"),
    ],
)
def test_the_words_are_those_that_a_caller_hears(
    tool: str, arguments: dict[str, Any], language: str, words: str
) -> None:
    action = example_release().actions[tool]
    assert words in read_back(example_release(), action, arguments, language, title="", labels={})


@pytest.mark.parametrize("language", ["ko", "en"])
def test_where_no_flow_has_words_for_it_every_argument_is_named(language: str) -> None:
    alien = replace(example_release().actions["order_status"], id="alien")
    words = read_back(
        example_release(), alien, {"order_number": "20261042"}, language, title="Title", labels={"order_number": "No"}
    )
    assert words == PLAIN[language].format(title="Title", arguments="No: 20261042")


def test_only_what_a_caller_gives_is_taken() -> None:
    release = example_release()
    found = flow_of(release, release.actions["refund_order"], {"order_number": "20260815", "amount": 1000})
    assert found is not None
    assert found[1].arguments["amount"] == "amount", "and not what an earlier step of the flow found out"
    assert [do.action for do in by_caller_alone(release.flows["refund_order"])].count("refund_order") == 1


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, None),
        ({"at": "2026-11-24T03:00"}, "/at"),
        ({"at": "2026-11-21T15:00"}, "/at"),
        ({"at": "2027-11-24T15:00"}, "/at"),
        ({"at": "2026-11-99T15:00"}, "/at"),
        ({"people": 99}, "/people"),
        ({"phone": "99999999"}, "/phone"),
    ],
)
def test_values_are_bounded_as_those_of_callers_are(changed: dict[str, Any], problem: str | None) -> None:
    action = example_release().actions["book_visit"]
    found = beyond_limits(example_release(), action, VISIT | changed, NOON)
    assert [one.split(":")[0] for one in found] == ([] if problem is None else [problem])


def test_what_no_flow_does_has_no_limits_but_its_schema() -> None:
    action = replace(example_release().actions["order_record"], id="alien")
    assert beyond_limits(example_release(), action, {"order_number": "1"}, NOON) == []
