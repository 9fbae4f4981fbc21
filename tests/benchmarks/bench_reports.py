"""How long reports take to be counted over a month of contacts, beside one bare reading of the same log.

Run: ``python -m tests.benchmarks.bench_reports [--contacts 10000]``

A PostgreSQL of its own holds contacts of some forty events each over 28 days, a third of them with a person. Nothing is
worked out beforehand: each report reads the log. The bare reading takes one field out of every event of those days,
call by call, by the same index. The shortest of three times counts. The last line is one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from gateway.analytics.errors import ReportTooWide
from gateway.analytics.kpis.kpi import By
from gateway.analytics.kpis.reports import Reports, Selection
from infra.storage.database import Database
from infra.storage.embedded import APPLICATION_ROLE, DATABASE, SUPERUSER, EmbeddedPostgres
from infra.storage.migrate import migrate
from infra.telemetry.logs import configure
from tests.gateway.analytics.kpis.contacts import NOON, Contacts, Event, asked, queued, taken, told

TENANT = "bench"
DAYS = 28
TURNS = 5
ROUNDS = 3
AT_ONCE = 1_000

BARE = """
SELECT count(*), sum(length(log.latest))
FROM calls AS c
CROSS JOIN LATERAL (
    SELECT max(e.payload ->> 'text') AS latest
    FROM contact_events AS e WHERE e.tenant = c.tenant AND e.call_id = c.call_id
) AS log
WHERE c.tenant = %(tenant)s AND c.started_at >= %(since)s
"""


async def fill(database: Database, many: int) -> None:
    """Write the contacts, some at a time."""
    for first in range(0, many, AT_ONCE):
        contacts = Contacts(database, TENANT)
        for number in range(first, min(many, first + AT_ONCE)):
            events: list[Event] = []
            for turn in range(TURNS):
                at = 10 * turn
                events += [*asked(at + 6, start=at + 5, end=at + 6), *told(at + 7, at + 9, reply=turn + 1)]
                events.append((at + 6.2, "turn.understood", {"turn": turn, "intent": "delivery", "probability": 0.9}))
                events.append((at + 6.5, "retrieval.done", {"turn": turn, "passages": [{"id": "x", "score": 0.4}] * 5}))
            person = number % 3 == 0
            if person:
                events += [queued(51), *taken(60, 200, wrap_up=10)]
            begun = NOON - timedelta(days=DAYS) * (number / many)
            contacts.add(f"c{number}", events, begun=begun, seconds=210 if person else 60)
        await contacts.write()


async def shortest(work: Callable[[], Awaitable[object]]) -> float | None:
    """Seconds of the quickest of some rounds; none where not one came to its end in the time that a report has."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        with contextlib.suppress(ReportTooWide):
            await work()
            spent.append(time.perf_counter() - begun)
    return round(min(spent), 2) if spent else None


async def measure(folder: Path, many: int) -> dict[str, float | None]:
    """Seconds, by what was counted over how many days."""
    server = EmbeddedPostgres(folder / "postgres")
    await server.start()
    try:
        await server.ensure_database()
        await migrate(server.url(SUPERUSER, DATABASE), APPLICATION_ROLE)
        database = Database(server.url(), 4)
        await database.open()
        try:
            await database.enter_tenant(TENANT)
            await fill(database, many)
            return await _times(database, Reports(database))
        finally:
            await database.close()
    finally:
        await server.stop()


async def _times(database: Database, reports: Reports) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for days in (1, 7, DAYS):
        span = Selection(NOON.date() - timedelta(days=days - 1), NOON.date())

        async def bare(days: int = days) -> None:
            async with database.tenant(TENANT) as connection:
                await connection.execute(BARE, {"tenant": TENANT, "since": NOON - timedelta(days=days)})

        found[f"bare reading, {days} days"] = await shortest(bare)
        for kpi in ("containment", "service_level_4", "silence_ours", None):

            async def report(span: Selection = span, kpi: str | None = kpi) -> None:
                await reports.amounts(TENANT, span, By.DAY, kpi)

            found[f"{kpi or 'all figures'}, {days} days"] = await shortest(report)
    return found


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--contacts", type=int, default=10_000)
    wanted = parser.parse_args()
    configure(level="error")
    folder = Path(tempfile.mkdtemp(prefix="aicc-bench-"))
    try:
        found = asyncio.run(measure(folder, wanted.contacts))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for what, seconds in found.items():
        print(f"{'too wide' if seconds is None else f'{seconds:6.2f} s'}  {what}")
    print(json.dumps({"contacts": wanted.contacts, "seconds": found}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
