"""What an entry of the audit costs now that it is sealed with the one before it, and how fast a chain is verified.

Run: ``python -m tests.benchmarks.bench_audit [--entries 400]``

It starts an embedded server of its own with the settings of production. Beside the entries, in the same run and taking
turns with them, stands the smallest transaction that writes something and flushes it.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from datetime import UTC, datetime
from statistics import median

from rich.console import Console
from rich.table import Table

from gateway.access.audit import REVEALED, AuditEntry
from gateway.access.audit_chain import AuditCheck
from gateway.access.postgres import PostgresAccess
from infra.storage.database import Database
from tests.postgres import opened, server_of_its_own

AT_ONCE = 50


def entry(number: int) -> AuditEntry:
    return AuditEntry("t", datetime.now(UTC), "kim", REVEALED, f"call-{number}", "고객 요청", {"field": "caller"})


async def smallest(database: Database) -> None:
    async with database.tenant("t") as connection:
        await connection.execute("INSERT INTO tenants (tenant) VALUES ('t') ON CONFLICT DO NOTHING")
        await connection.execute("SELECT pg_current_xact_id()")


async def measured(database: Database, entries: int) -> list[tuple[str, str]]:
    await database.enter_tenant("t")
    access = PostgresAccess(database)
    sealed, plain = [], []
    for number in range(entries):
        begun = time.perf_counter()
        await access.record(entry(number))
        between = time.perf_counter()
        await smallest(database)
        sealed.append(between - begun)
        plain.append(time.perf_counter() - between)
    begun = time.perf_counter()
    for _ in range(entries // AT_ONCE):
        await asyncio.gather(*(access.record(entry(number)) for number in range(AT_ONCE)))
    together = entries // AT_ONCE * AT_ONCE / (time.perf_counter() - begun)
    begun, check, after = time.perf_counter(), AuditCheck("access"), None
    while page := await access.lines("t", after=after):
        after = page[-1][0]
        for _, line in page:
            check.take(line.record)
    assert check.end() is None
    verified = check.records / (time.perf_counter() - begun)
    return [
        ("an entry (median)", f"{median(sealed) * 1e3:.1f} ms"),
        ("the smallest transaction (median)", f"{median(plain) * 1e3:.1f} ms"),
        ("times", f"{median(sealed) / median(plain):.1f}"),
        (f"one tenant's entries, {AT_ONCE} at once", f"{together:.0f} a second"),
        ("verified", f"{verified:.0f} a second"),
    ]


async def run(url: str, entries: int) -> list[tuple[str, str]]:
    async with opened(url) as database:
        return await measured(database, entries)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=400)
    entries = parser.parse_args().entries
    with server_of_its_own() as postgres:
        found = asyncio.run(run(asyncio.run(postgres.make_database("bench")), entries))
    table = Table("", "", title="The audit", box=None, show_header=False)
    for name, figure in found:
        table.add_row(name, figure)
    Console().print(table)


if __name__ == "__main__":
    main()
