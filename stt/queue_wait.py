"""How long work stands in a recognizer's queue, lately: what admission asks before another caller is let in.

Refuses: a clock; every moment is an argument, in seconds of one clock.
"""

from __future__ import annotations

from collections import deque
from typing import Final

SPAN: Final = 30.0
"""Seconds that count as lately."""
MOST: Final = 2_000
"""Waits that are remembered; over that the oldest is forgotten first."""


class QueueWait:
    """The waits of all streams of one engine."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, float]] = deque(maxlen=MOST)

    def add(self, waited: float, now: float) -> None:
        """Some work waited so many seconds."""
        self._recent.append((now, waited))

    def quantile(self, share: float, now: float) -> float:
        """The wait that this share (0..1) of recent work did not exceed; 0 when there was none."""
        while self._recent and self._recent[0][0] < now - SPAN:
            self._recent.popleft()
        waits = sorted(waited for _, waited in self._recent)
        return waits[min(len(waits) - 1, int(share * len(waits)))] if waits else 0.0
