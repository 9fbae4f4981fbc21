"""How many things or people: 두 개, 세 분, 열두 장, "a couple", "five tickets"."""

from __future__ import annotations

import re

from dialog.parsers.language import language
from dialog.parsers.numbers import LONGEST_TEXT, alone, followed_by
from dialog.parsers.spoken import AMBIGUOUS, LIKELY, SURE, Spoken
from dialog.parsers.text import lowered

LARGEST = 1_000_000
"""Nobody orders more."""


def read_count(text: str, code: str, *, asked: bool = False) -> Spoken[int] | None:
    """The number of things or people that ``text`` names, or None. Raises ``LanguageNotSpoken``.

    Where a count was ``asked`` for, a number by itself is one.
    """
    amounts = language(code).amounts
    counted = [
        Spoken(int(value), match.start(), match.end(), SURE)
        for value, match in followed_by(text, code, amounts.counters)
        if value == int(value) and 0 < value <= LARGEST and not re.search(amounts.not_counted, match.group())
    ]
    if counted:
        last = counted[-1]
        several = len({count.value for count in counted}) > 1
        return Spoken(last.value, last.start, last.end, AMBIGUOUS) if several else last
    said = lowered(text[:LONGEST_TEXT])
    boundary = r"(?!\w)" if language(code).cardinals.apart else ""
    for words, value in sorted(amounts.sets.items(), key=lambda item: -len(item[0])):
        match = re.search(rf"(?<!\w){re.escape(words)}{boundary}", said)
        if match is not None and asked:
            return Spoken(value, match.start(), match.end(), LIKELY)
    bare = alone(text, code) if asked else None
    if bare is None or bare[0] != int(bare[0]) or not 0 < bare[0] <= LARGEST:
        return None
    return Spoken(int(bare[0]), bare[1], bare[2], LIKELY)
