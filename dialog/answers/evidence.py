"""How well a piece of text bears on a question, from the words alone. Pure.

Compared are content words without their endings, by character pairs, so that a particle, a form or a misheard syllable
costs a little and not everything; the same in Korean and English.
"""

from __future__ import annotations

from functools import lru_cache

from dialog.parsers.tables import Prose
from dialog.parsers.text import tokens

_TAILS = 3
"""Pieces that may hang on one word."""


def content_words(text: str, prose: Prose) -> tuple[str, ...]:
    """The words of ``text`` that carry a topic, without what hangs on their ends, each once, in order."""
    kept = [
        token.text
        for token in tokens(text)
        if token.text not in prose.stop and prose.hollow.fullmatch(token.text) is None
    ]
    return tuple(dict.fromkeys(stem(word, prose) for word in kept))


def stem(word: str, prose: Prose) -> str:
    """``word`` without what hangs on its end, one piece after the other ("제주도는요" leans on "제주")."""
    for _ in range(_TAILS):
        shorter = prose.tails.sub("", word)
        if shorter == word:
            break
        word = shorter
    return word


def overlap(words: tuple[str, ...], text: str) -> float:
    """The share (0..1) of the question's content ``words`` that ``text`` has, by character pairs; longer words weigh
    more. 0 when there are no words."""
    there = pairs(text)
    total = found = 0.0
    for word in words:
        own = pairs_of(word)
        weight = float(len(word))
        total += weight
        found += weight * len(own & there) / len(own)
    return found / total if total else 0.0


def alike(one: str, other: str) -> float:
    """How much two texts share (0..1): common character pairs among all of both."""
    first, second = pairs(one), pairs(other)
    return len(first & second) / len(first | second) if first | second else 1.0


@lru_cache(maxsize=20_000)
def pairs(text: str) -> frozenset[str]:
    """The character pairs within the words of ``text``; a word of one character counts as itself.

    Remembered, because a tenant's sentences are found again and again.
    """
    found: set[str] = set()
    for token in tokens(text):
        found |= pairs_of(token.text)
    return frozenset(found)


def pairs_of(word: str) -> set[str]:
    """The character pairs of one word; one of a single character counts as itself."""
    return {word[index : index + 2] for index in range(len(word) - 1)} or {word}
