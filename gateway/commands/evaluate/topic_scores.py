"""How well groups of utterances agree with what people meant by them. Pure but for scikit-learn's two indices.

Refuses: praise for what is easy. A group of everything covers all, and groups of one are pure; so both stand side by
side, and ``found`` counts what is in a group *and* of its main intent, out of all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Groups = NDArray[np.intp]
"""For each utterance the number of its group; -1 where it is in none."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares and indices, none where nothing defines them. ``strangers`` is the share of off-topic utterances in any
    group."""

    groups: int
    coverage: float | None
    purity: float | None
    found: float | None
    nmi: float | None
    ari: float | None
    strangers: float | None


def agreement(groups: Groups, meant: Sequence[str | None]) -> Agreement:
    """How far groups agree with intents (none: off topic). For the two indices whoever is in no group is a group of its
    own, and only what has an intent counts."""
    inside = [place for place, intent in enumerate(meant) if intent is not None]
    right = sum(main_intents(groups, meant).values())
    grouped = int((groups >= 0).sum())
    covered = sum(groups[place] >= 0 for place in inside)
    outside = [place for place, intent in enumerate(meant) if intent is None]
    nmi, ari = _indices(groups, meant, inside)
    return Agreement(
        groups=len(set(groups.tolist()) - {-1}),
        coverage=covered / len(inside) if inside else None,
        purity=right / grouped if grouped else None,
        found=right / len(inside) if inside else None,
        nmi=nmi,
        ari=ari,
        strangers=sum(groups[place] >= 0 for place in outside) / len(outside) if outside else None,
    )


def main_intents(groups: Groups, meant: Sequence[str | None]) -> dict[int, int]:
    """Of each group, how many of its utterances have the intent that most of them have."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for group, intent in zip(groups.tolist(), meant, strict=True):
        if group >= 0 and intent is not None:
            counts[group][intent] += 1
    return {group: max(of.values()) for group, of in counts.items()}


def stayed(before: Groups, after: Groups) -> float | None:
    """Of the utterances that were in a group, the share that is together still: in that group of another search which
    took most of theirs. The same utterances in both."""
    taken: dict[int, Counter[int]] = defaultdict(Counter)
    for old, new in zip(before.tolist(), after.tolist(), strict=True):
        if old >= 0:
            taken[old][new] += 1
    whole = sum(of.total() for of in taken.values())
    together = sum(max((count for new, count in of.items() if new >= 0), default=0) for of in taken.values())
    return together / whole if whole else None


def labels_apart(labels: Sequence[tuple[str, ...]]) -> float | None:
    """The share of labels whose first word is no other's."""
    first = Counter(label[0] for label in labels if label)
    return sum(count == 1 for count in (first[label[0]] for label in labels if label)) / len(labels) if labels else None


def labels_said(labels: Sequence[tuple[str, ...]], members: Mapping[int, Sequence[frozenset[str]]]) -> float | None:
    """The share of topics' utterances in which a word of their label was said; ``members`` are words by topic."""
    told = [bool(words & set(labels[topic])) for topic, turns in members.items() for words in turns]
    return sum(told) / len(told) if told else None


def _indices(
    groups: Groups, meant: Sequence[str | None], inside: Sequence[int]
) -> tuple[float, float] | tuple[None, None]:
    if not inside:
        return None, None
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    intents = [meant[place] for place in inside]
    alone = len(groups)
    found = [groups[place] if groups[place] >= 0 else alone + place for place in inside]
    return float(normalized_mutual_info_score(intents, found)), float(adjusted_rand_score(intents, found))
