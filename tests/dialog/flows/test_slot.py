"""Slots: what is whole, what joins, what replaces, and what keeps within its limits."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal

import pytest

from dialog.flows.slot import Limits, Option, Slot, SlotKind, allows, is_whole, join, longest, mend

NOW = datetime(2026, 11, 22, 10)
NUMBER = Slot("number", SlotKind.DIGITS, 8)
PHONE = Slot("phone", SlotKind.PHONE)
VISIT = Slot("visit", SlotKind.DATE_TIME)


@pytest.mark.parametrize(
    ("slot", "value", "whole"),
    [
        (NUMBER, "20261187", True),
        (NUMBER, "2026", False),
        (PHONE, "01012345678", True),
        (PHONE, "0101234", False),
        (VISIT, "2026-11-24T15:00", True),
        (VISIT, "2026-11-24", False),
        (VISIT, "T15:00", False),
        (Slot("name", SlotKind.TEXT), "Kim", True),
    ],
)
def test_what_is_whole(slot: Slot, value: str, whole: bool) -> None:
    assert is_whole(slot, value) is whole


def test_pieces_join_where_they_make_one() -> None:
    assert join(NUMBER, "2026", "1187") == "20261187"
    assert join(NUMBER, "202611", "20261188") == "20261188"
    assert join(PHONE, "0101234", "5678") == "01012345678"
    assert join(VISIT, "2026-11-24", "T15:00") == join(VISIT, "T15:00", "2026-11-24") == "2026-11-24T15:00"
    assert join(VISIT, "2026-11-24", "2026-11-25") == "2026-11-25"
    assert longest(PHONE) == 11


def test_a_part_replaces_a_part() -> None:
    assert mend(NUMBER, "20261187", "88") == "20261188"
    assert mend(NUMBER, "20261187", "20260001") == "20260001"
    assert mend(NUMBER, "2026", "88") is None
    assert mend(VISIT, "2026-11-24T15:00", "T16:00") == "2026-11-24T16:00"
    assert mend(VISIT, "2026-11-24T15:00", "2026-12-24") == "2026-12-24T15:00"


@pytest.mark.parametrize(
    ("kind", "limits", "good", "bad"),
    [
        (SlotKind.MONEY, Limits(most=Decimal(100_000)), "100000", "100000.5"),
        (SlotKind.COUNT, Limits(least=Decimal(1), most=Decimal(8)), "8", "9"),
        (SlotKind.TEXT, Limits(least=Decimal(5)), "12 Main Street", "12"),
        (SlotKind.DATE, Limits(ahead=True), "2026-11-22", "2026-11-21"),
        (SlotKind.DATE, Limits(within_days=30), "2026-12-22", "2026-12-23"),
        (SlotKind.DATE, Limits(weekdays=frozenset({0})), "2026-11-23", "2026-11-24"),
        (SlotKind.TIME, Limits(earliest=time(10), latest=time(20)), "20:00", "20:01"),
        (SlotKind.DATE_TIME, Limits(ahead=True), "2026-11-22T10:01", "2026-11-22T10:00"),
        (SlotKind.DATE_TIME, Limits(earliest=time(10)), "2026-11-23T10:00", "2026-11-23T09:59"),
    ],
)
def test_limits(kind: SlotKind, limits: Limits, good: str, bad: str) -> None:
    slot = Slot("it", kind, limits=limits)
    assert allows(slot, good, NOW)
    assert not allows(slot, bad, NOW)


def test_a_choice_is_one_of_its_options() -> None:
    slot = Slot("it", SlotKind.CHOICE, options=(Option("a", {}), Option("b", {})))
    assert allows(slot, "b", NOW)
    assert not allows(slot, "c", NOW)
