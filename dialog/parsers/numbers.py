"""Numbers said in full, in either language: 삼만 오천, 열두, "thirty five thousand", "two hundred and six", 35,000.

A number that matters always stands before something (원, 시, "dollars"), and in Korean that is what tells its
syllables from other words: so numbers are looked for with what follows them. Refuses: digit strings (``digits.py``),
and adding up what is no number in that language ("five three").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from dialog.parsers.language import language
from dialog.parsers.tables import Cardinals
from dialog.parsers.text import lowered

LONGEST_TEXT = 500
"""Characters of an utterance that are looked at."""

_ARABIC = r"\d+(?:,\d{3})*(?:\.\d+)?"
_MOST_WORDS = 24
"""천백십일억천백십일만천백십일 has 21."""


def number_pattern(code: str) -> str:
    """The pattern of a number in the language ``code``, without groups, to stand in larger patterns."""
    return _patterns(code)[0]


def cardinal(said: str, code: str) -> Decimal | None:
    """The number that ``said`` is, or None when it is none. Raises ``LanguageNotSpoken``."""
    table = language(code).cardinals
    total = group = Decimal(0)
    pending: Decimal | None = None
    mergeable = False
    ceiling = group_ceiling = Decimal("Infinity")
    words = _patterns(code)[1].findall(lowered(said))
    for before, word in zip(("", *words), words, strict=False):
        number = _number(word, table)
        if number is not None:
            if pending is None:
                pending = number
            elif mergeable and word in table.units and 0 < number < 10:
                pending += number
            else:
                return None
            mergeable = word in table.tens
        elif word in table.scales:
            scale = Decimal(table.scales[word])
            if scale >= ceiling or before in table.unscaled:
                return None
            group, pending, ceiling = group + (1 if pending is None else pending) * scale, None, scale
        else:
            scale = Decimal(table.groups[word])
            if scale >= group_ceiling or before in table.unscaled:
                return None
            group += pending or 0
            total, group, pending = total + (group or 1) * scale, Decimal(0), None
            ceiling, group_ceiling = Decimal("Infinity"), scale
        if pending is not None and pending >= ceiling:
            return None
    return total + group + (pending or 0) if words else None


def followed_by(text: str, code: str, unit: str) -> Iterator[tuple[Decimal, re.Match[str]]]:
    """The numbers in ``text`` that are followed by the pattern ``unit``, with the match of both; its group ``number``
    is the number. Raises ``LanguageNotSpoken``."""
    pattern = _followed(code, unit)
    said = lowered(text[:LONGEST_TEXT])
    position = 0
    while (match := pattern.search(said, position)) is not None:
        value = cardinal(match["number"], code)
        if value is None:
            position = match.end("number") if language(code).cardinals.apart else match.start() + 1
            continue
        yield value, match
        position = match.end()


def alone(text: str, code: str) -> tuple[Decimal, int, int] | None:
    """The number that a whole answer is ("셋이요", "about five please"), and where it stands, or None."""
    table = language(code).cardinals
    shortest = number_pattern(code) + "?"  # 오천이요 is five thousand with an ending, not 5002
    match = re.fullmatch(table.alone.replace("{n}", shortest), lowered(text[:LONGEST_TEXT]))
    if match is None or match["number"] in table.before_nouns:
        return None
    value = cardinal(match["number"], code)
    return None if value is None else (value, *match.span("number"))


def _number(word: str, table: Cardinals) -> Decimal | None:
    if word[0].isdigit():
        return Decimal(word.replace(",", ""))
    if word in table.tens:
        return Decimal(table.tens[word])
    return Decimal(table.units[word]) if word in table.units else None


@lru_cache(maxsize=16)
def _patterns(code: str) -> tuple[str, re.Pattern[str]]:
    table = language(code).cardinals
    known = {**table.units, **table.tens, **table.scales, **table.groups}
    words = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    element = rf"(?:{_ARABIC}|\b(?:{words})\b)" if table.apart else rf"(?:{_ARABIC}|{words})"
    return rf"{element}(?:{table.joint}{element}){{0,{_MOST_WORDS - 1}}}", re.compile(element)


@lru_cache(maxsize=128)
def _followed(code: str, unit: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<number>{number_pattern(code)})[\s-]*{unit}")
