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
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gateway.session.errors import LedgerError
from gateway.session.ledger import CallLog
from gateway.session.monitored import CHANNEL, LANGUAGE_PARAMETER, MonitoredSession
from gateway.session.outreach import OutboundCalls, Outreach
from gateway.session.people import Person
from gateway.session.phrases import Phrase, say
from gateway.session.ports import Services
from gateway.session.records import Direction
from gateway.session.room import Room
from gateway.session.runner import Session
from gateway.session.signalling import caller_of
from gateway.session.tenant import Line
from gateway.telephony.leg import CallOffer, MediaLeg, Place, Refusal, RefusalReason
from infra.errors import AiccError
from infra.telemetry.logs import bound
from infra.telemetry.metrics import metrics

STOP_WITHIN = 15.0
"""Seconds that calls are given to end in good order once they are told to."""

_IN_PROGRESS = metrics.gauge("aicc_calls_in_progress", "Calls that are going on")
_ALLOWED = metrics.gauge("aicc_calls_allowed", "Calls that are taken at once at most")
_NO_ROOM = metrics.counter("aicc_calls_without_room", "Times that there was no room for a call")
_ENDED = metrics.counter("aicc_calls_ended", "Calls that have ended", ("reason",))

Follow = Callable[[Room], AbstractAsyncContextManager[None]]
"""Whoever helps the agent of a call, for as long as it goes on."""

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
        channel: str = "voice",
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
        _ALLOWED.set(max_calls)
        self._draining = False
        self._kept = 0
        """Places that are kept for calls that have been taken and have no leg yet."""
        self._outbound: OutboundCalls | None = None
        self._sessions: dict[str, Session | MonitoredSession] = {}
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
        return 0 if self._full() is not None else max(0, int(self._max_calls * (1 - reserve)) - self._taken)

    @property
    def calls(self) -> int:
        """How many calls are going on."""
        return len(self._sessions)

    @property
    def _taken(self) -> int:
        """How many places are taken."""
        return self.calls + self._kept

    @property
    def speaking(self) -> int:
        """In how many of them the caller speaks."""
        return sum(session.caller_speaks for session in self._sessions.values())

    def live(self, call_id: str) -> Room | None:
        """A call that goes on here, for those who may come into it."""
        session = self._sessions.get(call_id)
        return None if session is None else session.room

    @property
    def rooms(self) -> list[Room]:
        """All calls that go on here."""
        return [session.room for session in self._sessions.values()]

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
        if self._taken >= self._max_calls:
            return f"{self._taken} calls are going on"
        if self._ledger.failure is not None:
            return f"nothing can be recorded: {self._ledger.failure}"
        return self._strained(self._taken)

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

    def keep(self, offer: CallOffer) -> Refusal | Place:
        """Take a call whose leg will be there in a while. Also a node that begins to drain waits for it."""
        if refusal := self.admit(offer):
            return refusal
        self._kept += 1
        self._count()
        return self._give_up

    def _give_up(self) -> None:
        self._kept -= 1
        self._count()

    async def serve(self, leg: MediaLeg, call_id: str | None = None) -> None:
        """Run one admitted call to its end, under that id if it has one already. The leg is ended in any case."""
        call_id = call_id or uuid.uuid4().hex
        outreach = await self._reached_out(leg, call_id) if leg.info.due else None
        if leg.info.due and outreach is None:
            await leg.hang_up("nobody waits for this call")
            return
        info = leg.info
        reached = self._lines.get(info.dnis if outreach is None else outreach.call.line)
        if reached is None:
            await _turn_away(leg, outreach, "no such line")
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
                    caller=caller_of(info, serving.tenant.numbering) if outreach is None else line.number,
                    called=info.dnis if outreach is None else outreach.call.number,
                )
            except LedgerError as error:
                log.error("a call cannot be recorded, so it is not taken: %s", error)
                await _turn_away(leg, outreach, "the call cannot be recorded")
                return
            await self._run(Session(leg, serving, line, call_log, outreach), call_id)

    async def overhear(self, customer: MediaLeg, agents: MediaLeg, agent: Person, follow: Follow) -> None:
        """Run a call of another platform's that we only hear, to its end: its customer and, on a leg of their own, the
        ``agent`` whom it is with. The legs are ended in any case."""
        info, call_id = customer.info, uuid.uuid4().hex
        reached = self._lines.get(info.dnis)
        if reached is None:
            await customer.hang_up("no such line")
            return
        serving, line = reached
        told = info.parameters.get(LANGUAGE_PARAMETER, "")
        spoken = told if told in serving.tenant.languages else line.language
        with bound(call_id=call_id, tenant=serving.tenant.id):
            try:
                call_log = self._ledger.open_call(
                    tenant=serving.tenant.id,
                    call_id=call_id,
                    line=line.number,
                    language=spoken,
                    channel=CHANNEL,
                    caller=caller_of(info, serving.tenant.numbering),
                    called=info.dnis,
                )
            except LedgerError as error:
                log.error("a call that is overheard cannot be recorded, so it is not: %s", error)
                await customer.hang_up("failed")
                return
            session = MonitoredSession(customer, agents, serving, line, spoken, call_log, agent)
            async with follow(session.room):
                await self._run(session, call_id)

    async def _run(self, session: Session | MonitoredSession, call_id: str) -> None:
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
                while self._taken:  # a call that begins has given up its place a moment before it counts
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
        if self._taken:
            self._idle.clear()
        else:
            self._idle.set()


async def _turn_away(leg: MediaLeg, outreach: Outreach | None, why: str) -> None:
    """End a call before anything was said. One of ours is still to be made: whoever placed it is told."""
    await leg.hang_up(why)
    if outreach is not None:
        await outreach.not_begun(why)
