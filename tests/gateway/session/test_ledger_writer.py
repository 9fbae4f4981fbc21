"""A batch is written whole, once, under the right tenants, and by nobody who has been fenced."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from dialog.clock import utc_now
from gateway.session import ledger
from gateway.session.errors import CallLogBroken, LedgerFenced
from gateway.session.ledger import CallLog, Entry, Spool
from gateway.session.ledger_writer import QUERIES, LedgerWriter, notice, write_batch
from gateway.session.node_lease import NodeLease
from gateway.session.numbers import sealed_record
from gateway.session.records import CallRecord
from infra.storage.database import Connection, Database
from infra.storage.errors import AccessRefused, ConstraintBroken, StorageError
from infra.telemetry.metrics import metrics
from tests.sealed_numbers import WORDS


@pytest.fixture
async def lease(database: Database) -> NodeLease:
    lease = NodeLease(database, f"node-{uuid.uuid4().hex}")
    await lease.register()
    return lease


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    connection = await database.connect()
    yield connection
    await connection.close()


class Batch:
    """Collects what calls append."""

    def __init__(self, lease: NodeLease) -> None:
        self.lease = lease
        self.entries: list[Entry] = []

    def call(self, tenant: str | None = None) -> CallLog:
        record = CallRecord(
            tenant or f"t-{uuid.uuid4().hex}", uuid.uuid4().hex, "l", "ko", "inbound", "voice", None, None,
            utc_now(), None, None, self.lease.node, self.lease.epoch,
        )  # fmt: skip
        return CallLog(record, self._accept)

    def _accept(self, entry: Entry) -> None:
        opens = None if entry.opens is None else sealed_record(entry.opens, WORDS)
        self.entries.append(replace(entry, opens=opens))

    async def write(self, connection: Connection) -> None:
        await write_batch(connection, self.lease.node, self.lease.epoch, self.entries)


async def rows(database: Database, call: CallLog) -> list[tuple[int, str, dict[str, object]]]:
    async with database.tenant(call.tenant) as connection:
        cursor = await connection.execute(
            "SELECT seq, kind, payload FROM contact_events WHERE call_id = %s ORDER BY seq", (call.call_id,)
        )
        return await cursor.fetchall()


async def test_a_batch_of_several_tenants_is_one_commit_and_one_notice(
    database: Database, lease: NodeLease, connection: Connection
) -> None:
    batch = Batch(lease)
    calls = [batch.call() for _ in range(3)]
    for n in range(4):
        for call in calls:
            call.append("x", {"n": n})
    listener = await database.connect()
    await listener.execute("LISTEN contact_events")
    await batch.write(connection)
    told = [n async for n in listener.notifies(timeout=20, stop_after=1)]
    more = [n async for n in listener.notifies(timeout=0.05)]
    await listener.close()
    for call in calls:
        stored = await rows(database, call)
        assert [(seq, kind) for seq, kind, _ in stored] == [(1, "call.offered"), *((n, "x") for n in range(2, 6))]
    mine = [json.loads(n.payload) for n in (*told, *more)]
    assert [n for n in mine if n["node"] == lease.node] == [
        {"node": lease.node, "epoch": lease.epoch, "calls": [[c.tenant, c.call_id, 1, 5] for c in calls]}
    ]


async def test_row_security_is_asked_for_every_row(
    database: Database, lease: NodeLease, connection: Connection
) -> None:
    batch = Batch(lease)
    call = batch.call()
    # A mistake of ours: the event is one tenant's, the call's record another's.
    forged = batch.entries[0]
    assert forged.opens is not None
    batch.entries[0] = replace(forged, opens=replace(forged.opens, tenant="another"))
    with pytest.raises(AccessRefused):
        await batch.write(connection)
    assert await rows(database, call) == []


async def test_the_same_batch_again_changes_nothing(
    database: Database, lease: NodeLease, connection: Connection
) -> None:
    batch = Batch(lease)
    call = batch.call()
    call.append("x", {"price": 1.50, "text": "가\0", "list": [1, {"b": None}]})
    call.queue_handoff(reason="r", queue="q", summary={"wish": "w"})
    call.end("completed")
    await batch.write(connection)
    once = await rows(database, call)
    await batch.write(connection)  # as after a commit whose answer was lost
    assert await rows(database, call) == once
    assert len(once) == 4


async def test_what_is_half_there_is_completed(database: Database, lease: NodeLease, connection: Connection) -> None:
    batch = Batch(lease)
    call = batch.call()
    await batch.write(connection)
    call.append("x")
    await batch.write(connection)
    assert [seq for seq, _, _ in await rows(database, call)] == [1, 2]


@pytest.mark.parametrize("change", [{"kind": "y"}, {"at": utc_now()}])
async def test_other_rows_under_the_same_numbers_are_an_error_and_nothing_is_written(
    database: Database, lease: NodeLease, connection: Connection, change: dict[str, object]
) -> None:
    batch = Batch(lease)
    call = batch.call()
    call.append("x")
    await batch.write(connection)
    batch.entries[1] = replace(batch.entries[1], event=replace(batch.entries[1].event, **change))
    call.append("more")
    with pytest.raises(ConstraintBroken, match=call.call_id):
        await batch.write(connection)
    assert [kind for _, kind, _ in await rows(database, call)] == ["call.offered", "x"]


async def test_a_fenced_node_gets_no_row_in(database: Database, lease: NodeLease, connection: Connection) -> None:
    batch = Batch(lease)
    call = batch.call()
    await batch.write(connection)
    await NodeLease(database, lease.node).register()
    call.append("late")
    with pytest.raises(LedgerFenced, match=lease.node):
        await batch.write(connection)
    assert len(await rows(database, call)) == 1


async def test_whoever_fences_waits_for_the_batch_that_is_under_way(
    database: Database, lease: NodeLease, connection: Connection
) -> None:
    batch = Batch(lease)
    call = batch.call()
    async with connection.transaction():
        await connection.execute(QUERIES["hold_fence"].sql, {"node": lease.node, "epoch": lease.epoch})
        fencing = asyncio.create_task(NodeLease(database, lease.node).register())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(fencing), 0.1)
    assert await fencing == lease.epoch + 1
    with pytest.raises(LedgerFenced):
        await batch.write(connection)
    assert await rows(database, call) == []


async def test_a_notice_names_each_call_with_its_range(lease: NodeLease) -> None:
    batch = Batch(lease)
    call = batch.call("t")
    call.append("x")
    other = batch.call("u")
    call.append("y")
    told = json.loads(notice("n", 3, [entry.event for entry in batch.entries[1:]]))
    assert told == {"node": "n", "epoch": 3, "calls": [["t", call.call_id, 2, 3], ["u", other.call_id, 1, 1]]}


@asynccontextmanager
async def running(writer: LedgerWriter) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(writer.run())
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError, LedgerFenced):
        await task


async def test_a_call_that_is_refused_does_not_hold_up_the_others(
    database: Database, lease: NodeLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BATCH_EVENTS", 4)
    spool = Spool()
    batch = Batch(lease)
    good, bad = batch.call(), batch.call()
    async with database.tenant(bad.tenant) as connection:
        await connection.execute(
            "INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload) VALUES (%s, %s, 2, now(), 'z', '{}')",
            (bad.tenant, bad.call_id),
        )
    broken = metrics.value("aicc_ledger_broken_calls_total")
    for call in (good, bad):
        call.append("x")
    bad.append("in a later batch")
    good.append("y")
    for entry in batch.entries:
        spool.put(entry)
    writer = LedgerWriter(database, lease.node, lease.epoch, spool, _commit)
    async with running(writer):
        await good.acknowledged()
        with pytest.raises(CallLogBroken):
            await bad.acknowledged()
        await spool.drained()
    assert [kind for _, kind, _ in await rows(database, good)] == ["call.offered", "x", "y"]
    assert [kind for _, kind, _ in await rows(database, bad)] == ["z"], "nothing may follow behind the gap"
    assert metrics.value("aicc_ledger_broken_calls_total") == broken + 1


async def test_a_lost_connection_costs_a_retry_and_nothing_else(database: Database, lease: NodeLease) -> None:
    spool = Spool()
    batch = Batch(lease)
    call = batch.call()
    writer = LedgerWriter(database, lease.node, lease.epoch, spool, _commit)
    async with running(writer):
        spool.put(batch.entries[0])
        await call.acknowledged()
        async with database.untenanted() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pg_notify%'"
            )
        call.append("x")
        spool.put(batch.entries[1])
        await call.acknowledged()
    assert len(await rows(database, call)) == 2


async def test_a_fenced_writer_ends(database: Database, lease: NodeLease) -> None:
    spool = Spool()
    batch = Batch(lease)
    batch.call()
    await NodeLease(database, lease.node).register()
    spool.put(batch.entries[0])
    with pytest.raises(LedgerFenced):
        await asyncio.wait_for(LedgerWriter(database, lease.node, lease.epoch, spool, _commit).run(), 20)


def _commit(batch: object) -> None:
    assert isinstance(batch, list)
    for entry in batch:
        entry.call.committed(entry.event.seq)


async def test_an_error_of_storage_is_ours(database: Database, lease: NodeLease, connection: Connection) -> None:
    batch = Batch(lease)
    call = batch.call()
    record = replace(batch.entries[0].opens or pytest.fail(), direction="sideways")
    batch.entries[0] = replace(batch.entries[0], opens=record)
    with pytest.raises(StorageError):
        await batch.write(connection)
    assert await rows(database, call) == []
