"""How long the list of judgements takes over a month of judged contacts.

Run: ``python -m tests.benchmarks.bench_quality [--contacts 30000]``

A PostgreSQL of its own holds contacts of sixty events each over 28 days, each judged by two rubrics; of one in fifty a
score was objected to, and half of these were answered. What the page asks for is asked for: everything, what waits, one
agent's own. The shortest of three times counts. The last line is one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from gateway.analytics.quality.judgements import JudgementSearch, Wanted, Which
from infra.storage.database import Database
from infra.storage.embedded import APPLICATION_ROLE, DATABASE, SUPERUSER, EmbeddedPostgres
from infra.storage.migrate import migrate
from infra.telemetry.logs import configure

TENANT = "bench"
BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
ROUNDS = 3
ASKED = {
    "everything": Wanted(since=BEGUN),
    "waiting": Wanted(since=BEGUN, standing=Which.OBJECTED),
    "own": Wanted(since=BEGUN, own="agent7"),
}

FILL = """
INSERT INTO tenants (tenant) VALUES (%(tenant)s);
INSERT INTO calls (tenant, call_id, line, language, direction, channel, started_at, ended_at, end_reason, node, epoch)
SELECT %(tenant)s, 'c' || n, 'line', 'ko', 'inbound', 'voice', at, at + interval '5 minutes', 'completed', 'node', 1
FROM (SELECT n, %(begun)s + interval '28 days' * n / %(many)s AS at FROM generate_series(1, %(many)s) AS n) AS calls;
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, 'c' || n, seq, %(begun)s, 'caller.turn', jsonb_build_object('text', repeat('말씀 ', 40))
FROM generate_series(1, %(many)s) AS n, generate_series(1, 60) AS seq;
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, 'c' || n, 60 + r, %(begun)s, 'quality.scored', jsonb_build_object(
    'rubric', 'rubric' || r, 'version', '1', 'score', 50, 'passed', n %% 3 = 0, 'passes_at', 80,
    'agents', jsonb_build_array('agent' || n %% 40), 'criteria', (
        SELECT jsonb_agg(jsonb_build_object('id', 'k' || k, 'check', 'said', 'verdict', 'missed', 'weight', 1,
                                            'critical', false, 'turns', '[1]'::jsonb, 'events', '[3]'::jsonb))
        FROM generate_series(1, 6) AS k))
FROM generate_series(1, %(many)s) AS n, generate_series(1, 2) AS r;
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, 'c' || n, 63, %(begun)s, 'quality.appealed', jsonb_build_object(
    'rubric', 'rubric1', 'criterion', 'k1', 'by', 'agent' || n %% 40, 'reason', 'no', 'appeal', 'a')
FROM generate_series(1, %(many)s, 50) AS n;
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, 'c' || n, 64, %(begun)s, 'quality.overridden', jsonb_build_object(
    'rubric', 'rubric1', 'criterion', 'k1', 'verdict', 'met', 'before', 'missed', 'by', 'sup', 'reason', 'yes',
    'appeal', 'a', 'score', 60, 'passed', false)
FROM generate_series(1, %(many)s, 100) AS n;
ANALYZE;
"""


async def measure(folder: Path, many: int) -> dict[str, float]:
    """Seconds, by what was asked for."""
    server = EmbeddedPostgres(folder / "postgres")
    await server.start()
    try:
        await server.ensure_database()
        owner = server.url(SUPERUSER, DATABASE)
        await migrate(owner, APPLICATION_ROLE)
        async with await psycopg.AsyncConnection.connect(owner, autocommit=True) as connection:
            for statement in FILL.split(";\n")[:-1]:
                await connection.execute(statement, {"tenant": TENANT, "begun": BEGUN, "many": many})  # type: ignore[arg-type]
        database = Database(server.url(), 4)
        await database.open()
        try:
            return {name: await shortest(JudgementSearch(database), wanted) for name, wanted in ASKED.items()}
        finally:
            await database.close()
    finally:
        await server.stop()


async def shortest(search: JudgementSearch, wanted: Wanted) -> float:
    """Seconds of the quickest of some rounds."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        found = await search.find(TENANT, wanted)
        spent.append(time.perf_counter() - begun)
        assert found.totals and found.page
    return round(min(spent), 3)


def main() -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--contacts", type=int, default=30_000)
    many = parser.parse_args().contacts
    configure(level="error")
    folder = Path(tempfile.mkdtemp(prefix="aicc-bench-"))
    try:
        print(json.dumps({"contacts": many, "seconds": asyncio.run(measure(folder, many))}))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
