"""What pages are told as it happens: the floor to those at the desk, a live call to those who may see it.

Refuses: how it is sent; see ``event_stream.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from gateway.access.identity import Identity, Role
from gateway.access.masking import masked
from gateway.desk.desk import Desk
from gateway.desk.floor.events import FloorEvent, Kind, unpacked_offer
from gateway.pages.event_stream import Source, Tell
from gateway.session.errors import FollowerCutOff
from gateway.session.room import Room

QUEUES_EVERY = 1.0
"""Seconds between two looks at the queues; what has not changed is not told."""

BEATS_EVERY = 10.0
"""Seconds between two heartbeats of the floor's feed. The page answers each by one of its own, which proves that
somebody reads: what the network delivers wakes a page in the background, whose clock may come round once a minute only;
and of a machine that was shut nothing comes any more, however long its connection seems to be open."""

MOST_BEHIND = 1_000
"""Events of the floor that a feed may begin behind; farther back, a page is told to begin anew from a snapshot."""


class FloorFeed:
    """The floor as one person sees it: an agent their own offers, calls and state; a supervisor everything."""

    def __init__(self, desk: Desk, who: Identity, after: int) -> None:
        self._desk = desk
        self._who = who
        self._after = after

    def sources(self) -> list[Source]:
        """What is told: events of the floor, queues, a call of theirs on another platform, and to supervisors the calls
        that change."""
        calls = [self._calls] if Role.SUPERVISOR in self._who.roles else []
        return [self._events, self._queues, self._overheard, *calls]

    async def _events(self, tell: Tell) -> None:
        latest = (await self._desk.floors.snapshot(self._who.tenant)).seq
        if not latest - MOST_BEHIND <= self._after <= latest:  # or it is a number that was never told
            tell("reset", {})
            return
        async with self._desk.floors.subscribe(self._who.tenant, after_seq=self._after) as follower:
            async for event in follower:
                if self._concerns(event):
                    tell(event.kind.value, await self._told(event), event.seq)

    def _concerns(self, event: FloorEvent) -> bool:
        """Whether it is told, by the event alone: so a feed that goes on behind a number tells what it would have."""
        user, payload = self._who.user, event.payload
        if Role.SUPERVISOR in self._who.roles and ("queue" not in payload or self._who.serves(payload["queue"])):
            return True
        went_on = event.kind is Kind.ITEM_REQUEUED and user in payload["asked"]
        return went_on or bool(payload["agent"] == user)

    async def _told(self, event: FloorEvent) -> dict[str, Any]:
        payload: Mapping[str, Any] = event.payload
        if event.kind is Kind.OFFER_MADE and payload["agent"] == self._who.user:
            floor = await self._desk.floors.snapshot(self._who.tenant)
            if payload["item"] in floor.items:
                payload = await self._desk.offer(self._who.tenant, unpacked_offer(payload), floor)
        told: dict[str, Any] = masked(dict(payload))
        return {"at": event.at.isoformat(), "subject": event.subject, **told}

    async def _queues(self, tell: Tell) -> None:
        shown: object = None
        while True:
            board = await self._desk.boards.look(self._who.tenant)
            queues = [queue for queue in board.queues() if self._who.serves(queue["id"])]
            still = [{key: value for key, value in queue.items() if key != "longest_wait"} for queue in queues]
            if still != shown:
                shown = still
                tell("queues", {"queues": queues})
            await asyncio.sleep(QUEUES_EVERY)

    async def _overheard(self, tell: Tell) -> None:
        shown: str | None = None
        while True:
            call = self._desk.overheard(self._who)
            if call != shown:
                shown = call
                tell("overheard", {"call": call})
            await asyncio.sleep(QUEUES_EVERY)

    async def _calls(self, tell: Tell) -> None:
        shown: dict[str, object] = {}
        while True:
            floor = (await self._desk.boards.look(self._who.tenant)).floor
            rooms = {room.log.call_id: room for room in self._desk.live(self._who, floor)}
            for call, room in rooms.items():
                seen = self._desk.wall_call(room, floor)
                if shown.get(call) != seen:
                    shown[call] = seen
                    tell("call", seen)
            for call in shown.keys() - rooms.keys():
                del shown[call]
                tell("call", {"call": call, "ended_at": self._desk.now().isoformat()})
            await asyncio.sleep(QUEUES_EVERY)


class CallFeed:
    """A live call: what is written down of it, with numbers, and what is only seen, without."""

    def __init__(self, desk: Desk, room: Room, after: int) -> None:
        self._desk = desk
        self._room = room
        self._after = after

    def sources(self) -> list[Source]:
        """What is told."""
        return [self._events, self._sights]

    async def _events(self, tell: Tell) -> None:
        log = self._room.log
        try:
            async with self._desk.ledger.subscribe(log.tenant, log.call_id, after_seq=self._after) as follower:
                async for event in follower:
                    told = masked(event.payload)
                    tell(str(event.kind), {**told, "seq": event.seq, "at": event.at.isoformat()}, event.seq)
        except FollowerCutOff:
            tell("reset", {})

    async def _sights(self, tell: Tell) -> None:
        async with self._room.live.look_on() as onlooker:
            async for sight in onlooker:
                tell(sight.name, masked(dict(sight.data)))
        await asyncio.Event().wait()  # the call is over; its last events are still told
