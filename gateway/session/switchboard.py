"""Which calls are taken, by whom, and how they are all brought to an end.

A line leads to a tenant. Over the limit, under strain, while the node drains or nothing can be recorded, a call is
refused before anything is allocated for it; calls in progress do not notice.

Refuses: what happens within a call.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Protocol

from gateway.session.errors import LedgerError
from gateway.session.ledger import CallLog
from gateway.session.outreach import OutboundCalls, Outreach
from gateway.session.phrases import Phrase, say
from gateway.session.ports import Services
from gateway.session.records import Direction
from gateway.session.runner import Session
from gateway.session.tenant import Line
from gateway.telephony.leg import CallOffer, MediaLeg, Refusal, RefusalReason
from infra.errors import AiccError
from infra.telemetry.logs import bound
from infra.telemetry.metrics import metrics

STOP_WITHIN = 15.0
"""Seconds that calls are given to end in good order once they are told to."""

_IN_PROGRESS = metrics.gauge("aicc_calls_in_progress", "Calls that are going on")
_NO_ROOM = metrics.counter("aicc_calls_without_room", "Times that there was no room for a call")
_ENDED = metrics.counter("aicc_calls_ended", "Calls that have ended", ("reason",))

log = logging.getLogger(__name__)


class CallLedger(Protocol):
    """What the switchboard needs of the ledger."""

    @property
    def failure(self) -> LedgerError | None:
        """Why nothing can be recorded; none while all is well."""

    def open_call(
        self,
        *,
        tenant: str,
        call_id: str,
        line: str,
        language: str,
        direction: Direction = Direction.INBOUND,
        caller: str | None,
        called: str | None,
    ) -> CallLog:
        """Begin a call's record."""


class Switchboard:
    """Takes calls for the tenants of this node; ``services`` by tenant."""

    def __init__(
        self,
        ledger: CallLedger,
        services: Mapping[str, Services],
        max_calls: int,
        strained: Callable[[int], str | None] = lambda calls: None,
    ) -> None:
        """``strained`` says why the node can take no call beside so many, if it cannot."""
        self._ledger = ledger
        self._strained = strained
        self._max_calls = max_calls
        self._draining = False
        self._outbound: OutboundCalls | None = None
        self._sessions: dict[str, Session] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._lines: dict[str, tuple[Services, Line]] = {
            name: (serving, line)
            for serving in services.values()
            for line in serving.tenant.lines
            for name in (line.number, line.alias)
        }

    def take_calls_of(self, outbound: OutboundCalls) -> None:
        """From now on calls that ``outbound`` has placed are taken as well, once their callee has answered."""
        self._outbound = outbound

    def spare(self, reserve: float) -> int:
        """For how many calls of our own there is room, while the share ``reserve`` is kept for callers."""
        return 0 if self._full() is not None else max(0, int(self._max_calls * (1 - reserve)) - self.calls)

    @property
    def calls(self) -> int:
        """How many calls are going on."""
        return len(self._sessions)

    @property
    def speaking(self) -> int:
        """In how many of them the caller speaks."""
        return sum(session.caller_speaks for session in self._sessions.values())

    def room(self) -> Refusal | None:
        """Whether any call may come in now; ``None`` when one may. It reserves nothing."""
        full = self._full()
        if full is None:
            return None
        _NO_ROOM.inc()
        log.info("no room for a call: %s", full)
        return Refusal(RefusalReason.BUSY)

    def _full(self) -> str | None:
        if self._draining:
            return "the node is about to stop"
        if self.calls >= self._max_calls:
            return f"{self.calls} calls are going on"
        if self._ledger.failure is not None:
            return f"nothing can be recorded: {self._ledger.failure}"
        return self._strained(self.calls)

    def admit(self, offer: CallOffer) -> Refusal | None:
        """Whether this call may come in; ``None`` when it may. It reserves nothing."""
        if offer.due and self._outbound is not None:
            return self.room()  # whether it is really one of ours is asked when it is served
        reached = self._lines.get(offer.dnis)
        if reached is None:
            log.info("a call for the unknown line %s was rejected", offer.dnis)
            return Refusal(RefusalReason.REJECTED)
        if self.room() is not None:
            language = reached[1].language
            return Refusal(RefusalReason.BUSY, say(Phrase.BUSY, language), language)
        return None

    async def serve(self, leg: MediaLeg) -> None:
        """Run one admitted call to its end. The leg is ended in any case."""
        call_id = uuid.uuid4().hex
        outreach = await self._reached_out(leg, call_id) if leg.info.due else None
        if leg.info.due and outreach is None:
            await leg.hang_up("nobody waits for this call")
            return
        info = leg.info
        reached = self._lines.get(info.dnis if outreach is None else outreach.call.line)
        if reached is None:
            await leg.hang_up("no such line")
            return
        serving, line = reached
        with bound(call_id=call_id, tenant=serving.tenant.id):
            try:
                call_log = self._ledger.open_call(
                    tenant=serving.tenant.id,
                    call_id=call_id,
                    line=line.number,
                    language=line.language,
                    direction=Direction.INBOUND if outreach is None else Direction.OUTBOUND,
                    caller=(info.ani or None) if outreach is None else line.number,
                    called=info.dnis if outreach is None else outreach.call.number,
                )
            except LedgerError as error:
                log.error("a call cannot be recorded, so it is not taken: %s", error)
                await leg.hang_up("the call cannot be recorded")
                return
            session = Session(leg, serving, line, call_log, outreach)
            self._sessions[call_id] = session
            self._count()
            try:
                reason = await session.run()
                _ENDED.labels(str(reason)).inc()
            finally:
                del self._sessions[call_id]
                self._count()

    async def _reached_out(self, leg: MediaLeg, call_id: str) -> Outreach | None:
        """What a call of ours is about; None where nobody waits for it."""
        if self._outbound is None:
            return None
        try:
            call = await self._outbound.connected(leg.info.due, call_id)
        except AiccError as error:
            log.error("a call of ours cannot be noted as answered, so it is ended: %s", error)
            return None
        return None if call is None else Outreach(call, self._outbound, call_id)

    async def drain(self, patience: float) -> None:
        """Take no more calls, let those that go on end within ``patience`` seconds, then end them."""
        self._draining = True
        try:
            async with asyncio.timeout(patience):
                await self._idle.wait()
        except TimeoutError:
            log.warning("%d calls are ended: the node stops", self.calls)
            for session in list(self._sessions.values()):
                session.stop()
            try:
                async with asyncio.timeout(STOP_WITHIN):
                    await self._idle.wait()
            except TimeoutError:
                log.error("%d calls did not end; their records will be closed by the next start", self.calls)

    def _count(self) -> None:
        _IN_PROGRESS.set(self.calls)
        if self._sessions:
            self._idle.clear()
        else:
            self._idle.set()
