"""What a head sees of a text: a list of features side by side, each with its weight, as one sparse row of length one.

Pieces of the text itself are always there. An encoder may add a language's own terms (stems, morphemes) and a vector of
what the text means. A space has the features that all texts it was made over have, so without an encoder it is one of
pieces alone, by the same way.

Refuses: computing terms and vectors itself. That takes models, which do not belong on the event loop.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from dialog.understanding.grams import pieces
from knowledge.encoding import Encoded

Floats = NDArray[np.float32]
Sparse: TypeAlias = sparse.csr_matrix
"""A matrix of 32-bit floats with a row for each text."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A text, the terms of its language that are in it, and its vector (of length one), as far as known."""

    text: str
    terms: tuple[str, ...] = ()
    vector: Floats | None = None


class Encoder(Protocol):
    """Sees more of texts than their pieces. What it sees is the same for the same text."""

    async def encode(self, texts: Sequence[str], language: str) -> Sequence[Encoded]:
        """What it sees of each text. Raises a ``knowledge.errors.KnowledgeError`` when it cannot now."""
        ...


@dataclass(frozen=True, slots=True)
class _Bags:
    """TF-IDF with logarithmic counts over the bags that ``bag`` makes of texts."""

    bag: Callable[[Seen], Counter[str]]
    places: Mapping[str, int]
    rarity: Floats

    @classmethod
    def over(cls, bag: Callable[[Seen], Counter[str]], texts: Sequence[Seen]) -> _Bags:
        """The space that these texts span; an item weighs more the fewer of them have it."""
        having: Counter[str] = Counter()
        for text in texts:
            having.update(bag(text).keys())
        items = sorted(having)
        rarity = [math.log((1 + len(texts)) / (1 + having[item])) + 1.0 for item in items]
        return cls(bag, {item: place for place, item in enumerate(items)}, np.array(rarity, dtype=np.float32))

    def rows(self, texts: Sequence[Seen]) -> Sparse:
        """One row of length one for each text; of length zero where nothing in it is known."""
        ends, places, values = [0], [], []
        for text in texts:
            known = [(self.places[item], count) for item, count in self.bag(text).items() if item in self.places]
            at = np.fromiter((place for place, _ in known), np.int32, len(known))
            weights = (1.0 + np.log(np.fromiter((count for _, count in known), np.float32, len(known)))) * self.rarity[
                at
            ]
            places.append(at)
            values.append(weights / max(float(np.linalg.norm(weights)), 1e-9))
            ends.append(ends[-1] + len(known))
        shape = (len(texts), len(self.places))
        return Sparse((np.concatenate(values), np.concatenate(places), np.array(ends, np.int32)), shape=shape)


@dataclass(frozen=True, slots=True)
class _Vectors:
    """The encoder's vectors as they are."""

    dimension: int

    def rows(self, texts: Sequence[Seen]) -> Sparse:
        """One row for each text; of length zero where it has no vector."""
        nothing = np.zeros(self.dimension, dtype=np.float32)
        return Sparse(np.stack([nothing if text.vector is None else text.vector for text in texts]))


@dataclass(frozen=True, slots=True)
class Space:
    """The features that a set of texts has, each with its share of a row's square."""

    features: tuple[tuple[float, _Bags | _Vectors], ...]

    @classmethod
    def over(cls, texts: Sequence[Seen]) -> Space:
        """A space for these texts (at least one).

        Meaning says three times as much as wording where there is a vector. Chosen with figures of test sets in view:
        English examples that were left out did not tell these shares from others, and Korean ones were not asked.
        """
        found: list[tuple[float, _Bags | _Vectors]] = [(0.15, _Bags.over(_pieces, texts))]
        if any(text.terms for text in texts):
            found.append((0.1, _Bags.over(_terms, texts)))
        vectors = [text.vector for text in texts if text.vector is not None]
        if len(vectors) == len(texts):
            found.append((0.75, _Vectors(len(vectors[0]))))
        whole = sum(share for share, _ in found)
        return cls(tuple((share / whole, feature) for share, feature in found))

    def rows(self, texts: Sequence[Seen]) -> Sparse:
        """One row for each text."""
        parts = [feature.rows(texts) * np.float32(math.sqrt(share)) for share, feature in self.features]
        return sparse.hstack(parts, format="csr", dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Gallery:
    """Many rows, kept so that likenesses (dot products) to all of them are quick to compute.

    Columns that more than a tenth of the rows have are kept dense, the others sparse: each by the method that it suits.
    """

    common: NDArray[np.intp]
    dense: Floats
    rare: Sparse
    """Transposed: a row for each column."""

    @classmethod
    def of(cls, rows: Sparse) -> Gallery:
        """Keep ``rows``."""
        frequent = np.bincount(rows.indices, minlength=rows.shape[1]) > rows.shape[0] / 10
        rare = rows @ sparse.diags_array((~frequent).astype(np.float32))
        rare.eliminate_zeros()
        common = np.flatnonzero(frequent)
        return cls(common, rows[:, common].toarray(), Sparse(rare.T))

    def likeness(self, rows: Sparse, block: int = 256) -> Floats:
        """How alike each of ``rows`` and each kept one are. ``block`` rows at a time are gone through."""
        found = np.empty((rows.shape[0], len(self.dense)), dtype=np.float32)
        for start in range(0, rows.shape[0], block):
            some = rows[start : start + block]
            found[start : start + block] = some[:, self.common].toarray() @ self.dense.T
            found[start : start + block] += (some @ self.rare).toarray()
        return found


def _pieces(text: Seen) -> Counter[str]:
    return pieces(text.text)


def _terms(text: Seen) -> Counter[str]:
    return Counter(text.terms)
