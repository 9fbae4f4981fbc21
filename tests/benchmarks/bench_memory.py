"""How long a caller waits for being known: look-ups and ends of contacts on a real PostgreSQL, awake and stopped.

    python -m tests.benchmarks.bench_memory

An empty transaction in the same run is the baseline. A stopped server (SIGSTOP) takes connections and never answers:
the worst that a greeting can meet.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter

from dialog.escalation import Tried
from dialog.memory.memory import Agreement, Deed, EarlierContact, Preferences
from dialog.memory.postgres import PostgresMemory
from dialog.memory.subject import Subjects
from dialog.releases.release import load_release
from infra.storage.database import Database
from tests.dialog.memory.surroundings import Rememberer
from tests.dialog.surroundings import TENANT
from tests.postgres import Postgres, opened, server_of_its_own

CUSTOMERS, LOOKS = 3_000, 400
NOW = datetime.now(UTC)
LIKED = Preferences("ko", 1, 0, "phone")


def contact(name: str) -> EarlierContact:
    return EarlierContact(name, NOW, "phone", "ko", "returns", (Deed(Tried.ANSWERED, "", "returns"),))


async def timed(what: str, work: Callable[[int], Awaitable[object]], times: int) -> None:
    seconds = []
    for number in range(times):
        began = perf_counter()
        await work(number)
        seconds.append(perf_counter() - began)
    seconds.sort()
    median, late = (1_000 * seconds[int(times * share)] for share in (0.5, 0.95))
    print(f"{what:24} p50 {median:8.2f} ms   p95 {late:8.2f} ms")


async def awake(database: Database) -> None:
    store, subjects = PostgresMemory(database, "t"), Subjects(b"k" * 32, "t")
    known = [subjects.number(f"+82105{number:07}") or "" for number in range(CUSTOMERS)]
    for number, subject in enumerate(known):
        await store.agree(subject, Agreement(True, NOW, "ko:1"))
        for later in range(2):
            await store.keep(subject, NOW, LIKED, contact(f"c-{number}-{later}"))

    async def nothing(number: int) -> None:
        async with database.tenant("t") as connection:
            await connection.execute("SELECT 1")

    since = NOW - timedelta(days=90)
    await timed("empty transaction", nothing, LOOKS)
    await timed("look-up", lambda number: store.recall(known[number * 7], since), LOOKS)
    await timed("end of a contact", lambda number: store.keep(known[number], NOW, LIKED, contact(f"k-{number}")), LOOKS)


def processes_of(postgres: Postgres) -> list[int]:
    """The server and those that it has started."""
    server = postgres.server.pid or 0
    listed = subprocess.run(["pgrep", "-P", str(server)], capture_output=True, text=True, check=True).stdout
    return [*map(int, listed.split()), server]


async def stopped(postgres: Postgres, database: Database) -> None:
    here = Rememberer(load_release(TENANT), store=PostgresMemory(database, "t"), tenant="t")
    processes = processes_of(postgres)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        await timed("greeting, server stopped", lambda number: here.call(), 3)
        talk = await here.call()
        await timed("end, server stopped", lambda number: here.end(talk), 3)
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


async def main(postgres: Postgres) -> None:
    async with opened(await postgres.make_database("memory")) as database:
        await database.enter_tenant("t")
        await awake(database)
        await stopped(postgres, database)


if __name__ == "__main__":
    with server_of_its_own() as own:
        asyncio.run(main(own))
