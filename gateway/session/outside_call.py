"""A call of ours to a target: permitted, placed, told who calls, and ended, with what it cost written down.

Refuses: choosing the target, and deciding what follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from gateway.session.consultation import Consulted
from gateway.session.destination import Destination
from gateway.session.ports import Services, TollDenied, TollPermit
from gateway.session.transfer_words import ACCEPT_KEY
from gateway.telephony.trunk import Failure, NotReached, TrunkOrder


class OutsideCall:
    """One call to a target. ``later`` takes work that nobody waits for."""

    def __init__(self, services: Services, later: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._services = services
        self._later = later
        self._permit: TollPermit | None = None
        self._leg: Consulted | None = None
        self._since = 0.0

    @property
    def leg(self) -> Consulted:
        """Of whoever answered."""
        assert self._leg is not None, "somebody answered"
        return self._leg

    @property
    def seconds(self) -> float:
        """How long it may last."""
        assert self._permit is not None, "it was permitted"
        return self._permit.seconds

    async def place(
        self, call: str, destination: Destination, order: TrunkOrder, ringing: Callable[[], None]
    ) -> NotReached | None:
        """Call, where that is allowed; None when somebody has answered. Raises the database's errors."""
        trunk, toll = self._services.trunk(), self._services.toll
        if trunk is None or toll is None:
            return NotReached(Failure.UNREACHABLE, "there is no trunk, or nobody has said what may be called")
        permit = await toll.begin(call, destination)
        if isinstance(permit, TollDenied):
            return NotReached(Failure.UNREACHABLE, permit.why)
        self._permit = permit
        try:
            reached = await trunk.call(order, ringing)
            if isinstance(reached, NotReached):
                return reached
            self._leg, self._since = Consulted(reached), asyncio.get_running_loop().time()
            return None
        finally:
            if self._leg is None:
                self.let_go("nobody answered")

    async def screen(self, sentences: tuple[str, ...], language: str, *, key: bool) -> bool:
        """Tell whoever answered who calls; whether they want the call. The key may be pressed before all is said."""
        leg = self.leg
        speech = asyncio.create_task(leg.tell(self._services.synthesizer, sentences, language), name="whisper")
        try:
            if key:
                return await leg.pressed(ACCEPT_KEY)
            await speech
            return not leg.gone.done()
        finally:
            speech.cancel()
            await asyncio.wait({speech})

    def let_go(self, why: str) -> None:
        """It is over; does nothing when it is already."""
        leg, self._leg = self._leg, None
        permit, self._permit = self._permit, None
        if permit is not None:
            lasted = 0.0 if leg is None else asyncio.get_running_loop().time() - self._since
            self._later(permit.used(lasted))
        if leg is not None:
            self._later(leg.hang_up(why))
