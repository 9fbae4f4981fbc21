"""A tenant's deliveries in PostgreSQL: entered by the log's own transactions, moved here.

What an event says is read when it is sent, from the log. An event that is not there any more is not told of.

Refuses: to decide what becomes of a delivery; ``delivery.step`` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import AsyncCursor

from gateway.analytics.webhooks.delivery import Delivery, State
from gateway.analytics.webhooks.subscription import Subscription
from gateway.session.records import ContactEvent
from infra.storage.database import Connection, Database
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

NO_SUBSCRIPTION = "there is no such subscription any more"

SKIPPED = "skipped by hand"

OVER = (State.DELIVERED, State.DEAD)


@dataclass(frozen=True, slots=True)
class Line:
    """A subscription and a contact: what is told one after the other."""

    subscription: str
    contact: str


class Outbox:
    """The deliveries of ``tenant``, which must be in the directory of tenants."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self.tenant = tenant

    async def subscribe(self, subscriptions: Iterable[Subscription], now: datetime) -> None:
        """From now on these are told of what happens, and nobody else; what is due for others is given up."""
        wanted = {one.name: sorted(one.kinds) for one in subscriptions}
        async with self._database.tenant(self.tenant) as connection:
            for name, kinds in wanted.items():
                await self._execute(connection, "want", subscription=name, kinds=kinds)
            names = list(wanted)
            await self._execute(connection, "forget_others", subscriptions=names)
            await self._execute(connection, "give_up_others", subscriptions=names, now=now, reason=NO_SUBSCRIPTION)

    async def new(self, limit: int) -> list[tuple[Line, int]]:
        """Deliveries that nobody has been told of: their lines, and their numbers there."""
        async with self._database.tenant(self.tenant) as connection:
            rows = await (await self._execute(connection, "take_new", limit=limit)).fetchall()
        return [(Line(subscription, contact), seq) for subscription, contact, seq in rows]

    async def told(self, deliveries: Sequence[tuple[Line, int]]) -> None:
        """Somebody has been told of them."""
        async with self._database.tenant(self.tenant) as connection:
            await self._execute(
                connection,
                "mark_queued",
                subscriptions=[line.subscription for line, _ in deliveries],
                contacts=[line.contact for line, _ in deliveries],
                seqs=[seq for _, seq in deliveries],
            )

    async def overdue(self, before: datetime, limit: int) -> list[Line]:
        """Lines whose next delivery should have been tried before that time."""
        async with self._database.tenant(self.tenant) as connection:
            rows = await (await self._execute(connection, "overdue", before=before, limit=limit)).fetchall()
        return [Line(*row) for row in rows]

    async def due(self, line: Line, limit: int) -> list[tuple[Delivery, ContactEvent | None]]:
        """What is to be told next in a line, each with its event, if the log still has it."""
        asked = {"subscription": line.subscription, "contact": line.contact, "limit": limit}
        async with self._database.tenant(self.tenant) as connection:
            rows = await (await self._execute(connection, "due", **asked)).fetchall()
        width = len(fields(Delivery))
        return [(_delivery(row[:width]), None if row[width] is None else ContactEvent(*row[width:])) for row in rows]

    async def move(self, after: Delivery) -> None:
        """Write down what became of a due delivery. If the database dies just then it may be due again."""
        async with self._database.tenant(self.tenant) as connection:
            await connection.execute(QUERIES["move_lightly"].sql)
            await self._execute(
                connection,
                "move",
                subscription=after.subscription,
                contact=after.contact,
                seq=after.seq,
                state=after.state.value,
                attempts=after.attempts,
                next_at=after.next_at,
                reason=after.reason,
            )

    async def latest(
        self,
        *,
        state: State | None = None,
        subscription: str | None = None,
        contact: str | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        """The latest deliveries."""
        wanted = None if state is None else state.value
        return await self._read("latest", state=wanted, subscription=subscription, contact=contact, limit=limit)

    async def counts(self) -> list[tuple[str, State, int]]:
        """How many deliveries are due or given up, of each subscription."""
        async with self._database.tenant(self.tenant) as connection:
            rows = await (await self._execute(connection, "counts")).fetchall()
        return [(subscription, State(state), count) for subscription, state, count in rows]

    async def redeliver(
        self,
        now: datetime,
        *,
        states: Sequence[State] = (State.DEAD,),
        subscription: str | None = None,
        contact: str | None = None,
    ) -> list[Line]:
        """Let deliveries that are over be due again; the line of each."""
        asked = {"states": [state.value for state in states], "subscription": subscription, "contact": contact}
        async with self._database.tenant(self.tenant) as connection:
            rows = await (await self._execute(connection, "redeliver", now=now, **asked)).fetchall()
        return [Line(*row) for row in rows]

    async def skip(self, line: Line, now: datetime) -> Delivery | None:
        """Give up, because somebody wants that, the event that a line's others wait for; None where nothing is due."""
        asked = {"subscription": line.subscription, "contact": line.contact, "now": now, "reason": SKIPPED}
        given_up = await self._read("skip", **asked)
        return given_up[0] if given_up else None

    async def sweep(self, delivered_before: datetime, dead_before: datetime) -> int:
        """Delete deliveries that were over before these times; how many."""
        bounds = {"delivered_before": delivered_before, "dead_before": dead_before}
        async with self._database.tenant(self.tenant) as connection:
            return (await self._execute(connection, "sweep", **bounds)).rowcount

    async def _read(self, query: str, **arguments: Any) -> list[Delivery]:
        async with self._database.tenant(self.tenant) as connection:
            rows = await (await self._execute(connection, query, **arguments)).fetchall()
        return [_delivery(row) for row in rows]

    async def _execute(self, connection: Connection, query: str, **arguments: Any) -> AsyncCursor[tuple[Any, ...]]:
        return await connection.execute(QUERIES[query].sql, {"tenant": self.tenant, **arguments})


def _delivery(row: tuple[Any, ...]) -> Delivery:
    subscription, contact, seq, kind, since, state, attempts, next_at, reason = row
    return Delivery(subscription, contact, seq, kind, since, State(state), attempts, next_at, reason)
