"""Places what is due, and looks after what is under way and has not been heard of.

An attempt is written down before anything is sent, and sent once. What was sent and not acknowledged, by a carrier that
hangs or a process that was killed, is looked up at the carrier before anything else happens to it. Callers come first:
nothing is placed while the node has no room to spare.

Refuses: what an answer means for a due call; that is ``due_call.step``'s.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from types import MappingProxyType
from typing import assert_never
from zoneinfo import ZoneInfo

from dialog.clock import utc_now
from gateway.outbound.calling_hours import next_opening
from gateway.outbound.desk import TenantDesk, calling_hours, due_name, outbound_of
from gateway.outbound.due_call import (
    Acknowledged,
    Cancelled,
    Declined,
    DueCall,
    Ended,
    Event,
    NotBegun,
    NotFound,
    Postponed,
    RanOut,
    Reported,
    Started,
    State,
    Unacknowledged,
    Untold,
)
from gateway.session.records import CallRecord
from gateway.session.tenant import Voicemail
from gateway.telephony.dialer import Dialer, Found, Listening, NotPlaced, NotThere, Order, Placed, Unclear
from infra.storage.errors import ConstraintBroken
from infra.supervision import supervised
from infra.telemetry.metrics import metrics

CLAIM = timedelta(seconds=60)
"""For how long a call that was taken to be looked at is left alone by other nodes."""
AT_ONCE = 20
"""Calls under way that one look takes; more wait for the next."""
LATEST_DEPARTURE = 3.0
"""Seconds after its start that an order may leave at the latest: well before anybody looks what became of it."""
NUMBER_BUSY = timedelta(minutes=1)
"""Until a number that is being called may be called about something else."""
_LISTENING: Mapping[Voicemail, Listening] = MappingProxyType(
    {Voicemail.TALK: Listening.NOT, Voicemail.HANG_UP: Listening.WHO, Voicemail.MESSAGE: Listening.GREETING}
)

_PLACED = metrics.counter("aicc_outbound_orders", "Calls ordered from the carrier, by its answer", ("answer",))
_LOOKED_UP = metrics.counter("aicc_outbound_lookups", "Calls looked up because nothing was heard of them")

log = logging.getLogger(__name__)

Records = Callable[[str, str], Awaitable[CallRecord | None]]
"""The record of a tenant's contact, if there is one."""


class Placing:
    """The placing of the calls of one tenant's ``desk`` by one carrier."""

    def __init__(
        self, desk: TenantDesk, dialer: Dialer, records: Records, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._desk = desk
        self._tenant = desk.tenant
        self._calls = desk.calls
        self._dialer = dialer
        self._records = records
        self._now = now

    async def look_after(self) -> int:
        """Look after what is under way; how many calls ring now. Raises ``AiccError`` when the store is away."""
        now = self._now()
        await self._each(self._find_out, await self._calls.claim_under_way(now, now + CLAIM, AT_ONCE))
        return await self._calls.under_way()

    async def place(self, room: int) -> int:
        """Place ``room`` due calls at most; how many there were. Raises ``AiccError`` when the store is away."""
        now = self._now()
        due = await self._calls.claim_due(now, now + CLAIM, room)
        await self._each(self._place, due)
        return len(due)

    async def _each(self, work: Callable[[DueCall], Awaitable[None]], calls: Sequence[DueCall]) -> None:
        """All of them at the same time; one that cannot be gone on with is looked at again later."""
        async with asyncio.TaskGroup() as group:
            for due in calls:
                group.create_task(supervised(work(due), f"due call {due.id} could not be gone on with"))

    # --- placing ------------------------------------------------------------------------------------------------------
    async def _place(self, due: DueCall) -> None:
        began = monotonic()
        started = await self._start(due)
        if started is None:
            return
        if monotonic() - began > LATEST_DEPARTURE:
            answer: Placed | NotPlaced | Unclear = NotPlaced("it was started too late", again=True)
        else:
            answer = await self._dialer.place(self._order(started))
        _PLACED.labels(type(answer).__name__.lower()).inc()
        if isinstance(answer, NotPlaced):
            log.error("call %s was not placed: %s", started.id, answer.reason)
        await self._calls.happen(started.id, _meaning(answer), self._now(), ticket=started.ticket)

    async def _start(self, due: DueCall) -> DueCall | None:
        """The due call with an attempt begun, durably; None where there is none to be made now, and why is kept."""
        now = self._now()
        event = self._before(due, now)
        try:
            move = await self._calls.happen(due.id, event, now)
        except ConstraintBroken:
            await self._calls.happen(due.id, Postponed(now + NUMBER_BUSY, "the number is being called"), now)
            return None
        begun = isinstance(event, Started) and move is not None and move.after.ticket == event.ticket
        return move.after if move is not None and begun else None

    def _before(self, due: DueCall, now: datetime) -> Cancelled | RanOut | Postponed | Started:
        """Whether it may be placed now."""
        if not self._desk.reaches_out(due.purpose):
            return Cancelled(f"there is no flow {due.purpose} that reaches out any more")
        if self._desk.line(due.language) is None:
            return Cancelled(f"no line speaks {due.language} any more")
        opening = next_opening(calling_hours(self._tenant), ZoneInfo(self._tenant.time_zone), max(now, due.due_at))
        if opening is None or opening >= due.not_after:
            return RanOut()
        if opening > now:
            return Postponed(opening, "outside the hours in which somebody may be called")
        return Started(secrets.token_urlsafe(18))

    def _order(self, due: DueCall) -> Order:
        outbound, line = outbound_of(self._tenant), self._desk.line(due.language)
        assert line is not None, "asked before it was started"
        return Order(
            number=due.number,
            line=line,
            due=due_name(self._tenant.id, due),
            ring_seconds=outbound.ring_seconds,
            listening=_LISTENING[outbound.voicemail],
        )

    # --- looking after ------------------------------------------------------------------------------------------------
    async def _find_out(self, due: DueCall) -> None:
        """Find out what has become of a call of which nothing was heard in time."""
        _LOOKED_UP.inc()
        if due.state is State.ANSWERED and due.call_id is not None:
            event = await self._conversation(due, due.call_id)
            await self._calls.happen(due.id, event, self._now(), ticket=due.ticket)
            return
        found = await self._found(due)
        if isinstance(found, Found):
            await self._calls.happen(due.id, Acknowledged(found.provider_id), self._now(), ticket=due.ticket)
        await self._calls.happen(due.id, _told(found), self._now(), ticket=due.ticket)

    async def _found(self, due: DueCall) -> Found | NotThere | Unclear:
        if due.provider_id is not None:
            return await self._dialer.look(due.provider_id)
        line = self._desk.line(due.language)
        if line is None:
            return Unclear(f"no line speaks {due.language} any more")
        return await self._dialer.search(due.number, line, due.sent_at or due.created_at)

    async def _conversation(self, due: DueCall, call_id: str) -> Event:
        """What has become of a conversation that has not ended in time: its record says, or else the carrier."""
        record = await self._records(self._tenant.id, call_id)
        if record is not None and record.end_reason is not None:
            return Ended(record.end_reason)
        found = await self._found(due)
        if not (isinstance(found, NotThere) or (isinstance(found, Found) and found.progress.final)):
            return Untold("the conversation goes on")
        return NotBegun("the conversation never began") if record is None else Ended("node_lost")


def _meaning(answer: Placed | NotPlaced | Unclear) -> Event:
    match answer:
        case Placed(provider_id):
            return Acknowledged(provider_id)
        case NotPlaced(reason, again):
            return Declined(reason, again)
        case Unclear(detail):
            return Unacknowledged(detail)
        case _:
            assert_never(answer)


def _told(found: Found | NotThere | Unclear) -> Event:
    match found:
        case Found(_, progress):
            return Reported(progress)
        case NotThere():
            return NotFound()
        case Unclear(detail):
            return Untold(detail)
        case _:
            assert_never(found)


async def keep_placing(placings: Sequence[Placing], room: Callable[[], int], interval: float) -> None:
    """Let calls be placed again and again, until cancelled, while there is ``room`` for more than ring already, those
    of all tenants together. Each round another tenant comes first, so that none keeps the others waiting for ever."""
    ringing = dict.fromkeys(placings, 0)
    order = deque(placings)
    while True:
        for placing in placings:
            now = await supervised(placing.look_after(), "calls under way could not be looked after")
            ringing[placing] = ringing[placing] if now is None else now
        for placing in order:
            free = room() - sum(ringing.values())
            if free > 0:
                ringing[placing] += await supervised(placing.place(free), "due calls could not be placed") or 0
        order.rotate(-1)
        await asyncio.sleep(interval)
