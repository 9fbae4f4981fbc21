"""How a tenant's floor stands, for everybody who looks at it: who waits how long, who is at work, today's figures.

Many look at the same moment, and nobody needs it fresher than half a second: one reading serves them all.

Refuses: changing anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.desk.floor.figures import QueueFigures
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.queue import Queue
from gateway.desk.floor.store import FloorStore
from gateway.desk.floor.waiting_time import Estimate, estimate, on_duty, place_in_queue
from gateway.desk.floor.work_item import WorkItem, waiting_item
from gateway.session.waiting import Waiting

FRESH = timedelta(seconds=0.5)
"""For so long a reading is as good as a new one."""


@dataclass(frozen=True, slots=True)
class Board:
    """A floor as it stood ``at`` a moment, and what became of each queue's calls since the day began."""

    floor: Floor
    figures: Mapping[str, QueueFigures]
    at: datetime

    def waiting(self, item: WorkItem) -> Waiting:
        """Where a caller stands who waits, and how long it may take."""
        place = place_in_queue(item, self.floor.waiting(item.queue))
        return Waiting(place, self._estimate(item, place).seconds)

    def queues(self) -> list[dict[str, Any]]:
        """All queues, for pages."""
        return [self._queue(queue) for queue in self.floor.queues.by_id.values()]

    def _queue(self, queue: Queue) -> dict[str, Any]:
        waiting = self.floor.waiting(queue.id)
        newcomers = [waiting_item("", "", queue.id, language, self.at) for language in queue.languages or ("",)]
        agents = self.floor.agents.values()
        answering = [one for one in agents if any(on_duty(who, [one], queue, self.at) for who in newcomers)]
        told = self._estimate(newcomers[0], len(waiting) + 1)
        figures = self.figures.get(queue.id, QueueFigures())
        oldest = min((item.enqueued_at for item in waiting), default=None)
        return {
            "id": queue.id,
            "name": dict(queue.name),
            "waiting": len(waiting),
            "oldest_since": None if oldest is None else oldest.isoformat(),
            "longest_wait": None if oldest is None else (self.at - oldest).total_seconds(),
            "estimate": {"seconds": told.seconds, "method": told.method, "sample": told.sample},
            "answering": len(answering),
            "service_level": figures.service_level,
            "answer_within": queue.answer_within,
            "answered_today": figures.answered,
            "abandoned_today": figures.abandoned,
        }

    def _estimate(self, item: WorkItem, place: int) -> Estimate:
        figures = self.figures.get(item.queue, QueueFigures())
        agents = on_duty(item, self.floor.agents.values(), self.floor.queues[item.queue], self.at)
        return estimate(place, agents, figures.handling_seconds, figures.handled)


class Boards:
    """All tenants'. ``day_began`` says when a tenant's day began."""

    def __init__(
        self, floors: FloorStore, day_began: Callable[[str, datetime], datetime], now: Callable[[], datetime]
    ) -> None:
        self._floors = floors
        self._day_began = day_began
        self._now = now
        self._read: dict[str, Board] = {}
        self._reading: dict[str, asyncio.Lock] = {}

    async def look(self, tenant: str) -> Board:
        """The tenant's board, at most ``FRESH`` old. Raises ``StorageError``."""
        async with self._reading.setdefault(tenant, asyncio.Lock()):
            board = self._read.get(tenant)
            if board is None or self._now() - board.at > FRESH:
                board = self._read[tenant] = await self.read(tenant)
            return board

    async def read(self, tenant: str) -> Board:
        """The tenant's board as it stands at this moment. Raises ``StorageError``."""
        now = self._now()
        floor = await self._floors.snapshot(tenant)
        return Board(floor, await self._floors.figures(tenant, self._day_began(tenant, now)), now)
