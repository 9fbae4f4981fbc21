"""The ledger under fire, on a real PostgreSQL: whatever is killed, nothing that was acknowledged is missing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.session.errors import FollowerCutOff, NotAcknowledged
from gateway.session.ledger import CallLog
from gateway.session.node_lease import LEASE_SECONDS
from gateway.session.records import ContactEvent, EventKind, HandoffState
from gateway.session.store import ContactLog
from infra.storage.database import Database
from infra.storage.supervisor import Supervisor
from tests.postgres import Postgres, opened, server_of_its_own
from tests.sealed_numbers import numbers

WRITING_AGAIN = 20.0
"""Seconds within which writing must go on after the database was killed."""


@pytest.fixture(scope="module")
def victim_server() -> Iterator[Postgres]:
    with server_of_its_own() as postgres:
        yield postgres


@pytest.fixture
async def victim(victim_server: Postgres) -> AsyncIterator[Postgres]:
    """A supervised server with an empty ledger, not freshly made but as after some minutes: all of it is on disk."""
    await victim_server.server.start()
    await victim_server.make_database("aicc")
    await victim_server.run_as_superuser("postgres", "CHECKPOINT")
    supervisor = Supervisor(victim_server.server)
    supervisor.start()
    yield victim_server
    await supervisor.stop()


@pytest.fixture
async def victim_database(victim: Postgres) -> AsyncIterator[Database]:
    async with opened(victim.url("aicc")) as database:
        yield database


@asynccontextmanager
async def ledger(
    database: Database, node: str = "node", lease_seconds: float = LEASE_SECONDS
) -> AsyncIterator[ContactLog]:
    log = ContactLog(database, node, numbers, lease_seconds=lease_seconds)
    await log.start()
    try:
        yield log
    finally:
        await log.close()


def call(log: ContactLog, tenant: str = "t") -> CallLog:
    return log.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")


async def stored(log: ContactLog, call: CallLog) -> list[ContactEvent]:
    return await log.events(call.tenant, call.call_id, limit=10_000)


async def talk(calls: list[CallLog], stop: asyncio.Event) -> None:
    """Every call appends some hundred events a second."""
    n = 0
    while not stop.is_set():
        for call in calls:
            call.append("x", {"n": n})
        n += 1
        await asyncio.sleep(0.01)


async def writing_backend(database: Database) -> int:
    """The server's process that writes the batches."""
    async with database.untenanted() as connection:
        cursor = await connection.execute("SELECT max(pid) FROM pg_stat_activity WHERE query LIKE '%pg_notify%'")
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def processes_of(postmaster: int) -> list[int]:
    """The postmaster and its children, while it lives."""
    found = [postmaster]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == postmaster:
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("killed_process", ["postmaster", "backend"])
async def test_the_database_is_killed_in_the_middle_of_calls(
    victim: Postgres, victim_database: Database, killed_process: str
) -> None:
    async with ledger(victim_database) as log:
        calls = [call(log, f"t{n % 2}") for n in range(4)]
        followed = log.subscribe(calls[0].tenant, calls[0].call_id)
        stop = asyncio.Event()
        talking = asyncio.create_task(talk(calls, stop))
        await asyncio.gather(*(c.acknowledged() for c in calls))
        for round_ in range(2):
            await asyncio.sleep(0.2)
            acknowledged = {c.call_id: c.acknowledged_seq for c in calls}
            if killed_process == "postmaster":
                victim.kill()
            else:
                os.kill(await writing_backend(victim_database), signal.SIGKILL)
            killed = time.monotonic()
            marks = [(c, c.append("after the kill", {"round": round_})) for c in calls]
            await asyncio.gather(*(c.acknowledged(seq, timeout=WRITING_AGAIN) for c, seq in marks))
            assert time.monotonic() - killed < WRITING_AGAIN
            for c in calls:
                assert [e.seq for e in await stored(log, c)][: acknowledged[c.call_id]] == list(
                    range(1, acknowledged[c.call_id] + 1)
                ), "something that was acknowledged is missing"
        stop.set()
        await talking
        await asyncio.gather(*(c.acknowledged() for c in calls))
        for c in calls:
            events = await stored(log, c)
            assert [e.seq for e in events] == list(range(1, c.last_seq + 1))
            said = [e.payload["n"] for e in events if e.kind == "x"]
            assert said == list(range(len(said))), "order, and nothing twice"
        async with asyncio.timeout(20), followed:
            seen = [(await anext(followed)).seq for _ in range(calls[0].last_seq)]
        assert seen == list(range(1, calls[0].last_seq + 1)), "who follows a call misses nothing either"


async def test_a_tenants_followers_are_told_that_the_database_was_away(
    victim: Postgres, victim_database: Database
) -> None:
    async with ledger(victim_database) as log:
        follower = log.subscribe("t")
        victim.kill()
        with pytest.raises(FollowerCutOff):
            await asyncio.wait_for(anext(follower), WRITING_AGAIN)


async def test_a_database_that_stands_still_stops_nobody_and_confirms_nothing(
    victim: Postgres, victim_database: Database
) -> None:
    async with ledger(victim_database) as log:
        c = call(log)
        await c.acknowledged()
        assert victim.server.pid is not None
        frozen = processes_of(victim.server.pid)
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            begun = time.perf_counter()
            for n in range(200):
                c.append("x", {"n": n})
            assert time.perf_counter() - begun < 5.0, "the database stands still for as long as this test wants it to"
            with pytest.raises(NotAcknowledged):
                await c.acknowledged(timeout=0.5)
            assert c.acknowledged_seq == 1
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
        await c.acknowledged(timeout=WRITING_AGAIN)
        assert [e.payload.get("n") for e in await stored(log, c)][1:] == list(range(200))


WRITER = """
import asyncio, json, sys
from gateway.session.store import ContactLog
from infra.storage.database import Database
from infra.telemetry.logs import configure
from tests.sealed_numbers import numbers

async def main():
    configure()
    database = Database(sys.argv[1])
    await database.open()
    log = ContactLog(database, sys.argv[2], numbers)
    print(json.dumps({"closed": await log.start()}), flush=True)
    calls = [log.open_call(tenant=f"t{n % 2}", call_id=f"call-{n}", line="l", language="ko") for n in range(3)]
    calls[0].queue_handoff(reason="caller_asked", queue="returns")

    async def talk(call):
        while True:
            seq = call.append("x", {"n": call.last_seq})
            await call.acknowledged(seq)
            print(json.dumps({"tenant": call.tenant, "call": call.call_id, "seq": seq}), flush=True)

    await asyncio.gather(*(talk(call) for call in calls))

asyncio.run(main())
"""


async def killed_writer(url: str, node: str, lines: int) -> dict[tuple[str, str], int]:
    """Run the writer until it told of so many acknowledged events, kill it, and return the highest of each call."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, url, node, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    highest: dict[tuple[str, str], int] = {}
    try:
        async with asyncio.timeout(60):
            assert json.loads(await process.stdout.readline()) == {"closed": 0}
            for _ in range(lines):
                told = json.loads(await process.stdout.readline())
                highest[told["tenant"], told["call"]] = told["seq"]
    finally:
        process.kill()
    # What it had still said counts as well: the caller may have acted upon it.
    for line in (await process.stdout.read()).splitlines():
        told = json.loads(line)
        highest[told["tenant"], told["call"]] = told["seq"]
    await process.wait()
    return highest


async def test_a_writer_is_killed_in_the_middle_of_calls(
    fresh_database: Database, postgres: Postgres, database_name: str
) -> None:
    acknowledged = await killed_writer(postgres.url(f"{database_name}_fresh"), "node", lines=60)
    assert len(acknowledged) == 3
    log = ContactLog(fresh_database, "node", numbers)
    assert await log.start() == 3, "the same node's earlier epoch, without waiting for its lease"
    for (tenant, call_id), highest in acknowledged.items():
        events = await log.events(tenant, call_id, limit=10_000)
        record = await log.call(tenant, call_id)
        assert record is not None
        assert (record.end_reason, record.ended_at) == ("node_lost", events[-2].at)
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
        assert len(events) - 1 >= highest, "something that was acknowledged is missing"
        assert (events[-1].kind, events[-1].payload["reason"]) == (EventKind.CALL_ENDED, "node_lost")
        assert [e.kind for e in events].count(EventKind.CALL_ENDED) == 1
    assert await log.handoffs("t0", state=HandoffState.QUEUED) == []
    c = call(log)
    await c.acknowledged()
    await log.close()


async def test_another_node_waits_for_the_lease_of_a_killed_one(
    fresh_database: Database, postgres: Postgres, database_name: str
) -> None:
    acknowledged = await killed_writer(postgres.url(f"{database_name}_fresh"), "lost", lines=9)
    async with ledger(fresh_database, "other") as log:
        records = [await log.call(*key) for key in acknowledged]
        assert all(record is not None and record.ended_at is None for record in records), "its lease runs still"
        async with fresh_database.untenanted() as connection:
            await connection.execute("UPDATE nodes SET lease_until = now() - interval '1 s' WHERE node = 'lost'")
    # Leases are short here, because a server that has just started gives every node the length of one.
    async with ledger(fresh_database, "third", lease_seconds=0.06) as log:
        for (tenant, call_id), highest in acknowledged.items():
            events = await log.events(tenant, call_id, limit=10_000)
            assert len(events) > highest
            assert events[-1].payload["reason"] == "node_lost"
