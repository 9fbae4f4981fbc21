"""Calls that come in by SIP: asked about, answered or rejected, and taken to whoever serves calls.

From our answer to its sound takes a moment: a place is kept for the call, so that nobody who was answered is turned
away. A call that is not taken is told 486 (Busy Here), because the stack has no other word; so Kamailio sends it to the
next gateway on 486.

Refuses: the wire (``worker.py``), and what happens in a call (``on_leg``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from gateway.telephony import metrics
from gateway.telephony.leg import LegInfo, MediaLeg, Place, PlaceKeeping, Refusal
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.headers import parties, read_address
from gateway.telephony.sip.leg import PROTOCOL, SipLeg
from gateway.telephony.sip.routes import confirms
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.sip.workers import CallEvent, SipWorker, WorkerGone

log = logging.getLogger(__name__)


class SipDoor:
    """Takes calls from the workers to ``on_leg``, which serves one call and returns when it is over."""

    def __init__(
        self, settings: SipSettings, admission: PlaceKeeping, on_leg: Callable[[MediaLeg], Awaitable[None]]
    ) -> None:
        self._settings = settings
        self._admission = admission
        self._on_leg = on_leg
        self._serving: set[asyncio.Task[None]] = set()

    def came_in(self, worker: SipWorker, call: wire.Incoming) -> None:
        """A call comes in."""
        known = parties(call.headers, call.peer, asserted=self._settings.asserted_identity)
        name = call.call_id[:255]
        info = LegInfo(name, name, known.ani, known.dnis, PROTOCOL, 0, headers=known.headers)
        place = self._admission.keep(info.offer)
        if isinstance(place, Refusal):
            metrics.CALLS_REFUSED.labels(PROTOCOL, place.reason.value).inc()
            worker.note(wire.Reject(call.call))
            return
        caller = read_address(call.peer)
        confirmed = confirms(self._settings, "" if caller is None else caller.host)
        _Answering(self, worker, call.call, info, place, refer_confirms=confirmed)

    def answered(self, leg: SipLeg, place: Place) -> None:
        """Sound flows: whoever serves calls gets the leg, in the stretch in which its place is given up."""
        task = asyncio.get_running_loop().create_task(self._serve(leg, place), name=f"leg {leg.info.leg_id}")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        task.add_done_callback(_report)

    @property
    def answer_timeout(self) -> float:
        """Seconds from our answer until sound has to flow."""
        return self._settings.answer_timeout

    async def close(self) -> None:
        """Wait for those who serve calls, whose legs have ended."""
        if self._serving:
            await asyncio.wait(self._serving, timeout=5.0)

    async def _serve(self, leg: SipLeg, place: Place) -> None:
        place()
        try:
            await self._on_leg(leg)
        except BaseException:
            leg.fail()
            raise
        await leg.hang_up("the session is over")


class _Answering:
    """A call between our answer and its sound."""

    def __init__(
        self, door: SipDoor, worker: SipWorker, call: int, info: LegInfo, place: Place, *, refer_confirms: bool
    ) -> None:
        self._door, self._worker, self._call, self._info, self._place = door, worker, call, info, place
        self._refer_confirms = refer_confirms
        self._timer = asyncio.get_running_loop().call_later(door.answer_timeout, self._late)
        worker.calls[call] = self.heard
        worker.note(wire.Answer(call))

    def heard(self, event: CallEvent) -> None:
        """What happens meanwhile: sound flows, or the caller has left."""
        match event:
            case wire.Established(_, rate):
                self._timer.cancel()
                info = replace(self._info, rate=rate)
                leg = SipLeg(self._worker, self._call, info, refer_confirms=self._refer_confirms)
                self._door.answered(leg, self._place)
            case wire.Closed() | WorkerGone():
                self._timer.cancel()
                self._place()
                log.info("a caller left before sound flowed: %s", event.reason)
            case _:
                pass

    def _late(self) -> None:
        log.warning("no sound flowed %g s after a call was answered; it is ended", self._door.answer_timeout)
        self._worker.calls.pop(self._call, None)
        self._worker.note(wire.HangUp(self._call))
        self._place()


def _report(task: asyncio.Task[None]) -> None:
    """A leg whose serving failed is a mistake of ours; it has been ended."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s was not served to its end", task.get_name(), exc_info=error)
