"""A day of 2,000 calls and 40 agents on the floor against Erlang C, and what a command costs on PostgreSQL.

Run: ``python -m tests.benchmarks.bench_floor [--days 20] [--handling 500] [--commands 300] [--waiting 50]``

The first table is in virtual time. Theory tells of a day that goes on for ever, and single days scatter widely around
it; so that it is not luck, every caller's wait is also compared with that of a line in which agents do nothing else
than to take who came first, and that line is played for many more days than the floor.

The second starts an embedded server of its own with the settings of production. A command is what a desk does: hold the
floor, read it, do one thing, write it, commit. The plain commits are made in the same run, before and after.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median, quantiles

from rich.console import Console
from rich.table import Table

from gateway.desk.floor.agent_state import Presence
from gateway.desk.floor.postgres import PostgresFloorStore
from gateway.desk.floor.queue import read_queues
from gateway.desk.floor.work_item import waiting_item
from infra.settings import DatabaseSettings
from infra.storage.database import Database
from infra.storage.runtime import open_storage
from infra.storage.sealed_words import SealedWords
from infra.telemetry.logs import configure
from tests.gateway.desk.floor.day import (
    Play,
    Staffing,
    expected_service_level,
    expected_wait,
    first_come_first_served,
    interval,
    service_level,
    traffic,
)

BEFORE = 1_000
"""Calls before the day, which are not counted."""

MANY_DAYS = 400
T_95 = {5: 2.776, 10: 2.262, 20: 2.093, 40: 2.023, MANY_DAYS: 1.966}
"""Student's t for a two-sided interval of 95 %, by days."""

TENANT = "shop"
AGENTS = 40
NODES = 8
START = datetime(2026, 11, 24, tzinfo=UTC)
QUEUES = read_queues(None)
WORDS = SealedWords(bytes(range(32)), "callbacks")


def against_theory(staffing: Staffing, days: int) -> Table:
    table = Table(title=f"{staffing.calls} calls, {staffing.agents} agents, {staffing.erlangs:.1f} erlangs")
    for column in ("", "days", "answered within 20 s", "average wait, s"):
        table.add_column(column, justify="right")
    levels, waits, farthest, events, begun = [], [], 0.0, 0, time.perf_counter()
    for seed in range(days):
        day = traffic(staffing, seed, before=BEFORE)
        play = Play(day, staffing.agents)
        on_floor, ideal = play.run(), first_come_first_served(day, staffing.agents)
        farthest = max(farthest, *(abs(one - other) for one, other in zip(on_floor, ideal, strict=True)))
        levels.append(service_level(on_floor[BEFORE:]))
        waits.append(mean(on_floor[BEFORE:]))
        events += play.events
    took = time.perf_counter() - begun
    table.add_row("Erlang C", "", f"{expected_service_level(staffing):.4f}", f"{expected_wait(staffing):.2f}")
    table.add_row("the floor", str(days), *_means(levels, waits))
    line = [
        first_come_first_served(traffic(staffing, seed, before=BEFORE), staffing.agents) for seed in range(MANY_DAYS)
    ]
    line_levels, line_waits = [service_level(day[BEFORE:]) for day in line], [mean(day[BEFORE:]) for day in line]
    table.add_row("first come, first served", str(MANY_DAYS), *_means(line_levels, line_waits))
    table.caption = (
        f"means with 95 % intervals; the floor differs from first come, first served by {farthest:.6f} s at most; "
        f"{events / days:.0f} events and {took / days:.1f} s a day"
    )
    return table


def _means(levels: Sequence[float], waits: Sequence[float]) -> tuple[str, str]:
    t = T_95[len(levels)]
    level, wait = interval(levels, t), interval(waits, t)
    return (
        f"{mean(levels):.4f} ({level[0]:.4f} to {level[1]:.4f})",
        f"{mean(waits):.2f} ({wait[0]:.2f} to {wait[1]:.2f})",
    )


async def plain_commits(database: Database, count: int) -> list[float]:
    """One row, one commit, by the pool like everything else."""
    took = []
    for _ in range(count):
        begun = time.perf_counter()
        async with database.tenant(TENANT) as connection:
            await connection.execute("UPDATE floors SET next_due = next_due WHERE tenant = %s", (TENANT,))
        took.append(time.perf_counter() - begun)
    return took


async def staffed(database: Database, waiting: int) -> PostgresFloorStore:
    """A floor on which all agents are in a call, and as many callers wait as are given."""
    await database.enter_tenant(TENANT)
    store = PostgresFloorStore(database, lambda _: QUEUES, lambda _: WORDS)
    async with store.open(TENANT) as floor:
        for n in range(AGENTS):
            floor.sign_in(f"agent{n}", START, name=f"Agent {n}", languages=("ko",))
            floor.set_presence(f"agent{n}", Presence.AVAILABLE, START)
            floor.enqueue(waiting_item(f"talk{n}", f"call{n}", "general", "ko", START), START)
        for offer in list(floor.offers.values()):
            floor.accept(offer.offer, offer.agent, START)
            floor.connected(offer.item, START)
        for n in range(waiting):
            floor.enqueue(waiting_item(f"wait{n}", f"callw{n}", "general", "ko", START), START)
    return store


async def contact(store: PostgresFloorStore, agent: str, at: datetime) -> list[float]:
    """An agent's contact ends and the next one begins: four commands; how long each took. Another caller comes."""
    took = []
    snapshot = await store.snapshot(TENANT)
    item = snapshot.agents[agent].item or ""
    for step in range(4):
        begun = time.perf_counter()
        async with store.open(TENANT) as floor:
            match step:
                case 0:
                    floor.hung_up(item, at)
                    floor.enqueue(waiting_item(f"{item}-next", f"{item}-next", "general", "ko", at), at)
                case 1:
                    floor.wrapped_up(item, agent, at)
                case 2:
                    ringing = floor.offer_to(agent)
                    assert ringing is not None, "somebody waits"
                    floor.accept(ringing.offer, agent, at)
                case _:
                    floor.connected(floor.agents[agent].item or "", at)
        took.append(time.perf_counter() - begun)
    return took


async def costs(commands: int, waiting: int) -> Table:
    table = Table(title=f"A command on PostgreSQL: {AGENTS} agents in calls, {waiting} callers waiting")
    for column in ("", "p50 ms", "p95 ms", "a second"):
        table.add_column(column, justify="right")
    folder = Path(tempfile.mkdtemp(prefix="aicc-bench-floor-"))
    try:
        async with open_storage(DatabaseSettings(pool_size=NODES * 2), folder) as database:
            store = await staffed(database, waiting)
            _row(table, "plain commit", *await _timed(plain_commits(database, commands)))
            _row(table, "command", *await _timed(contacts(store, ["agent0"], commands)))
            several = [f"agent{n}" for n in range(1, NODES + 1)]
            _row(table, f"command, {NODES} at once", *await _timed(contacts(store, several, commands)))
            _row(table, "plain commit, again", *await _timed(plain_commits(database, commands)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return table


async def contacts(store: PostgresFloorStore, agents: Sequence[str], commands: int) -> list[float]:
    async def one(agent: str) -> list[float]:
        took = []
        for n in range(max(1, commands // 4 // len(agents))):
            took += await contact(store, agent, START + timedelta(minutes=n + 1))
        return took

    return [seconds for part in await asyncio.gather(*map(one, agents)) for seconds in part]


async def _timed(work: Awaitable[list[float]]) -> tuple[list[float], float]:
    begun = time.perf_counter()
    took = await work
    return took, time.perf_counter() - begun


def _row(table: Table, name: str, took: Sequence[float], seconds: float) -> None:
    p95 = quantiles(took, n=20)[-1]
    table.add_row(name, f"{median(took) * 1e3:.1f}", f"{p95 * 1e3:.1f}", f"{len(took) / seconds:.0f}")


def main(arguments: argparse.Namespace) -> None:
    configure(level="error")
    console = Console()
    console.print(against_theory(Staffing(handling=arguments.handling), arguments.days))
    console.print(asyncio.run(costs(arguments.commands, arguments.waiting)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, choices=sorted(T_95)[:-1], default=20)
    parser.add_argument("--handling", type=float, default=500.0, help="seconds of a contact on average")
    parser.add_argument("--commands", type=int, default=300)
    parser.add_argument("--waiting", type=int, default=50)
    main(parser.parse_args())
