"""Marks of carriers that do not send back those whose sound was cleared.

A leg promises that a mark comes back when its sound has been played or thrown away. Some carriers only report what was
played to its end; for them the names of marks are remembered here, and those that a ``clear`` has overtaken are given
back when the carrier says that it has cleared, or, where it says nothing, with its next message.

Refuses: deciding when; the codec tells what has come.
"""

from __future__ import annotations

from collections import deque
from typing import Final

MOST: Final = 256
"""Marks that are remembered; of more the oldest is forgotten, and comes back only if the carrier sends it."""


class AwaitedMarks:
    """The marks that are on their way."""

    def __init__(self) -> None:
        self._awaited: deque[str] = deque(maxlen=MOST)
        self._cleared: deque[str] = deque(maxlen=MOST)

    def sent(self, name: str) -> None:
        """A mark went out."""
        self._awaited.append(name)

    def clear_sent(self) -> None:
        """A clear went out: it overtakes all marks before it."""
        self._cleared.extend(self._awaited)
        self._awaited.clear()

    def came_back(self, name: str) -> bool:
        """The carrier sent a mark back; whether that is news."""
        for waiting in (self._cleared, self._awaited):
            if name in waiting:
                waiting.remove(name)
                return True
        return False

    def cleared(self) -> list[str]:
        """The marks that a clear has overtaken, each given once."""
        names = list(self._cleared)
        self._cleared.clear()
        return names
