"""Writes the ledger's entries to PostgreSQL in batches: one transaction, one commit, one NOTIFY, however many calls.

The writer takes what the spool holds, at most once in 20 ms. What comes after a pause is written at once; what comes
while a batch is under way makes the next one. While the database is away it tries the same batch again and again.

The batch may hold several tenants. Each tenant's part is written under that tenant (``app.tenant`` is set anew inside
the transaction), so that row level security checks every row and one commit still serves all. A transaction for each
tenant would cost a flush to disk for each, which on a busy node with many tenants would be most of the 20 ms.

Writing is idempotent: after a connection was lost in the middle of a commit the same batch is written again. Rows that
are there already are compared with those to be written; the same is success, anything else means that somebody else
writes under this call's numbers, and is an error.

Refuses: writing under an epoch that is over (``LedgerFenced``): the node's row is held against being fenced until the
commit, so that a call that was closed as lost gets no further event from the node that lost it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import structlog
from psycopg import AsyncCursor

from gateway.session.errors import CallLogBroken, LedgerFenced
from gateway.session.ledger import Entry, Spool
from gateway.session.records import ContactEvent, Handoff
from infra.storage.database import TRANSACTION_LIMIT, Connection, Database, translated
from infra.storage.errors import ConstraintBroken, DatabaseUnavailable, StatementTimedOut, StorageError
from infra.storage.queries import Query, load_queries
from infra.telemetry.metrics import metrics

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

BATCH_SECONDS = 0.02
"""Time from the beginning of one batch to the next, at least."""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.5
"""Seconds between two attempts to write a batch."""

_EVENTS = metrics.counter("aicc_ledger_events", "Events made durable")
_BATCHES = metrics.histogram(
    "aicc_ledger_batch_events", "Events in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
)
_ACKNOWLEDGED = metrics.histogram("aicc_ledger_acknowledge_seconds", "From the append of an event until it is durable")
_RETRIES = metrics.counter("aicc_ledger_retries", "Batches written again because the database was away or too slow")
_BROKEN = metrics.counter("aicc_ledger_broken_calls", "Calls whose events the database refused for good")

_log = structlog.get_logger(__name__)


class LedgerWriter:
    """The one task that writes a node's events. ``durable`` is called with each batch, in order, once it is."""

    def __init__(
        self, database: Database, node: str, epoch: int, spool: Spool, durable: Callable[[Sequence[Entry]], None]
    ) -> None:
        self._database = database
        self._node = node
        self._epoch = epoch
        self._spool = spool
        self._durable = durable
        self._connection: Connection | None = None

    async def run(self) -> None:
        """Write until cancelled. Raises ``LedgerFenced``."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._spool.filled()
                begun = loop.time()
                await self._write_until_done(self._spool.take())
                await asyncio.sleep(max(0.0, BATCH_SECONDS - (loop.time() - begun)))
        finally:
            await self._hang_up()

    async def _write_until_done(self, batch: Sequence[Entry]) -> None:
        pause = FIRST_PAUSE
        parts = self._wholesome([batch])
        while parts:
            try:
                await self._write(parts[0])
            except (DatabaseUnavailable, StatementTimedOut) as error:
                _RETRIES.inc()
                _log.warning("a batch is not durable yet; writing it again", events=len(parts[0]), error=str(error))
                await self._hang_up()
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except StorageError as error:
                # Some call's rows are refused, and must not hold up the others': each call for itself.
                by_call = _by_call(parts[0])
                if len(by_call) == 1:
                    self._break(by_call[0], error)
                    by_call = []
                parts = self._wholesome(by_call + parts[1:])
            else:
                self._done(parts.pop(0))
                pause = FIRST_PAUSE

    async def _write(self, batch: Sequence[Entry]) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = await self._database.connect()
        await write_batch(self._connection, self._node, self._epoch, batch)

    def _done(self, batch: Sequence[Entry]) -> None:
        now = asyncio.get_running_loop().time()
        self._spool.done(batch)
        for entry in batch:
            _ACKNOWLEDGED.observe(now - entry.accepted)
        _EVENTS.inc(len(batch))
        _BATCHES.observe(len(batch))
        self._durable(batch)

    def _break(self, batch: Sequence[Entry], error: StorageError) -> None:
        _BROKEN.inc()
        call = batch[0].call
        _log.error("the database refuses a call's events for good", call_id=call.call_id, error=str(error))
        call.failed(CallLogBroken(f"call {call.call_id} cannot be recorded any further: {error}"))
        self._spool.done(batch)

    def _wholesome(self, parts: list[Sequence[Entry]]) -> list[Sequence[Entry]]:
        """The parts without events of calls that are broken: behind a gap nothing may follow."""
        kept: list[Sequence[Entry]] = []
        for part in parts:
            good = [entry for entry in part if entry.call.failure is None]
            self._spool.done([entry for entry in part if entry.call.failure is not None])
            if good:
                kept.append(good)
        return kept

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


async def write_batch(connection: Connection, node: str, epoch: int, batch: Sequence[Entry]) -> None:
    """Make the entries durable, all or none. ``connection`` is in autocommit mode and used by nobody else meanwhile.

    Raises ``LedgerFenced``, ``ConstraintBroken`` (somebody else's rows are there), and other ``StorageError``; after
    ``DatabaseUnavailable`` it is unknown whether the batch is durable, and it is to be written again.
    """
    events = [entry.event for entry in batch]
    with translated():
        try:
            async with asyncio.timeout(TRANSACTION_LIMIT), connection.transaction():
                async with connection.pipeline():  # all statements in one go, and their results in one
                    fence = await connection.execute(QUERIES["hold_fence"].sql, {"node": node, "epoch": epoch})
                    parts = [
                        (columns, await _write_tenant(connection, columns, entries))
                        for columns, entries in _by_tenant(batch)
                    ]
                    await connection.execute(QUERIES["notify"].sql, {"payload": notice(node, epoch, events)})
                if await fence.fetchone() is None:
                    raise LedgerFenced(
                        f"node {node} no longer holds epoch {epoch}: it was declared lost, or started again under this "
                        "name; end its calls and start the process anew"
                    )
                for columns, appended in parts:
                    if appended.rowcount != len(columns["seqs"]):
                        await _check_same(connection, columns)
        except TimeoutError as error:
            raise DatabaseUnavailable(f"the database did not take a batch within {TRANSACTION_LIMIT:g} s") from error


def notice(node: str, epoch: int, events: Sequence[ContactEvent]) -> str:
    """What the NOTIFY of some events says: who wrote them, and each call's lowest and highest new number."""
    ranges: dict[tuple[str, str], tuple[int, int]] = {}
    for event in events:
        low, high = ranges.get((event.tenant, event.call_id), (event.seq, event.seq))
        ranges[event.tenant, event.call_id] = (min(low, event.seq), max(high, event.seq))
    calls = [[tenant, call_id, low, high] for (tenant, call_id), (low, high) in ranges.items()]
    return orjson.dumps({"node": node, "epoch": epoch, "calls": calls}).decode()


async def _write_tenant(
    connection: Connection, columns: dict[str, Any], entries: Sequence[Entry]
) -> AsyncCursor[tuple[Any, ...]]:
    """Queue a tenant's part; the cursor will know how many events were appended."""
    await connection.execute(QUERIES["set_tenant"].sql, columns)
    for entry in entries:
        if entry.opens is not None:
            await connection.execute(QUERIES["enter_tenant"].sql, columns)
            await connection.execute(QUERIES["open_call"].sql, asdict(entry.opens))
    appended = await connection.execute(QUERIES["append_events"].sql, columns)
    for entry in entries:
        event = entry.event
        if entry.handoff is not None:
            await _queue_handoff(connection, entry.handoff)
        if entry.ends is not None:
            end = {"tenant": event.tenant, "call_id": event.call_id, "at": event.at, "reason": entry.ends}
            await connection.execute(QUERIES["end_call"].sql, end)
    return appended


async def _check_same(connection: Connection, columns: dict[str, Any]) -> None:
    """Some events were there already: fine if they are these."""
    await connection.execute(QUERIES["set_tenant"].sql, columns)
    same = await (await connection.execute(QUERIES["count_same_events"].sql, columns)).fetchone()
    if same is None or same[0] != len(columns["seqs"]):
        calls = ", ".join(sorted(set(columns["call_ids"]))[:5])
        raise ConstraintBroken(
            f"other events are stored under the numbers of calls {calls}: two writers, or an id used twice"
        )


async def _queue_handoff(connection: Connection, handoff: Handoff) -> None:
    row = {**asdict(handoff), "skills": list(handoff.skills), "summary": orjson.dumps(handoff.summary).decode()}
    await connection.execute(QUERIES["queue_handoff"].sql, row)


def _by_tenant(batch: Sequence[Entry]) -> Iterator[tuple[dict[str, Any], Sequence[Entry]]]:
    """Each tenant's entries in order, with their events as columns."""
    tenants: dict[str, list[Entry]] = {}
    for entry in batch:
        tenants.setdefault(entry.event.tenant, []).append(entry)
    for tenant, entries in tenants.items():
        columns = {
            "tenant": tenant,
            "call_ids": [entry.event.call_id for entry in entries],
            "seqs": [entry.event.seq for entry in entries],
            "ats": [entry.event.at for entry in entries],
            "kinds": [entry.event.kind for entry in entries],
            "payloads": [entry.body.decode() for entry in entries],
        }
        yield columns, entries


def _by_call(batch: Sequence[Entry]) -> list[Sequence[Entry]]:
    calls: dict[tuple[str, str], list[Entry]] = {}
    for entry in batch:
        calls.setdefault((entry.event.tenant, entry.event.call_id), []).append(entry)
    return list(calls.values())
