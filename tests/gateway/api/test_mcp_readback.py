"""Programs get a change read back as callers do, and are held to the same values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from gateway.api.mcp_readback import beyond_limits, read_back
from tests.gateway.api.mcp_stage import example_offer, example_release

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
    assert words in read_back(example_release(), example_offer().tools[tool], arguments, language)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_where_no_flow_has_words_for_it_every_argument_is_named(language: str) -> None:
    offered = example_offer().tools["order_status"]
    alien = replace(offered, action=replace(offered.action, id="alien"))
    words = read_back(example_release(), alien, {"order_number": "20261042"}, language)
    assert offered.title[language] in words
    assert f"{offered.arguments['order_number'][language]}: 20261042" in words


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
