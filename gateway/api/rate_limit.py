"""How often somebody may ask for something that costs us, by a window that slides. Pure: ``now`` is an argument.

Bounded: of at most so many askers; whoever asked longest ago is forgotten first.

Refuses: knowing who somebody is.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

MOST_ASKERS: Final = 1_000


class RateLimit:
    """``most`` times in ``seconds`` for each asker."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, asker: str, now: float) -> bool:
        """Whether it is not too often; if so, it counts. ``now`` in seconds of any clock that does not go back."""
        times = self._asked.setdefault(asker, deque())
        self._asked.move_to_end(asker)
        if len(self._asked) > MOST_ASKERS:
            self._asked.popitem(last=False)
        while times and times[0] <= now - self._seconds:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        return True
