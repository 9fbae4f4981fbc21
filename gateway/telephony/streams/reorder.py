"""Puts chunks that a carrier sends out of order back into it, within a small window.

The chunk that comes first is taken for the first. The next one is given on at once, so that a stream in order is never
delayed. What comes ahead of it is held until what is missing has come, or until ``WINDOW`` chunks wait: then the
missing ones count as lost and the rest goes on.

Refuses: time. What is lost, late or filled in is for ``MediaClock`` to say, who is given everything in order, late
chunks included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.telephony.media_clock import GapCounts

WINDOW: Final = 5
"""Chunks that wait for a missing one at most: 100 ms of the usual 20 ms."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of sound with its number and the carrier's time stamp in ms."""

    number: int
    timestamp: int
    pcm: bytes


class ReorderWindow:
    """Holds back what is early. A chunk that comes again while it is held is counted as late, and dropped."""

    def __init__(self, counts: GapCounts) -> None:
        self._counts = counts
        self._next: int | None = None
        self._held: dict[int, Chunk] = {}

    def push(self, chunk: Chunk) -> list[Chunk]:
        """What is due now that ``chunk`` has come, in order. One that is late is given on as it is."""
        if self._next is None:
            self._next = chunk.number
        if chunk.number == self._next and not self._held:
            self._next += 1
            return [chunk]  # as nearly always
        if chunk.number < self._next:
            return [chunk]
        if chunk.number in self._held:
            self._counts.late_chunks += 1
            return []
        self._held[chunk.number] = chunk
        due = self._run()
        if len(self._held) >= WINDOW:
            self._next = min(self._held)
            due += self._run()
        return due

    def flush(self) -> list[Chunk]:
        """All that is held, in order: nothing more will come."""
        due = [self._held[number] for number in sorted(self._held)]
        self._held.clear()
        return due

    def _run(self) -> list[Chunk]:
        due = []
        assert self._next is not None
        while (chunk := self._held.pop(self._next, None)) is not None:
            due.append(chunk)
            self._next += 1
        return due
