"""The baseline of retrieval: BM25 over lower-cased words, k1 1.5, b 0.75, and nothing else. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

K1 = 1.5
B = 0.75


class PlainBM25:
    """An inverted index of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        counted = [Counter(words(text)) for text in texts]
        self._lengths = [counts.total() for counts in counted]
        self._mean = sum(self._lengths) / max(1, len(counted))
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, counts in enumerate(counted):
            for word, count in counts.items():
                self._postings[word].append((number, count))

    def best(self, question: str, limit: int) -> list[int]:
        """Numbers of the texts that bear most on a question; texts that share no word with it are not among them."""
        scores: dict[int, float] = defaultdict(float)
        for word in set(words(question)):
            held = self._postings.get(word, [])
            rarity = math.log((len(self._lengths) - len(held) + 0.5) / (len(held) + 0.5) + 1)
            for number, count in held:
                length = 1 - B + B * self._lengths[number] / self._mean
                scores[number] += rarity * count * (K1 + 1) / (count + K1 * length)
        return sorted(scores, key=lambda number: -scores[number])[:limit]


def words(text: str) -> list[str]:
    """Lower-cased words."""
    return re.findall(r"\w+", text.lower())
