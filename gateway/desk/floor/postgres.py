"""The floors of all tenants in PostgreSQL: see ``gateway.desk.floor.store`` for what is promised.

A floor is held by its row, from its reading to the commit that writes what was done: items, offers, agents, the states
of their hand-offs, and the events, numbered in the order of the commits. A notification tells other nodes' followers
that there is something to read; it may get lost, and nothing depends on it. Callbacks' numbers lie sealed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import structlog
from psycopg import AsyncCursor

from gateway.desk.floor.errors import FloorHeld
from gateway.desk.floor.events import FloorEvent, Kind, unpacked_agent, unpacked_item, unpacked_offer
from gateway.desk.floor.figures import QueueFigures
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.followers import FloorFollower, FloorFollowers
from gateway.desk.floor.queue import Queues
from gateway.desk.floor.sealing import Change, with_number
from gateway.desk.floor.store import HANDOFF_STATES, PAGE, SILENT_AFTER, QueuesOf, item_of_handoff, latest
from gateway.desk.floor.work_item import ItemState
from gateway.session.records import Handoff
from infra.storage.database import Connection, Database, translated
from infra.storage.errors import StorageError
from infra.storage.queries import Query, load_queries
from infra.storage.sealed_words import SealedWords
from infra.supervision import ended

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

AT_ONCE = 500
"""Hand-offs that are adopted, and items that are ended, in one go; more wait for the next."""

LISTEN_PAUSE = 0.5
"""Seconds until a lost LISTEN connection is made anew."""

_log = structlog.get_logger(__name__)


class PostgresFloorStore:
    """The floors of the tenants in the directory of tenants (see ``FloorStore``), from ``start`` to ``close``."""

    def __init__(self, database: Database, queues_of: QueuesOf, words_of: Callable[[str], SealedWords]) -> None:
        self._database = database
        self._queues_of = queues_of
        self._words_of = words_of
        self._followers = FloorFollowers(lambda tenant, after: self.events(tenant, after_seq=after))
        self._listening: asyncio.Task[None] | None = None
        self._entered: set[str] = set()

    async def start(self) -> None:
        """See ``FloorStore``."""
        self._listening = asyncio.create_task(self._listen(), name="floor-listen")

    async def close(self) -> None:
        """See ``FloorStore``."""
        task, self._listening = self._listening, None
        if task is not None:
            await ended(task)
        self._followers.close()

    @asynccontextmanager
    async def open(self, tenant: str, *, wait: bool = True) -> AsyncIterator[Floor]:
        """See ``FloorStore``."""
        async with self._held(tenant, wait=wait) as (_, floor):
            yield floor

    async def snapshot(self, tenant: str) -> Floor:
        """See ``FloorStore``."""
        async with self._database.tenant(tenant) as connection:
            return await self._transaction(connection, tenant).read(self._queues_of(tenant))

    async def events(self, tenant: str, *, after_seq: int = 0, limit: int = PAGE) -> Sequence[FloorEvent]:
        """See ``FloorStore``."""
        rows = await self._rows(tenant, "read_events", after_seq=after_seq, limit=limit)
        opened = self._words_of(tenant).unseal
        return [
            FloorEvent(seq, at, Kind(kind), subject, with_number(payload, opened))
            for seq, at, kind, subject, payload in rows
        ]

    def subscribe(self, tenant: str, *, after_seq: int) -> FloorFollower:
        """See ``FloorStore``."""
        return self._followers.add(tenant, after_seq)

    async def adopt(self, tenant: str, now: datetime) -> Sequence[FloorEvent]:
        """See ``FloorStore``. The floor is held only where there is something to do."""
        waiting = await self._rows(tenant, "waiting_handoffs", limit=AT_ONCE)
        orphaned = await self._rows(tenant, "orphaned_items", limit=AT_ONCE)
        if not waiting and not orphaned:
            return []
        async with self._held(tenant) as (transaction, floor):
            # Asked again: meanwhile somebody else may have done it.
            for *handoff, language, node in await transaction.rows("waiting_handoffs", limit=AT_ONCE):
                floor.enqueue(item_of_handoff(_handoff(handoff), language, node, floor.queues), now)
            for (item,) in orphaned:
                floor.abandon(item, now)
            return list(floor.news)

    async def heard(self, tenant: str, agent: str, now: datetime) -> bool:
        """See ``FloorStore``."""
        return bool(await self._rows(tenant, "hear", agent=agent, now=now))

    async def silent(self, tenant: str, now: datetime) -> Sequence[str]:
        """See ``FloorStore``."""
        return [agent for (agent,) in await self._rows(tenant, "silent_agents", before=now - SILENT_AFTER)]

    async def due(self, now: datetime) -> Sequence[str]:
        """See ``FloorStore``."""
        async with self._database.untenanted() as connection:
            cursor = await connection.execute(QUERIES["due_floors"].sql, {"now": now})
            return [tenant for (tenant,) in await cursor.fetchall()]

    async def figures(self, tenant: str, since: datetime) -> Mapping[str, QueueFigures]:
        """See ``FloorStore``."""
        queues = self._queues_of(tenant).by_id
        goals = [queue.answer_within for queue in queues.values()]
        rows = await self._rows(tenant, "read_figures", queues=list(queues), goals=goals, since=since)
        return {**dict.fromkeys(queues, QueueFigures()), **{queue: QueueFigures(*counts) for queue, *counts in rows}}

    async def _rows(self, tenant: str, query: str, **arguments: Any) -> list[tuple[Any, ...]]:
        async with self._database.tenant(tenant) as connection:
            return await self._transaction(connection, tenant).rows(query, **arguments)

    def _transaction(self, connection: Connection, tenant: str) -> _Transaction:
        return _Transaction(connection, tenant, self._words_of(tenant))

    @asynccontextmanager
    async def _held(self, tenant: str, *, wait: bool = True) -> AsyncIterator[tuple[_Transaction, Floor]]:
        await self._enter(tenant)
        async with self._database.tenant(tenant) as connection:
            transaction = self._transaction(connection, tenant)
            floor = await transaction.hold(self._queues_of(tenant), wait=wait)
            yield transaction, floor
            if floor.now is not None:
                await transaction.save(floor)
        if floor.news:
            self._followers.hint(tenant)

    async def _enter(self, tenant: str) -> None:
        """Have a row to hold, committed before anybody holds it: who looks for it must not wait for its first user."""
        if tenant not in self._entered:
            async with self._database.tenant(tenant) as connection:
                await connection.execute(QUERIES["enter_floor"].sql, {"tenant": tenant})
            self._entered.add(tenant)

    # --- what other nodes tell ----------------------------------------------------------------------------------------
    async def _listen(self) -> None:
        while True:
            try:
                connection = await self._database.connect()
                async with connection:
                    await self._hear(connection)
            except StorageError as error:
                _log.warning("the connection that tells of other nodes' floors was lost", error=str(error))
            await asyncio.sleep(LISTEN_PAUSE)

    async def _hear(self, connection: Connection) -> None:
        with translated():
            await connection.execute(QUERIES["listen"].sql)
            self._followers.hint()  # of what was told before we listened
            async with aclosing(connection.notifies()) as notifications:
                async for notification in notifications:
                    self._followers.hint(notification.payload)


class _Transaction:
    """One transaction on a tenant's floor."""

    def __init__(self, connection: Connection, tenant: str, words: SealedWords) -> None:
        self._connection = connection
        self._tenant = tenant
        self._words = words

    async def hold(self, queues: Queues, *, wait: bool) -> Floor:
        """The floor, for nobody else until the commit. Raises ``FloorHeld``."""
        async with self._connection.pipeline():  # in one go, and it is read as it stands once it is held
            held = await self._execute("hold_floor" if wait else "hold_floor_if_free")
            read = await self._execute("read_floor")
        if await held.fetchone() is None:
            raise FloorHeld(f"the floor of {self._tenant} is held by somebody else; try again")
        return self._floor(await read.fetchone(), queues)

    async def read(self, queues: Queues) -> Floor:
        """The floor as it stands."""
        return self._floor(await (await self._execute("read_floor")).fetchone(), queues)

    async def save(self, floor: Floor) -> None:
        """Write what was done, all in one go."""
        rows = _rows_of(floor.news, self._tenant, self._words.seal)
        async with self._connection.pipeline():
            for query, given in rows.items():
                if given:
                    await self._execute(query, rows=orjson.dumps(given).decode())
            silent = SILENT_AFTER.total_seconds()
            await self._execute("move_floor", seq=floor.seq, deadline=floor.deadline, silent=silent)
            if floor.news:
                await self._execute("notify")

    async def rows(self, query: str, **arguments: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return await (await self._execute(query, **arguments)).fetchall()

    async def _execute(self, query: str, **arguments: Any) -> AsyncCursor[tuple[Any, ...]]:
        return await self._connection.execute(QUERIES[query].sql, {"tenant": self._tenant, **arguments})

    def _floor(self, row: tuple[Any, ...] | None, queues: Queues) -> Floor:
        """The floor of a row; an empty one where nobody has used it yet."""
        if row is None:
            return Floor(queues)
        seq, items, offers, agents = row
        opened = (unpacked_item(with_number(item, self._words.unseal)) for item in items)
        return Floor(queues, opened, map(unpacked_offer, offers), map(unpacked_agent, agents), seq)


def _rows_of(news: Sequence[FloorEvent], tenant: str, seal: Change) -> dict[str, list[dict[str, Any]]]:
    """What is to be written, by query, in an order in which the database's rules hold after each row."""
    rows: dict[str, list[dict[str, Any]]] = {
        "write_items": [],
        "write_offers": [],
        "write_agents": [],
        "move_handoffs": [],
        "append_events": [
            {
                "tenant": tenant,
                "seq": event.seq,
                "at": event.at,
                "kind": event.kind,
                "subject": event.subject,
                "payload": with_number(event.payload, seal),
            }
            for event in news
        ],
    }
    for event in latest(news):
        row = {"tenant": tenant, **with_number(event.payload, seal)}
        match event.about:
            case "item":
                rows["write_items"].append(row)
                state = HANDOFF_STATES[ItemState(row["state"])]
                rows["move_handoffs"].append({"item": event.subject, "state": state})
            case "offer":
                rows["write_offers"].append(row)
            case _:
                rows["write_agents"].append({**row, "heard_at": event.at})
    return rows


def _handoff(row: Sequence[Any]) -> Handoff:
    tenant, handoff_id, call_id, reason, queue, skills, summary, state, created_at = row
    return Handoff(tenant, handoff_id, call_id, reason, queue, tuple(skills), summary, state, created_at)
