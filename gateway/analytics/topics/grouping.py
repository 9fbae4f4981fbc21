"""Puts rows that are alike into groups, without being told how many. Pure.

What all rows have in common is taken away. Then some thousands are compared each with each and linked, the closest
first, as long as groups are less than ``APART``. What came of that are seeds: all rows go to the seed whose centre they
are like, centres are moved to where their rows are, and so on until nothing changes (spherical k-means); a row that is
like no centre is in no group. That a sample seeds what all are put into is the "buckshot" of Cutting, Karger, Pedersen
and Tukey (Scatter/Gather, 1992).

Refuses: chance. The same rows in the same order give the same groups.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from gateway.analytics.topics.rows import Matrix, of_length_one

Places: TypeAlias = NDArray[np.intp]

COMPARED: Final = 4_000
"""Rows that are compared each with each: some 200 MB, and a second or two."""

APART: Final = 0.74
"""One less the average cosine from which on two groups are two."""
ALIKE: Final = 0.35
"""The least cosine of a row with the centre of its group. Both were chosen on the example shop's utterances, by words
and by a model's vectors: a smaller ``APART`` makes more topics of one thing, a larger one topics of several."""
SURE: Final = 50
"""Rows that it takes to believe half of what they have in common: three that agree may be all that callers talk of."""

FEWEST: Final = 3
"""How often what is in a group was said, at least."""
MOST_GROUPS: Final = 300
"""Groups that rows are held against: the largest."""
ROUNDS: Final = 10


def grouped(rows: Matrix, said: Places) -> Places:
    """The group of each row, numbered from the largest; -1 where it is in none. Rows have length one or nought; the
    first ``COMPARED`` make the seeds, and ``said`` is how often each row was."""
    rows = _apart_from_the_common(rows)
    seeds = np.full(len(rows), -1, np.intp)
    seeds[:COMPARED] = _linked(rows[:COMPARED])
    groups = _largest(seeds, said)
    for _ in range(ROUNDS):
        moved = _largest(_nearest(rows, groups), said)
        if np.array_equal(moved, groups):
            break
        groups = moved
    return groups


def _apart_from_the_common(rows: Matrix) -> Matrix:
    """Rows without what all of them have in common. At a bank all turns are about money, and so more alike than turns
    of a department store; what is left of them can be told apart by one measure."""
    return of_length_one(rows - rows.sum(axis=0) / np.float32(len(rows) + SURE))


def _linked(rows: Matrix) -> Places:
    if len(rows) < 2:
        return np.zeros(len(rows), np.intp)
    apart = 1.0 - np.clip(rows @ rows.T, 0.0, 1.0)
    np.fill_diagonal(apart, 0.0)
    # Sums in another order differ by a last bit; rounded, the same rows are grouped alike on every machine.
    pairs: NDArray[np.float64] = squareform(np.round(apart, 5), checks=False)
    return np.asarray(fcluster(linkage(pairs, "average"), APART, "distance"), np.intp)


def _nearest(rows: Matrix, groups: Places) -> Places:
    """The group whose centre each row is like most; none where that is not enough."""
    count = int(groups.max()) + 1
    if count == 0:
        return groups
    inside = np.flatnonzero(groups >= 0)
    ones = np.ones(len(inside), np.float32)
    sums = sparse.csr_matrix((ones, (groups[inside], inside)), shape=(count, len(rows))) @ rows
    likeness = np.round(rows @ of_length_one(np.asarray(sums, np.float32)).T, 5)
    nearest = likeness.argmax(axis=1)
    return np.where(likeness[np.arange(len(rows)), nearest] >= ALIKE, nearest, -1)


def _largest(groups: Places, said: Places) -> Places:
    """The same groups numbered by what was said in them, the largest first; the smallest of too many are none, and so
    is what is too small."""
    sizes: Counter[int] = Counter()
    for group, times in zip(groups.tolist(), said.tolist(), strict=True):
        if group >= 0:
            sizes[group] += times
    large = [group for group in sizes if sizes[group] >= FEWEST]
    numbers = {group: at for at, group in enumerate(sorted(large, key=lambda one: (-sizes[one], one))[:MOST_GROUPS])}
    return np.array([numbers.get(group, -1) for group in groups.tolist()], np.intp)
