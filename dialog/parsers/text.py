"""Words with their places in what the caller said.

Every parser works on a plain form (lower case, no punctuation, spaces kept or dropped) because recognized speech
has neither case nor punctuation and, in Korean, no reliable spaces. Each character of the plain form remembers
where it came from, so that evidence can always be shown in the caller's own words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_APOSTROPHES = str.maketrans("", "", "'’")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in plain form, and the characters ``start:end`` of the original text that it stands for."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain form of a text; ``origins`` holds, for each of its characters, the index in the original."""

    text: str
    origins: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that the plain characters ``start:end`` stand for."""
        if start >= end:
            return (0, 0)
        return self.origins[start], self.origins[end - 1] + 1


def canonical(text: str) -> str:
    """The same text with composed characters (NFC), single spaces and no control characters."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in composed)
    return " ".join(kept.split())


def lowered(text: str) -> str:
    """``text`` in lower case with every character where it was (a few capitals would become two characters)."""
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


@lru_cache(maxsize=2048)
def tokens(text: str) -> tuple[Token, ...]:
    """The words of ``text``, lower case, without punctuation and apostrophes.

    Remembered: a turn is looked at by many parsers, and a passage's sentences by every question that finds them.
    """
    return tuple(
        Token(match.group().translate(_APOSTROPHES).lower(), match.start(), match.end())
        for match in _WORD.finditer(text)
    )


def plain(text: str, *, spaced: bool) -> Plain:
    """The words of ``text`` joined by one space (``spaced``) or by none, lower case, without punctuation."""
    characters: list[str] = []
    origins: list[int] = []
    for match in _WORD.finditer(text):
        if spaced and characters:
            characters.append(" ")
            origins.append(match.start())
        for index in range(match.start(), match.end()):
            lowered = text[index].lower()
            if lowered not in "'’" and len(lowered) == 1:
                characters.append(lowered)
                origins.append(index)
    return Plain("".join(characters), tuple(origins))
