"""Sound that we let go in its own time, for a far end that plays what comes and says nothing of it. Pure.

Where a wire has no marks, and no word that takes sound back, whatever was sent is as good as heard. So little is sent
ahead of the far end's clock (``Pace.lead``), the rest waits here, and a mark is reached when, by that clock, all sound
before it has been played.

The far end begins a piece when it comes, or when the one before it ends, whichever is later. A piece that is not full
waits for more sound until the far end is about to run dry; then it is filled up with silence.

Drop policy: *newest sound*, and the next mark with it, as in ``SendQueue``. Refuses: clocks; time is an argument.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH

MARK_LIMIT: Final = 1024
"""Marks that may wait at most."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How sound is let go: in pieces of so many seconds, so many seconds ahead of the far end's clock."""

    piece: float = FRAME_SECONDS
    lead: float = 3 * FRAME_SECONDS


@dataclass(slots=True)
class _Mark:
    name: str
    position: int
    """Bytes that have to be sent before it is reached."""
    due: float | None = None
    """When it is, once they have been sent."""


class Playout:
    """What waits for one far end. All times are seconds of one clock, handed in as ``now``."""

    def __init__(self, rate: int, pace: Pace, limit: float) -> None:
        """``rate`` in Hz; ``limit``: seconds of sound that may wait."""
        self._pace = pace
        self._piece = round(rate * pace.piece) * SAMPLE_WIDTH
        self._bytes_a_second = rate * SAMPLE_WIDTH
        self._limit = int(limit * rate) * SAMPLE_WIDTH
        self._waiting = bytearray()
        self._sent = 0
        self._marks: deque[_Mark] = deque()
        self._plays_until = 0.0
        self._incomplete = False

    @property
    def seconds(self) -> float:
        """Sound that waits."""
        return len(self._waiting) / self._bytes_a_second

    def add(self, pcm: bytes) -> bool:
        """Sound to be played after all that waits; false when it was dropped because too much does."""
        if len(self._waiting) + len(pcm) > self._limit:
            self._incomplete = True
            return False
        self._waiting += pcm
        return True

    def mark(self, name: str, now: float) -> bool:
        """Ask for a mark behind all sound so far; false when it is withheld, for sound before it was dropped."""
        if self._incomplete or len(self._marks) >= MARK_LIMIT:
            self._incomplete = False
            return False
        position = self._sent + len(self._waiting)
        self._marks.append(_Mark(name, position, None if self._waiting else max(now, self._plays_until)))
        return True

    def clear(self, now: float) -> None:
        """Throw away what waits; all marks are reached."""
        self._waiting.clear()
        self._incomplete = False
        for mark in self._marks:
            mark.position, mark.due = self._sent, now

    def drop_all(self) -> None:
        """Forget everything: the leg is over."""
        self._waiting.clear()
        self._marks.clear()

    def take(self, now: float) -> bytes | None:
        """The next piece if it is time to send it."""
        opens = self._opens()
        if opens is None or now < opens:
            return None
        size = min(self._piece, len(self._waiting))
        piece = bytes(self._waiting[:size]).ljust(self._piece, b"\0")
        del self._waiting[:size]
        self._plays_until = max(now, self._plays_until) + self._pace.piece
        self._sent += size
        for mark in self._marks:
            if mark.due is None and mark.position <= self._sent:
                mark.due = self._plays_until
        return piece

    def marks_due(self, now: float) -> list[str]:
        """The marks that are reached by ``now``, in order; each is given once."""
        reached = []
        while self._marks and (due := self._marks[0].due) is not None and due <= now:
            reached.append(self._marks.popleft().name)
        return reached

    @property
    def deadline(self) -> float | None:
        """When there is something to take or a mark is reached; ``None``: not before something comes in."""
        times = [self._opens(), self._marks[0].due if self._marks else None]
        return min((at for at in times if at is not None), default=None)

    def _opens(self) -> float | None:
        """When the next piece may be sent."""
        if not self._waiting:
            return None
        is_whole = len(self._waiting) >= self._piece
        return self._plays_until - (self._pace.lead if is_whole else self._pace.piece / 2)
