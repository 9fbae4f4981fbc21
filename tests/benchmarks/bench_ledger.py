"""How long a contact event takes to be durable, against the same PostgreSQL committing one row at a time.

Run: ``python -m tests.benchmarks.bench_ledger [--rate 200] [--seconds 10] [--calls 50] [--tenants 5]``

It starts an embedded server of its own with the settings of production (fsync and synchronous_commit on). The plain
commits are made in the same run, before and after, on a connection of their own: one INSERT under the tenant, one
COMMIT. The second table is why a batch of several tenants is one transaction.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

from gateway.session.ledger import CallLog, Entry
from gateway.session.ledger_writer import write_batch
from gateway.session.node_lease import NodeLease
from gateway.session.records import EventKind
from gateway.session.store import ContactLog
from infra.settings import DatabaseSettings
from infra.storage.database import Database, set_tenant
from infra.storage.runtime import open_storage
from infra.telemetry.logs import configure
from infra.telemetry.metrics import metrics
from tests.sealed_numbers import numbers

PAYLOAD = {"turn": 3, "text": "배송이 언제 도착하는지 알고 싶어요", "confidence": 0.87, "words": [0.9, 0.8, 0.95, 0.7]}

PLAIN = """
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
VALUES (%s, 'plain', %s, now(), 'x', '{"text": "배송이 언제 도착하는지 알고 싶어요", "confidence": 0.87}')
"""


async def plain_commits(database: Database, count: int, first: int) -> list[float]:
    connection = await database.connect()
    took = []
    async with connection:
        for seq in range(first, first + count):
            begun = time.perf_counter()
            async with connection.transaction():
                await set_tenant(connection, "t0")
                await connection.execute(PLAIN, ("t0", seq))
            took.append(time.perf_counter() - begun)
    return took


async def through_the_ledger(log: ContactLog, rate: float, seconds: float, calls: int, tenants: int) -> list[float]:
    """Append at a fixed rate, whatever happens, and time each event until it is acknowledged."""
    logs = [
        log.open_call(tenant=f"t{n % tenants}", call_id=f"bench-{time.time_ns()}-{n}", line="l", language="ko")
        for n in range(calls)
    ]
    await asyncio.gather(*(call.acknowledged(timeout=30) for call in logs))
    took: list[float] = []

    async def one(call: CallLog) -> None:
        begun = time.perf_counter()
        await call.acknowledged(call.append(EventKind.CALLER_TURN, PAYLOAD), timeout=30)
        took.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for n in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + n / rate - time.perf_counter()))
            group.create_task(one(logs[n % calls]))
    return took


async def batches(database: Database, tenants: int, rounds: int = 30) -> tuple[list[float], list[float]]:
    """The same 100 events in one transaction, and in one for each tenant."""
    lease = NodeLease(database, f"bench-{tenants}-{time.time_ns()}")
    await lease.register()
    together, apart = [], []
    connection = await database.connect()
    async with connection:
        for round_ in range(rounds * 2):
            entries: list[Entry] = []
            log = ContactLog(database, lease.node, numbers)
            log._spool.put = entries.append  # type: ignore[method-assign]
            log._stopped = None
            for n in range(tenants):
                call = log.open_call(tenant=f"t{n}", call_id=f"b-{time.time_ns()}-{n}", line="l", language="ko")
                for _ in range(100 // tenants - 1):
                    call.append("x", PAYLOAD)
            parts = (
                [entries] if round_ % 2 else [[e for e in entries if e.event.tenant == f"t{n}"] for n in range(tenants)]
            )
            begun = time.perf_counter()
            for part in parts:
                await write_batch(connection, lease.node, lease.epoch, part)
            (together if round_ % 2 else apart).append(time.perf_counter() - begun)
    return together, apart


def p50_p95_p99(took: Sequence[float]) -> tuple[float, float, float]:
    cuts = quantiles(took, n=100)
    return median(took) * 1000, cuts[94] * 1000, cuts[98] * 1000


async def main(arguments: argparse.Namespace) -> None:
    configure(level="error")
    folder = Path(tempfile.mkdtemp(prefix="aicc-bench-"))
    try:
        begun = time.perf_counter()
        async with open_storage(DatabaseSettings(), folder) as database:
            started = time.perf_counter() - begun
            await measure(arguments, database, started)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measure(arguments: argparse.Namespace, database: Database, started: float) -> None:
    for n in range(50):
        await database.enter_tenant(f"t{n}")
    log = ContactLog(database, "bench", numbers)
    await log.start()
    count = int(arguments.rate * arguments.seconds / 2)
    plain = await plain_commits(database, count, 1)
    ledger = await through_the_ledger(log, arguments.rate, arguments.seconds, arguments.calls, arguments.tenants)
    commits = metrics.value("aicc_ledger_batch_events_count")
    plain += await plain_commits(database, count, count + 1)
    await log.close()

    load = f"{arguments.rate:g} events/s, {arguments.calls} calls, {arguments.tenants} tenants"
    table = Table(title=f"append until durable (ms): {load}; first start of the storage {started:.2f} s")
    for column in ("", "events", "commits", "p50", "p95", "p99"):
        table.add_column(column, justify="right" if column else "left")
    rows = {"one commit per event, one after the other": (plain, len(plain)), "ledger": (ledger, commits)}
    for name, (took, commits_) in rows.items():
        table.add_row(name, str(len(took)), f"{commits_:.0f}", *(f"{value:.1f}" for value in p50_p95_p99(took)))
    ratios = (a / b for a, b in zip(p50_p95_p99(ledger), p50_p95_p99(plain), strict=True))
    table.add_row("ratio", "", "", *(f"{ratio:.1f}x" for ratio in ratios))
    console = Console()
    console.print(table)

    table = Table(title="a batch of 100 events (ms)")
    for column in ("tenants in it", "one transaction p50", "p95", "one for each tenant p50", "p95", "ratio of p50"):
        table.add_column(column, justify="right")
    for tenants in (1, 5, 20, 50):
        together, apart = (p50_p95_p99(took) for took in await batches(database, tenants))
        table.add_row(
            str(tenants), *(f"{value:.1f}" for value in (*together[:2], *apart[:2])), f"{apart[0] / together[0]:.1f}x"
        )
    console.print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0, help="events a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--tenants", type=int, default=5)
    asyncio.run(main(parser.parse_args()))
