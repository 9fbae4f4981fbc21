"""What the calls that go on will cost recognition, foretold: how many it can bear at once. Pure.

Waiting (``strain.py``) shows too late that too many calls were taken: callers who came together are silent together
at first, and all speak a few seconds later. What a second of speech costs is measured (processor seconds of
recognition for each second that somebody spoke, over the last minutes) and so is how much of a call is speech; what
one more call would cost is known before its caller speaks. While little was measured, cautious guesses weigh in: a
call's first seconds are our greeting and cost nothing, and shall not pass for what calls are like.

Refuses: clocks and processes; it is told what was spent.
"""

from __future__ import annotations

import math
from typing import Final

GUESS: Final = 0.2
"""Cores that a caller takes while speaking."""
WEIGHT: Final = 20.0
"""Seconds of speech that the guess is worth beside what was measured."""
SPEAKING: Final = 0.4
"""The share of a call in which its caller speaks, at the least."""
MEMORY: Final = 120.0
"""Seconds after which what was measured counts for about a third. Longer than work can wait: a recognizer that is
behind spends less than it should have, and catches up later."""


class CallLoad:
    """``cores`` is how many cores recognition may fill; none at all means that it costs nothing here."""

    def __init__(self, cores: float) -> None:
        self._cores = cores
        self._at: float | None = None
        self._spent = 0.0
        self._recent = 0.0
        self._spoken = 0.0
        self._called = 0.0

    def saw(self, now: float, spent: float, calls: int, speaking: int) -> None:
        """At ``now`` recognition had ``spent`` so many processor seconds in all, ``calls`` were going on, and in so
        many of them the caller was ``speaking``."""
        if self._at is not None and now > self._at and calls:
            passed = now - self._at
            kept = math.exp(-passed / MEMORY)
            self._recent = self._recent * kept + max(spent - self._spent, 0.0)
            self._spoken = self._spoken * kept + speaking * passed
            self._called = self._called * kept + calls * passed
        self._at, self._spent = now, spent

    @property
    def per_call(self) -> float:
        """Cores that recognition takes for each call."""
        each = (GUESS * WEIGHT + self._recent) / (WEIGHT + self._spoken)
        return each * max(SPEAKING, self._spoken / self._called if self._called else 0.0)

    def bears(self, calls: int) -> bool:
        """Whether that many calls at once are not too many."""
        return not self._cores or calls * self.per_call <= self._cores
