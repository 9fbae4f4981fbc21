"""What a text states that can be compared exactly: amounts, durations, times, dates, codes, names. Pure.

Written and spoken forms come out alike: 3만 원, 30,000원 and ``thirty thousand won`` are one fact, two weeks are
fourteen days, 오후 3시 is ``3 p.m.`` is 15:00. Days that are told from today ("내일", ``tomorrow``) become dates. A
number without a unit stays one, and may stand for any unit of the same value.

Refuses: judging (``verifier.py``). Arithmetic beyond units: whoever adds up two prices states a fact of his own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dialog.answers.fact_tables import FACT_TABLES, FactTable
from dialog.errors import LanguageNotSpoken


class Kind(StrEnum):
    """What a fact is about. Units that convert into one another are one kind."""

    NUMBER = "number"
    """No unit known, or one that counts things."""
    WON = "won"
    DOLLAR = "dollar"
    PERCENT = "percent"
    DAY = "day"
    BUSINESS_DAY = "business_day"
    MONTH = "month"
    MINUTE = "minute"
    SECOND = "second"
    CLOCK = "clock"
    """Minutes since midnight."""
    DATE = "date"
    """Year (0: not said), month and day as one number, YYYYMMDD."""
    WEEKDAY = "weekday"
    """From Monday, 0."""
    CODE = "code"
    """A telephone number, an order number with letters, an address of a page or of mail; letters in lower case."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact and where it stands. ``half_day`` is a clock of twelve hours of which nobody said which half."""

    kind: Kind
    value: float | str
    start: int = 0
    end: int = 0
    half_day: bool = False


_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-./년]\s?(\d{1,2})\s?[-./월]\s?(\d{1,2})(?!\d)일?")
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-4]):([0-5]\d)(?!\d)")
_CODE = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|kr|io|example)\b"
    r"|(?<![\w-])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![A-Za-z0-9])"
    r"|(?<![\d-])\d{2,4}-\d{3,4}(?:-\d{4})?(?![\d-])",
    re.IGNORECASE | re.ASCII,
)
_MEASURED = re.compile(
    r"\d+(?:st|nd|rd|th|am|pm|h|hrs?|mins?|k|kg|g|cm|mm|m|km|l|ml|gb|mb)|\d+(?:-[a-z]+)+", re.IGNORECASE
)
"""What has digits and letters and is no code: 3rd, 5kg, ``7-day``."""
_FIRST_YEAR = 1900
"""A year of the calendar rather than a duration, from this number on."""
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_TRAILING = ".,!?)"
_NEXT_PART = re.compile(r"\s?(?=\d)")
_LARGEST = 10**15
"""Nobody means a larger number by words."""
_LONGEST = 2000
"""Characters of a text that are read: no sentence is longer, and what is not read backs nothing."""


def facts(text: str, code: str, today: date | None = None) -> tuple[Fact, ...]:
    """The facts of ``text`` in the language ``code``; days told from today need ``today``.

    Raises ``LanguageNotSpoken``.
    """
    table = FACT_TABLES.get(code)
    if table is None:
        raise LanguageNotSpoken(f"there is no table of facts for {code!r}; there is one for {', '.join(FACT_TABLES)}")
    found: list[Fact] = []
    rest = text[:_LONGEST]
    for reader in (_codes, _dates, _clocks, _weekdays):
        taken = list(reader(rest, table, today))
        found += taken
        for fact in taken:
            rest = rest[: fact.start] + " " * (fact.end - fact.start) + rest[fact.end :]
    found += _quantities(rest, table)
    return tuple(sorted(found, key=lambda fact: fact.start))


def same(claimed: Fact, known: Fact) -> bool:
    """Whether what is claimed is what is known. A number without a unit on either side goes by its value."""
    if claimed.kind is Kind.CLOCK and known.kind is Kind.CLOCK:
        halves = claimed.half_day or known.half_day
        return _minutes(claimed, halves) == _minutes(known, halves)
    if claimed.kind is Kind.DATE and known.kind is Kind.DATE:
        return _same_date(int(claimed.value), int(known.value))
    if known.kind is Kind.DATE and claimed.kind in {Kind.NUMBER, Kind.DAY}:
        return claimed.value in {int(known.value) % 100, int(known.value) // 100 % 100, int(known.value) // 10_000}
    if known.kind is Kind.DATE and claimed.kind is Kind.WEEKDAY:
        return int(known.value) > 10_000 * 1000 and claimed.value == _as_date(int(known.value)).weekday()
    if claimed.kind is known.kind:
        return claimed.value == known.value
    if Kind.NUMBER in {claimed.kind, known.kind} and not {claimed.kind, known.kind} & {Kind.CODE, Kind.WEEKDAY}:
        return claimed.value == known.value
    return False


def numeric(fact: Fact) -> bool:
    """Whether a fact is an amount, a duration, a time or a date, of which one text can have another than the next."""
    return fact.kind not in {Kind.CODE, Kind.WEEKDAY}


def _codes(text: str, table: FactTable, today: date | None) -> Iterator[Fact]:
    for match in _CODE.finditer(text):
        word = match.group().rstrip(_TRAILING)
        if _MEASURED.fullmatch(word) or _DATE.match(text, match.start()):
            continue
        yield Fact(Kind.CODE, re.sub(r"[-\s]", "", word.lower()), match.start(), match.start() + len(word))


def _dates(text: str, table: FactTable, today: date | None) -> Iterator[Fact]:
    for match in _DATE.finditer(text):
        year, month, day = map(int, match.groups())
        yield Fact(Kind.DATE, _day(year, month, day), *match.span())
    for match in table.date.finditer(text):
        if _DATE.search(text) and any(other.start() <= match.start() < other.end() for other in _DATE.finditer(text)):
            continue
        named = match.groupdict()
        month = table.months.get((named.get("month") or named.get("month2") or "").lower()[:3]) or int(
            named.get("number") or 0
        )
        day = int(named.get("day") or named.get("day2") or 0)
        year = int(named.get("year") or 0)
        yield Fact(Kind.DATE, _day(year, month, day), *match.span())
    if today is not None:
        for match in table.relative.finditer(text):
            day_told = today + timedelta(days=table.days[match.group().lower()])
            yield Fact(Kind.DATE, _day(day_told.year, day_told.month, day_told.day), *match.span())


def _clocks(text: str, table: FactTable, today: date | None) -> Iterator[Fact]:
    for match in table.clock.finditer(text):
        named = match.groupdict()
        hour, minute = int(named["hour"]), int(named.get("minute") or 0)
        half = (named.get("before") or named.get("after") or "").lower().replace(".", "").replace(" ", "")
        later = half in table.afternoon
        if half:
            hour = hour % 12 + (12 if later else 0)
        yield Fact(Kind.CLOCK, hour * 60 + minute, *match.span(), half_day=not half and hour <= 12)
    for match in _CLOCK.finditer(text):
        if any(other.start() <= match.start() < other.end() for other in table.clock.finditer(text)):
            continue
        hour, minute = int(match.group(1)), int(match.group(2))
        yield Fact(Kind.CLOCK, hour * 60 + minute, *match.span())
    for match in table.clock_words.finditer(text):
        yield Fact(Kind.CLOCK, table.noon[match.group().lower()] * 60, *match.span())


def _weekdays(text: str, table: FactTable, today: date | None) -> Iterator[Fact]:
    for match in table.weekday.finditer(text):
        yield Fact(Kind.WEEKDAY, table.weekdays[match.group(1).lower()], *match.span())


def _quantities(text: str, table: FactTable) -> Iterator[Fact]:
    """Numbers in digits or words, with the unit before or behind them."""
    found = sorted([*_NUMBER.finditer(text), *table.words.finditer(text)], key=lambda match: match.start())
    at = 0
    for match in found:
        start = match.start()
        if start < at:
            continue  # a part of the number before: 3만 5천
        value, at = _number(text, match, table)
        unit = table.unit.match(text, at)
        kind, factor = (Kind.NUMBER, 1.0)
        if unit is not None and (named := table.units.get(unit.group(1).lower())) is not None:
            kind, factor, at = Kind(named[0]), named[1], unit.end()
            if kind is Kind.MONTH and value >= _FIRST_YEAR:
                kind, factor = Kind.NUMBER, 1.0
            elif kind is Kind.DAY and table.business_days.search(text, 0, start):
                kind = Kind.BUSINESS_DAY
        elif start and text[start - 1] in table.signs:
            kind = Kind(table.signs[text[start - 1]])
        yield Fact(kind, round(value * factor, 6), start, at)
    for match in table.spans.finditer(text):
        kind_named, amount = table.span_words[match.group().lower()]
        yield Fact(Kind(kind_named), amount, *match.span())


def _number(text: str, begun: re.Match[str], table: FactTable) -> tuple[float, int]:
    """The value of the number that begins with a match, its parts (3만 5천) put together, and where it ends."""
    if not begun.group()[0].isdigit():
        return float(min(table.read_words(begun.group()), _LARGEST)), begun.end()
    value, end, last = 0.0, begun.start(), float("inf")
    part: re.Match[str] | None = begun
    while part is not None:
        scale = table.scale.match(text, part.end())
        factor = table.read_scale(scale.group(1)) if scale is not None else 1
        if factor >= last:
            break
        value += float(part.group().replace(",", "")) * factor
        end, last = (scale.end() if scale else part.end()), factor
        if factor == 1:
            break
        following = _NEXT_PART.match(text, end)
        part = _NUMBER.match(text, following.end()) if following is not None else None
    return value, end


def _minutes(fact: Fact, halves: bool) -> int:
    minutes = int(fact.value)
    return minutes % (12 * 60) if halves else minutes % (24 * 60)


def _same_date(claimed: int, known: int) -> bool:
    if claimed // 10_000 and known // 10_000 and claimed // 10_000 != known // 10_000:
        return False
    return claimed % 10_000 == known % 10_000 or (known % 100 > 0 == claimed % 100 and _month(claimed) == _month(known))


def _month(day: int) -> int:
    return day // 100 % 100


def _day(year: int, month: int, day: int) -> int:
    return year * 10_000 + month * 100 + day


def _as_date(day: int) -> date:
    try:
        return date(day // 10_000, day // 100 % 100, day % 100)
    except ValueError:
        return date.min
