"""Calling somebody by a SIP trunk: the port ``Trunk``.

Refuses: whom we may call; targets come from configuration and have been allowed before they come here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.telephony.leg import LegInfo, MediaLeg
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.errors import SipUnavailable
from gateway.telephony.sip.leg import PROTOCOL, SipLeg
from gateway.telephony.sip.routes import Route, call_headers, confirms, failure, read_host, route, status_of
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.sip.workers import CallEvent, SipWorker, SipWorkers, WorkerGone
from gateway.telephony.trunk import Failure, NotReached, TrunkOrder

MakeLeg = Callable[[SipWorker, wire.Dialled, int], SipLeg]


class SipTrunks:
    """All trunks of this gateway as one: which one leads to a target is seen from the target (``routes.py``)."""

    def __init__(self, settings: SipSettings, workers: SipWorkers) -> None:
        self._settings, self._workers = settings, workers

    async def call(self, order: TrunkOrder, ringing: Callable[[], None]) -> MediaLeg | NotReached:
        """See ``Trunk``. Where ``order.beside`` is a SIP call it is placed by the same process, so that the one can
        take the other's place."""
        way = route(self._settings, order.target)
        if way is None:
            return NotReached(Failure.UNREACHABLE, f"no trunk leads to {order.target}; see AICC_SIP_TRUNKS")
        beside = order.beside
        worker = beside.worker if isinstance(beside, SipLeg) else self._workers.least_busy()
        if worker is None:
            return NotReached(Failure.UNREACHABLE, "the SIP processes are being started again")
        attempt = _Attempt(worker, order, self._leg_of(way, order), ringing)
        try:
            async with asyncio.timeout(order.ring_seconds):
                reached = await attempt.place(way)
        except TimeoutError:
            await attempt.give_up()
            return NotReached(Failure.NO_ANSWER, f"nobody answered in {order.ring_seconds:g} s")
        except asyncio.CancelledError:
            await attempt.give_up()
            raise
        return reached

    def _leg_of(self, way: Route, order: TrunkOrder) -> MakeLeg:
        host = read_host(self._settings.trunks[way.trunk].domain)
        refer_confirms = confirms(self._settings, host)

        def make(worker: SipWorker, placed: wire.Dialled, rate: int) -> SipLeg:
            info = LegInfo(placed.call_id, placed.call_id, order.line, way.number, PROTOCOL, rate)
            return SipLeg(worker, placed.call, info, refer_confirms=refer_confirms)

        return make


class _Attempt:
    """A call that has not been answered yet. What is answered is a leg in the same stretch, so that nothing that
    happens to it is missed."""

    def __init__(self, worker: SipWorker, order: TrunkOrder, make: MakeLeg, ringing: Callable[[], None]) -> None:
        self._worker, self._order = worker, order
        self._make, self._ringing = make, ringing
        self._ticket = 0
        self._placed: wire.Dialled | None = None
        self._rings = False
        self._outcome: asyncio.Future[SipLeg | NotReached] = asyncio.get_running_loop().create_future()

    async def place(self, way: Route) -> SipLeg | NotReached:
        """Have the call placed, and wait for what comes of it."""
        order = self._order
        headers = call_headers(order.headers, order.handoff)
        try:
            self._ticket = self._worker.dial(way.trunk, order.line, way.uri, headers, self._heard)
        except SipUnavailable as error:
            return NotReached(Failure.UNREACHABLE, str(error))
        return await asyncio.shield(self._outcome)

    async def give_up(self) -> None:
        """Nobody waits any more, also not for an answer that has just come."""
        if self._outcome.done():
            if isinstance(leg := self._outcome.result(), SipLeg):
                await leg.hang_up("nobody waits for the answer any more")
            return
        self._outcome.cancel()
        if self._placed is None:
            self._worker.forget(self._ticket)
        else:
            self._worker.calls.pop(self._placed.call, None)
            self._worker.note(wire.HangUp(self._placed.call))

    def _heard(self, event: CallEvent) -> None:
        match event:
            case wire.Dialled():
                self._placed = event
            case wire.Ringing() if not self._rings:
                self._rings = True
                self._ringing()
            case wire.Established(_, rate) if self._placed is not None:
                self._settle(self._make(self._worker, self._placed, rate))
            case wire.Closed(_, reason):
                status = status_of(reason)
                self._settle(NotReached(failure(status), reason or "it ended before it was answered", status))
            case wire.NotDialled(_, reason) | WorkerGone(reason):
                self._settle(NotReached(Failure.UNREACHABLE, reason))
            case _:
                pass

    def _settle(self, outcome: SipLeg | NotReached) -> None:
        if not self._outcome.done():
            self._outcome.set_result(outcome)
