from __future__ import annotations

import asyncio
import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.storage.database import Database
from infra.storage.errors import DatabaseUnavailable
from infra.storage.job_queue import JobQueue, schema

HOUR = timedelta(hours=1)


class Bench:
    """A queue of its own kind of work, and what was done of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.task = f"test-{uuid.uuid4().hex[:8]}"
        self.done: list[str] = []
        self.jobs = JobQueue(database, self.task, self.work)

    async def work(self, what: str) -> None:
        self.done.append(what)
        if what == "fails":
            raise RuntimeError("on purpose")

    async def put(self, line: str, what: str, at: datetime | None = None) -> bool:
        return await self.jobs.put(self.task, f"{self.task}/{line}", at, what=what)

    async def all(self) -> None:
        await self.jobs.work([self.task], 4, forever=False)

    async def rows(self, wanted: str) -> list[Any]:
        async with self.database.untenanted() as connection:
            found = await connection.execute(
                f"SELECT {wanted} FROM procrastinate_jobs WHERE task_name = %s ORDER BY id".encode(), (self.task,)
            )
            return [row[0] for row in await found.fetchall()]

    async def begin(self, line: str, what: str) -> None:
        """Somebody takes the line's job, and is never heard of again."""
        await self.put(line, what)
        async with self.database.untenanted() as connection:
            taken = "UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = %s AND lock = %s"
            await connection.execute(taken.encode(), (self.task, f"{self.task}/{line}"))


@pytest.fixture
async def bench(database: Database) -> Bench:
    bench = Bench(database)
    await bench.jobs.open()
    return bench


async def test_what_was_put_in_is_done_once_and_forgotten(bench: Bench) -> None:
    assert await bench.put("a", "one")
    assert await bench.put("b", "two")
    await bench.all()
    assert sorted(bench.done) == ["one", "two"]
    assert await bench.rows("id") == []


async def test_a_line_that_waits_is_told_of_only_once(bench: Bench) -> None:
    assert await bench.put("a", "one")
    assert not await bench.put("a", "one more")
    await bench.all()
    assert bench.done == ["one"]


async def test_nothing_is_done_before_its_time_nor_past_it_in_its_line(bench: Bench) -> None:
    await bench.put("a", "later", datetime.now(UTC) + HOUR)
    assert not await bench.put("a", "now")
    await bench.all()
    assert bench.done == []


async def test_who_is_in_a_hurry_does_not_wait_for_its_time(bench: Bench) -> None:
    await bench.put("a", "later", datetime.now(UTC) + HOUR)
    await bench.put("b", "later still", datetime.now(UTC) + HOUR)
    await bench.jobs.hurry(bench.task, f"{bench.task}/a", what="now")
    await bench.all()
    assert bench.done == ["now"]
    assert len(await bench.rows("id")) == 1


async def test_hurry_leaves_alone_what_is_to_be_done_anyway(bench: Bench) -> None:
    await bench.put("a", "one")
    before = await bench.rows("id")
    await bench.jobs.hurry(bench.task, f"{bench.task}/a", what="again")
    assert await bench.rows("id") == before


async def test_another_compartment_is_left_to_others(bench: Bench) -> None:
    await bench.put("a", "one")
    await bench.jobs.work(["elsewhere"], 4, forever=False)
    assert bench.done == []


async def test_a_compartment_may_have_any_name(bench: Bench) -> None:
    name = "한빛" * 100
    await bench.jobs.put(name, f"{bench.task}/a", what="one")
    await bench.jobs.work([name], 4, forever=False)
    assert bench.done == ["one"]


async def test_what_fails_is_tried_again_later(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    await bench.put("a", "fails")
    await bench.all()
    (status,) = await bench.rows("status::text || ' ' || (scheduled_at > now())::text")
    assert status == "todo true"
    assert "tried again" in caplog.text


async def test_what_a_dead_process_had_begun_is_put_back(bench: Bench) -> None:
    await bench.begin("a", "one")
    await bench.all()
    assert bench.done == []
    assert await bench.jobs.recover() == 1
    await bench.all()
    assert bench.done == ["one"]


async def test_what_was_begun_is_forgotten_where_its_line_waits_anyway(bench: Bench) -> None:
    await bench.begin("a", "one")
    assert await bench.put("a", "again")
    assert await bench.jobs.recover() == 1
    await bench.all()
    assert bench.done == ["again"]
    assert await bench.rows("id") == []


async def test_a_worker_that_is_stopped_puts_back_what_it_had_begun(bench: Bench) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def work(what: str) -> None:
        begun.set()
        await never.wait()

    jobs = JobQueue(bench.database, bench.task, work, stop_within=0.0)
    await jobs.open()
    await bench.put("a", "one")
    worker = asyncio.create_task(jobs.work([bench.task], 1))
    await begun.wait()
    worker.cancel()
    await asyncio.wait({worker})
    assert await bench.rows("status::text") == ["todo"]


async def test_a_database_that_is_away_is_told_of(database_url: str) -> None:
    away = Database(database_url)
    jobs = JobQueue(away, "t", Bench(away).work)
    await jobs.open()
    with pytest.raises(DatabaseUnavailable):
        await jobs.put("t", "line")


def test_the_tables_are_those_of_the_release_that_the_migration_was_written_for() -> None:
    """When this fails, a newer release changed its tables: write a migration from that release's own, then this."""
    assert hashlib.sha256(schema().encode()).hexdigest() == (
        "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
    )
