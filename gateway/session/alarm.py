"""One alarm clock for the three machines of a call: it rings at the earliest of their deadlines.

Setting it to the same moment again costs nothing; a call sets it with every frame that it sends.

Refuses: knowing who wants to be woken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """Rings by calling ``ring`` on the event loop."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._ring = ring
        self._due: float | None = None
        self._handle: asyncio.Handle | None = None

    def set(self, due: float | None) -> None:
        """Ring at this moment of the loop's clock and at no other; None: never."""
        if due == self._due:
            return
        self.cancel()
        if due is not None:
            self._due = due
            self._handle = self._loop.call_at(due, self._rung)

    def cancel(self) -> None:
        """Do not ring."""
        if self._handle is not None:
            self._handle.cancel()
        self._due = self._handle = None

    def _rung(self) -> None:
        self._due = self._handle = None
        self._ring()
