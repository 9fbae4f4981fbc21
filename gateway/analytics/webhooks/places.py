"""How many contacts one receiver is told of at once, and when a line that finds no place comes back. Pure: time is an
argument, in seconds.

No two receivers share a place: one that takes its time keeps its own lines waiting, and nobody else's. A line that
finds none is sent away until about when one will be free, each behind the one before, by how long lines have taken of
late. So what piles up before a slow receiver is looked at about as often as it is served, and not again and again.

Refuses: waiting, and knowing whose line it is. Whoever comes back too early is sent away once more.
"""

from __future__ import annotations

LONGEST_AWAY = 120.0
"""Seconds that a line is sent away for at most: a receiver may be quick again long before that was to be expected."""

SHORTEST_AWAY = 0.05

_AT_FIRST = 0.5
"""Seconds that a line is taken to need as long as none has been served."""

_WEIGHT = 0.2
"""Of the latest line in what lines have taken of late."""


class Places:
    """The places of one receiver, in one process; ``most`` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._seconds = _AT_FIRST
        self._next = 0.0
        """When the line that was sent away last is to come back."""

    def take(self, now: float) -> float | None:
        """Take a place: give it back with ``free``. None where that was done; else for how long to stay away."""
        if self._taken < self._most:
            self._taken += 1
            return None
        turn = max(self._next, now) + max(self._seconds / self._most, SHORTEST_AWAY)
        self._next = min(turn, now + LONGEST_AWAY)
        return self._next - now

    def free(self, took: float) -> None:
        """Give a place back that was held for so many seconds."""
        self._taken -= 1
        self._seconds += _WEIGHT * (took - self._seconds)
