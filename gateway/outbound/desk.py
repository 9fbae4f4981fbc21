"""The desk of a tenant's due calls: takes what is wanted, and hears what becomes of it from carrier and session.

``due`` on the wire is ``<tenant>.<due call>.<ticket>``. The ticket is drawn anew for each attempt, so that only who was
given it (our own order to the carrier) can come back with it, and an attempt that was given up cannot.

Refuses: dialling (``placing.py``), and what is said.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialog.clock import utc_now
from dialog.errand import Disposition
from dialog.flows.plan import Flow
from dialog.flows.slot import NO, YES, Slot, SlotKind, allows, is_whole
from gateway.outbound.calling_hours import next_opening
from gateway.outbound.due_call import (
    MESSAGE_LEFT,
    Acknowledged,
    Cancelled,
    Connected,
    DueCall,
    Ended,
    MachineAnswered,
    NotBegun,
    Patience,
    PickedUp,
    Reported,
    State,
)
from gateway.outbound.errors import DueCallRefused, NumberOptedOut
from gateway.outbound.store import DueCalls
from gateway.session.outreach import OutboundCall
from gateway.session.tenant import Hours, Outbound, Tenant, Voicemail
from gateway.telephony.dialer import Progress
from gateway.telephony.outbound_webhooks import HangUp, LeaveMessage, Talk
from infra.phone_numbers import as_dialled_at_home, e164

CALLBACK = "callback"
"""The purpose of a call that somebody has asked for."""

LONGEST_DETAIL = 200
"""Characters of one value."""

LONGEST_WORDS = 500
"""Characters of what is kept of how somebody said that they want no calls."""

HORIZON = timedelta(days=366)
"""How far ahead a call may be due."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that somebody wants: see ``DueCall``. ``at`` without a zone is the tenant's local time. Without a ``key``
    every asking is another call. ``exactly``: it was promised for that time, so a time out of hours is refused."""

    number: str
    language: str
    at: datetime
    purpose: str = CALLBACK
    details: Mapping[str, str] = field(default_factory=dict)
    not_after: datetime | None = None
    contact: str | None = None
    key: str | None = None
    exactly: bool = False


def patience_of(tenant: Tenant) -> Patience:
    """How often and how long a tenant tries."""
    outbound = outbound_of(tenant)
    return Patience(
        attempts=outbound.attempts,
        pauses=tuple(timedelta(minutes=minutes) for minutes in outbound.pauses_minutes),
        ring=timedelta(seconds=outbound.ring_seconds),
        talk=timedelta(minutes=tenant.limits.call_minutes + 5),
    )


def outbound_of(tenant: Tenant) -> Outbound:
    """How a tenant calls by itself. Raises ``DueCallRefused`` for one that never does."""
    if tenant.outbound is None:
        raise DueCallRefused(f"{tenant.id} makes no calls: add outbound: to its tenant.yaml")
    return tenant.outbound


def calling_hours(tenant: Tenant) -> Hours:
    """When a tenant may call somebody."""
    return outbound_of(tenant).hours or tenant.hours


class TenantDesk:
    """The due calls of one tenant. ``flows`` are its flows, ``message`` what a machine is told in a language."""

    def __init__(
        self,
        tenant: Tenant,
        calls: DueCalls,
        flows: Mapping[str, Flow],
        message: Callable[[str], str],
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.tenant = tenant
        self.calls = calls
        self._flows = flows
        self._message = message
        self._now = now
        self._zone = ZoneInfo(tenant.time_zone)

    # --- what is wanted -----------------------------------------------------------------------------------------------
    async def request(self, wanted: Wanted) -> DueCall:
        """Keep a call that is wanted; durable when it returns. The same key gives the same call, whatever else is said.

        Raises ``DueCallRefused`` with what is wrong with it, ``NumberOptedOut``, and the storage's errors.
        """
        known = None if wanted.key is None else await self.calls.by_key(wanted.key)
        if known is not None:
            return known
        entered = await self.calls.enter(self._checked(wanted))
        if entered is None:
            raise NumberOptedOut("whoever has this number has asked not to be called; only they can take that back")
        return entered

    async def cancel(self, due_id: str, why: str) -> bool:
        """Call off a call that is due; false when it is not (any more)."""
        move = await self.calls.happen(due_id, Cancelled(why), self._now())
        return move is not None and move.before.state is State.DUE and move.after.state is State.CANCELLED

    async def opt_out(self, number: str, words: str, contact: str | None = None) -> int:
        """Never call a number again; how many due calls that called off. Of what its owner said so much is kept as can
        be and is needed. Raises ``DueCallRefused``."""
        kept = words.encode(errors="replace").decode().replace("\0", " ")[:LONGEST_WORDS]
        return await self.calls.opt_out(self._dialable(number), kept, contact, self._now())

    async def opt_in(self, number: str) -> bool:
        """A number may be called again. Raises ``DueCallRefused``."""
        return await self.calls.opt_in(self._dialable(number))

    def reaches_out(self, purpose: str) -> bool:
        """Whether there is a flow to call somebody about."""
        flow = self._flows.get(purpose)
        return flow is not None and flow.reaches_out

    def line(self, language: str) -> str | None:
        """The number that is called from in a language; None where there is none (any more)."""
        return next((line.number for line in self.tenant.lines if line.language == language), None)

    def local(self, moment: datetime) -> datetime:
        """A moment by the tenant's clock."""
        return moment.astimezone(self._zone)

    def _checked(self, wanted: Wanted) -> DueCall:
        if not self.reaches_out(wanted.purpose):
            able = ", ".join(name for name, one in self._flows.items() if one.reaches_out) or "none"
            raise DueCallRefused(f"{wanted.purpose!r} is no flow that reaches out; there are: {able}")
        if self.line(wanted.language) is None:
            raise DueCallRefused(f"{self.tenant.id} has no line in {wanted.language!r} to call from")
        now = self._now()
        at = self._from_now_on(wanted.at, now)
        opening = next_opening(calling_hours(self.tenant), self._zone, at)
        if opening is None:
            raise DueCallRefused("there are no hours in which anybody may be called")
        if wanted.exactly and opening != at:
            raise DueCallRefused(f"nobody may be called at {self.local(at)}")
        keep = timedelta(hours=outbound_of(self.tenant).keep_hours)
        not_after = opening + keep if wanted.not_after is None else self._from_now_on(wanted.not_after, now)
        if opening >= not_after:
            raise DueCallRefused(f"nobody may be called between {self.local(at)} and {self.local(not_after)}")
        number = self._dialable(wanted.number)
        return DueCall(
            id=uuid.uuid4().hex,
            key=wanted.key or uuid.uuid4().hex,
            number=number,
            language=wanted.language,
            purpose=wanted.purpose,
            details=self._details(wanted, number),
            contact=wanted.contact,
            created_at=now,
            due_at=at,
            not_after=not_after,
            next_at=opening,
        )

    def _details(self, wanted: Wanted, number: str) -> dict[str, str]:
        """What is given, if it can be said; a telephone number that is not given is the one that is called."""
        slots = {slot.name: slot for slot in self._flows[wanted.purpose].slots}
        now = self.local(self._now()).replace(tzinfo=None)
        for name, value in wanted.details.items():
            if name not in slots:
                raise DueCallRefused(f"{wanted.purpose} has no {name}; it has {', '.join(slots)}")
            if len(value) > LONGEST_DETAIL or not _fits(slots[name], value, now):
                raise DueCallRefused(f"{name} cannot be {value[:40]!r}: it is a {slots[name].kind}")
        called = as_dialled_at_home(number, self.tenant.numbering)
        phones = [slot.name for slot in slots.values() if slot.kind is SlotKind.PHONE]
        return {**dict.fromkeys(phones, called), **wanted.details}

    def _dialable(self, number: str) -> str:
        found = e164(number, self.tenant.numbering)
        if found is None:
            raise DueCallRefused("the number cannot be dialled: give it with its country's code, such as +821012345678")
        return found

    def _from_now_on(self, moment: datetime, now: datetime) -> datetime:
        """A moment with its zone; what is past is now. Raises ``DueCallRefused`` for what is too far ahead."""
        aware = moment.replace(tzinfo=self._zone) if moment.tzinfo is None else moment
        if aware - now > HORIZON:
            raise DueCallRefused(f"{moment} is too far ahead: a call may be due within {HORIZON.days} days")
        return max(aware, now)

    # --- what becomes of it -------------------------------------------------------------------------------------------
    async def picked_up(
        self, due_id: str, ticket: str, call_sid: str, *, machine: bool
    ) -> Talk | LeaveMessage | HangUp:
        """See ``telephony.outbound_webhooks.Outbound``."""
        leaves = outbound_of(self.tenant).voicemail is Voicemail.MESSAGE
        event = MachineAnswered(call_sid, leaves) if machine else PickedUp(call_sid)
        move = await self.calls.happen(due_id, event, self._now(), ticket=ticket)
        if move is None:
            return HangUp()
        due = move.after
        if due.provider_id != call_sid:
            return HangUp()
        if machine:  # told by how it stands, for a carrier that has not heard us asks again
            said = due.reason == MESSAGE_LEFT
            return LeaveMessage(self._message(due.language), due.language) if said else HangUp()
        return Talk() if due.state is State.ANSWERED else HangUp()

    async def reported(self, due_id: str, ticket: str, call_sid: str, progress: Progress) -> None:
        """See ``telephony.outbound_webhooks.Outbound``."""
        await self.calls.happen(due_id, Acknowledged(call_sid), self._now(), ticket=ticket)
        await self.calls.happen(due_id, Reported(progress), self._now(), ticket=ticket)

    async def connected(self, due_id: str, ticket: str, call_id: str) -> OutboundCall | None:
        """See ``session.outreach.OutboundCalls``."""
        move = await self.calls.happen(due_id, Connected(call_id), self._now(), ticket=ticket)
        line = None if move is None else self.line(move.after.language)
        if move is None or line is None or move.after.call_id != call_id:
            return None
        due = move.after
        return OutboundCall(
            tenant=self.tenant.id,
            due_call=due.id,
            ticket=ticket,
            number=due.number,
            line=line,
            language=due.language,
            purpose=due.purpose,
            details=due.details,
            contact=due.contact,
            attempt=due.attempts,
        )

    async def not_begun(self, call: OutboundCall, why: str) -> None:
        """See ``session.outreach.OutboundCalls``."""
        await self.calls.happen(call.due_call, NotBegun(why), self._now(), ticket=call.ticket)

    async def ended(self, call: OutboundCall, disposition: Disposition) -> None:
        """See ``session.outreach.OutboundCalls``."""
        over = Ended(disposition.value, refused=disposition is Disposition.REFUSED)
        await self.calls.happen(call.due_call, over, self._now(), ticket=call.ticket)


def _fits(slot: Slot, value: str, now: datetime) -> bool:
    """Whether a value is one of the slot's, in its written form."""
    if slot.kind is SlotKind.YES_NO:
        return value in {YES, NO}
    try:
        return is_whole(slot, value) and allows(slot, value, now)
    except (ValueError, ArithmeticError):
        return False


def due_name(tenant: str, due: DueCall) -> str:
    """What an attempt is known by to the carrier."""
    return f"{tenant}.{due.id}.{due.ticket}"


class OutboundDesk:
    """The desks of all tenants behind one door. What is known by no name of ours is nobody's."""

    def __init__(self, desks: Mapping[str, TenantDesk]) -> None:
        self._desks = desks

    async def picked_up(self, due: str, call_sid: str, *, machine: bool) -> Talk | LeaveMessage | HangUp:
        """See ``telephony.outbound_webhooks.Outbound``."""
        desk, due_id, ticket = self._find(due)
        return HangUp() if desk is None else await desk.picked_up(due_id, ticket, call_sid, machine=machine)

    async def reported(self, due: str, call_sid: str, progress: Progress) -> None:
        """See ``telephony.outbound_webhooks.Outbound``."""
        desk, due_id, ticket = self._find(due)
        if desk is not None:
            await desk.reported(due_id, ticket, call_sid, progress)

    async def connected(self, due: str, call_id: str) -> OutboundCall | None:
        """See ``session.outreach.OutboundCalls``."""
        desk, due_id, ticket = self._find(due)
        return None if desk is None else await desk.connected(due_id, ticket, call_id)

    async def refused(self, call: OutboundCall, call_id: str, words: str) -> None:
        """See ``session.outreach.OutboundCalls``."""
        await self._desks[call.tenant].opt_out(call.number, words, call_id)

    async def not_begun(self, call: OutboundCall, why: str) -> None:
        """See ``session.outreach.OutboundCalls``."""
        await self._desks[call.tenant].not_begun(call, why)

    async def ended(self, call: OutboundCall, disposition: Disposition) -> None:
        """See ``session.outreach.OutboundCalls``."""
        await self._desks[call.tenant].ended(call, disposition)

    def _find(self, due: str) -> tuple[TenantDesk | None, str, str]:
        tenant, _, rest = due.partition(".")
        due_id, _, ticket = rest.partition(".")
        return (self._desks.get(tenant) if due_id and ticket else None), due_id, ticket
