"""What people of the desk do with a live call: each command checked, carried out on the floor and in the call, audited.

A command names the epoch that its page believes in; a stale one is refused by the room and nothing has happened. Where
a command changes both, the call comes first if it silences somebody; where the floor may refuse it, both change while
the floor is held.

Refuses: roles (the routes ask the guard), queues' rules (the floor's).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.access.audit import AuditEntry, AuditLog
from gateway.access.identity import Identity, Role
from gateway.desk.attendance import MOST_PEOPLE, Attendance, has_place
from gateway.desk.errors import CallFull, CallNotHere, NoSuchTarget, NotYourCall
from gateway.desk.floor.agent_state import ENGAGED
from gateway.desk.floor.errors import AgentBusy, NotSignedIn
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.queue import Queues
from gateway.desk.floor.store import FloorStore
from gateway.desk.floor.work_item import ItemState, WorkItem, waiting_item
from gateway.desk.handoff import HandoffDesk
from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.errors import StaleGrip
from gateway.session.ledger import CallLog
from gateway.session.people import Person
from gateway.session.records import HandoffState
from gateway.session.room import Room
from gateway.session.targets import Target
from infra.errors import AiccError

LISTENED, WHISPERED, BARGED_IN, TAKEN_OVER = "call.listened", "call.whispered", "call.barged_in", "call.taken_over"
"""Deeds in the audit."""

TAKEN, JOINING, SENT = "taken_over", "joining", "sent_elsewhere"
"""Reasons of hand-overs that no dialog decided."""

_ASKED = frozenset({ItemState.QUEUED, ItemState.OFFERED, ItemState.ACCEPTED})
"""Where an item stands whose agent is not in the call yet."""

_DEEDS = {Mode.LISTEN: LISTENED, Mode.WHISPER: WHISPERED, Mode.TALK: BARGED_IN}


@dataclass(frozen=True, slots=True)
class Means:
    """What commands need: the floors, live calls by id, and who is told of a call that comes to the desk."""

    floors: FloorStore
    room: Callable[[str], Room | None]
    known: Callable[[CallLog], None]
    handoffs: HandoffDesk
    attendance: Attendance
    audit: AuditLog
    queues: Callable[[str], Queues]
    targets: Callable[[str], Mapping[str, Target]]
    """Where outside a tenant's calls may be moved to."""
    node: str
    now: Callable[[], datetime]


class LiveCalls:
    """The live calls of this node, in the hands of people."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def room(self, who: Identity, call: str) -> Room:
        """A live call of their tenant. Raises ``CallNotHere``."""
        room = self._means.room(call)
        if room is None or room.over or room.log.tenant != who.tenant:
            raise CallNotHere(f"call {call[:64]} does not go on at this node: reload the page")
        return room

    async def theirs(self, who: Identity, call: str) -> Room:
        """The same, of somebody who has it, is in it, or supervises it. Raises ``NotYourCall`` besides."""
        room = self.room(who, call)
        if not self.takes_part(who, room):
            self._require_supervision(who, room, await self._means.floors.snapshot(who.tenant))
        return room

    def in_hand(self, who: Identity, call: str) -> Room:
        """The same, of somebody who has it or talks in it: nobody acts in the name of a caller whom they only listen
        to, or who does not hear them."""
        room = self.room(who, call)
        talk = {person.id for person, seat in room.people.seats if seat.mode is Mode.TALK}
        if who.user not in {room.control.grip.who, *talk}:
            raise NotYourCall("you do not talk with this caller: barge in or take the call over first")
        return room

    @staticmethod
    def takes_part(who: Identity, room: Room) -> bool:
        """Whether somebody has a call, or is in it."""
        return who.user in {room.control.grip.who, *(person.id for person, _ in room.people.seats)}

    def supervises(self, who: Identity, room: Room, floor: Floor) -> bool:
        """Whether somebody supervises a call: its queue is one of theirs. A call that is in none counts to the one that
        it would come to."""
        item = self._item(floor, room.log.call_id)
        queue = self._queue_of(who.tenant) if item is None else item.queue
        return Role.SUPERVISOR in who.roles and who.serves(queue)

    def _require_supervision(self, who: Identity, room: Room, floor: Floor) -> None:
        if not self.supervises(who, room, floor):
            raise NotYourCall("somebody else has this call, and you do not supervise its queue")

    # --- in the call --------------------------------------------------------------------------------------------------
    async def hold(self, who: Identity, call: str, held: bool, epoch: int | None) -> None:
        """Put the caller on hold, or take them back."""
        room = await self.theirs(who, call)
        room.check(epoch)
        room.hold(held, by=who.user)

    async def mute(self, who: Identity, call: str, muted: bool) -> None:
        """Let nobody hear who asks, or everybody again."""
        room = await self.theirs(who, call)
        await room.people.change(who.user, muted=muted)

    async def hang_up(self, who: Identity, call: str, epoch: int | None) -> None:
        """End the call; its agent wraps up."""
        room = await self.theirs(who, call)
        room.hang_up(by=who.user, seen=epoch)

    async def leave(self, who: Identity, call: str) -> None:
        """Go out of a call that others go on with. Whoever has the call cannot leave it alone."""
        room = await self.theirs(who, call)
        others = [person for person, seat in room.people.seats if seat.mode is Mode.TALK and person.id != who.user]
        if room.control.grip.who == who.user:
            if not others:
                raise NotYourCall("you have this call: give it back, transfer it or hang up")
            room.take(others[0], why="left by the one before")
        async with self._means.floors.open(who.tenant) as floor:
            mine = floor.item_of(who.user)
            if mine is not None and mine.call == call:
                floor.hung_up(mine.item, self._means.now())
        await self._means.attendance.send_out(room, who.user, "left")

    # --- to somebody else ---------------------------------------------------------------------------------------------
    async def give_back(self, who: Identity, call: str, instruction: str, epoch: int | None) -> None:
        """The bot goes on, as it is told."""
        room = await self.theirs(who, call)
        async with self._both(who, room, epoch) as floor:
            item = self._item(floor, call)
            if item is not None:
                floor.given_back(item.item, self._means.now())
            room.handoff = None
            room.give_back(instruction)
        await self._means.attendance.send_out(room, who.user, "given back")

    async def transfer(self, who: Identity, call: str, queue: str | None, agent: str | None, epoch: int | None) -> None:
        """The caller waits for somebody else, in their place in line."""
        room = await self.theirs(who, call)
        async with self._both(who, room, epoch) as floor:
            item = self._item(floor, call)
            if item is None:
                raise CallNotHere("this call has no place on the floor: give it back to the bot instead")
            floor.transfer(item.item, self._means.now(), queue=queue, agent=agent)
            room.pass_on()
        await self._means.attendance.send_out(room, who.user, "transferred")

    @asynccontextmanager
    async def _both(self, who: Identity, room: Room, epoch: int | None) -> AsyncIterator[Floor]:
        """The floor, for who changes it and then the call, whose hands do not change again before the floor is kept:
        whom the floor gives the call to finds it free, and who takes it over meanwhile is not robbed of it. Where the
        floor cannot be kept, whoever had the call has it again. Raises ``StaleGrip`` and ``NotYourCall``."""
        before, handoff, passed = room.control.grip, room.handoff, None
        had = next((person for person, _ in room.people.seats if person.id == before.who), None)
        try:
            async with self._means.floors.open(who.tenant) as floor:
                self.room(who, room.log.call_id).check(epoch)  # while the floor was waited for it may have become
                if not self.takes_part(who, room):  # another's
                    self._require_supervision(who, room, floor)
                yield floor
                passed = room.control.grip
        except AiccError:
            if passed is not None and had is not None and room.control.holds(passed):
                room.handoff = handoff
                room.take(had, why="the floor could not be told")
            raise

    async def consult(self, who: Identity, call: str, target: str, epoch: int | None) -> None:
        """Ask at a target outside whether they take the call, while the caller is on hold. ``send_outside`` to the same
        target joins them then. Raises ``NoSuchTarget`` and ``InquiryUnderWay`` besides."""
        room = self.in_hand(who, call)
        if target not in self._means.targets(who.tenant):
            raise NoSuchTarget(f"{target[:64]!r} is not among the tenant's transfers")
        room.check(epoch)
        room.consult(target, by=who.user)

    async def stop_consulting(self, who: Identity, call: str, epoch: int | None) -> None:
        """Ask nobody outside any more."""
        room = self.in_hand(who, call)
        room.check(epoch)
        room.stop_consulting()

    async def send_outside(self, who: Identity, call: str, target: str, epoch: int | None) -> None:
        """Move the call to a target outside. Whoever has it wraps up; the caller hears what comes of it, and waits for
        this desk again where nothing does. The hand-off is durable before anything leaves. Raises ``NoSuchTarget``
        besides."""
        room, means = await self.theirs(who, call), self._means
        if target not in means.targets(who.tenant):
            raise NoSuchTarget(f"{target[:64]!r} is not among the tenant's transfers")
        room.check(epoch)
        means.known(room.log)
        item = self._item(await means.floors.snapshot(who.tenant), call)
        queue = self._queue_of(who.tenant) if item is None else item.queue
        summary, languages = room.summarize(), (room.language,)
        outside = HandoffState.TRANSFERRING
        handoff = await means.handoffs.enter(room.log, SENT, queue, languages, summary, state=outside)
        before = room.control.grip.who
        try:
            room.send(target, handoff, seen=epoch)
        except StaleGrip:  # while that was written somebody else took the call
            await means.handoffs.leave(room.log, handoff)
            raise
        async with means.floors.open(who.tenant) as floor:
            item = self._item(floor, call)
            if item is not None:
                (floor.cancel if item.agent is None else floor.hung_up)(item.item, means.now())
        if before:
            await means.attendance.send_out(room, before, "sent elsewhere")

    async def invite(self, who: Identity, call: str, agent: str) -> None:
        """Ring at another agent's desk, to have them join the call."""
        room, now = await self.theirs(who, call), self._means.now()
        queue, languages = self._queue_of(who.tenant), (room.language,)
        async with self._means.floors.open(who.tenant) as floor:
            if agent not in floor.agents:
                raise NotSignedIn(f"agent {agent[:40]} is not at work")
            asked = [item for item in floor.items.values() if item.call == call and item.state in _ASKED]
            self._require_place(room, agent, asked=len(asked))
            # Entered while the floor is held: nobody adopts it meanwhile as a call that anybody may take.
            handoff = await self._means.handoffs.enter(room.log, JOINING, queue, languages, room.summarize())
            joining = waiting_item(handoff, call, queue, room.language, now, node=self._means.node)
            floor.enqueue(replace(joining, for_agent=agent), now)

    async def take_over(self, who: Identity, call: str, epoch: int | None) -> None:
        """The call is theirs from this moment on: whoever had it is silent at once."""
        room, means = self.room(who, call), self._means
        supervises = Role.SUPERVISOR in who.roles
        if room.control.grip.owner is not Owner.BOT and not supervises:
            raise NotYourCall("somebody has this call already")
        if supervises and not self.takes_part(who, room):
            self._require_supervision(who, room, await means.floors.snapshot(who.tenant))
        person = Person(who.user, who.name, Owner.SUPERVISOR if supervises else Owner.AGENT)
        before = room.control.grip
        room.check(epoch)
        if before.owner is Owner.BOT:
            await self._require_free(who, call)
        await self._audit(who, TAKEN_OVER, call)
        room.take(person, seen=epoch, why="taken over")
        if before.owner is Owner.BOT:
            await self._place(room, who)
        elif before.who and before.who != who.user:
            ousted = next((one for one, _ in room.people.seats if one.id == before.who), None)
            if ousted is not None and ousted.outside:
                await room.people.dismiss(ousted.id, "taken over")  # strangers do not listen on
            elif ousted is not None:
                await means.attendance.grant(room, ousted, Mode.LISTEN)
        await means.attendance.grant(room, person, Mode.TALK)

    async def supervise(self, who: Identity, call: str, mode: Mode) -> None:
        """Listen, whisper to the agent, or talk with both. Raises ``OnlyOverheard`` for what nobody would hear, and
        ``CallFull``."""
        room = await self.theirs(who, call)
        if mode is not Mode.LISTEN:
            room.require_ours()
        self._require_place(room, who.user)
        await self._audit(who, _DEEDS[mode], call)
        await self._means.attendance.grant(room, Person(who.user, who.name, Owner.SUPERVISOR), mode)

    # --- steps --------------------------------------------------------------------------------------------------------
    async def _place(self, room: Room, who: Identity) -> None:
        """Give a call that was the bot's its place on the floor, with whoever took it."""
        means, now, log = self._means, self._means.now(), room.log
        means.known(log)
        queue, waited = self._queue_of(who.tenant), room.handoff is not None
        try:
            if room.handoff is None:
                room.handoff = await means.handoffs.enter(log, TAKEN, queue, (room.language,), room.summarize())
            async with means.floors.open(who.tenant) as floor:
                item = waiting_item(room.handoff, log.call_id, queue, room.language, now, node=means.node)
                floor.sign_in(
                    who.user, now, name=who.name, skills=who.skills, languages=who.languages, queues=who.queues
                )
                floor.take(item, who.user, now)
        except AiccError:
            await self._undo(room, waited=waited)
            raise

    async def _undo(self, room: Room, *, waited: bool) -> None:
        """Whoever took a call has no place on the floor for it, and cannot come in: its caller is not left alone. They
        wait on, or the bot goes on with them."""
        if waited:
            room.pass_on()
            return
        handoff, room.handoff = room.handoff, None
        room.give_back("")
        if handoff is not None:
            await self._means.handoffs.leave(room.log, handoff)

    @staticmethod
    def _require_place(room: Room, who: str, *, asked: int = 0) -> None:
        """Raise ``CallFull`` where one more would be one too many; ``asked``: who rings and may come besides."""
        if not has_place(room, who, asked=asked):
            raise CallFull(f"{MOST_PEOPLE} people are in this call already: one of them has to leave it first")

    async def _require_free(self, who: Identity, call: str) -> None:
        """Raise ``AgentBusy`` for who has another call in hand: they would silence a bot and not be there."""
        floor = await self._means.floors.snapshot(who.tenant)
        me, mine = floor.agents.get(who.user), floor.item_of(who.user)
        if me is not None and me.routing in ENGAGED and (mine is None or mine.call != call):
            raise AgentBusy(f"you are {me.routing}: finish that first")

    def _queue_of(self, tenant: str) -> str:
        return self._means.queues(tenant).default

    @staticmethod
    def _item(floor: Floor, call: str) -> WorkItem | None:
        """The work item that the call itself is, and not somebody who was asked to join."""
        items = [item for item in floor.items.values() if item.call == call]
        return min(items, key=lambda item: item.enqueued_at, default=None)

    async def _audit(self, who: Identity, deed: str, call: str) -> None:
        await self._means.audit.record(AuditEntry(who.tenant, self._means.now(), who.user, deed, call))
