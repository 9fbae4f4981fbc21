"""Cuts written text into sentences, in Korean and English.

A sentence is what an answer is made of, so a cut in the wrong place is heard by callers. The rules are few and err on
the side of not cutting: a mark that ends a sentence counts only when what stands before it is no abbreviation, no
initial, no list number and no part of a date or decimal, when no bracket is open, and when what follows looks like a
beginning.

Refuses: guessing in text without punctuation; layout (readers and chunking know lines, lists and tables).
"""

from __future__ import annotations

import re
from typing import Final

_END: Final = re.compile(r"([.!?…。？！]+)([\"'”’)\]」』》]*)(\s+|$)")
"""Marks, closers behind them, and the space that makes it an end."""

_GLUED: Final = re.compile(r"(?<=[가-힣][다요죠까오])([.!?])(?=[가-힣])")
"""A Korean ending whose space was forgotten: "있습니다.다만"."""

_BEGINNING: Final = re.compile(r"[\"'“‘(\[「『《<※▶•*]*[A-Z0-9가-힣$₩€£]")
_DATE_AHEAD: Final = re.compile(r"\d{1,2}\s*[.일(]")
_LAST_WORD: Final = re.compile(r"([^\s(\[\"'“‘]+)$")
_DATE_BEHIND: Final = re.compile(r"(?:^|\s|[(~])(?:'?\d{2}|\d{4})\s*\.(?:\s*\d{1,2}\s*\.)?$")
_NUMBERED: Final = re.compile(r"(?:^|\n)\s*(?:\d{1,2}|[A-Za-z가-힣])$")

_NEVER_LAST: Final = frozenset(
    "mr mrs ms dr prof rev gen sen rep gov capt lt col sgt st mt ft messrs vs e.g i.e cf al fig figs vol pp approx"
    " ca u.s u.k e.u est dept univ assn jan feb mar apr jun jul aug sep sept oct nov dec"
    " mon tue tues wed thu thurs fri".split()
)
_BEFORE_NUMBER: Final = frozenset({"no", "nos", "art", "sec", "ch", "p", "tel", "ext", "room", "rm"})
_MAYBE_LAST: Final = frozenset({"etc", "inc", "ltd", "co", "corp", "a.m", "p.m", "jr", "sr", "ph.d"})
"""Abbreviations that may well stand at an end: they end a sentence when a capital or Hangul word follows that is no
number."""


def split(text: str) -> tuple[str, ...]:
    """The sentences of a paragraph, in order, stripped, none empty. Line breaks count as spaces."""
    flat = _GLUED.sub(r"\1 ", " ".join(text.split()))
    sentences: list[str] = []
    start = 0
    for match in _END.finditer(flat):
        if match.end() < len(flat) and not _ends(flat, start, match):
            continue
        sentences.append(flat[start : match.end()].strip())
        start = match.end()
    if rest := flat[start:].strip():
        sentences.append(rest)
    return tuple(sentence for sentence in sentences if sentence)


def _ends(flat: str, start: int, match: re.Match[str]) -> bool:
    before, after = flat[start : match.start()], flat[match.end() :]
    if not _BEGINNING.match(after) or _open(flat[start : match.end()]):
        return False
    if match[1] != ".":
        return True
    return not _abbreviated(before, after) and not _dated(before, after) and not _NUMBERED.search(before)


def _abbreviated(before: str, after: str) -> bool:
    found = _LAST_WORD.search(before)
    if found is None:
        return False
    word = found[1].lower()
    if word in _NEVER_LAST:
        return True
    if word in _BEFORE_NUMBER:
        return after[0].isdigit()
    if word in _MAYBE_LAST:
        return after[0].isdigit()
    return len(word) == 1 and found[1].isalpha() and found[1].isupper() and word != "i"


def _dated(before: str, after: str) -> bool:
    """Whether the point belongs to a date such as 2026. 3. 15. or to a list of numbers."""
    if not before[-1:].isdigit():
        return False
    return bool(_DATE_AHEAD.match(after)) or bool(
        _DATE_BEHIND.search(before[: len(before) - len(_digits(before))].rstrip())
    )


def _digits(text: str) -> str:
    match = re.search(r"\d+$", text)
    return match[0] if match else ""


def _open(text: str) -> bool:
    """Whether a bracket is still open: what ends inside it ends nothing."""
    return any(text.count(opening) > text.count(closing) for opening, closing in ("()", "[]", "「」", "『』", "“”"))
