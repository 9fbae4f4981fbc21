"""Names and addresses: the caller's own words without the frame around them. Nothing in them is interpreted; they are
read back instead."""

from __future__ import annotations

from dialog.parsers.language import language
from dialog.parsers.spoken import AMBIGUOUS, Spoken
from dialog.parsers.text import lowered

LONGEST = 200
"""Characters that a name or an address may have."""


def read_wording(text: str, code: str) -> Spoken[str] | None:
    """What ``text`` says once "my name is", "please", 주소는, 입니다 and the like are taken off; None when nothing is
    left. Raises ``LanguageNotSpoken``."""
    frames = language(code).frames
    said = lowered(text)
    opening = frames.before.match(said)
    start = opening.end() if opening is not None else 0
    closing = frames.after.search(said, start)
    end = closing.start() if closing is not None and closing.start() > start else len(text)
    value = text[start:end].strip(" ,.")
    if not value or len(value) > LONGEST:
        return None
    begin = text.index(value, start)
    return Spoken(value, begin, begin + len(value), AMBIGUOUS)
