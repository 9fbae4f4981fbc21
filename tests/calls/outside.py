"""Somebody outside, as a scenario has them: a stand-in for the trunk by which a tenant's targets are called.

Refuses: SIP; the real trunk has tests of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.session.destination import Destination
from gateway.session.ports import TollDenied
from gateway.telephony.leg import HungUp, MediaLeg
from gateway.telephony.trunk import NotReached, TrunkOrder
from tests.calls.scenario import Outside
from tests.gateway.session.stage import FarEnd

RINGS = 2.0
"""Seconds for which it rings."""


class Free:
    """What calls may cost in a scenario: anything. It is the toll gate's own affair what they may."""

    seconds = 60.0

    def allows(self, destination: Destination) -> TollDenied | None:
        return None

    async def begin(self, call: str, destination: Destination) -> Free:
        return self

    async def used(self, seconds: float) -> None:
        pass


class Line:
    """A ``Trunk`` on which everybody does what a scenario says."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._talking: set[asyncio.Task[None]] = set()

    async def call(self, order: TrunkOrder, ringing: Callable[[], None]) -> MediaLeg | NotReached:
        ringing()
        await asyncio.sleep(RINGS)
        if self._outside.fails is not None:
            return NotReached(self._outside.fails, self._outside.fails.value)
        leg = FarEnd()
        task = asyncio.create_task(self._talk(leg, self._outside.talks_for))
        self._talking.add(task)
        task.add_done_callback(self._talking.discard)
        return leg

    async def _talk(self, leg: FarEnd, seconds: float) -> None:
        await asyncio.sleep(seconds)
        leg.tell(HungUp("they hung up"))
