"""Calls topics by the words that set them apart. Pure.

A word names a topic well if many of its turns have it and few others do: the share of the topic's turns with it, times
the logarithm of how much higher that is than elsewhere (the word's part in the Kullback-Leibler divergence of the two).

Refuses: giving two topics one name as long as they have words that differ: the smaller gets those that come next.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

LABEL_WORDS: Final = 3
LONGEST_LABEL: Final = 6

Terms = Mapping[str, str]
"""The terms of a turn, each with the word that shows it."""


def labels_of(topics: Sequence[Sequence[Terms]], elsewhere: Iterable[Terms]) -> list[tuple[str, ...]]:
    """A label for each of some topics, the biggest first; ``elsewhere`` are the turns that are in none of them."""
    inside = [Counter(term for turn in turns for term in turn) for turns in topics]
    others = list(elsewhere)
    everywhere = sum(inside, Counter(term for turn in others for term in turn))
    turns = sum(map(len, topics)) + len(others)
    labels: list[tuple[str, ...]] = []
    for counts, members in zip(inside, topics, strict=True):
        words = list(dict.fromkeys(_ranked_words(counts, members, everywhere, turns)))
        taken = {frozenset(label) for label in labels}
        lengths = range(LABEL_WORDS, LONGEST_LABEL + 1)
        tried = (tuple(words[:length]) for length in lengths)
        labels.append(next((label for label in tried if frozenset(label) not in taken), tuple(words[:LABEL_WORDS])))
    return labels


def _ranked_words(
    counts: Counter[str], members: Sequence[Terms], everywhere: Counter[str], turns: int
) -> Iterable[str]:
    """The words of a topic, the best first. Of one letter, or said once, is none, as long as there are others."""

    def telling(term: str) -> float:
        here = counts[term] / len(members)
        rest = (everywhere[term] - counts[term] + 0.5) / (turns - len(members) + 1)
        return here * math.log(here / rest)

    words = _surfaces(members)
    ranked = sorted(counts, key=lambda term: (-telling(term), term))
    good = [term for term in ranked if len(words[term]) > 1 and counts[term] > 1 and telling(term) > 0]
    return (words[term] for term in good or ranked)


def _surfaces(turns: Iterable[Terms]) -> dict[str, str]:
    """The word by which each term was said most."""
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for turn in turns:
        for term, word in turn.items():
            said[term][word] += 1
    return {term: min(words, key=lambda word: (-words[word], word)) for term, words in said.items()}
