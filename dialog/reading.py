"""Which of the sentences that were found answers the question, by several kinds of evidence together. Pure.

Sentences of all passages compete. What speaks for one: how well retrieval finds that it and its passage meet the
question, how far it is ahead of the others in its passage, the share of the question's words (the rarer among what was
found, the heavier) in it and in what it leans on, word pairs in the question's order, the form that was asked for, and
standing early. The weights are those of a choice among the sentences of one search, so a score means nothing across
searches; how probably a chosen sentence is right is the affair of ``dialog.confidence``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from dialog.asking import fits, forms
from dialog.evidence import content_words, pairs_of
from dialog.parsers.language import language
from knowledge.document import Hit

BY_MEANING: Mapping[str, float] = {
    "passage": 8.08,
    "sentence": 1.19,
    "lead": 2.95,
    "words": 2.32,
    "context": 3.37,
    "phrase": 1.1,
    "form": 0.92,
    "late": -0.52,
}
BY_WORDS: Mapping[str, float] = {
    "passage": 5.77,
    "sentence": 1.15,
    "lead": 1.12,
    "words": 3.02,
    "context": 3.7,
    "phrase": 1.42,
    "form": 0.89,
    "late": -0.7,
}
"""Weights where a language's retrieval has vectors, and where it goes by words alone.

Fitted by ``tests/benchmarks/bench_reading.py --fit`` on English articles only; Korean uses the same.
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as a possible answer: the places of its hit and of itself, what speaks for it, and how much in all."""

    hit: int
    sentence: int
    features: Mapping[str, float]
    score: float


@dataclass(frozen=True, slots=True)
class _Words:
    """A text as it is compared: its content words in order, and their character pairs."""

    ordered: tuple[str, ...]
    pairs: frozenset[str]


def read(asked: str, hits: Sequence[Hit], code: str) -> tuple[Reading, ...]:
    """All sentences of ``hits``, the likeliest answer first (ties in the order of the hits).

    Raises ``LanguageNotSpoken``.
    """
    found = [hit for hit in hits if len(hit.sentence_scores) == len(hit.passage.sentences)]
    weights = BY_MEANING if any("dense" in hit.signals for hit in found) else BY_WORDS
    readings = [
        Reading(at, index, features, sum(weights[name] * value for name, value in features.items()))
        for (at, index), features in _features(asked, hits, code).items()
    ]
    return tuple(sorted(readings, key=lambda reading: -reading.score))


def _features(asked: str, hits: Sequence[Hit], code: str) -> dict[tuple[int, int], dict[str, float]]:
    """What speaks for each sentence, by the places of its hit and of itself."""
    held = {
        (at, index): _words(sentence, code)
        for at, hit in enumerate(hits)
        if len(hit.sentence_scores) == len(hit.passage.sentences)
        for index, sentence in enumerate(hit.passage.sentences)
    }
    question = _words(asked, code)
    words = _rarity(question.ordered, (set(text.ordered) for text in held.values()), len(held))
    pairs = _rarity(question.pairs, (text.pairs for text in held.values()), len(held))
    wanted = forms(asked, code)
    leading = {at: sorted(hit.sentence_scores, reverse=True) for at, hit in enumerate(hits)}
    labels = {at: _label(hit, code) for at, hit in enumerate(hits)}
    return {
        (at, index): {
            "passage": hits[at].score,
            "sentence": (own := hits[at].sentence_scores[index]),
            "lead": own - _next_best(leading[at], own),
            "words": _share(words, set(text.ordered)),
            "context": _share(pairs, text.pairs | labels[at] | _before(held, at, index)),
            "phrase": _phrase(question.ordered, text.ordered, words),
            "form": fits(wanted, hits[at].passage.sentences[index], code),
            "late": index / len(hits[at].passage.sentences),
        }
        for (at, index), text in held.items()
    }


@lru_cache(maxsize=20_000)
def _words(text: str, code: str) -> _Words:
    """Remembered, because a tenant's sentences are found again and again."""
    ordered = content_words(text, language(code).prose)
    return _Words(ordered, frozenset(pair for word in ordered for pair in pairs_of(word)))


def _label(hit: Hit, code: str) -> frozenset[str]:
    passage = hit.passage
    return _words(" ".join((*passage.headings, passage.question or "")), code).pairs


def _before(held: Mapping[tuple[int, int], _Words], at: int, index: int) -> frozenset[str]:
    return held[at, index - 1].pairs if index else frozenset()


def _rarity(asked: Iterable[str], texts: Iterable[Iterable[str]], count: int) -> dict[str, float]:
    """How much each piece of the question tells sentences apart: the fewer of them have it, the more."""
    having = Counter(piece for text in texts for piece in text)
    return {piece: math.log((count + 1) / (having[piece] + 0.5)) for piece in asked}


def _share(weights: Mapping[str, float], there: set[str] | frozenset[str]) -> float:
    total = sum(weights.values())
    return sum(weight for piece, weight in weights.items() if piece in there) / total if total else 0.0


def _phrase(asked: Sequence[str], said: Sequence[str], weights: Mapping[str, float]) -> float:
    """The share of the question's neighbouring words that are neighbours here, too."""
    total = sum(weights.values())
    there = set(pairwise(said))
    together = sum((weights[one] + weights[other]) / 2 for one, other in pairwise(asked) if (one, other) in there)
    return together / total if total else 0.0


def _next_best(descending: Sequence[float], own: float) -> float:
    """The best score in the passage but for this one; 0 for a passage of one sentence."""
    if len(descending) < 2:
        return 0.0
    return descending[1] if own == descending[0] else descending[0]
