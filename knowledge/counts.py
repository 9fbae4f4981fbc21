"""How common each term of a space is: the numbers behind inverse document frequencies.

Engines apply them when they rank but do not tell them, and evidence needs them, so they are counted beside the engine.

Refuses: scoring; knowing words (terms are hashed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Self

import numpy as np

from knowledge.index import Entry, Frequencies, Signal

WORDS: Final = (Signal.LEXICAL, Signal.CHARACTERS)
"""The signals that have terms."""


class TermCounts:
    """Counts of passages, and of the passages that each term stands in, for each signal of words."""

    def __init__(self) -> None:
        self._passages: Counter[Signal] = Counter()
        self._terms: dict[Signal, Counter[int]] = {signal: Counter() for signal in WORDS}

    def add(self, signal: Signal, terms: Iterable[int]) -> None:
        """One more passage holds these terms."""
        self._passages[signal] += 1
        self._terms[signal].update(terms)

    def add_all(self, signal: Signal, passages: Sequence[Sequence[int]]) -> None:
        """Many more passages at once, ten times quicker than one by one."""
        if passages:
            every = np.concatenate([np.asarray(terms, np.uint32) for terms in passages])
            terms, counts = np.unique(every, return_counts=True)
            self._passages[signal] += len(passages)
            self._terms[signal].update(dict(zip(terms.tolist(), counts.tolist(), strict=True)))

    def remove(self, signal: Signal, terms: Iterable[int]) -> None:
        """One passage less holds these terms."""
        self._passages[signal] -= 1
        counted = self._terms[signal]
        for term in terms:
            counted[term] -= 1
            if not counted[term]:
                del counted[term]

    def frequencies(self, signal: Signal, terms: Iterable[int]) -> Frequencies:
        """See ``Index.frequencies``."""
        counted = self._terms[signal]
        return Frequencies(self._passages[signal], {term: counted[term] for term in terms})

    def values(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {
            "passages": {signal.value: count for signal, count in self._passages.items()},
            "words": {
                signal.value: {"terms": list(counted), "counts": list(counted.values())}
                for signal, counted in self._terms.items()
            },
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """What ``values`` made."""
        made = cls()
        made._passages.update({Signal(name): count for name, count in values["passages"].items()})
        for name, pair in values["words"].items():
            made._terms[Signal(name)].update(dict(zip(pair["terms"], pair["counts"], strict=True)))
        return made


def words_of(entry: Entry) -> dict[Signal, tuple[int, ...]]:
    """The terms of an entry, for each signal that it has any of."""
    characters = entry.characters.indices if entry.characters is not None else ()
    return {
        signal: terms
        for signal, terms in ((Signal.LEXICAL, entry.lexical.indices), (Signal.CHARACTERS, characters))
        if terms
    }
