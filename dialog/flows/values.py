"""What a caller said, as the value of a slot: the parsers behind the kinds of slots, in one place.

Understanders read with it and the arbiter checks with it, so that no value stands that the caller did not say, whoever
claims it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

from dialog.flows.slot import DICTATED, NO, YES, Slot, SlotKind, is_whole
from dialog.parsers.choice import read_choice
from dialog.parsers.corrections import Correction, read_correction
from dialog.parsers.counts import read_count
from dialog.parsers.dates import read_date
from dialog.parsers.digits import Digits, read_digits
from dialog.parsers.moments import Moment, read_moment
from dialog.parsers.money import read_money
from dialog.parsers.phones import read_phone
from dialog.parsers.spoken import LIKELY, SURE, Spoken
from dialog.parsers.text import plain
from dialog.parsers.times import read_time
from dialog.parsers.wording import read_wording
from dialog.parsers.yes_no import read_agreement


@dataclass(frozen=True, slots=True)
class Heard:
    """A value in its standing form, the characters ``start:end`` that say it, how surely (0..1) they are read so, and
    whether it replaces (the end of) what was said before."""

    value: str
    start: int
    end: int
    confidence: float
    corrected: bool = False


def hear(
    slot: Slot, text: str, code: str, today: date, *, asked: bool = True, standing: str | None = None
) -> Heard | None:
    """What ``text`` says for a slot, or None. Raises ``LanguageNotSpoken``.

    Where it was not ``asked`` for, only what can be nothing else is heard. ``standing`` is the value that is replaced,
    of which a part may be said.
    """
    match slot.kind:
        case SlotKind.DIGITS:
            read = read_digits(text, code, length=slot.length)
            return _digits(slot, read, asked)
        case SlotKind.PHONE:
            return _digits(slot, read_phone(text, code), asked)
        case SlotKind.MONEY:
            money = read_money(text, code, currency=slot.currency if asked else None)
            fits = money is not None and money.value.currency == slot.currency
            return _heard(money, number(money.value.amount)) if money is not None and fits else None
        case SlotKind.COUNT:
            count = read_count(text, code, asked=asked)
            return None if count is None else _heard(count, str(count.value))
        case SlotKind.DATE:
            before = None if standing is None else date.fromisoformat(standing)
            day = read_date(text, code, today, asked=asked, instead_of=before)
            return None if day is None else _heard(day, day.value.isoformat())
        case SlotKind.TIME:
            at = read_time(text, code)
            return None if at is None else _heard(at, at.value.isoformat("minutes"))
        case SlotKind.DATE_TIME:
            whole = standing is not None and is_whole(slot, standing)
            moment = read_moment(
                text, code, today, instead_of=datetime.fromisoformat(standing) if whole and standing else None
            )
            return None if moment is None else _heard(moment, _moment(moment.value))
        case SlotKind.CHOICE:
            return _choice(slot, text, code, asked=asked)
        case SlotKind.YES_NO:
            agreed = read_agreement(text, code) if asked else None
            return None if agreed is None else Heard(YES if agreed.yes else NO, agreed.start, agreed.end, SURE)
        case SlotKind.TEXT:
            wording = read_wording(text, code) if asked else None
            return None if wording is None else _heard(wording, wording.value)
        case _:
            assert_never(slot.kind)


def hear_instead(slot: Slot, text: str, code: str, today: date, standing: str) -> Heard | None:
    """What ``text`` wants in place of ``standing``, or None when it corrects nothing here. Raises
    ``LanguageNotSpoken``."""
    correction = read_correction(text, code)
    if correction is None:
        return None
    if correction.old and not _meant(slot, correction.old, code, today, standing):
        return None
    if slot.kind is SlotKind.TEXT:
        return _reworded(correction, code, standing)
    read = hear(slot, correction.new, code, today, standing=standing)
    if read is None or read.value == standing:
        return None
    return Heard(
        read.value, correction.start + read.start, correction.start + read.end, read.confidence, corrected=True
    )


def may_be(slot: Slot, value: str, text: str, code: str, today: date, standing: str | None) -> bool:
    """Whether the deterministic readers find ``value`` in ``text``, too."""
    readings = [hear(slot, text, code, today, asked=asked, standing=standing) for asked in (True, False)]
    readings.append(hear(slot, text, code, today))
    if standing is not None:
        readings.append(hear_instead(slot, text, code, today, standing))
    return any(read is not None and read.value == value for read in readings)


def number(amount: Decimal) -> str:
    """A number in its one form: 35000, 35.5."""
    return f"{amount.normalize():f}"


def option_names(slot: Slot, code: str) -> tuple[str, ...]:
    """What the options of a choice are called in a language."""
    return tuple(option.words[code][0] if option.words.get(code) else option.id for option in slot.options)


def keyed(slot: Slot, digits: str, today: date) -> str | None:
    """What pressed keys mean for a slot, or None when they mean nothing: digits themselves, the number of an option, 1
    for yes and 2 for no, MMDD for a day, HHMM for a time of day, MMDDHHMM for both."""
    match slot.kind:
        case SlotKind.DIGITS | SlotKind.PHONE:
            return digits
        case SlotKind.MONEY | SlotKind.COUNT:
            return str(int(digits))
        case SlotKind.CHOICE:
            index = int(digits) - 1
            return slot.options[index].id if 0 <= index < len(slot.options) else None
        case SlotKind.YES_NO:
            return {"1": YES, "2": NO}.get(digits)
        case SlotKind.DATE:
            return _keyed_day(digits, today) if len(digits) == 4 else None
        case SlotKind.TIME:
            return _keyed_time(digits) if len(digits) == 4 else None
        case SlotKind.DATE_TIME:
            if len(digits) == 4:
                return _keyed_day(digits, today)
            day, at = _keyed_day(digits[:4], today), _keyed_time(digits[4:])
            return f"{day}T{at}" if len(digits) == 8 and day and at else None
        case SlotKind.TEXT:
            return None
        case _:
            assert_never(slot.kind)


def _keyed_day(digits: str, today: date) -> str | None:
    for year in (today.year, today.year + 1):
        try:
            day = date(year, int(digits[:2]), int(digits[2:]))
        except ValueError:
            continue
        if day >= today:
            return day.isoformat()
    return None


def _keyed_time(digits: str) -> str | None:
    hour, minute = int(digits[:2] or "0"), int(digits[2:] or "0")
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def _heard(read: Spoken[object], value: str) -> Heard:
    return Heard(value, read.start, read.end, read.confidence)


def _digits(slot: Slot, read: Digits | None, asked: bool) -> Heard | None:
    if read is None or not (asked or is_whole(slot, read.value)):
        return None
    return Heard(read.value, read.start, read.end, read.confidence, read.corrected)


def _moment(moment: Moment) -> str:
    day = "" if moment.day is None else moment.day.isoformat()
    return day + ("" if moment.at is None else f"T{moment.at.isoformat('minutes')}")


def _choice(slot: Slot, text: str, code: str, *, asked: bool) -> Heard | None:
    """The option whose words are said; where they were offered, also by their order."""
    said = plain(text, spaced=False)
    named: dict[str, tuple[int, int]] = {}
    for option in slot.options:
        for words in option.words.get(code, ()):
            wanted = plain(words, spaced=False).text
            start = said.text.find(wanted) if wanted else -1
            if start >= 0:
                named.setdefault(option.id, said.original(start, start + len(wanted)))
    if len(named) == 1:
        ((choice, span),) = named.items()
        return Heard(choice, *span, SURE if asked else LIKELY)
    chosen = read_choice(text, code, option_names(slot, code)) if asked and not named else None
    if chosen is None:
        return None
    return Heard(slot.options[chosen.index].id, chosen.start, chosen.end, chosen.confidence)


def _meant(slot: Slot, old: str, code: str, today: date, standing: str) -> bool:
    """Whether the words that are to be replaced say this slot's value, or a part of it."""
    if slot.kind is SlotKind.TEXT:
        return old.strip() in standing
    if slot.kind in DICTATED:
        read = hear(slot, old, code, today)
        return read is not None and read.value in standing
    read = hear(slot, old, code, today, standing=standing)
    return read is not None and (read.value == standing or read.value in standing)


def _reworded(correction: Correction, code: str, standing: str) -> Heard | None:
    wording = read_wording(correction.new, code)
    if wording is None or not correction.old:
        return None
    value = standing.replace(correction.old.strip(), wording.value, 1)
    start = correction.start + wording.start
    return Heard(value, start, correction.start + wording.end, wording.confidence, corrected=True)
