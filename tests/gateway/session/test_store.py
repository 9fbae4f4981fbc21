"""What only the ledger in PostgreSQL does; what it promises stands in tests/contracts/test_contact_log.py."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

import pytest

from gateway.session.errors import FollowerCutOff, LedgerClosed, LedgerError, LedgerFenced
from gateway.session.ledger import SETTLED_AFTER
from gateway.session.records import EventKind
from gateway.session.store import ContactLog
from infra.storage.database import Database
from infra.telemetry.metrics import metrics
from tests.postgres import opened, until
from tests.sealed_numbers import numbers


def name() -> str:
    return f"node-{uuid.uuid4().hex}"


@pytest.fixture
def tenant() -> str:
    return f"t-{uuid.uuid4().hex}"


async def test_another_node_follows_live(database: Database, database_url: str, tenant: str) -> None:
    async with opened(database_url) as elsewhere:
        writing, reading = ContactLog(database, name(), numbers), ContactLog(elsewhere, name(), numbers)
        await writing.start()
        await reading.start()
        call = writing.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
        await call.acknowledged()
        of_call, of_tenant = reading.subscribe(tenant, call.call_id), reading.subscribe(tenant)
        async with asyncio.timeout(20), of_call, of_tenant:
            assert (await anext(of_call)).kind == "call.offered"
            for n in range(30):
                call.append("x", {"n": n})
                await asyncio.sleep(0.001)
            assert [(await anext(of_call)).seq for _ in range(30)] == list(range(2, 32))
            # The notice of the first event may still have been under way when the tenant was followed.
            of_all = [(await anext(of_tenant)).seq]
            while of_all[-1] < 31:
                of_all.append((await anext(of_tenant)).seq)
            assert of_all == list(range(of_all[0], 32))
            assert of_all[0] <= 2
        await reading.close()
        await writing.close()


async def test_another_node_hears_of_what_is_appended_late(database: Database, database_url: str, tenant: str) -> None:
    now = [datetime.now(UTC)]
    async with opened(database_url) as elsewhere:
        writing = ContactLog(database, name(), numbers, clock=lambda: now[0])
        reading = ContactLog(elsewhere, name(), numbers)
        await writing.start()
        await reading.start()
        call = writing.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
        call.end("completed")
        await call.acknowledged()
        now[0] += SETTLED_AFTER * 2
        async with asyncio.timeout(20), reading.subscribe(tenant, call.call_id, after_seq=2) as of_call:
            assert await writing.append_late(tenant, call.call_id, EventKind.ACTION_RECONCILED, {}, key="k")
            event = await anext(of_call)
        assert (event.seq, event.kind, event.payload) == (3, "action.reconciled", {"key": "k"})
        await reading.close()
        await writing.close()


async def test_followers_learn_that_the_connection_was_lost(database: Database, tenant: str) -> None:
    log = ContactLog(database, name(), numbers)
    await log.start()
    call = log.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
    await call.acknowledged()
    of_call, of_tenant = log.subscribe(tenant, call.call_id), log.subscribe("another")
    assert (await anext(of_call)).seq == 1
    async with database.untenanted() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
            "AND datname = current_database()"
        )
    with pytest.raises(FollowerCutOff):
        await asyncio.wait_for(anext(of_tenant), 20)
    call.append("x")
    assert (await asyncio.wait_for(anext(of_call), 20)).seq == 2
    await log.close()


async def test_a_second_process_under_the_name_fences_the_first(database: Database, tenant: str) -> None:
    node = name()
    first, second = ContactLog(database, node, numbers), ContactLog(database, node, numbers)
    await first.start()
    call = first.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
    await call.acknowledged()
    assert await second.start() >= 1
    call.append("too late")
    with pytest.raises(LedgerFenced):
        await call.acknowledged()
    with pytest.raises(LedgerFenced):
        call.append("x")
    with pytest.raises(LedgerFenced):
        first.open_call(tenant="t", call_id="new", line="l", language="ko")
    assert isinstance(first.failure, LedgerFenced)
    assert metrics.value("aicc_ledger_stopped") == 1
    kinds = [event.kind for event in await second.events(tenant, call.call_id)]
    assert kinds == ["call.offered", "call.ended"]
    await first.close()
    mine = second.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
    await mine.acknowledged()
    await second.close()


async def test_a_lease_that_is_not_renewed_in_time_is_noticed_without_writing(database: Database, tenant: str) -> None:
    node = name()
    log = ContactLog(database, node, numbers, lease_seconds=0.06)
    await log.start()
    async with database.untenanted() as connection:
        await connection.execute("UPDATE nodes SET epoch = epoch + 1 WHERE node = %s", (node,))

    async def noticed() -> bool:
        return isinstance(log.failure, LedgerFenced)

    await until(noticed)
    await log.close()


async def test_a_node_closes_the_calls_of_another_that_fell_silent(database: Database, tenant: str) -> None:
    silent = ContactLog(database, name(), numbers)
    await silent.start()
    call = silent.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
    await call.acknowledged()
    watching = ContactLog(database, name(), numbers, lease_seconds=0.06)
    await watching.start()
    async with database.untenanted() as connection:
        await connection.execute("UPDATE nodes SET lease_until = now() WHERE node = %s", (silent.node,))
    async with asyncio.timeout(20), watching.subscribe(tenant, call.call_id, after_seq=1) as follower:
        event = await anext(follower)
    assert (event.seq, event.kind, event.payload["reason"]) == (2, "call.ended", "node_lost")
    await silent.close()
    await watching.close()


async def test_a_writer_that_dies_of_a_mistake_says_so(
    database: Database, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = ContactLog(database, name(), numbers)
    await log.start()
    call = log.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
    await call.acknowledged()

    def mistaken(seq: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(call, "committed", mistaken)
    call.append("x")
    with pytest.raises(LedgerError, match="ledger-write died"):
        await asyncio.wait_for(_refused(log), 20)
    await log.close()


async def _refused(log: ContactLog) -> None:
    while True:
        log.open_call(tenant="t", call_id=uuid.uuid4().hex, line="l", language="ko")
        await asyncio.sleep(0.005)


async def test_closing_twice_is_nothing(database: Database, tenant: str) -> None:
    log = ContactLog(database, name(), numbers)
    await log.start()
    await log.close()
    await log.close()
    with pytest.raises(LedgerClosed):
        log.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
