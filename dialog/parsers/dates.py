"""Dates as callers say them, relative to a given today: 다음 주 화요일, 사흘 뒤, "next Tuesday", "the third of March".

Refuses: days that do not exist (2월 30일), and a clock of its own. What people understand in two ways ("next Tuesday"
on a Monday) is read as most do and is not sure.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from dialog.parsers.language import language
from dialog.parsers.numbers import LONGEST_TEXT, cardinal, number_pattern
from dialog.parsers.spoken import AMBIGUOUS, LIKELY, SURE, Spoken
from dialog.parsers.tables import Calendar
from dialog.parsers.text import lowered

_MOST_YEARS = 8
"""So far ahead the next 29 February may lie."""


def read_date(
    text: str, code: str, today: date, *, past: bool = False, asked: bool = False, instead_of: date | None = None
) -> Spoken[date] | None:
    """The date that ``text`` names, or None. Raises ``LanguageNotSpoken``.

    A day without its year is the next one, or the last one where ``past`` is meant. Where a date was ``asked`` for, the
    day of the month is enough; where one is said ``instead_of`` another, the month is, too.
    """
    said = lowered(text[:LONGEST_TEXT])
    calendar = language(code).calendar
    for rule in _rules(code):
        for match in rule.finditer(said):
            resolved = _resolve(match, code, calendar, today, past)
            if resolved is not None:
                sure = SURE if not _loose(match, calendar, today) else AMBIGUOUS
                return Spoken(resolved, match.start(), match.end(), sure)
    if asked or instead_of is not None:
        for match in _only(code, calendar.only_day).finditer(said):
            day = _day(match, code, calendar)
            found = _of_month(day, today, past, instead_of)
            if found is not None:
                return Spoken(found, match.start(), match.end(), LIKELY)
    if instead_of is not None:
        for match in _only(code, calendar.only_month).finditer(said):
            month = _month(match, code, calendar)
            found = None if month is None else _exists(instead_of.year, month, instead_of.day)
            if found is not None:
                return Spoken(found, match.start(), match.end(), LIKELY)
    return None


@lru_cache(maxsize=16)
def _rules(code: str) -> tuple[re.Pattern[str], ...]:
    number = number_pattern(code)
    return tuple(re.compile(rule.replace("{n}", number)) for rule in language(code).calendar.rules)


@lru_cache(maxsize=16)
def _only(code: str, rule: str) -> re.Pattern[str]:
    return re.compile(rule.replace("{n}", number_pattern(code)))


def _group(match: re.Match[str], name: str) -> str | None:
    return match.groupdict().get(name)


def _squeezed(words: str) -> str:
    return re.sub(r"[\s-]+", "", words)


def _resolve(match: re.Match[str], code: str, calendar: Calendar, today: date, past: bool) -> date | None:
    """The date that a rule's match means, or None where there is no such date."""
    if (iso := _group(match, "iso")) is not None:
        year, month, day = map(int, iso.split("-"))
        return _exists(year, month, day)
    if (word := _group(match, "word")) is not None:
        return today + timedelta(days=calendar.words[_squeezed(word)])
    if (span := _group(match, "span")) is not None:
        return _after(span, _group(match, "number"), code, calendar, today)
    if (weekday := _group(match, "weekday")) is not None:
        return _weekday(calendar.weekdays[weekday], _group(match, "week"), calendar, today)
    day_of = _day(match, code, calendar)
    if day_of is None:
        return None
    if (which := _group(match, "month_of")) is not None:
        first = _months_later(today.replace(day=1), calendar.which_month[_squeezed(which)])
        return _exists(first.year, first.month, day_of)
    month_of = _month(match, code, calendar)
    if month_of is None:
        return None
    said_year = _group(match, "year")
    if said_year is not None:
        number = cardinal(said_year, code)
        return None if number is None else _exists(int(number), month_of, day_of)
    return _nearest((_exists(year, month_of, day_of) for year in _years(today, past)), today, past)


def _years(today: date, past: bool) -> range:
    return range(today.year, today.year - _MOST_YEARS - 1, -1) if past else range(today.year, today.year + 9)


def _nearest(dates: Iterator[date | None], today: date, past: bool) -> date | None:
    return next((day for day in dates if day is not None and (day <= today if past else day >= today)), None)


def _day(match: re.Match[str], code: str, calendar: Calendar) -> int | None:
    said = match["day"]
    if (named := calendar.days.get(_squeezed(said))) is not None:
        return named
    number = cardinal(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", said), code)
    return int(number) if number is not None and number == int(number) else None


def _month(match: re.Match[str], code: str, calendar: Calendar) -> int | None:
    said = match["month"]
    if said in calendar.months:
        return calendar.months[said]
    number = cardinal(said, code)
    return int(number) if number is not None and number == int(number) and 1 <= number <= 12 else None


def _of_month(day: int | None, today: date, past: bool, instead_of: date | None) -> date | None:
    """The day of the month that was talked about, or of the next month (or last) that has it."""
    if day is None:
        return None
    if instead_of is not None:
        return _exists(instead_of.year, instead_of.month, day)
    first = today.replace(day=1)
    months = (_months_later(first, -shift if past else shift) for shift in range(13))
    return _nearest((_exists(month.year, month.month, day) for month in months), today, past)


def _after(span: str, number: str | None, code: str, calendar: Calendar, today: date) -> date | None:
    days, months = calendar.spans[span]
    count = 1 if number is None else (cardinal(number, code) or (2 if "couple" in number else 1))
    if count != int(count) or count > 1_000:
        return None
    later = today + timedelta(days=days * int(count))
    return _months_later(later, months * int(count)) if months else later


def _weekday(weekday: int, week: str | None, calendar: Calendar, today: date) -> date | None:
    """A weekday of a named week (weeks begin on Monday, but what is over is not meant);
    without one, the next such day after today."""
    coming = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if week is None:
        return coming
    weeks = calendar.weeks.get(_squeezed(week))
    if weeks is None:  # "this coming", "coming", "a week from", "two weeks from"
        later = {"aweek": 7, "twoweeks": 14}.get(_squeezed(week), 0)
        return coming + timedelta(days=later)
    monday = today - timedelta(days=today.weekday())
    named = monday + timedelta(days=7 * weeks + weekday)
    return coming if weeks == 0 and named < today else named


def _loose(match: re.Match[str], calendar: Calendar, today: date) -> bool:
    """Whether people may mean two days by it: "next Tuesday" is the coming one to some, "this Friday" said on a Sunday
    is of two weeks."""
    week = _group(match, "week")
    if week is None:
        return False
    weekday = calendar.weekdays[match["weekday"]]
    if calendar.weeks.get(_squeezed(week)) == 0:
        return weekday < today.weekday()
    return _squeezed(week) in calendar.loose and weekday > today.weekday()


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _exists(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
