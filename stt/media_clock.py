"""Which media time a position in the heard sound has, when stretches of the call are missing in between.

Voice activity leaves out silences and a backlog may drop sound; an engine counts only what it got.

Refuses: the wall clock.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

TOLERANCE: Final = 0.02
"""Seconds: a jitter below one packet is no gap."""


class MediaClock:
    """One per utterance."""

    def __init__(self) -> None:
        self._heard = 0.0
        self._begins: list[float] = []
        self._at: list[float] = []

    @property
    def heard(self) -> float:
        """How many seconds of sound were heard."""
        return self._heard

    def advance(self, at: float, seconds: float) -> None:
        """The next ``seconds`` of sound began at the media time ``at``."""
        if not self._begins or abs(self.time_of(self._heard) - at) > TOLERANCE:
            self._begins.append(self._heard)
            self._at.append(at)
        self._heard += seconds

    def time_of(self, position: float) -> float:
        """The media time of a position in seconds of heard sound."""
        if not self._begins:
            return position
        index = max(0, bisect_right(self._begins, position) - 1)
        return self._at[index] + position - self._begins[index]
