"""Whoever listens to a leg: what happens before they do is kept, and told first.

Refuses: what is told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from gateway.telephony.leg import LegEvent

UNHEARD: Final = 3000
"""Events that are kept until somebody listens: a minute of sound. Who is not there by then never comes."""


class Audience:
    """The one listener of a leg; ``fail`` ends the leg where nobody comes, or the listener raises."""

    def __init__(self, fail: Callable[[], None]) -> None:
        self._fail = fail
        self._loop = asyncio.get_running_loop()
        self._unheard: deque[LegEvent] = deque()
        self._is_listened_to = False
        self.tell: Callable[[LegEvent], None] = self._keep
        """Tell an event; from within a call of the leg only by way of the loop."""

    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """See ``MediaLeg``."""
        if self._is_listened_to:
            raise RuntimeError("a leg has one listener")
        self._is_listened_to = True
        self._loop.call_soon(self._catch_up, hear)

    def _keep(self, event: LegEvent) -> None:
        self._unheard.append(event)
        if len(self._unheard) == UNHEARD:
            self._fail()

    def _catch_up(self, hear: Callable[[LegEvent], None]) -> None:
        self.tell = hear
        try:
            while self._unheard:
                hear(self._unheard.popleft())
        except BaseException:
            self._fail()
            raise
