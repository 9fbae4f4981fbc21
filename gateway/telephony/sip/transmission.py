"""What one call sends, through a buffer of the stack's that only tells how full it is. Pure.

Sound goes into the stack's buffer until ``AHEAD`` seconds wait there, for it is sent from there by a thread that Python
cannot hold up. What does not fit waits here, at most ``limit`` seconds: then *the newest sound* is dropped, and the
next mark with it, for that mark would vouch for sound that nobody heard. A mark has been played when as much has left
the stack's buffer as had been written before the mark.

The stack empties its buffer when it next takes from it, and then takes away what was written meanwhile as well. So
after a ``clear`` nothing is written until the buffer has been seen empty, ``SETTLE`` seconds later at the earliest.

Refuses: the stack, clocks, and rates; it is told the time, and counts bytes.
"""

from __future__ import annotations

from collections import deque
from typing import Final

AHEAD: Final = 0.5
"""Seconds of sound that wait in the stack at most. An interruption takes them back, too: the stack can be flushed."""

SETTLE: Final = 0.04
"""Seconds in which the stack takes from its buffer at least once: two packets."""

MOST_MARKS: Final = 1024
"""Marks that may wait; with one every half second that is more than any queue is long."""


class Transmission:
    """The sound of one call on its way out, with its marks."""

    def __init__(self, bytes_per_second: int, limit: float) -> None:
        self._ahead = int(AHEAD * bytes_per_second)
        self._limit = int(limit * bytes_per_second)
        self._waiting: deque[bytes] = deque()
        self._marks: deque[tuple[int, str]] = deque()
        self._queued = 0
        """Bytes that wait here."""
        self._written = 0
        """Bytes that have been given to the stack since the call began."""
        self._incomplete = False
        self._settles_at: float | None = None
        """When the stack's buffer may be written to again, if it is seen empty; ``None``: it may."""
        self.dropped = 0
        """Frames that were dropped."""

    @property
    def is_busy(self) -> bool:
        """Whether anything waits here, or for the stack's buffer to be played."""
        return bool(self._waiting or self._marks)

    def add(self, pcm: bytes) -> None:
        """Queue sound, or drop it where too much waits."""
        if self._queued + len(pcm) > self._limit:
            self._incomplete = True
            self.dropped += 1
            return
        self._waiting.append(pcm)
        self._queued += len(pcm)

    def mark(self, name: str) -> None:
        """Remember what is to be told when all sound so far has been played; not where some of it was dropped."""
        if self._incomplete or len(self._marks) == MOST_MARKS:
            self._incomplete = False
            return
        self._marks.append((self._written + self._queued, name))

    def next(self, buffered: int, now: float) -> bytes:
        """The sound to write to the stack now, where ``buffered`` bytes wait; empty when there is none or no room."""
        if self._settles_at is not None:
            if buffered or now < self._settles_at:
                return b""
            self._settles_at = None
        if not self._waiting or buffered >= self._ahead:
            return b""
        return self._waiting[0]

    def wrote(self, count: int) -> None:
        """The stack took so many bytes of what ``next`` gave."""
        pcm = self._waiting.popleft()
        if count < len(pcm):
            self._waiting.appendleft(pcm[count:])
        self._written += count
        self._queued -= count

    def played(self, buffered: int) -> list[str]:
        """The marks that have been reached, where ``buffered`` bytes still wait in the stack."""
        position = self._written - buffered
        names = []
        while self._marks and self._marks[0][0] <= position:
            names.append(self._marks.popleft()[1])
        return names

    def clear(self, buffered: int, now: float) -> list[str]:
        """Forget what waits; the marks that waited for it. Where ``buffered`` bytes wait in the stack, whoever asks has
        it throw them away."""
        if buffered:
            self._settles_at = now + SETTLE
        names = [name for _, name in self._marks]
        self._marks.clear()
        self._waiting.clear()
        self._queued = 0
        self._incomplete = False
        return names
