"""Slots: what a flow needs to know, in which form values stand, and what makes one valid. Pure.

Every value is one text in one form: digits as they are, money and counts as decimal numbers, dates, times and moments
in ISO 8601 (``2026-11-24``, ``15:00``, ``2026-11-24T15:00``), choices by their id, yes and no as such, names and
addresses as said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from dialog.parsers.language import LANGUAGES


class SlotKind(StrEnum):
    """What kind of value a slot holds."""

    DIGITS = "digits"
    PHONE = "phone"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date_time"
    COUNT = "count"
    CHOICE = "choice"
    YES_NO = "yes_no"
    TEXT = "text"


DICTATED = frozenset({SlotKind.DIGITS, SlotKind.PHONE})
"""Kinds that are given digit by digit, and may come in pieces."""

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value must be besides well formed. ``least`` and ``most`` bound numbers, or the characters of a text;
    ``ahead`` wants a day or moment that lies in the future, ``within_days`` one that is no further away; ``earliest``
    and ``latest`` bound the time of day, ``weekdays`` (0 is Monday) the day."""

    least: Decimal | None = None
    most: Decimal | None = None
    ahead: bool = False
    within_days: int | None = None
    earliest: time | None = None
    latest: time | None = None
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things to choose from, with the words for it by language; the first ones are how we name it."""

    id: str
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that a flow needs, read back when it was heard less surely than ``confirm_below``.

    ``length`` is how many digits it has, ``currency`` that of an amount, ``options`` what there is to choose from. A
    ``secret`` one is masked wherever it would be written down, and never said back. Of an ``optional`` one the caller
    may say that they do not know it: then its value is empty.
    """

    name: str
    kind: SlotKind
    length: int = 0
    confirm_below: float = 0.8
    secret: bool = False
    currency: str = "KRW"
    options: tuple[Option, ...] = ()
    limits: Limits = field(default_factory=Limits)
    optional: bool = False


def is_whole(slot: Slot, value: str) -> bool:
    """Whether ``value`` is all of it, and not only its beginning or a part."""
    match slot.kind:
        case SlotKind.DIGITS:
            return len(value) == slot.length
        case SlotKind.PHONE:
            return any(language.phones.valid.fullmatch(value) for language in LANGUAGES.values())
        case SlotKind.DATE_TIME:
            return len(value) > len("2026-11-24") and not value.startswith("T")
        case _:
            return bool(value)


def longest(slot: Slot) -> int:
    """How many digits it has at most."""
    return slot.length or 11


def join(slot: Slot, before: str, value: str) -> str:
    """``value`` together with what was said of it before, where the two make one."""
    if not before:
        return value
    if slot.kind is SlotKind.DATE_TIME:
        return _moment(before, value)
    if slot.kind in DICTATED and len(before) + len(value) <= longest(slot):
        return before + value
    return value


def mend(slot: Slot, standing: str, value: str) -> str | None:
    """``standing`` with a part of it replaced by ``value``, or None when it cannot be a part of it."""
    if is_whole(slot, value):
        return value
    if slot.kind is SlotKind.DATE_TIME:
        return _moment(standing, value)
    if slot.kind in DICTATED and is_whole(slot, standing) and len(value) < len(standing):
        return standing[: len(standing) - len(value)] + value
    return None


def _moment(before: str, value: str) -> str:
    """The day of one and the time of the other; what is said later wins."""
    day = next((part.split("T")[0] for part in (value, before) if not part.startswith("T")), "")
    at = next((part.split("T")[1] for part in (value, before) if "T" in part), "")
    return day + (f"T{at}" if at else "")


def allows(slot: Slot, value: str, now: datetime) -> bool:
    """Whether a whole value keeps within its limits. ``now`` is the tenant's local time, without a zone."""
    limits = slot.limits
    match slot.kind:
        case SlotKind.MONEY | SlotKind.COUNT:
            return _bounded(Decimal(value), limits)
        case SlotKind.TEXT:
            return _bounded(Decimal(len(value)), limits)
        case SlotKind.DATE:
            day = date.fromisoformat(value)
            return not (limits.ahead and day < now.date()) and _near(day, limits, now)
        case SlotKind.TIME:
            return _in_hours(time.fromisoformat(value), limits)
        case SlotKind.DATE_TIME:
            moment = datetime.fromisoformat(value)
            late = limits.ahead and moment <= now
            return not late and _near(moment.date(), limits, now) and _in_hours(moment.time(), limits)
        case SlotKind.CHOICE:
            return any(option.id == value for option in slot.options)
        case SlotKind.DIGITS | SlotKind.PHONE | SlotKind.YES_NO:
            return True


def _bounded(number: Decimal, limits: Limits) -> bool:
    return (limits.least is None or number >= limits.least) and (limits.most is None or number <= limits.most)


def _near(day: date, limits: Limits, now: datetime) -> bool:
    near = limits.within_days is None or day <= now.date() + timedelta(days=limits.within_days)
    return near and (not limits.weekdays or day.weekday() in limits.weekdays)


def _in_hours(at: time, limits: Limits) -> bool:
    return (limits.earliest is None or at >= limits.earliest) and (limits.latest is None or at <= limits.latest)
