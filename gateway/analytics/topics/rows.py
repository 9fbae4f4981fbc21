"""Turns as rows of numbers, to be compared where no model reads their language: by the company that words keep. Pure.

Words and pieces of words, each weighted by how rare it is, are brought down to ``DIMENSIONS`` by a truncated singular
value decomposition (latent semantic analysis; Deerwester and others, 1990), so that two turns can be alike without a
word in common, if others have the words of both.

Refuses: words that were said once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

Matrix: TypeAlias = NDArray[np.float32]

DIMENSIONS: Final = 100

PIECES: Final = (2, 3)
"""Letters of a piece. Pieces know words whose endings nobody took off, and misheard ones."""
PIECES_SHARE: Final = 0.3
"""What pieces count; the rest are terms."""


def rows_of(terms: Sequence[Collection[str]], texts: Sequence[str], said: Sequence[int], fitted: int) -> Matrix:
    """Distinct turns as rows of length one (nought where nothing is known), from their terms and texts; ``said`` is how
    often each was. The first ``fitted`` say what goes together; the others are seen as those see them."""
    blocks = [
        _weighted(terms, said) * math.sqrt(1 - PIECES_SHARE),
        _weighted([set(pieces_of(text)) for text in texts], said) * math.sqrt(PIECES_SHARE),
    ]
    whole = sparse.csr_matrix(sparse.hstack(blocks), dtype=np.float64)
    some = whole[:fitted]
    if min(some.shape) <= DIMENSIONS:
        return of_length_one(whole.toarray().astype(np.float32))
    # From the same start the same turns give the same rows.
    _, _, axes = svds(some, k=DIMENSIONS, v0=np.ones(min(some.shape)))
    return of_length_one(np.asarray(whole @ axes.T, np.float32))


def of_length_one(rows: Matrix) -> Matrix:
    """The same rows of length one; what is nought stays so."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-6), np.float32)


def pieces_of(text: str) -> Iterator[str]:
    """Runs of letters within words, which are told from the middle of one by the space at either end.

    >>> list(pieces_of("a box"))
    [' a', 'a ', ' b', 'bo', 'ox', 'x ', ' a ', ' bo', 'box', 'ox ']
    """
    words = [f" {word} " for word in text.lower().split()]
    for size in PIECES:
        for word in words:
            for start in range(len(word) - size + 1):
                yield word[start : start + size]


def _weighted(bags: Sequence[Collection[str]], said: Sequence[int]) -> sparse.csr_matrix:
    """A row of length one for each bag: of what several turns have, weighted by how few of all have it."""
    counts: Counter[str] = Counter()
    for bag, times in zip(bags, said, strict=True):
        for item in bag:
            counts[item] += times
    every = sum(said)
    known = {item: math.log(1 + every / count) for item, count in sorted(counts.items()) if count > 1}
    columns = {item: column for column, item in enumerate(known)}
    ends, places = [0], list[int]()
    for bag in bags:
        places += sorted(_places(bag, columns))
        ends.append(len(places))
    values = np.fromiter(known.values(), np.float64, len(known))[places]
    rows = sparse.csr_matrix((values, np.array(places, np.int32), np.array(ends)), shape=(len(bags), len(known)))
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ rows)


def _places(bag: Iterable[str], columns: dict[str, int]) -> Iterator[int]:
    return (columns[item] for item in bag if item in columns)
