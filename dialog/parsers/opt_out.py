"""Do not call me again: read deterministically, and only as a wish for good.

"Not today" and "not before nine" are about one time, "I never call" and "you never call me" tell of something, "take my
number" takes no call away: no such wish. What is refused by its own words (never, again, off your list) is looked at in
its clause; a bare "do not call me" only where nothing in the whole turn says when, why or how else.

Refuses: what is said in other languages than the house's, and being sure: what is not heard here is left to the dialog.
"""

from __future__ import annotations

import re

from dialog.parsers.language import language
from dialog.parsers.tables import Refusal, Refusals
from dialog.parsers.text import plain

_SENTENCE_ENDS = re.compile(r"[.?!;…]+(?=\s|$)")


def refuses_calls(text: str, code: str) -> bool:
    """Whether ``text`` says that whoever speaks does not want to be called any more. Raises ``LanguageNotSpoken``."""
    spoken = language(code)
    spaced, refusals = spoken.phrases.spaced, spoken.refusals
    whole = plain(text, spaced=spaced).text
    sentences = [plain(part, spaced=spaced).text for part in _SENTENCE_ENDS.split(text)]
    return any(
        _refuses(way, refusals, sentence)
        for way in refusals.ways
        if way.not_beside.search(whole) is None
        for sentence in sentences
    )


def _refuses(way: Refusal, refusals: Refusals, sentence: str) -> bool:
    """Whether ``sentence`` refuses calls that way."""
    for found in way.says.finditer(sentence):
        before, behind = sentence[: found.start()], sentence[found.end() :]
        begun = max((end.end() for end in refusals.ends.finditer(before)), default=0)
        over = refusals.begins.search(behind)
        behind = behind if over is None else behind[: over.start()]
        if way.not_after.search(before[begun:]) is None and way.not_before.search(behind) is None:
            return True
    return False
