"""What the search for topics is held against: k-means as anybody would begin, and turns that share words.

Refuses: guessing how many topics there are. K-means is told how many the product found.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

Groups = NDArray[np.intp]
"""For each text the number of its group; -1 where it is in none."""

_SEED = 20261122
_APART = 0.85
"""One less the average cosine from which on two groups that share words are two."""
_FEWEST = 3


def k_means(texts: Sequence[str], language: str, groups: int) -> Groups:
    """Scikit-learn's k-means over its TF-IDF; of Korean over runs of one to three characters."""
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    pieces: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (1, 3)} if language == "ko" else {}
    rows = TfidfVectorizer(sublinear_tf=True, **pieces).fit_transform(texts)
    found = KMeans(min(groups, len(texts)), n_init=3, random_state=_SEED).fit_predict(rows)
    return np.asarray(found, np.intp)


def words_in_common(turns: Sequence[Iterable[str]], most: int) -> Groups:
    """Average linkage over the cosine of turns' terms, each weighted by how rare it is; the largest ``most`` groups, of
    three or more.

    Compares each with each: 4,000 turns take some 200 MB, and twice as many four times that.
    """
    counts = Counter(term for turn in turns for term in set(turn))
    weights = {term: math.log(1 + len(turns) / count) for term, count in sorted(counts.items()) if count > 1}
    bags = [frozenset(term for term in turn if term in weights) for turn in turns]
    distinct = sorted(set(bags) - {frozenset()}, key=sorted)
    found = np.full(len(bags), -1, np.intp)
    if len(distinct) < 2:
        return found
    columns = {term: column for column, term in enumerate(weights)}
    rows = np.zeros((len(distinct), len(columns)), np.float32)
    for place, bag in enumerate(distinct):
        for term in bag:
            rows[place, columns[term]] = weights[term]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    apart = 1.0 - np.clip(rows @ rows.T, 0.0, 1.0)
    np.fill_diagonal(apart, 0.0)
    linked = linkage(np.asarray(squareform(np.round(apart, 5), checks=False), np.float64), "average")
    group_of = dict(zip(distinct, fcluster(linked, _APART, "distance").tolist(), strict=True))
    for place, bag in enumerate(bags):
        found[place] = group_of.get(bag, -1)
    sizes = Counter(group for group in found.tolist() if group >= 0)
    kept = {group for group, count in sizes.most_common(most) if count >= _FEWEST}
    found[[place for place, group in enumerate(found.tolist()) if group not in kept]] = -1
    return found
