"""What time it is, as an argument: tests pass their own."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Two times: one that only ever grows, for measuring, and the calendar, for what is valid today."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""

    def today(self, zone: str) -> date:
        """The date in a time zone (an IANA name)."""

    def now(self, zone: str) -> datetime:
        """The time of day with its date in a time zone, which it carries."""


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def today(self, zone: str) -> date:
        """The date in a time zone (an IANA name)."""
        return datetime.now(ZoneInfo(zone)).date()

    def now(self, zone: str) -> datetime:
        """The time of day with its date in a time zone, which it carries."""
        return datetime.now(ZoneInfo(zone))


def utc_now() -> datetime:
    """The time of day, in UTC: for what outlives a process."""
    return datetime.now(UTC)
