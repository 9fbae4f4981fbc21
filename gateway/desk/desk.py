"""The desk of this node: what its HTTP interface and its feeds are made of, put together.

Refuses: being the composition root; engines are constructed there and given here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.access.identity import Identity
from gateway.access.viewings import WATCHED, Viewings
from gateway.desk.agent_actions import ActingCall, AgentActions
from gateway.desk.assist import TenantAssist
from gateway.desk.assistance import Assistance
from gateway.desk.attendance import Attendance
from gateway.desk.boards import Boards
from gateway.desk.calls import LiveCalls
from gateway.desk.cards import call_card, offer_card
from gateway.desk.errors import CallNotHere, NotYourCall
from gateway.desk.floor.events import packed
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.offer import Offer
from gateway.desk.floor.queue import Queues
from gateway.desk.floor.store import FloorStore
from gateway.desk.trends import Trends
from gateway.desk.witness import Witness
from gateway.desk.wrap_up import WrapUps
from gateway.session.control import Owner
from gateway.session.ledger import Ledger
from gateway.session.records import Handoff
from gateway.session.room import Room
from gateway.session.tenant import Tenant


@dataclass(frozen=True, slots=True)
class DeskTenant:
    """What of the desk is a tenant's own."""

    tenant: Tenant
    queues: Queues
    assist: TenantAssist
    actions: AgentActions
    wrap_ups: WrapUps


@dataclass(frozen=True, slots=True)
class Desk:
    """All tenants'. ``rooms`` are the live calls of this node."""

    tenants: Mapping[str, DeskTenant]
    floors: FloorStore
    boards: Boards
    calls: LiveCalls
    attendance: Attendance
    assistance: Assistance
    witness: Witness
    trends: Trends
    ledger: Ledger
    rooms: Callable[[], Sequence[Room]]
    viewings: Viewings
    now: Callable[[], datetime]
    _acting: dict[str, ActingCall] = field(default_factory=dict)
    """Calls in which something was done by people; those that are over are let go when a further one comes."""

    async def run(self) -> None:
        """Write down what happens on the floors, and how sure the bot is, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for tenant in self.tenants:
                group.create_task(self.witness.follow(tenant), name=f"floor of {tenant}")
                group.create_task(self.trends.follow(tenant), name=f"trends of {tenant}")

    async def close(self) -> None:
        """Help nobody any more."""
        await self.assistance.close()

    # --- what pages see -----------------------------------------------------------------------------------------------
    async def offer(self, tenant: str, offer: Offer, floor: Floor) -> dict[str, Any]:
        """An offer with what is shown of its call."""
        item = floor.items[offer.item]
        handoff = await self.ledger.handoff(tenant, offer.item)
        call = await self.ledger.call(tenant, item.call)
        shown = packed(offer)
        if handoff is not None:
            caller = None if call is None else call.caller
            shown["card"] = offer_card(handoff, packed(item), caller, self.now())
        return shown

    async def card(self, who: Identity, call: str) -> dict[str, Any]:
        """Everything about a live call that somebody may see. Raises as ``shown``."""
        room = await self.shown(who, call)
        own = self.tenants[who.tenant]
        handoff: Handoff | None = None
        item: dict[str, Any] | None = None
        if room.handoff is not None:
            handoff = await self.ledger.handoff(who.tenant, room.handoff)
            placed = (await self.floors.snapshot(who.tenant)).items.get(room.handoff)
            item = None if placed is None else packed(placed)
        followed = self.assistance.call(who.tenant, call)
        return call_card(room, own.tenant, item, handoff, followed, own.actions, who.locale)

    async def may_see(self, who: Identity, call: str) -> Room:
        """A live call of which somebody may see everything: whose agent they are, or are asked to be, and supervisors.

        Raises ``CallNotHere`` and ``NotYourCall``.
        """
        room = self.calls.room(who, call)
        return room if await self._is_asked_for(who, call) else await self.calls.theirs(who, call)

    async def shown(self, who: Identity, call: str) -> Room:
        """The same, once it is written down where somebody looks on who has no part in it: a supervisor. Raises the
        storage's errors besides."""
        room = await self.may_see(who, call)
        if not self.calls.takes_part(who, room) and not await self._is_asked_for(who, call):
            await self.viewings.note(who, WATCHED, call)
        return room

    async def _is_asked_for(self, who: Identity, call: str) -> bool:
        """Whether it rings at somebody's desk, is with them, or is wrapped up by them."""
        floor = await self.floors.snapshot(who.tenant)
        offered = floor.offer_to(who.user)
        mine = floor.item_of(who.user) or (None if offered is None else floor.items.get(offered.item))
        return mine is not None and mine.call == call

    async def still_sees(self, who: Identity, call: str) -> bool:
        """Whether somebody who was shown a call may look on: not once it rang elsewhere, or was given to somebody else.
        Of a call that is over the last is still told."""
        try:
            await self.may_see(who, call)
        except NotYourCall:
            return False
        except CallNotHere:
            return True
        return True

    def acting(self, who: Identity, call: str) -> ActingCall:
        """A call in which somebody has something done, under their own name. Raises as ``LiveCalls.in_hand``."""
        room = self.calls.in_hand(who, call)
        if call not in self._acting:
            live = {one.log.call_id for one in self.rooms()}
            for over in self._acting.keys() - live:
                del self._acting[over]
            self._acting[call] = ActingCall(call, room.language, room.minutes, room.acquaintance())
        return self._acting[call]

    def overheard(self, who: Identity) -> str | None:
        """The call that somebody has on another platform and that we are let to hear: the latest of them."""
        theirs = [room for room in self.rooms() if room.log.tenant == who.tenant and room.overheard and not room.over]
        mine = (room.log for room in theirs if room.control.grip.who == who.user)
        latest = max(mine, key=lambda log: log.started_at, default=None)
        return None if latest is None else latest.call_id

    def targets(self, who: Identity) -> list[dict[str, str]]:
        """Where outside a tenant's calls may be moved to, by the names that pages show."""
        transfers = self.tenants[who.tenant].tenant.transfers
        return [{"id": name, "name": target.called(who.locale)} for name, target in transfers.items()]

    def live(self, who: Identity, floor: Floor) -> list[Room]:
        """The calls at this node that somebody supervises."""
        here = (room for room in self.rooms() if room.log.tenant == who.tenant and not room.over)
        return [room for room in here if self.calls.supervises(who, room, floor)]

    def wall_call(self, room: Room, floor: Floor) -> dict[str, Any]:
        """A live call on the wall, with its place on the floor."""
        item = floor.items.get(room.handoff or "")
        trend, grip = self.trends.of(room.log.call_id), room.control.grip
        return {
            "call": room.log.call_id,
            "owner": grip.owner,
            "agent": None if grip.owner is Owner.BOT else grip.who,
            "language": room.language,
            "line": self._line_name(room),
            "queue": None if item is None else item.queue,
            "since": room.log.started_at.isoformat(),
            "confidence": [round(value, 3) for value in trend.values],
            "falling": trend.falling,
            "waiting": item is not None and grip.owner is Owner.BOT,
        }

    def _line_name(self, room: Room) -> str:
        line = self.tenants[room.log.tenant].tenant.line(room.line)
        return room.line if line is None else line.name or line.alias


def day_began(zone: str, now: datetime) -> datetime:
    """When the day began at that place."""
    local = now.astimezone(ZoneInfo(zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
