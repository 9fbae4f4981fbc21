"""What is looked up: the caller's words as every signal sees them, together with what was said before.

"And on weekends?" names no topic; the turn before did. Both BM25 and cosines are linear in the question, so evidence is
summed over the turns by adding the questions, each earlier one counting less; one search then does for all. A question
that has words enough of its own leans less on the turns before, so that a new topic is not drowned by the old one. The
passage is what the whole talk is about, but its sentence answers the last turn: there the others count still less.

Refuses: deciding whether a turn is a follow-up (the dialog knows, and passes no context when it is none).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from knowledge import lexical
from knowledge.embedder import Embedder, Matrix, Role
from knowledge.evidence import Question
from knowledge.lexical import Asked

LONGEST_QUERY: Final = 1_000
"""Characters of a turn that are looked at; a caller does not ask more in one breath."""
TURNS: Final = 4
"""Earlier turns that count; the share of an older one is below a tenth anyway."""
FIRST_SHARE: Final = 0.6
"""What the turn before counts for a question with at most ``SHORT`` content words; each older one half of the next."""
DECAY: Final = 0.5
WITHIN: Final = 0.25
"""The part of those shares that counts for a passage's sentences and figures."""
SHORT: Final = 2
REMEMBERED: Final = 512
"""Vectors of turns that are kept: the turns before were questions themselves a moment ago."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn as passages are ``ranked`` by it, and as their sentences are ``weighed`` by it."""

    ranked: Question
    weighed: Question


class Asking:
    """Makes questions; one for a process, because it remembers vectors (the oldest unused one goes first)."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: OrderedDict[str, Matrix] = OrderedDict()

    def turn(self, query: str, context: Sequence[str], language: str, *, dense: bool) -> Turn:
        """A turn after ``context``, oldest first. Raises ``KnowledgeUnavailable``."""
        analyzer = lexical.analyzer(language)
        texts = [query, *reversed(context[-TURNS:])]
        asked = [analyzer.question(text) for text in texts]
        vectors = [self._embedded(text) for text in texts] if dense else []
        shares = shares_of(sum(term.content for term in asked[0].terms), len(texts) - 1)
        ranked = _summed(asked, vectors, shares)
        return Turn(ranked, _summed(asked, vectors, [share * WITHIN for share in shares]) if shares else ranked)

    def _embedded(self, text: str) -> Matrix:
        vector = self._vectors.pop(text, None)
        if vector is None:
            vector = self._embedder.embed([text], Role.QUERY)[0]
        self._vectors[text] = vector
        if len(self._vectors) > REMEMBERED:
            self._vectors.popitem(last=False)
        return vector


def _summed(asked: Sequence[Asked], vectors: Sequence[Matrix], shares: Sequence[float]) -> Question:
    terms = lexical.summed(asked[0], zip(asked[1:], shares, strict=True))
    if not vectors:
        return Question(terms)
    total = vectors[0] + sum(share * vector for vector, share in zip(vectors[1:], shares, strict=True))
    return Question(terms, (total / max(float(np.linalg.norm(total)), 1e-12)).astype(np.float32))


def shares_of(words: int, turns: int) -> list[float]:
    """What each earlier turn counts beside a question of so many content words, the latest first."""
    first = FIRST_SHARE * min(1.0, SHORT / max(1, words))
    return [first * DECAY**back for back in range(turns)]


def trimmed(query: str) -> str:
    """A turn as it is looked at."""
    return query.strip()[:LONGEST_QUERY]
