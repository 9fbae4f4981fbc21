"""Notices a far end that says nothing, or takes nothing, for too long.

One timer a leg, which looks again when a limit could next be reached: a timer a message would be a hundred each second.

Refuses: closing anything. It says what it noticed, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from gateway.telephony.leg import HangUpCause, HungUp

_GRAIN: Final = 0.001
"""Seconds that a look comes after its limit, so that the limit is then really past."""
_LATE: Final = 0.5
"""Seconds of lateness of our own timer from which on nobody is judged by it."""


class Patience:
    """How long a far end is borne with: ``idle`` seconds of silence, ``send`` seconds of not taking what it is sent."""

    def __init__(self, idle: float, send: float, give_up: Callable[[HungUp], None]) -> None:
        self._idle, self._send = idle, send
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self.heard_at = self._loop.time()
        """The loop's time when the last message came; whoever gets them sets it."""
        self._stuck_since: float | None = None
        self._look_after(min(idle, send))

    def writable(self, yes: bool) -> None:
        """The far end takes what it is sent, or no longer does."""
        self._stuck_since = None if yes else self._loop.time()

    def end(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look_after(self, seconds: float) -> None:
        self._due = self._loop.time() + seconds + _GRAIN
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        now = self._loop.time()
        if now - self._due > _LATE:  # the loop was blocked: what came in meanwhile has yet to be read
            self._look_after(_LATE)
            return
        silent = now - self.heard_at
        stuck = 0.0 if self._stuck_since is None else now - self._stuck_since
        if stuck >= self._send:
            self._give_up(HungUp(f"the far end took nothing for {self._send:g} s", HangUpCause.STALLED))
        elif silent >= self._idle:
            self._give_up(HungUp(f"silence on the wire for {self._idle:g} s", HangUpCause.IDLE))
        else:
            self._look_after(min(self._idle - silent, self._send - stuck))
