"""An index in memory: exact, quick, gone with the process.

It is the twin of Qdrant in tests, and what evaluations cut a corpus down in. Vectors lie in one matrix per signal,
words in an inverted index; a search over 20,000 passages takes milliseconds. What is removed is masked, and cleared
out when half of a space is masked.

Refuses: durability; several threads at once.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge.embedder import Matrix
from knowledge.index import Entry, Frequencies, Probe, Ranking, Record, Shift, Signal, Space, in_two_steps
from knowledge.lexical import Sparse, inverse

ROOM: Final = 64
"""Rows that a matrix starts with; it doubles when full."""


class MemoryIndex:
    """Implements ``Index``."""

    exclusive = True

    def __init__(self) -> None:
        self._spaces: dict[Space, _Image] = {}
        self._catalogs: dict[str, dict[str, Record]] = defaultdict(dict)
        self._shifts: dict[str, dict[str, Shift]] = defaultdict(dict)

    def search(self, space: Space, probes: Mapping[Signal, Probe], depth: int) -> dict[Signal, Ranking]:
        """See ``Index.search``."""
        image = self._spaces.get(space)
        if image is None:
            return {signal: [] for signal in probes}
        return in_two_steps(
            probes,
            lambda some, among: {signal: image.ranking(signal, probe, depth, among) for signal, probe in some.items()},
        )

    def entries(self, space: Space, ids: Sequence[str], *, vectors: bool = True) -> list[Entry]:
        """See ``Index.entries``."""
        image = self._spaces.get(space)
        return [] if image is None else [entry for key in ids if (entry := image.get(key)) is not None]

    def scan(self, space: Space, *, vectors: bool = False) -> Iterator[Entry]:
        """See ``Index.scan``."""
        image = self._spaces.get(space)
        yield from () if image is None else list(image.living())

    def put(self, space: Space, entries: Sequence[Entry]) -> None:
        """See ``Index.put``."""
        image = self._spaces.setdefault(space, _Image())
        for entry in entries:
            image.add(entry)

    def drop(self, space: Space, ids: Sequence[str]) -> None:
        """See ``Index.drop``."""
        image = self._spaces.get(space)
        if image is None:
            return
        for key in ids:
            image.remove(key)
        if image.crowded:
            fresh = self._spaces[space] = _Image()
            for entry in image.living():
                fresh.add(entry)

    def frequencies(self, space: Space, signal: Signal, terms: Iterable[int]) -> Frequencies:
        """See ``Index.frequencies``."""
        image = self._spaces.get(space)
        return Frequencies(0, {}) if image is None else image.frequencies(signal, terms)

    def seal(self, space: Space) -> None:
        """Nothing is derived here."""

    def records(self, tenant: str, documents: Sequence[str] | None = None) -> list[Record]:
        """See ``Index.records``."""
        catalog = self._catalogs[tenant]
        return list(catalog.values()) if documents is None else [catalog[key] for key in documents if key in catalog]

    def publish(self, tenant: str, record: Record) -> None:
        """See ``Index.publish``."""
        self._catalogs[tenant][record.document.id] = record

    def withdraw(self, tenant: str, document: str) -> None:
        """See ``Index.withdraw``."""
        self._catalogs[tenant].pop(document, None)

    def shifts(self, tenant: str) -> dict[str, Shift]:
        """See ``Index.shifts``."""
        return dict(self._shifts[tenant])

    def shift(self, shift: Shift) -> None:
        """See ``Index.shift``."""
        self._shifts[shift.serving.tenant][shift.serving.language] = shift

    def discard(self, space: Space) -> None:
        """See ``Index.discard``."""
        self._spaces.pop(space, None)

    def close(self) -> None:
        """Forget everything."""
        self._spaces.clear()
        self._catalogs.clear()
        self._shifts.clear()


class _Image:
    """One space."""

    def __init__(self) -> None:
        self._entries: list[Entry | None] = []
        self._slots: dict[str, int] = {}
        self._alive = bytearray()
        self._dense = _Rows()
        self._sentences = _Rows()
        self._words = {Signal.LEXICAL: _Postings(), Signal.CHARACTERS: _Postings()}

    @property
    def crowded(self) -> bool:
        """Whether more is masked than lives."""
        return len(self._entries) > ROOM and len(self._slots) * 2 < len(self._entries)

    def living(self) -> Iterator[Entry]:
        return (entry for entry in self._entries if entry is not None)

    def get(self, key: str) -> Entry | None:
        slot = self._slots.get(key)
        return None if slot is None else self._entries[slot]

    def add(self, entry: Entry) -> None:
        self.remove(entry.id)
        slot = len(self._entries)
        self._entries.append(entry)
        self._alive.append(1)
        self._slots[entry.id] = slot
        if entry.dense is not None:
            self._dense.extend(slot, entry.dense[np.newaxis])
        if entry.rows is not None and len(entry.rows):
            self._sentences.extend(slot, entry.rows)
        self._words[Signal.LEXICAL].add(slot, entry.lexical)
        if entry.characters is not None:
            self._words[Signal.CHARACTERS].add(slot, entry.characters)

    def remove(self, key: str) -> None:
        slot = self._slots.pop(key, None)
        if slot is None:
            return
        entry = self._entries[slot]
        self._entries[slot] = None
        self._alive[slot] = 0
        assert entry is not None
        self._words[Signal.LEXICAL].forget(entry.lexical)
        if entry.characters is not None:
            self._words[Signal.CHARACTERS].forget(entry.characters)

    def frequencies(self, signal: Signal, terms: Iterable[int]) -> Frequencies:
        postings = self._words[signal]
        return Frequencies(postings.size, {term: postings.counts.get(term, 0) for term in terms})

    def ranking(self, signal: Signal, probe: Probe, depth: int, among: set[str] | None = None) -> Ranking:
        scores = np.full(len(self._entries), -np.inf, np.float32)
        if isinstance(probe, Sparse):
            self._words[signal].score(probe, scores)
        elif signal is Signal.DENSE:
            self._dense.score(probe, scores)
        else:
            self._sentences.score(probe, scores, None if among is None else sorted(self._slots[key] for key in among))
        scores[np.frombuffer(self._alive, np.uint8) == 0] = -np.inf
        best = np.argpartition(-scores, depth - 1)[:depth] if depth < len(scores) else np.arange(len(scores))
        ordered = best[np.argsort(-scores[best], kind="stable")]
        return [
            (entry.id, float(scores[slot]))
            for slot in ordered
            if scores[slot] > -np.inf and (entry := self._entries[slot]) is not None
        ]


class _Rows:
    """Vectors with the slot that each belongs to. A slot's rows lie together and slots come in rising order."""

    def __init__(self) -> None:
        self._matrix: Matrix = np.zeros((0, 0), np.float32)
        self._filled = 0
        self._slots = array("q")
        self._starts = array("q")

    def extend(self, slot: int, rows: Matrix) -> None:
        needed = self._filled + len(rows)
        if needed > len(self._matrix):
            grown = np.zeros((max(needed, ROOM, 2 * len(self._matrix)), rows.shape[1]), np.float32)
            if self._filled:
                grown[: self._filled] = self._matrix[: self._filled]
            self._matrix = grown
        self._matrix[self._filled : needed] = rows
        self._slots.append(slot)
        self._starts.append(self._filled)
        self._filled = needed

    def score(self, vector: Matrix, scores: Matrix, among: Sequence[int] | None = None) -> None:
        """Write the best cosine of each slot, or of those in ``among`` (rising), into ``scores``."""
        if not self._slots:
            return
        slots: NDArray[np.int64] = np.frombuffer(self._slots, np.int64)
        starts: NDArray[np.int64] = np.frombuffer(self._starts, np.int64)
        if among is None:
            scores[slots] = np.maximum.reduceat(self._matrix[: self._filled] @ vector, starts)
            return
        at = np.flatnonzero(np.isin(slots, among))
        if not len(at):
            return
        counts = np.diff(np.append(starts, self._filled))[at]
        firsts = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(starts[at] - firsts, counts)
        scores[slots[at]] = np.maximum.reduceat(self._matrix[rows] @ vector, firsts)


class _Postings:
    """An inverted index: for each term the slots that hold it, with their weights."""

    def __init__(self) -> None:
        self._slots: dict[int, array[int]] = {}
        self._weights: dict[int, array[float]] = {}
        self.counts: dict[int, int] = {}
        self.size = 0

    def add(self, slot: int, terms: Sparse) -> None:
        self.size += 1
        for term, weight in zip(terms.indices, terms.values, strict=True):
            if term not in self._slots:
                self._slots[term], self._weights[term], self.counts[term] = array("q"), array("f"), 0
            self._slots[term].append(slot)
            self._weights[term].append(weight)
            self.counts[term] += 1

    def forget(self, terms: Sparse) -> None:
        """Count an entry's terms no more; its postings stay until the space is cleared out."""
        self.size -= 1
        for term in terms.indices:
            self.counts[term] -= 1

    def score(self, probe: Sparse, scores: Matrix) -> None:
        """Add up into ``scores`` what shares a term with the question; the rest stays as it is."""
        for term, weight in zip(probe.indices, probe.values, strict=True):
            if term not in self._slots:
                continue
            slots: NDArray[np.int64] = np.frombuffer(self._slots[term], np.int64)
            earlier = scores[slots]
            gained = np.frombuffer(self._weights[term], np.float32) * (weight * inverse(self.counts[term], self.size))
            scores[slots] = np.where(np.isneginf(earlier), 0.0, earlier) + gained
