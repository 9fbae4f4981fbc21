"""A short text as a bag of pieces: words, word pairs and character n-grams, with spaces and without.

Characters make it sturdy against recognized speech (split words, particles, a wrong syllable) in both languages alike;
no model and no dictionary is loaded for it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dialog.parsers.text import canonical, tokens

Floats = NDArray[np.float64]

_WITH_SPACES = (2, 3, 4)
_WITHOUT_SPACES = (2, 3)
_LONGEST_TEXT = 400
"""Characters looked at; a caller who says more repeats himself."""


def pieces(text: str) -> Counter[str]:
    """How often each piece occurs in ``text``."""
    words = [token.text for token in tokens(canonical(text)[:_LONGEST_TEXT])]
    counts: Counter[str] = Counter(f"w:{word}" for word in words)
    counts.update(f"p:{first} {second}" for first, second in pairwise(words))
    padded = f" {' '.join(words)} "
    for size in _WITH_SPACES:
        counts.update(padded[index : index + size] for index in range(len(padded) - size + 1))
    joined = "".join(words)
    for size in _WITHOUT_SPACES:
        counts.update(f"j:{joined[index : index + size]}" for index in range(len(joined) - size + 1))
    return counts


@dataclass(frozen=True, slots=True)
class Space:
    """A vector space over pieces: TF-IDF with logarithmic counts, rows of length one."""

    places: Mapping[str, int]
    weights: Floats

    @classmethod
    def over(cls, bags: Sequence[Counter[str]]) -> Space:
        """The space that these texts span; a piece weighs more the fewer of them have it."""
        having: Counter[str] = Counter()
        for bag in bags:
            having.update(bag.keys())
        places = {piece: place for place, piece in enumerate(sorted(having))}
        weights = np.array([math.log((1 + len(bags)) / (1 + having[piece])) + 1.0 for piece in sorted(having)])
        return cls(places, weights)

    def sparse(self, bag: Mapping[str, int]) -> tuple[NDArray[np.intp], Floats]:
        """The known pieces of a bag: their places, and their values scaled to length one (empty when none is known)."""
        known = [(self.places[piece], count) for piece, count in bag.items() if piece in self.places]
        if not known:
            return np.empty(0, dtype=np.intp), np.empty(0)
        places = np.array([place for place, _ in known], dtype=np.intp)
        values = (1.0 + np.log(np.array([count for _, count in known], dtype=np.float64))) * self.weights[places]
        return places, values / np.linalg.norm(values)

    def matrix(self, bags: Iterable[Mapping[str, int]]) -> Floats:
        """One row for each bag."""
        rows = [self.sparse(bag) for bag in bags]
        dense = np.zeros((len(rows), len(self.weights)))
        for row, (places, values) in enumerate(rows):
            dense[row, places] = values
        return dense
