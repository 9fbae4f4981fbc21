"""What the calls that go on will cost recognition, foretold: how many it can bear at once. Pure.

Waiting (``strain.py``) shows too late that too many calls were taken: callers who came together are silent together
at first, and all speak a few seconds later. What a call costs is measured (processor seconds of recognition for each
second of a call, over the last half minute), so what one more would cost is known before it speaks. While little was
measured, a cautious guess weighs in.

Refuses: clocks and processes; it is told what was spent.
"""

from __future__ import annotations

import math
from typing import Final

GUESS: Final = 0.06
"""Cores that a call takes: 0.15 of real time while its caller speaks, who does so two fifths of the time."""
WEIGHT: Final = 60.0
"""Seconds of calls that the guess is worth beside what was measured."""
MEMORY: Final = 30.0
"""Seconds after which what was measured counts for about a third."""


class CallLoad:
    """``cores`` is how many cores recognition may fill; none at all means that it costs nothing here."""

    def __init__(self, cores: float) -> None:
        self._cores = cores
        self._at: float | None = None
        self._spent = 0.0
        self._recent = 0.0
        self._called = 0.0

    def saw(self, now: float, spent: float, calls: int) -> None:
        """At ``now`` recognition had ``spent`` so many processor seconds in all, and ``calls`` were going on."""
        if self._at is not None and now > self._at and calls:
            passed = now - self._at
            kept = math.exp(-passed / MEMORY)
            self._recent = self._recent * kept + max(spent - self._spent, 0.0)
            self._called = self._called * kept + calls * passed
        self._at, self._spent = now, spent

    @property
    def per_call(self) -> float:
        """Cores that recognition takes for each call."""
        return (GUESS * WEIGHT + self._recent) / (WEIGHT + self._called)

    def bears(self, calls: int) -> bool:
        """Whether that many calls at once are not too many."""
        return not self._cores or calls * self.per_call <= self._cores
