"""People of the desk who come into calls, and what becomes of a call whose person is gone.

An agent comes in because the floor has given them the call; a supervisor because they asked to listen, whisper or talk,
which was granted (and audited) before. When a line goes away by itself, its person has a moment to come back: a page
that was reloaded is no lost agent. Then the floor is told, and gives the call to somebody else before all others.

Refuses: permission to ask (the routes know roles), and sound (the room's affair).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.desk.assistance import Assistance
from gateway.desk.floor.errors import FloorError
from gateway.desk.floor.store import FloorStore
from gateway.desk.floor.work_item import WITH_AGENT, ItemState
from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.people import Departure, Person
from gateway.session.room import Room
from gateway.telephony.leg import MediaLeg

BACK_WITHIN = 5.0
"""Seconds that somebody whose line went away has to come back."""

COMES_WITHIN = 60.0
"""Seconds that a supervisor has to come once they were let in. Later they ask again, which is audited again."""

MOST_GRANTS = 1_000
"""Supervisors who were let into a call; the oldest grant is forgotten."""

MOST_PEOPLE = 10
"""People who may be in one call, or are asked to join it: each is mixed for each of the others, and recognized by an
ear of their own. Whom the floor gives the call to comes in all the same."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seat:
    """As whom somebody may come into a call; ``item`` is the agent's work item."""

    person: Person
    mode: Mode
    item: str | None = None


@dataclass(slots=True)
class _Grant:
    """That somebody may come in as that, ``until`` then unless they are there."""

    seat: Seat
    until: datetime


def has_place(room: Room, who: str, *, asked: int = 0) -> bool:
    """Whether there is room for ``who`` in a call, beside whoever is there and ``asked`` who may come."""
    return sum(person.id != who for person, _ in room.people.seats) + asked < MOST_PEOPLE


def _is_there(room: Room, who: str) -> bool:
    return any(person.id == who for person, _ in room.people.seats)


class Attendance:
    """All tenants'. ``room`` is a live call of this node, by its id."""

    def __init__(
        self,
        floors: FloorStore,
        room: Callable[[str], Room | None],
        assistance: Assistance,
        now: Callable[[], datetime],
        back_within: float = BACK_WITHIN,
    ) -> None:
        self._floors = floors
        self._room = room
        self._assistance = assistance
        self._now = now
        self._back_within = back_within
        self._granted: dict[tuple[str, str, str], _Grant] = {}

    async def grant(self, room: Room, person: Person, mode: Mode) -> None:
        """Let somebody take part so: at once if they are there, else when they come, which is soon or not at all."""
        until = self._now() + timedelta(seconds=COMES_WITHIN)
        self._granted[room.log.tenant, room.log.call_id, person.id] = _Grant(Seat(person, mode), until)
        if len(self._granted) > MOST_GRANTS:
            del self._granted[next(iter(self._granted))]
        if _is_there(room, person.id):
            await room.people.change(person.id, mode=mode)

    async def send_out(self, room: Room, who: str, why: str) -> None:
        """Somebody's part is over: they are out, and do not come in again as what they were."""
        self._granted.pop((room.log.tenant, room.log.call_id, who), None)
        if _is_there(room, who):
            await room.people.dismiss(who, why)

    async def serve(self, leg: MediaLeg, tenant: str, user: str, call: str) -> None:
        """Let somebody into a call for as long as they stay. The leg is ended in any case."""
        room = self._room(call)
        if room is None or room.log.tenant != tenant or room.over:
            await leg.hang_up("this call does not go on here")
            return
        seat = await self._seat(room, tenant, user)
        if seat is None:
            await leg.hang_up("you have no part in this call")
            return
        if seat.item is None and not has_place(room, user):
            await leg.hang_up("too many people are in this call")
            return
        if seat.item is not None and room.control.grip.owner is Owner.BOT:
            room.take(seat.person, why="accepted")
        if seat.mode is Mode.TALK:
            self._assistance.follow(room)
        departure = Departure("their line failed", lost=True)
        try:
            departure = await room.enter(leg, seat.person, seat.mode)
        except asyncio.CancelledError:
            departure = Departure("the node stops", lost=False)
            raise
        finally:  # the call may be theirs already: also where coming in failed the caller is not left alone
            self._may_come_back(room, user)
            if departure.lost and not room.over:
                await self._mind(room, seat, departure.why)

    async def _seat(self, room: Room, tenant: str, user: str) -> Seat | None:
        """As whom ``user`` comes; an agent's sound is there with it, which the floor is told."""
        granted = self._let_in(room, user)
        async with self._floors.open(tenant) as floor:
            item, agent = floor.item_of(user), floor.agents.get(user)
            if item is not None and item.call == room.log.call_id and item.state in WITH_AGENT:
                floor.connected(item.item, self._now())
                name = user if agent is None else agent.name
                person = Person(user, name, Owner.AGENT) if granted is None else granted.person
                return Seat(person, Mode.TALK, item.item)
        return granted

    def _let_in(self, room: Room, user: str) -> Seat | None:
        """As whom somebody was let in, while that is good."""
        key = room.log.tenant, room.log.call_id, user
        grant = self._granted.get(key)
        if grant is None:
            return None
        if self._now() > grant.until and not _is_there(room, user):
            del self._granted[key]
            return None
        return grant.seat

    def _may_come_back(self, room: Room, user: str) -> None:
        """Who has gone may come back at once, as what they were; whoever listens in again later asks again."""
        grant = self._granted.get((room.log.tenant, room.log.call_id, user))
        if grant is not None:
            grant.until = self._now() + timedelta(seconds=self._back_within)

    async def _mind(self, room: Room, seat: Seat, why: str) -> None:
        """A line went away by itself. Whoever is not back in time has lost the call."""
        await asyncio.sleep(self._back_within)
        who = seat.person.id
        if room.over or _is_there(room, who):
            return
        log.warning("%s was lost in call %s: %s", who, room.log.call_id, why)
        has_it = room.control.grip.who == who
        async with self._floors.open(room.log.tenant) as floor:
            item = floor.items.get(seat.item or "")
            if item is not None and item.state is ItemState.CONNECTED and item.agent == who:
                try:
                    # Who only joined somebody else's call ends a part of their own; the call itself goes on.
                    _ = floor.agent_lost(who, self._now()) if has_it else floor.hung_up(item.item, self._now())
                except FloorError as error:
                    log.warning("the floor does not take it that %s was lost: %s", who, error)
            if has_it and room.control.grip.who == who:
                room.lose()  # before the floor lets go of it: whom it gives the call to finds it free
