"""How long reports take over a month of contacts, settled and not, and what settling costs who writes the log.

Run: ``python -m tests.benchmarks.bench_reports [--contacts 10000] [--copies 0]``

A PostgreSQL of its own holds contacts of some forty events each over 28 days, a third of them with a person, one in
four from a number that called before. One report is counted from the log, before anything is settled, beside one bare
reading of one field of every event; then the contacts are settled and reports are counted anew. ``--copies``: so many
rows more are kept for each contact, whose logs are not written. The shortest of three times counts. What the writer
pays is a batch of 100 events of 20 calls, with and without the triggers that take rows away, by turns. The last line is
one line of JSON.
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
from statistics import median

import psycopg
from psycopg.types.json import Jsonb

from gateway.analytics.errors import ReportTooWide
from gateway.analytics.kpis.kpi import By
from gateway.analytics.kpis.reports import Reports, Selection
from gateway.analytics.kpis.settling import Settling
from infra.storage.database import Database
from infra.storage.embedded import APPLICATION_ROLE, DATABASE, SUPERUSER, EmbeddedPostgres
from infra.storage.migrate import migrate
from infra.telemetry.logs import configure
from tests.gateway.analytics.kpis.contacts import NOON, Contacts, Event, asked, queued, taken, told, understood

TENANT = "bench"
DAYS = 28
TURNS = 5
ROUNDS = 3
AT_ONCE = 1_000
BLOCKS = 20
BATCHES = 40
"""Of a block the first batches plan anew, and do not count."""
WARM = 5

BARE = """
SELECT count(*), sum(length(log.latest))
FROM calls AS c
CROSS JOIN LATERAL (
    SELECT max(e.payload ->> 'text') AS latest
    FROM contact_events AS e WHERE e.tenant = c.tenant AND e.call_id = c.call_id
) AS log
WHERE c.tenant = %(tenant)s AND c.started_at >= %(since)s
"""

COPY_CALLS = """
INSERT INTO calls SELECT (c).* FROM (
    SELECT jsonb_populate_record(calls, jsonb_build_object('call_id', call_id || '-' || n, 'caller', caller || n)) AS c
    FROM calls CROSS JOIN generate_series(1, %s) AS n WHERE tenant = %s AND ended_at IS NOT NULL
) AS copies
"""
COPY_ROWS = """
INSERT INTO analytics.settled_contact SELECT (s).* FROM (
    SELECT jsonb_populate_record(kept, jsonb_build_object('contact', contact || '-' || n)) AS s
    FROM analytics.settled_contact AS kept CROSS JOIN generate_series(1, %s) AS n WHERE tenant = %s
) AS copies
"""

APPEND = """
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::jsonb[])
"""

Times = dict[str, float | None]


async def fill(database: Database, many: int) -> None:
    """Write the contacts, some at a time."""
    for first in range(0, many, AT_ONCE):
        contacts = Contacts(database, TENANT)
        for number in range(first, min(many, first + AT_ONCE)):
            events: list[Event] = []
            for turn in range(TURNS):
                at = 10 * turn
                events += [*asked(at + 6, start=at + 5, end=at + 6), *told(at + 7, at + 9, reply=turn + 1)]
                events.append(understood(at + 6.2, ("delivery", "refund", "hours")[number % 3]))
                events.append((at + 6.5, "retrieval.done", {"turn": turn, "passages": [{"id": "x", "score": 0.4}] * 5}))
            person = number % 3 == 0
            if person:
                events += [queued(51), *taken(60, 200, wrap_up=10)]
            begun = NOON - timedelta(days=DAYS) * (number / many)
            caller = f"+8210{number - number % 2 * 15:08}"
            contacts.add(f"c{number}", events, begun=begun, seconds=210 if person else 60, caller=caller)
        await contacts.write()


async def shortest(work: Callable[[], Awaitable[object]], rounds: int = ROUNDS) -> float | None:
    """Seconds of the quickest of some rounds; none where not one came to its end in the time that a report has."""
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        with contextlib.suppress(ReportTooWide):
            await work()
            spent.append(time.perf_counter() - begun)
    return round(min(spent), 3) if spent else None


async def measure(folder: Path, many: int, copies: int) -> Times:
    """Seconds, by what was done."""
    server = EmbeddedPostgres(folder / "postgres")
    await server.start()
    try:
        await server.ensure_database()
        owner = server.url(SUPERUSER, DATABASE)
        await migrate(owner, APPLICATION_ROLE)
        database = Database(server.url(), 4)
        await database.open()
        try:
            await database.enter_tenant(TENANT)
            return await _measured(database, owner, many, copies)
        finally:
            await database.close()
    finally:
        await server.stop()


async def _measured(database: Database, owner: str, many: int, copies: int) -> Times:
    reports = Reports(database)
    month = Selection(NOON.date() - timedelta(days=DAYS), NOON.date())
    found: Times = {}

    async def bare() -> None:
        async with database.tenant(TENANT) as connection:
            await connection.execute(BARE, {"tenant": TENANT, "since": NOON - timedelta(days=DAYS)})

    await fill(database, many)
    await _vacuumed(owner)
    found[f"bare reading of {many} logs"] = await shortest(bare)
    found[f"all figures, {DAYS} days, from {many} logs"] = await shortest(
        lambda: reports.amounts(TENANT, month, By.DAY), rounds=1
    )
    found[f"settling {many} contacts, half of it resting"] = await shortest(lambda: _settle(database), rounds=1)
    await _vacuumed(owner)
    found |= await _reports(reports, many)
    if copies:
        async with await psycopg.AsyncConnection.connect(owner) as connection:
            await connection.execute(COPY_CALLS.encode(), (copies, TENANT))
            await connection.execute(COPY_ROWS.encode(), (copies, TENANT))
        await _vacuumed(owner)
        found |= await _reports(reports, many * (copies + 1))
    return found | await _writing(database, owner)


async def _settle(database: Database) -> None:
    settling = Settling(database, TENANT)
    while await settling.sweep(NOON + timedelta(days=1)):
        pass


async def _vacuumed(owner: str) -> None:
    """As the server's own vacuum leaves it, sooner or later."""
    async with await psycopg.AsyncConnection.connect(owner, autocommit=True) as connection:
        await connection.execute("VACUUM ANALYZE")


async def _reports(reports: Reports, many: int) -> Times:
    found: Times = {}
    for days in (1, DAYS):
        span = Selection(NOON.date() - timedelta(days=days), NOON.date())
        for kpi in ("containment", "service_level_4", "silence_ours", "first_contact_resolution", None):

            async def report(span: Selection = span, kpi: str | None = kpi) -> None:
                await reports.amounts(TENANT, span, By.DAY, kpi)

            found[f"{kpi or 'all figures'}, {days} days, of {many} settled"] = await shortest(report)
    found[f"what there is to choose from, {DAYS} days, of {many} settled"] = await shortest(
        lambda: reports.choices(TENANT, span)
    )
    return found


async def _writing(database: Database, owner: str) -> Times:
    """A batch of events of calls that go on: with the triggers and without, by turns."""
    calls = [f"w{number}" for number in range(20)]
    writing = Contacts(database, TENANT)
    for call in calls:
        writing.add(call, [], seconds=None)
    await writing.write()
    spent: dict[bool, list[float]] = {True: [], False: []}
    payload = [Jsonb({"turn": 3, "text": "배송이 언제 도착하는지 알고 싶어요", "confidence": 0.87})] * 100
    async with (
        await psycopg.AsyncConnection.connect(owner, autocommit=True) as boss,
        await psycopg.AsyncConnection.connect(owner, autocommit=True) as writer,
    ):
        await writer.execute(f"SET ROLE {APPLICATION_ROLE}")
        await writer.execute("SELECT set_config('app.tenant', %s, false)", (TENANT,))
        for batch in range(2 * BLOCKS * BATCHES):
            guarded = bool(batch // BATCHES % 2)
            if batch % BATCHES == 0:
                turn = f"{'ENABLE' if guarded else 'DISABLE'} TRIGGER contact_events_unsettle_added"
                await boss.execute(f"ALTER TABLE contact_events {turn}".encode())
            seqs = [10 + 5 * batch + number for number in range(5) for _ in calls]
            rows = (calls * 5, seqs, [NOON] * 100, ["x"] * 100, payload)
            begun = time.perf_counter()
            await writer.execute(APPEND, (TENANT, *rows))
            if batch % BATCHES >= WARM:
                spent[guarded].append(time.perf_counter() - begun)
    return {
        f"a batch of 100 events {'with' if guarded else 'without'} the triggers": round(median(spent[guarded]), 6)
        for guarded in spent
    }


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--copies", type=int, default=0)
    wanted = parser.parse_args()
    configure(level="error")
    folder = Path(tempfile.mkdtemp(prefix="aicc-bench-"))
    try:
        found = asyncio.run(measure(folder, wanted.contacts, wanted.copies))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for what, seconds in found.items():
        print(f"{'too wide' if seconds is None else f'{seconds:9.4f} s'}  {what}")
    print(json.dumps({"contacts": wanted.contacts, "copies": wanted.copies, "seconds": found}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
