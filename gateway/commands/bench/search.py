"""How many calls to try next: doubling until a step breaks, then halving the distance.

Cost for each call falls as calls become more (what the process does anyway is shared by more of them), so that a step
may be outside the limits and a larger one within. Only what grows with the calls, such as gaps, breaks a step.

Refuses: judging a step. It is told how many calls were carried within the limits, and whether more could be.
"""

from __future__ import annotations

FIRST = 10
RESOLUTION = 0.05
"""The search is over when the step that did not break and the one that did are this close, as a share of the former."""


class Search:
    """Looks for the most calls within the limits, never more than ``most``; ``tries`` are tried instead if given."""

    def __init__(self, most: int, tries: tuple[int, ...] = ()) -> None:
        self._most = most
        self._listed = bool(tries)
        self._left = list(tries)
        self._next = min(FIRST, most)
        self._whole = 0
        """The most calls that did not break."""
        self._broke: int | None = None
        self.best = 0
        """The most calls that were carried within the limits."""

    def next(self) -> int | None:
        """The number of calls to try, none when the answer is known."""
        if self._listed:
            return self._left.pop(0) if self._left else None
        if self._broke is None:
            return self._next if self._whole < self._most else None
        if self._broke - self._whole <= max(1, int(self._whole * RESOLUTION)):
            return None
        return (self._whole + self._broke) // 2

    def tried(self, calls: int, within: int, *, broke: bool) -> None:
        """What became of a step of so many calls: how many were carried ``within`` the limits, and whether it broke."""
        self.best = max(self.best, within)
        if broke:
            self._broke = calls if self._broke is None else min(self._broke, calls)
            self._whole = max(self._whole, within)
        else:
            self._whole = max(self._whole, calls)
            self._next = min(calls * 2, self._most)
