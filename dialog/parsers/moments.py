"""A date with a time of day, or one of the two: what an appointment is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from dialog.parsers.dates import read_date
from dialog.parsers.spoken import Spoken
from dialog.parsers.times import read_time


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of a moment."""

    day: date | None
    at: time | None

    @property
    def whole(self) -> datetime | None:
        """The moment, once both are known."""
        return None if self.day is None or self.at is None else datetime.combine(self.day, self.at)


def read_moment(text: str, code: str, today: date, *, instead_of: datetime | None = None) -> Spoken[Moment] | None:
    """The date, the time or both that ``text`` names, or None. ``instead_of`` is the moment that it replaces (part
    of). Raises ``LanguageNotSpoken``."""
    day = read_date(text, code, today, asked=True, instead_of=None if instead_of is None else instead_of.date())
    at = read_time(text, code)
    if day is not None and at is not None:
        moment = Moment(day.value, at.value)
        sure = min(day.confidence, at.confidence)
        return Spoken(moment, min(day.start, at.start), max(day.end, at.end), sure)
    if day is not None:
        return Spoken(Moment(day.value, None), day.start, day.end, day.confidence)
    if at is not None:
        return Spoken(Moment(None, at.value), at.start, at.end, at.confidence)
    return None
