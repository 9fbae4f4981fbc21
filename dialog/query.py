"""What is really asked: the caller's words without hesitations, and what they lean on. Pure.

"그럼 주말에는요?" asks nothing by itself; it is searched for together with the question before it.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialog.evidence import content_words
from dialog.parsers.language import language
from dialog.parsers.text import tokens

_DETAIL = 2
"""An answer to our asking back with at most this many content words only adds to the question."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The ``words`` to search for, and the ``topic`` that a follow-up will lean on."""

    words: str
    topic: str


def resolve(text: str, code: str, *, before: str = "", clarifies: str = "") -> Asked:
    """What is asked by ``text`` after ``before`` was asked; ``clarifies`` is the question that we asked back about.

    Raises ``LanguageNotSpoken``.
    """
    own = _without_hesitation(text, code)
    if clarifies and len(content_words(own, language(code).prose)) <= _DETAIL:
        return Asked(f"{clarifies} {own}", clarifies)
    if before and leans_back(own, code):
        return Asked(f"{before} {own}", before)
    return Asked(own, own)


def leans_back(text: str, code: str) -> bool:
    """Whether ``text`` follows up on what was asked before: it says so, or has no topic of its own."""
    table = language(code)
    words = tokens(text)
    if not words or len(words) > table.following.longest:
        return False
    opened = table.following.opener.search(text.lower()) is not None
    return opened or not content_words(text, table.prose)


def _without_hesitation(text: str, code: str) -> str:
    hesitations = language(code).following.hesitations
    words = tokens(text)
    first = 0
    while first < len(words) and words[first].text in hesitations:
        first += 1
    return text[words[first].start :] if first < len(words) else text
