"""How many lines of one receiver are carried at once, and who is called when a place is free. Pure.

No two receivers share a place: one that takes its time keeps its own lines waiting, and nobody else's. A line that
finds none is put off, and called by name when there is one; should whoever was to call it die, it comes back by itself.

Refuses: order among lines. One that comes just then may take the place before the one that was called.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Generic, TypeVar

LineT = TypeVar("LineT")

BACK_AFTER = timedelta(minutes=5)
"""For how long a line is put off that nobody calls."""

MOST_KNOWN = 10_000
"""Lines of a receiver that are known by name; further ones come back by themselves."""


class Places(Generic[LineT]):
    """The places of one receiver, in one process; ``most`` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._waiting: dict[LineT, None] = {}
        """Those that were put off, the earliest first."""

    def take(self, line: LineT) -> bool:
        """Take a place for a line: give it back with ``free``. False where there is none: it has to be put off."""
        if self._taken < self._most:
            self._taken += 1
            self._waiting.pop(line, None)
            return True
        if len(self._waiting) < MOST_KNOWN:
            self._waiting.setdefault(line)
        return False

    def free(self) -> None:
        """Give a place back."""
        self._taken -= 1

    def called(self) -> LineT | None:
        """Who is to come back now, if there is a place and anybody was put off."""
        if self._taken >= self._most or not self._waiting:
            return None
        line = next(iter(self._waiting))
        del self._waiting[line]
        return line
