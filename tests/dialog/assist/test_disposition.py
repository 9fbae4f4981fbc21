"""How a case probably ended."""

from __future__ import annotations

import pytest

from dialog.assist.disposition import EVERYWHERE, Disposition, likely
from dialog.escalation import Attempt, Tried

REFUNDED = Disposition("refunded", {"en": "Refunded"}, frozenset({Tried.ACTION_DONE}), frozenset({"refund_order"}))


@pytest.mark.parametrize(
    ("last", "id"),
    [
        (Tried.ANSWERED, "resolved"),
        (Tried.ACTION_DONE, "resolved"),
        (Tried.ACTION_UNKNOWN, "follow_up"),
        (Tried.ACTION_DENIED, "not_possible"),
        (Tried.NOT_UNDERSTOOD, None),
    ],
)
def test_the_last_attempt_says_how_it_ended(last: Tried, id: str | None) -> None:
    assert likely(EVERYWHERE, [Attempt(Tried.NOT_ANSWERED), Attempt(last)], None) == id


def test_one_that_names_what_the_call_was_about_comes_first() -> None:
    attempts = [Attempt(Tried.ACTION_DONE)]
    ways = (*EVERYWHERE, REFUNDED)
    assert likely(ways, attempts, "refund_order") == "refunded"
    assert likely(ways, attempts, "cancel_order") == "resolved"


def test_nothing_speaks_for_any_where_nothing_was_tried() -> None:
    assert likely(EVERYWHERE, [], "refund_order") is None


def test_every_tenant_starts_with_ways_in_both_languages() -> None:
    assert all(one.name["ko"] and one.name["en"] for one in EVERYWHERE)
