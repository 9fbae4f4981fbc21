"""What an export reads: one moment of a tenant's records, as blocks of CSV straight from PostgreSQL.

All tables are read in one read-only transaction, so that they fit together. Rows come as PostgreSQL writes them, in
blocks of whole rows, and are never made objects of: that is what keeps a million of them cheap.

Refuses: a second export of the same tenant to the same place at the same time; opening what lies sealed, for no export
tells whose number it was.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.analytics.exports.errors import ExportRunning, WatermarkLost
from gateway.analytics.exports.manifest import Watermark
from gateway.analytics.exports.tables import Follows, Table
from gateway.session.records import CallRecord, ContactEvent
from infra.storage.database import Connection, Database, set_tenant, translated
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

BLOCK: Final = 8 * 1024 * 1024
"""Bytes of CSV that are handed on at once."""

PAGE: Final = 200
"""Calls that are listed at once where each becomes a file of its own."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows: of contacts that began from ``since`` to before ``until``, and that changed ``after`` a watermark."""

    since: datetime | None = None
    until: datetime | None = None
    after: Watermark | None = None

    def arguments(self) -> dict[str, Any]:
        """The same for the queries."""
        return {
            "since": self.since,
            "until": self.until,
            "after": None if self.after is None else str(self.after.written),
        }


class Snapshot:
    """A tenant's records as they stand at one moment; ``watermark`` is where the next export begins."""

    def __init__(self, connection: Connection, tenant: str, watermark: Watermark, newest: int) -> None:
        self._connection = connection
        self._tenant = tenant
        self._newest = newest
        self.watermark = watermark

    def check(self, after: Watermark) -> None:
        """Whether what changed since a watermark can be told here. Raises ``WatermarkLost``."""
        if after.cluster != self.watermark.cluster:
            raise WatermarkLost(
                "the export before was of another PostgreSQL cluster (it was moved, or restored from a dump): export "
                "with --whole"
            )
        if after.written > self._newest:
            raise WatermarkLost(
                "the export before has seen transactions that this database has not had (it was set back to an earlier "
                "moment): export with --whole"
            )

    async def blocks(self, table: Table, scope: Scope, time_zone: str, size: int = BLOCK) -> AsyncIterator[bytes]:
        """A table's rows as CSV without a header: the day in ``time_zone``, then the table's columns. Null is nothing,
        an empty text is ``""``."""
        name = "rows_of_calls" if table.follows is Follows.CALL else "rows"
        statement = _with_names(QUERIES[name].sql, table)
        asked = {"tenant": self._tenant, "time_zone": time_zone, **scope.arguments()}
        block = bytearray()
        with translated():
            async with self._connection.cursor().copy(statement, asked) as copy:
                async for row in copy:
                    block += row
                    if len(block) >= size:
                        yield bytes(block)
                        block.clear()
        if block:
            yield bytes(block)

    async def ended_calls(self, scope: Scope) -> AsyncIterator[CallRecord]:
        """The calls that are over, in the order of their beginnings."""
        last: CallRecord | None = None
        while True:
            behind = {"behind_at": last and last.started_at, "behind_id": last and last.call_id}
            page = await self._rows("ended_calls", {**scope.arguments(), **behind, "limit": PAGE})
            order = [field.name for field in fields(CallRecord)]
            for row in page:
                last = CallRecord(**dict(zip(order, row, strict=True)))
                yield last
            if len(page) < PAGE:
                return

    async def events(self, call: str) -> Sequence[ContactEvent]:
        """A call's whole log."""
        return [ContactEvent(*row) for row in await self._rows("events", {"call": call})]

    async def _rows(self, query: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with translated():
            cursor = await self._connection.execute(QUERIES[query].sql, {"tenant": self._tenant, **asked})
            return await cursor.fetchall()


@asynccontextmanager
async def snapshot(database: Database, tenant: str, place: str) -> AsyncIterator[Snapshot]:
    """A tenant's records at this moment, for an export to ``place``. Raises ``ExportRunning`` and storage's errors."""
    connection = await database.connect()
    async with connection:
        with translated():
            async with connection.transaction():
                await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                await connection.execute(QUERIES["limits"].sql)
                await set_tenant(connection, tenant)
                asked = {"place": f"{tenant} {place}"}
                held = await (await connection.execute(QUERIES["lock"].sql, asked)).fetchone()
                if held is None or not held[0]:
                    raise ExportRunning(f"records of {tenant} are being exported to {place} just now: try again later")
                marks = await (await connection.execute(QUERIES["watermark"].sql)).fetchone()
                assert marks is not None, "the query always has one row"
                cluster, oldest, newest = marks
                yield Snapshot(connection, tenant, Watermark(cluster, int(oldest)), int(newest))


def _with_names(statement: bytes, table: Table) -> bytes:
    """Names are of our own list, never a user's."""
    made = {"revision": "r.written::text::bigint"}
    names = {
        b"{columns}": ", ".join(made.get(column.name, f"r.{column.name}") for column in table.columns),
        b"{view}": table.name,
        b"{order}": ", ".join(table.key),
    }
    for placeholder, name in names.items():
        statement = statement.replace(placeholder, name.encode())
    return statement
