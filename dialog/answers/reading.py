"""Which of the sentences that were found answers the question, by several kinds of evidence together. Pure.

Sentences of all passages compete. What speaks for one: how well retrieval finds that it and its passage meet the
question, the share of the question's words (the rarer among what was found, the heavier) in it, in what it leans on and
in the heading above it, the form that was asked for, and standing early. The weights are those of a choice among the
sentences of one search, so a score means nothing across searches; how probably a chosen sentence is right is the affair
of ``dialog.answers.confidence``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dialog.answers.asking import fits, forms
from dialog.answers.evidence import content_words, pairs_of
from dialog.parsers.language import language
from knowledge.document import Hit

BY_MEANING: Mapping[str, float] = {
    "passage": 6.26,
    "sentence": 8.42,
    "words": 1.21,
    "context": 2.23,
    "label": 2.34,
    "form": 1.28,
    "late": -0.96,
}
BY_WORDS: Mapping[str, float] = {
    "passage": 4.99,
    "sentence": 4.5,
    "words": 1.85,
    "context": 4.0,
    "label": 2.91,
    "form": 1.04,
    "late": -0.72,
}
"""Weights where a language's retrieval has vectors, and where it goes by words alone.

Fitted by ``tests/benchmarks/bench_reading.py --fit`` on half of the English articles and half of the example tenant's
questions in the language that is read so.
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
    labels = {at: _label(hit, code) for at, hit in enumerate(hits)}
    return {
        (at, index): {
            "passage": hits[at].score,
            "sentence": hits[at].sentence_scores[index],
            "words": _share(words, set(text.ordered)),
            "context": _share(pairs, text.pairs | labels[at] | _before(held, at, index)),
            "label": _even_share(question.pairs, labels[at]),
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


def _even_share(pieces: frozenset[str], there: frozenset[str]) -> float:
    return len(pieces & there) / len(pieces) if pieces else 0.0
