"""Trigram arithmetic on whole arrays: smoothing counts, mixing two models, normalizing the mixture.

A model answers for arrays of words at once: ``p1(w)``, ``p2(h, w)`` and ``p3(a, b, w)`` are probabilities (not
logarithms) of word ``w`` after nothing, after ``h``, after ``a b``; words are their numbers in one vocabulary.

Smoothing: I. H. Witten, T. C. Bell, "The zero-frequency problem", IEEE Trans. Information Theory 37 (1991).

Refuses: text, files, and orders other than three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from stt.lm_trie import Bigrams, Doubles, LanguageModel, Numbers, Trigrams, Unigrams

NEVER: Final = 1e-20
"""The probability of the sentence's beginning: it is only ever a history."""
UNHEARD_OF: Final = 1e-7
"""The generic model's probability of a word that it does not have."""
SAME: Final = 0.2
"""A generic trigram that differs less than this (log10) from what backing off would say is left out."""

Flags = NDArray[np.bool_]


class Trigram(Protocol):
    """What both models can say, and which n-grams they know of their own."""

    pairs: Numbers
    """Known bigrams, history * size + word, sorted."""
    triples: Numbers
    """Known trigrams, (first * size + second) * size + word, sorted."""

    def p1(self, w: Numbers) -> Doubles:
        """Of a word."""

    def p2(self, h: Numbers, w: Numbers) -> Doubles:
        """Of a word after a word."""

    def p3(self, a: Numbers, b: Numbers, w: Numbers) -> Doubles:
        """Of a word after two."""


def find(keys: Numbers, wanted: Numbers) -> tuple[Numbers, Flags]:
    """Where each wanted key is in sorted ``keys``, and whether it is there at all."""
    if len(keys) == 0:
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted


@dataclass(frozen=True, slots=True)
class WittenBell:
    """A trigram from counts. What a history was never followed by gets the weight of its kinds of followers."""

    size: int
    unigrams: Doubles
    pairs: Numbers
    pair_counts: Doubles
    after_one: Doubles
    kinds_after_one: Doubles
    triples: Numbers
    triple_counts: Doubles
    after_two: Doubles
    kinds_after_two: Doubles

    def p1(self, w: Numbers) -> Doubles:
        """Of a word."""
        return self.unigrams[w]

    def p2(self, h: Numbers, w: Numbers) -> Doubles:
        """Of a word after a word."""
        place, there = find(self.pairs, h * self.size + w)
        count = np.where(there, self.pair_counts[place], 0) if len(self.pairs) else np.zeros(len(w))
        return _smoothed(count, self.after_one[h], self.kinds_after_one[h], self.p1(w))

    def p3(self, a: Numbers, b: Numbers, w: Numbers) -> Doubles:
        """Of a word after two."""
        place, there = find(self.triples, (a * self.size + b) * self.size + w)
        count = np.where(there, self.triple_counts[place], 0) if len(self.triples) else np.zeros(len(w))
        history, known = find(self.pairs, a * self.size + b)
        total = np.where(known, self.after_two[history], 0) if len(self.pairs) else np.zeros(len(w))
        kinds = np.where(known, self.kinds_after_two[history], 0) if len(self.pairs) else np.zeros(len(w))
        return _smoothed(count, total, kinds, self.p2(b, w))


def _smoothed(count: Doubles, total: Doubles, kinds: Doubles, lower: Doubles) -> Doubles:
    return np.where(total > 0, (count + kinds * lower) / np.maximum(total + kinds, 1), lower)


def witten_bell(sentences: Sequence[Sequence[str]], vocabulary: Sequence[str]) -> WittenBell:
    """Count the sentences. Every word of theirs must be in ``vocabulary``, which begins with "<s>" and "</s>"."""
    number = {word: index for index, word in enumerate(vocabulary)}
    size = len(vocabulary)
    flat = np.array([number[word] for s in sentences for word in ("<s>", *s, "</s>")], np.int64)
    begins = flat == 0
    uni = np.bincount(flat[~begins], minlength=size).astype(np.float64)
    kinds = int((uni > 0).sum())
    unigrams = (uni + kinds / size) / max(uni.sum() + kinds, 1) if len(flat) else np.full(size, 1 / size)
    unigrams[0] = NEVER

    here = ~begins[1:]  # position i + 1 follows position i in the same sentence
    pairs, pair_counts = np.unique(flat[:-1][here] * size + flat[1:][here], return_counts=True)
    here = ~begins[1:-1] & ~begins[2:]
    whole = (flat[:-2][here] * size + flat[1:-1][here]) * size + flat[2:][here]
    triples, triple_counts = np.unique(whole, return_counts=True)
    history, _ = find(pairs, triples // size)
    return WittenBell(
        size=size,
        unigrams=unigrams / unigrams.sum(),
        pairs=pairs,
        pair_counts=pair_counts.astype(np.float64),
        after_one=np.bincount(pairs // size, weights=pair_counts, minlength=size).astype(np.float64),
        kinds_after_one=np.bincount(pairs // size, minlength=size).astype(np.float64),
        triples=triples,
        triple_counts=triple_counts.astype(np.float64),
        after_two=np.bincount(history, weights=triple_counts, minlength=len(pairs)).astype(np.float64),
        kinds_after_two=np.bincount(history, minlength=len(pairs)).astype(np.float64),
    )


@dataclass(frozen=True, slots=True)
class Backoff:
    """A backoff trigram as it comes from a file, over another vocabulary than the file's."""

    size: int
    unigrams: Doubles
    weight_of_one: Doubles
    pairs: Numbers
    pair_probabilities: Doubles
    weight_of_two: Doubles
    triples: Numbers
    triple_probabilities: Doubles

    def p1(self, w: Numbers) -> Doubles:
        """Of a word."""
        return self.unigrams[w]

    def p2(self, h: Numbers, w: Numbers) -> Doubles:
        """Of a word after a word."""
        place, there = find(self.pairs, h * self.size + w)
        return np.where(there, self.pair_probabilities[place], self.weight_of_one[h] * self.unigrams[w])

    def p3(self, a: Numbers, b: Numbers, w: Numbers) -> Doubles:
        """Of a word after two."""
        pair = a * self.size + b
        place, there = find(self.triples, pair * self.size + w)
        history, known = find(self.pairs, pair)
        lower = np.where(known, self.weight_of_two[history], 1.0) * self.p2(b, w)
        return np.where(there, self.triple_probabilities[place], lower)


def over_vocabulary(model: LanguageModel, vocabulary: Sequence[str]) -> Backoff:
    """The same model for these words only. Words that it lacks are nearly impossible."""
    size = len(vocabulary)
    old = {word: index for index, word in enumerate(model.words)}
    source = np.array([old.get(word, -1) for word in vocabulary], np.int64)
    new = np.full(len(model.words), -1, np.int64)
    new[source[source >= 0]] = np.flatnonzero(source >= 0)
    uni = np.where(source >= 0, 10.0 ** model.unigrams.probability[source], UNHEARD_OF)
    uni[0] = NEVER
    first, second = new[model.bigrams.history], new[model.bigrams.word]
    kept = (first >= 0) & (second >= 0)
    pairs = first * size + second
    third = new[model.trigrams.word]
    kept3 = kept[model.trigrams.history] & (third >= 0)
    triples = (pairs[model.trigrams.history] * size + third)[kept3]
    order, order3 = np.argsort(pairs[kept], kind="stable"), np.argsort(triples, kind="stable")
    return Backoff(
        size=size,
        unigrams=uni / uni.sum(),
        weight_of_one=np.where(source >= 0, 10.0 ** model.unigrams.backoff[source], 1.0),
        pairs=pairs[kept][order],
        pair_probabilities=10.0 ** model.bigrams.probability[kept][order],
        weight_of_two=10.0 ** model.bigrams.backoff[kept][order],
        triples=triples[order3],
        triple_probabilities=10.0 ** model.trigrams.probability[kept3][order3],
    )


def interpolate(
    generic: LanguageModel, own: WittenBell, vocabulary: Sequence[str], share: float, *, same: float = SAME
) -> LanguageModel:
    """``share`` of ``own`` and the rest of ``generic``, as one normalized backoff model over ``vocabulary``.

    The mixture is exact for every n-gram that either knows (but for generic trigrams that say no more than backing
    off would, within ``same``); all others back off with weights that make each history's probabilities add up to one.
    """
    size = len(vocabulary)
    base = over_vocabulary(generic, vocabulary)
    every = np.arange(size)
    p1 = share * own.p1(every) + (1 - share) * base.p1(every)

    pairs = np.union1d(base.pairs, own.pairs)
    h, w = pairs // size, pairs % size
    p2 = share * own.p2(h, w) + (1 - share) * base.p2(h, w)
    backoff1 = _backoff(h, p2, p1[w], size)

    triples = np.union1d(base.triples, own.triples)
    ab, w3 = triples // size, triples % size
    a, b = ab // size, ab % size
    p3 = share * own.p3(a, b, w3) + (1 - share) * base.p3(a, b, w3)
    place, there = find(pairs, b * size + w3)
    lower = np.where(there, p2[place], backoff1[b] * p1[w3])
    telling = (np.abs(np.log10(p3 / lower)) > same) | find(own.triples, triples)[1]
    history, _ = find(pairs, ab[telling])
    p3, lower, w3 = p3[telling], lower[telling], w3[telling]
    backoff2 = _backoff(history, p3, lower, len(pairs))
    return LanguageModel(
        tuple(vocabulary),
        Unigrams(_log(p1), _log(backoff1)),
        Bigrams(h, w, _log(p2), _log(backoff2)),
        Trigrams(history, w3, _log(p3)),
    )


def _backoff(history: Numbers, probability: Doubles, lower: Doubles, size: int) -> Doubles:
    """The weight with which each history hands on what its own n-grams leave over."""
    told = np.bincount(history, weights=probability, minlength=size)
    covered = np.bincount(history, weights=lower, minlength=size)
    weight: Doubles = np.clip(1 - told, 1e-6, None) / np.clip(1 - covered, 1e-6, None)
    return weight


def _log(values: Doubles) -> Doubles:
    return np.maximum(np.log10(np.maximum(values, 1e-30)), -99.0)
