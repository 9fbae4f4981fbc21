"""How many calls to try next: doubling until a step does not hold, then halving the distance.

Refuses: judging a step. It is told how many calls were carried within the limits.
"""

from __future__ import annotations

FIRST = 10
RESOLUTION = 0.05
"""The search is over when the step that held and the one that did not are this close, as a share of the former."""


class Search:
    """Looks for the most calls within the limits, never more than ``most``; ``tries`` are tried instead if given."""

    def __init__(self, most: int, tries: tuple[int, ...] = ()) -> None:
        self._most = most
        self._listed = bool(tries)
        self._left = list(tries)
        self._next = min(FIRST, most)
        self._broke: int | None = None
        self.best = 0
        """The most calls that were carried within the limits."""

    def next(self) -> int | None:
        """The number of calls to try, none when the answer is known."""
        if self._listed:
            return self._left.pop(0) if self._left else None
        if self._broke is None:
            return self._next if self.best < self._most else None
        if self._broke - self.best <= max(1, int(self.best * RESOLUTION)):
            return None
        return (self.best + self._broke) // 2

    def tried(self, calls: int, carried: int) -> None:
        """What became of a step: of ``calls`` offered, ``carried`` were within the limits (none: the step broke)."""
        self.best = max(self.best, carried)
        if carried < calls:
            self._broke = calls if self._broke is None else min(self._broke, calls)
        else:
            self._next = min(calls * 2, self._most)
