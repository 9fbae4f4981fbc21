"""How well one passage, and each of its sentences, meets a question.

Rankings say which passages are nearest among those there are; they are high for nonsense too. The figures here are
absolute: a cosine, a BM25 sum, the share of the question's weight that the passage covers. They are what confidence is
made of, and sentence scores are comparable over passages, because answers are sentences.

Refuses: ordering passages (fusion does), deciding what is good enough (the dialog does).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from knowledge import lexical
from knowledge.embedder import Matrix
from knowledge.index import Entry, Frequencies, label_of
from knowledge.lexical import Asked, Sparse, Term

LABEL_SHARE: Final = 0.5
"""What a question's word counts for a sentence when it stands in the heading above it only."""
ANSWERED: Final = 0.6
"""How well a passage's own question must match before its answer's first sentences take over from it."""
FIRST: Final = 0.9
FADING: Final = 0.1
"""The share of that match which the first sentence takes, and how much less each following one does."""
CONTAINED: Final = 2
"""Syllables from which a Korean morpheme counts as found inside a longer word ("배송" in "배송비")."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the caller asks, as every signal sees it."""

    asked: Asked
    vector: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """The inverse document frequency of each of a question's terms, by index."""

    words: Mapping[int, float]
    characters: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures of one passage: ``signals`` by name, ``best`` sentence, one score in 0..1 per sentence."""

    signals: dict[str, float]
    best: int
    sentence_scores: tuple[float, ...]


def weights_of(frequencies: Frequencies) -> dict[int, float]:
    """Inverse document frequencies of the terms that were asked for."""
    return {term: lexical.inverse(count, frequencies.passages) for term, count in frequencies.counts.items()}


def weigh(question: Question, entry: Entry, weights: Weights) -> Evidence:
    """Compare a question with a passage."""
    terms = [term for term in question.asked.terms if term.content]
    loads = {term: term.weight * weights.words.get(term.index, 0.0) for term in terms}
    total = sum(loads.values())
    passage = _Held(question, frozenset(entry.lexical.indices), _whole(entry))
    covered = sum(load * passage.share(term) for term, load in loads.items())
    lexical_sum = _dot(lexical.asked_terms(question.asked), entry.lexical, weights.words)
    most = sum(term.weight * weights.words.get(term.index, 0.0) for term in question.asked.terms if not term.joined)
    signals = {
        "lexical": lexical_sum,
        "lexical_share": lexical_sum / (most * (lexical.SATURATION + 1)) if most else 0.0,
        "coverage": covered / total if total else 0.0,
        "words": float(len(terms)),
    }
    if entry.characters is not None and question.asked.pairs:
        signals["characters"] = _dot(lexical.asked_characters(question.asked), entry.characters, weights.characters)
    if question.vector is not None and entry.dense is not None:
        signals["dense"] = float(entry.dense @ question.vector)
        signals["sentence"] = (
            float((entry.rows @ question.vector).max()) if entry.rows is not None else signals["dense"]
        )
    scores = _sentences(question, entry, loads, weights)
    best = int(np.argmax(scores)) if scores else 0
    signals["best_sentence"] = scores[best] if scores else 0.0
    return Evidence(signals, best, scores)


def _sentences(question: Question, entry: Entry, loads: Mapping[Term, float], weights: Weights) -> tuple[float, ...]:
    passage = entry.passage
    label = label_of(passage)
    texts = [*passage.sentences, *([label] if label else [])]
    held = [_Held(question, frozenset(terms), text) for text, terms in zip(texts, _terms(entry, texts), strict=True)]
    shares = _word_shares(held, loads)
    if question.asked.pairs:
        pairs = _pair_shares(question, held, weights)
        shares = [(word + pair) / 2 for word, pair in zip(shares, pairs, strict=True)]
    label_share = shares[-1] if label else 0.0
    lifted = [share + LABEL_SHARE * max(0.0, label_share - share) for share in shares]
    if question.vector is not None and entry.rows is not None and len(entry.rows) == len(texts):
        cosines = np.clip(entry.rows @ question.vector, 0.0, 1.0)
        lifted = [(share + float(cosine)) / 2 for share, cosine in zip(lifted, cosines, strict=True)]
        label_share = (label_share + float(cosines[-1])) / 2
    own = lifted[: len(passage.sentences)]
    if passage.question is None or label_share < ANSWERED:
        return tuple(min(1.0, score) for score in own)
    return tuple(min(1.0, max(score, label_share * max(0.0, FIRST - FADING * at))) for at, score in enumerate(own))


def _terms(entry: Entry, texts: Sequence[str]) -> Sequence[tuple[int, ...]]:
    """The terms of each text; none where the entry does not tell them."""
    return entry.sentence_terms if len(entry.sentence_terms) == len(texts) else [()] * len(texts)


def _word_shares(held: Sequence[_Held], loads: Mapping[Term, float]) -> list[float]:
    total = sum(loads.values())
    if not total:
        return [0.0] * len(held)
    return [sum(load * text.share(term) for term, load in loads.items()) / total for text in held]


def _pair_shares(question: Question, held: Sequence[_Held], weights: Weights) -> list[float]:
    loads = {
        pair: weight * weights.characters.get(lexical.hashed(pair), 0.0)
        for pair, weight in question.asked.pairs.items()
    }
    total = sum(loads.values())
    if not total:
        return [0.0] * len(held)
    return [sum(load for pair, load in loads.items() if text.has(pair)) / total for text in held]


class _Held:
    """Which of a question's terms some text holds."""

    def __init__(self, question: Question, indices: frozenset[int], text: str) -> None:
        self._indices = indices
        self._squeezed = lexical.squeezed(text) if question.asked.pairs else ""
        self._joined = [term.text for term in question.asked.terms if term.joined and term.index in indices]

    def has(self, pair: str) -> bool:
        """Whether two characters stand together in it; a single one is all that was asked and must be all there is."""
        return pair in self._squeezed if len(pair) > 1 else pair == self._squeezed

    def share(self, term: Term) -> float:
        """1 for a term that is there, 0 for one that is not, between for a Korean one whose beginning is."""
        if term.index in self._indices:
            return 1.0
        if self._joined and any(whole.startswith(term.text) or whole.endswith(term.text) for whole in self._joined):
            return 1.0
        for length in range(len(term.text), CONTAINED - 1, -1) if self._squeezed else ():
            if term.text[:length] in self._squeezed:
                return length / len(term.text)
        return 0.0


def _whole(entry: Entry) -> str:
    passage = entry.passage
    return " ".join((*passage.headings, passage.question or "", passage.text))


def _dot(asked: Sparse, held: Sparse, weights: Mapping[int, float]) -> float:
    values = dict(zip(held.indices, held.values, strict=True))
    return math.fsum(
        weight * weights.get(term, 0.0) * values[term]
        for term, weight in zip(asked.indices, asked.values, strict=True)
        if term in values
    )
