"""Yes or no, read deterministically: nothing else may confirm anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dialog.parsers.language import language
from dialog.parsers.text import Token, tokens

_SURE = 0.97
_LONG = 0.8


@dataclass(frozen=True, slots=True)
class Agreed:
    """The caller agrees (``yes``) or not, how surely (0..1), and the characters ``start:end`` that say it."""

    yes: bool
    confidence: float
    start: int
    end: int


def read_agreement(text: str, code: str) -> Agreed | None:
    """The yes or no that ``text`` is, or None. A no anywhere in it beats a yes: the careful reading.

    In a short answer it may stand anywhere; a long one must begin with it. Raises ``LanguageNotSpoken``.
    """
    table = language(code).agreement
    words = tokens(text)
    if not words:
        return None
    if len(words) > table.short:
        return _opening(words, code)
    against = _first(words, table.no.fullmatch)
    if against is not None:
        return Agreed(False, _SURE, *against)
    agreeing = _first(words, table.yes.fullmatch)
    if agreeing is not None:
        return Agreed(True, _SURE, *agreeing)
    return None


def is_plain_yes(text: str, code: str) -> bool:
    """Whether ``text`` is a yes and nothing else: no word of it could mean something besides. Raises
    ``LanguageNotSpoken``."""
    table = language(code).agreement
    words = tokens(text)
    agreed = read_agreement(text, code)
    if agreed is None or not agreed.yes:
        return False
    free = [word for word in words if not agreed.start <= word.start < agreed.end]
    return all(table.yes.fullmatch(word.text) or table.beside.fullmatch(word.text) for word in free)


def _opening(words: tuple[Token, ...], code: str) -> Agreed | None:
    table = language(code).agreement
    first = words[0]
    if not table.opener.fullmatch(first.text):
        return None
    against = _first(words[: table.short], table.no.fullmatch)
    if against is not None:
        return Agreed(False, _LONG, *against)
    if table.yes.fullmatch(first.text):
        return Agreed(True, _LONG, first.start, first.end)
    return None


def _first(words: tuple[Token, ...], matches: Callable[[str], object]) -> tuple[int, int] | None:
    """The span of the first word, or run of up to three words (apart or run together), that matches."""
    for length in (3, 2, 1):
        for index in range(len(words) - length + 1):
            run = words[index : index + length]
            if any(matches(separator.join(word.text for word in run)) for separator in (" ", "")):
                return run[0].start, run[-1].end
    return None
