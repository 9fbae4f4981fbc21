"""When somebody may be called."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.outbound.calling_hours import next_opening
from gateway.session.tenant import Hours

SEOUL = ZoneInfo("Asia/Seoul")
HOURS = Hours(
    weekly={"monday": ("09:00-12:00", "13:00-18:00"), "tuesday": ("09:00-18:00",)},
    closed=frozenset({date(2026, 12, 1)}),
)


def seoul(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        (seoul(23, 10), seoul(23, 10)),  # a Monday, within
        (seoul(23, 7), seoul(23, 9)),  # too early
        (seoul(23, 12), seoul(23, 13)),  # at lunch: a span ends when it says so
        (seoul(23, 18), seoul(24, 9)),  # too late
        (seoul(24, 18), seoul(30, 9)),  # over the weekend and further
        (seoul(30, 18), seoul(7, 9, month=12)),  # the Tuesday in between is closed
    ],
)
def test_the_next_opening_is_found(moment: datetime, opening: datetime) -> None:
    assert next_opening(HOURS, SEOUL, moment) == opening


def test_the_tenants_clock_counts_whatever_the_zone_of_the_moment() -> None:
    found = next_opening(HOURS, SEOUL, datetime(2026, 11, 22, 23, 0, tzinfo=UTC))  # 8 o'clock on Monday in Seoul
    assert found == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_without_hours_it_is_always_open_and_hours_that_never_open_have_no_opening() -> None:
    assert next_opening(Hours(), SEOUL, seoul(22, 3)) == seoul(22, 3)
    assert next_opening(Hours(weekly={"sunday": ()}), SEOUL, seoul(22, 3)) is None


def test_the_day_that_the_clock_changes_hours_move_with_it() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = Hours(weekly={"sunday": ("09:00-18:00",)})
    found = next_opening(hours, berlin, datetime(2026, 10, 25, 0, 0, tzinfo=UTC))  # summer time ends at 01:00 UTC
    assert found == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)
