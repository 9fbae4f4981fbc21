"""Corrections: 아니 3월이 아니라 5월이요, "no, May, not March", "actually make that three".

Finds which words replace which; what they are worth is up to the parser of the value.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialog.parsers.language import language
from dialog.parsers.text import lowered


@dataclass(frozen=True, slots=True)
class Correction:
    """The caller's ``new`` words (characters ``start:end`` of the text), and the ``old`` ones if they were named."""

    new: str
    start: int
    end: int
    old: str = ""


def read_correction(text: str, code: str) -> Correction | None:
    """The correction that ``text`` makes, or None. Raises ``LanguageNotSpoken``."""
    said = lowered(text)
    for pattern in language(code).frames.corrections:
        match = pattern.search(said)
        if match is None:
            continue
        start, end = match.span("new")
        old = match.groupdict().get("old")
        beginning, ending = match.span("old") if old is not None else (0, 0)
        return Correction(text[start:end], start, end, text[beginning:ending])
    return None
