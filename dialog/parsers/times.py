"""Times of day as callers say them: 오후 세 시 반, 열한 시 십 분 전, "half past three", "quarter to five pm", 15:30.

An hour without its half of the day is taken as shops' hours would have it (1 to 7 are afternoon) and is not sure.
"""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache

from dialog.parsers.language import language
from dialog.parsers.numbers import LONGEST_TEXT, cardinal, number_pattern
from dialog.parsers.spoken import AMBIGUOUS, SURE, Spoken
from dialog.parsers.tables import DayHalf, Hours
from dialog.parsers.text import lowered

_LAST_OF_AFTERNOON = 7
_NOON = 12
_LAST_OF_NIGHT = 5
"""밤 한 시 and "three at night" are after midnight up to here."""


def read_time(text: str, code: str) -> Spoken[time] | None:
    """The time of day that ``text`` names, or None. Raises ``LanguageNotSpoken``."""
    said = lowered(text[:LONGEST_TEXT])
    hours = language(code).hours
    for rule in _rules(code):
        for match in rule.finditer(said):
            read = _resolve(match, code, hours)
            if read is not None:
                return Spoken(read[0], match.start(), match.end(), SURE if read[1] else AMBIGUOUS)
    return None


@lru_cache(maxsize=16)
def _rules(code: str) -> tuple[re.Pattern[str], ...]:
    number = number_pattern(code)
    return tuple(re.compile(rule.replace("{n}", number)) for rule in language(code).hours.rules)


def _resolve(match: re.Match[str], code: str, hours: Hours) -> tuple[time, bool] | None:
    """The time that a match means, and whether it can mean no other."""
    groups = match.groupdict()
    if groups.get("word") is not None:
        hour, minute = hours.words[groups["word"]]
        return time(hour, minute), True
    hour_said = cardinal(groups["hour"], code)
    if hour_said is None or hour_said != int(hour_said) or hour_said > 24:
        return None
    shift = _minutes(groups, code, hours)
    if shift is None:
        return None
    half = _half(groups, hours)
    hour, sure = _hour(int(hour_said) % 24, half)
    total = (hour * 60 + shift) % (24 * 60)
    return time(total // 60, total % 60), sure


def _minutes(groups: dict[str, str | None], code: str, hours: Hours) -> int | None:
    """Minutes from the full hour, negative before it; None when there are no such minutes."""
    past = groups.get("past")
    if past is not None:
        named = hours.minutes.get(past)
        number = named if named is not None else cardinal(past, code)
        if number is None or number > 59:
            return None
        return -int(number) if groups.get("back") is not None else int(number)
    minute = groups.get("minute")
    if minute is None:
        return 0
    number = cardinal(re.sub(r"^(?:oh|o)\s+", "", minute), code)
    return None if number is None or number > 59 else int(number)


def _half(groups: dict[str, str | None], hours: Hours) -> DayHalf | None:
    said = groups.get("half") or groups.get("part") or groups.get("early")
    if said is None:
        return None
    squeezed = re.sub(r"[\s.]+", "", said)
    return hours.halves.get(squeezed) or next(
        (half for word, half in hours.halves.items() if said.endswith(word)), DayHalf.NIGHT
    )


def _hour(hour: int, half: DayHalf | None) -> tuple[int, bool]:
    """The hour of 24, and whether that is beyond doubt."""
    if hour > _NOON or hour == 0:
        return hour, True
    match half:
        case DayHalf.MORNING:
            return hour % _NOON, True
        case DayHalf.AFTERNOON:
            return hour % _NOON + _NOON, True
        case DayHalf.NIGHT:
            late = hour != _NOON and hour > _LAST_OF_NIGHT
            return (hour + _NOON if late else hour % _NOON), True
        case None:
            return (hour + _NOON if hour <= _LAST_OF_AFTERNOON else hour), False
