"""What keeps the floors of all tenants: a promise, kept in memory here and in PostgreSQL next door.

A tenant's floor is changed by whoever has opened it, one at a time; what they did becomes durable together, state and
events, or not at all. Beside the floor a store keeps when each desk was last heard of: heartbeats are no events.

The hand-offs that calls leave in the ledger are the source of work items: ``adopt`` makes items of those that wait, and
ends items whose call is gone. A hand-off's state follows its item.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from gateway.desk.floor.agent_state import Presence
from gateway.desk.floor.errors import FloorHeld
from gateway.desk.floor.events import FloorEvent, entity_of
from gateway.desk.floor.figures import QueueFigures
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.followers import FloorFollower, FloorFollowers
from gateway.desk.floor.queue import Queue, Queues, skill_levels
from gateway.desk.floor.work_item import OVER, ItemState, WorkItem, waiting_item
from gateway.session.ledger import Ledger
from gateway.session.records import Handoff, HandoffState

PAGE = 500
"""Events read at once."""

SILENT_AFTER = timedelta(seconds=30)
"""A desk that was not heard of for so long is lost."""

QueuesOf = Callable[[str], Queues]
"""The queues of a tenant."""

HANDOFF_STATES: Mapping[ItemState, HandoffState] = {
    ItemState.QUEUED: HandoffState.QUEUED,
    ItemState.OFFERED: HandoffState.QUEUED,
    ItemState.OVERFLOWED: HandoffState.QUEUED,
    ItemState.CALLBACK_SCHEDULED: HandoffState.QUEUED,
    ItemState.ACCEPTED: HandoffState.ACCEPTED,
    ItemState.CONNECTED: HandoffState.ACCEPTED,
    ItemState.WRAP_UP: HandoffState.ACCEPTED,
    ItemState.COMPLETED: HandoffState.ENDED,
    ItemState.ABANDONED: HandoffState.ABANDONED,
    ItemState.CANCELLED: HandoffState.ABANDONED,
    ItemState.EXPIRED: HandoffState.ABANDONED,
}
"""How a hand-off follows its item."""


class FloorStore(Protocol):
    """The floors of all tenants. Every method may raise ``StorageError``."""

    async def start(self) -> None:
        """Begin to hear what other nodes do."""

    async def close(self) -> None:
        """End all followers."""

    def open(self, tenant: str, *, wait: bool = True) -> AbstractAsyncContextManager[Floor]:
        """A tenant's floor, for nobody else until the end of the block. What was done to it is durable then, or, when
        the block ends with an exception, has never happened. Raises ``FloorHeld`` when it would have to ``wait``."""

    async def snapshot(self, tenant: str) -> Floor:
        """A tenant's floor as it stands, to look at; its ``seq`` is where a follower goes on from."""

    async def events(self, tenant: str, *, after_seq: int = 0, limit: int = PAGE) -> Sequence[FloorEvent]:
        """What happened behind a number, in order."""

    def subscribe(self, tenant: str, *, after_seq: int) -> FloorFollower:
        """What happens behind a number, from now on."""

    async def adopt(self, tenant: str, now: datetime) -> Sequence[FloorEvent]:
        """Make items of hand-offs that wait and have none, and end items whose call is over; what that caused."""

    async def heard(self, tenant: str, agent: str, now: datetime) -> bool:
        """An agent's desk lives. False: it is signed off, or was believed to be lost, and has to sign in again."""

    async def silent(self, tenant: str, now: datetime) -> Sequence[str]:
        """Agents whose desks were not heard of for ``SILENT_AFTER``."""

    async def due(self, now: datetime) -> Sequence[str]:
        """Tenants on whose floors time has brought something: a deadline, or a silent desk."""

    async def figures(self, tenant: str, since: datetime) -> Mapping[str, QueueFigures]:
        """What became of the calls of each queue since then."""


def item_of_handoff(handoff: Handoff, language: str, node: str, queues: Queues) -> WorkItem:
    """The item that a hand-off becomes, in line since it was queued. Its skills begin with the language that was spoken
    then; without one it is ``language``, the call's."""
    spoken = next((skill for skill in handoff.skills if skill in {language, *queues.languages}), None)
    skills = skill_levels(skill for skill in handoff.skills if skill != spoken)
    call, queue = handoff.call_id, handoff.queue
    since = handoff.created_at
    return waiting_item(handoff.handoff_id, call, queue, spoken or language, since, node=node, skills=skills)


def latest(events: Iterable[FloorEvent]) -> list[FloorEvent]:
    """The last event of each item, offer and agent, in order: what there is to store."""
    last = {(event.about, event.subject): event for event in events}
    return sorted(last.values(), key=lambda event: event.seq)


# --- in memory --------------------------------------------------------------------------------------------------------
MOST_EVENTS = 50_000
"""Events of a tenant that the store in memory keeps; the oldest go."""

MOST_OVER = 10_000
"""Items of a tenant that are over and that the store in memory keeps, for figures; the oldest go."""


@dataclass(slots=True)
class _Kept:
    floor: Floor
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    events: deque[FloorEvent] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))
    over: deque[WorkItem] = field(default_factory=lambda: deque(maxlen=MOST_OVER))
    heard: dict[str, datetime] = field(default_factory=dict)
    next_due: datetime | None = None


class MemoryFloorStore:
    """Floors that are forgotten with the process: for one process without a database, and for tests.

    Hand-offs are those of ``ledger``; without one, ``adopt`` finds none.
    """

    def __init__(self, queues_of: QueuesOf, ledger: Ledger | None = None) -> None:
        self._queues_of = queues_of
        self._ledger = ledger
        self._kept: dict[str, _Kept] = {}
        self._followers = FloorFollowers(lambda tenant, after: self.events(tenant, after_seq=after))

    async def start(self) -> None:
        """See ``FloorStore``. There are no other nodes."""

    async def close(self) -> None:
        """See ``FloorStore``."""
        self._followers.close()

    @asynccontextmanager
    async def open(self, tenant: str, *, wait: bool = True) -> AsyncIterator[Floor]:
        """See ``FloorStore``."""
        kept = self._of(tenant)
        if not wait and kept.lock.locked():
            raise FloorHeld(f"the floor of {tenant} is held by somebody else; try again")
        async with kept.lock:
            floor = self._copy(tenant)
            yield floor
            if floor.now is not None:
                self._keep(kept, floor)
                await self._let_handoffs_follow(tenant, floor.news)
        if floor.news:
            self._followers.hint(tenant)

    async def snapshot(self, tenant: str) -> Floor:
        """See ``FloorStore``."""
        return self._copy(tenant)

    async def events(self, tenant: str, *, after_seq: int = 0, limit: int = PAGE) -> Sequence[FloorEvent]:
        """See ``FloorStore``."""
        behind = (event for event in self._of(tenant).events if event.seq > after_seq)
        return list(islice(behind, limit))

    def subscribe(self, tenant: str, *, after_seq: int) -> FloorFollower:
        """See ``FloorStore``."""
        return self._followers.add(tenant, after_seq)

    async def adopt(self, tenant: str, now: datetime) -> Sequence[FloorEvent]:
        """See ``FloorStore``."""
        if self._ledger is None:
            return []
        async with self.open(tenant) as floor:
            over = {item.item for item in self._of(tenant).over}
            handoffs = {handoff.handoff_id: handoff for handoff in await self._ledger.handoffs(tenant, limit=MOST_OVER)}
            for handoff in handoffs.values():
                record = await self._ledger.call(tenant, handoff.call_id)
                waits = handoff.state == HandoffState.QUEUED and handoff.handoff_id not in over
                if waits and record is not None and record.ended_at is None:
                    floor.enqueue(item_of_handoff(handoff, record.language, record.node, floor.queues), now)
            for item in list(floor.items.values()):
                record = await self._ledger.call(tenant, item.call)
                abandoned = item.item in handoffs and handoffs[item.item].state == HandoffState.ABANDONED
                if item.callback is None and (abandoned or (record is not None and record.ended_at is not None)):
                    floor.abandon(item.item, now)
            return list(floor.news)

    async def heard(self, tenant: str, agent: str, now: datetime) -> bool:
        """See ``FloorStore``."""
        kept = self._of(tenant)
        there = agent in kept.heard
        if there:
            kept.heard[agent] = now
        return there

    async def silent(self, tenant: str, now: datetime) -> Sequence[str]:
        """See ``FloorStore``."""
        return sorted(agent for agent, at in self._of(tenant).heard.items() if at <= now - SILENT_AFTER)

    async def due(self, now: datetime) -> Sequence[str]:
        """See ``FloorStore``."""
        return sorted(name for name, kept in self._kept.items() if kept.next_due is not None and kept.next_due <= now)

    async def figures(self, tenant: str, since: datetime) -> Mapping[str, QueueFigures]:
        """See ``FloorStore``."""
        kept, queues = self._of(tenant), self._queues_of(tenant)
        items = [item for item in (*kept.over, *kept.floor.items.values()) if item.since >= since]
        return {name: _figures(queue, items, since) for name, queue in queues.by_id.items()}

    def _of(self, tenant: str) -> _Kept:
        if tenant not in self._kept:
            self._kept[tenant] = _Kept(Floor(self._queues_of(tenant)))
        return self._kept[tenant]

    def _copy(self, tenant: str) -> Floor:
        kept = self._of(tenant).floor
        values = (kept.items.values(), kept.offers.values(), kept.agents.values())
        return Floor(self._queues_of(tenant), *values, kept.seq)

    def _keep(self, kept: _Kept, floor: Floor) -> None:
        kept.floor = floor
        kept.events.extend(floor.news)
        for event in latest(floor.news):
            entity = entity_of(event)
            if isinstance(entity, WorkItem) and entity.state in OVER:
                kept.over.append(entity)
        there = [agent for agent in floor.agents.values() if agent.presence is not Presence.OFFLINE]
        kept.heard = {agent.agent: kept.heard.get(agent.agent, agent.since) for agent in there}
        silent_at = (at + SILENT_AFTER for at in kept.heard.values())
        deadline = [] if floor.deadline is None else [floor.deadline]
        kept.next_due = min((*deadline, *silent_at), default=None)

    async def _let_handoffs_follow(self, tenant: str, news: Sequence[FloorEvent]) -> None:
        if self._ledger is None or not news:
            return
        now_at = {handoff.handoff_id: handoff.state for handoff in await self._ledger.handoffs(tenant, limit=MOST_OVER)}
        for event in latest(news):
            entity = entity_of(event)
            if isinstance(entity, WorkItem) and entity.item in now_at:
                before, after = HandoffState(now_at[entity.item]), HANDOFF_STATES[entity.state]
                await self._ledger.move_handoff(tenant, entity.item, before=before, after=after)


def _figures(queue: Queue, items: Iterable[WorkItem], since: datetime) -> QueueFigures:
    mine = [item for item in items if item.queue == queue.id and item.callback is None]
    goal = timedelta(seconds=queue.answer_within)
    left = [item.since - item.enqueued_at for item in mine if item.state is ItemState.ABANDONED]
    answered = [item for item in mine if item.state is not ItemState.ABANDONED]
    waits = [item.answered_at - item.enqueued_at for item in answered if item.answered_at and item.answered_at >= since]
    took = [
        (item.since - item.answered_at).total_seconds()
        for item in mine
        if item.state is ItemState.COMPLETED and item.answered_at is not None
    ]
    return QueueFigures(
        answered=len(waits),
        answered_in_time=sum(wait <= goal for wait in waits),
        abandoned=len(left),
        abandoned_in_time=sum(wait <= goal for wait in left),
        handled=len(took),
        handling_seconds=sum(took) / len(took) if took else None,
    )
