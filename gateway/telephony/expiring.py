"""What is kept for somebody who is to come for it soon, once: bounded in number and in time. Pure.

Drop policy: *newest*. What is kept already belongs to somebody who is on their way; so a full store refuses what comes,
and says so. Refuses: clocks; time is an argument.
"""

from __future__ import annotations

from typing import Generic, TypeVar

V = TypeVar("V")


class ExpiringStore(Generic[V]):
    """Values by key, each good for ``seconds`` and to be taken once; at most ``most`` of them."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: dict[str, tuple[float, V]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, key: str, value: V, now: float) -> bool:
        """Keep a value, in place of one of the same key; false when there is no room."""
        self._forget(now)
        self._kept.pop(key, None)
        if len(self._kept) >= self._most:
            return False
        self._kept[key] = (now + self._seconds, value)
        return True

    def take(self, key: str, now: float) -> V | None:
        """A value that is still good, and is kept no longer."""
        self._forget(now)
        kept = self._kept.pop(key, None)
        return None if kept is None else kept[1]

    def _forget(self, now: float) -> None:
        """Drop what is no longer good; what was kept first ends first."""
        while self._kept and (first := next(iter(self._kept))) and self._kept[first][0] <= now:
            del self._kept[first]
