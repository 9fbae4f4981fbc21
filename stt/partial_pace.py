"""When a growing turn is worth another hypothesis.

After so much new speech, or when the speaker pauses: that hypothesis may serve as the final. A recognizer that falls
behind hears less often instead of later and later: each partial that took more than a share of its period costs one.

Refuses: the clock; speech is counted in seconds of sound.
"""

from __future__ import annotations

from math import ceil
from typing import Final

SHARE: Final = 0.6
"""A partial may take this share of its period before the next is skipped."""
PAUSE: Final = 0.12
"""Seconds of silence that are a pause: over before anybody asks for the final."""
LEAST_AT_A_PAUSE: Final = 0.2
"""New speech, as a share of the period, that makes a pause worth a partial."""


class PartialPace:
    """One turn's pace; ``period`` is in seconds of speech."""

    def __init__(self, period: float) -> None:
        self._period = period
        self._asked_at = 0.0
        self._skips = 0

    def due(self, speech: float, silence: float) -> bool:
        """Whether to ask now, after ``speech`` seconds of the turn's speech and ``silence`` since its last."""
        new = speech - self._asked_at
        due = new >= self._period * (1 + self._skips)
        if silence >= PAUSE and not self._skips:
            due = due or new >= self._period * LEAST_AT_A_PAUSE
        if due:
            self._asked_at = speech
        return due

    def took(self, seconds: float) -> None:
        """The last one took so long, from being asked for to being there."""
        self._skips = max(0, ceil(seconds / (SHARE * self._period)) - 1)
