"""How fast a million turns are exported to Parquet and with how much memory, beside DuckDB's COPY of the same query.

Run: ``python -m tests.benchmarks.bench_export [--turns 1000000] [--rounds 2]``

A PostgreSQL of its own holds calls of ten turns over a month. Ours is ``Exporter`` as ``aicc export`` runs it. DuckDB
cannot ask PostgreSQL by itself without an extension that has to be downloaded; so it reads the same statement's rows
from a pipe, as CSV, which a process beside it copies out of PostgreSQL, and its COPY writes them as Parquet, zstd,
partitioned by day. Both pay for the same query, neither keeps the rows. Each runs in a process of its own, in turn, and
is timed from when it could begin; the memory is that process's high-water mark (DuckDB's without the process beside
it). The shortest time of all rounds counts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from rich.console import Console
from rich.table import Table

from gateway.access.postgres import PostgresAccess
from gateway.analytics.exports.destinations import Folder
from gateway.analytics.exports.exporter import Exporter, Wanted
from gateway.analytics.exports.formats import Format
from gateway.analytics.exports.source import QUERIES, Scope, _with_names
from gateway.analytics.exports.tables import TABLES, Kind
from gateway.analytics.vcon.parties import Issuer
from infra.storage.database import Database, set_tenant
from infra.storage.embedded import APPLICATION_ROLE, DATABASE, SUPERUSER, EmbeddedPostgres
from infra.storage.migrate import migrate
from infra.telemetry.logs import configure

TENANT, ZONE = "bench", "Asia/Seoul"
TURNS_OF_A_CALL = 10
CALLS_AT_ONCE = 5_000

CALLS = """
INSERT INTO calls (tenant, call_id, line, language, direction, channel, started_at, ended_at, end_reason, node, epoch)
SELECT %(tenant)s, md5('call' || c), 'main', 'ko', 'inbound', 'voice', %(began)s + c * %(apart)s * interval '1 second',
       %(began)s + (c * %(apart)s + 120) * interval '1 second', 'caller_hung_up', 'n', 1
FROM generate_series(%(low)s::int, %(high)s::int) AS c
"""

EVENTS = """
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, md5('call' || c), 1 + t * 4 + s, %(began)s + (c * %(apart)s + t * 10 + s) * interval '1 second',
       (ARRAY['caller.turn', 'reply.decided', 'reply.started', 'reply.heard'])[s + 1],
       CASE s
           WHEN 0 THEN jsonb_build_object(
               'turn', t, 'text', '주문 번호 ' || c || '번 배송이 언제 도착하는지 알고 싶어요', 'language', 'ko',
               'confidence', (c %% 100) / 100.0, 'digits', '', 'silent', false, 'continues', false)
           WHEN 1 THEN jsonb_build_object(
               'reply', t, 'turn', t, 'decision', 'answer', 'language', 'ko', 'expects', 'speaking', 'model', NULL,
               'text', '일반 배송은 영업일 기준 2일에서 3일 걸립니다. ' || c, 'confidence', (t * c %% 100) / 100.0,
               'sentences', '[]'::jsonb, 'release', md5('release'), 'signals', jsonb_build_object(
                   'best', (c %% 97) / 97.0, 'margin', (c %% 89) / 89.0, 'support', (c %% 83) / 83.0),
               'citations', jsonb_build_array(jsonb_build_object(
                   'document', 'ko/delivery/standard-delivery.md', 'title', '일반 배송',
                   'passage', 'ko/delivery/standard-delivery.md#' || c %% 50)),
               'timings', jsonb_build_object('retrieve', (c %% 31) / 1000.0, 'answer', 0.003))
           WHEN 2 THEN jsonb_build_object(
               'reply', t, 'turn', t, 'latency', (c %% 73) / 100.0, 'stages', jsonb_build_object(
                   'endpointing', 0.2, 'dialog', (c %% 31) / 1000.0, 'synthesis', 0.1, 'playback', 0.06))
           ELSE jsonb_build_object(
               'reply', t, 'turn', t, 'complete', true, 'drained', true,
               'text', '일반 배송은 영업일 기준 2일에서 3일 걸립니다. ' || c)
       END
FROM generate_series(%(low)s::int, %(high)s::int) AS c, generate_series(0, 4) AS t, generate_series(0, 3) AS s
"""


async def fill(server: EmbeddedPostgres, turns: int) -> None:
    """Calls over the 30 days of a month."""
    calls = turns // TURNS_OF_A_CALL
    database = Database(server.url())
    await database.open()
    await database.enter_tenant(TENANT)
    about = {"tenant": TENANT, "began": datetime(2026, 9, 1, tzinfo=UTC), "apart": 30 * 86_400 / calls}
    connection = await database.connect()
    async with connection:
        for low in range(0, calls, CALLS_AT_ONCE):
            some = {**about, "low": low, "high": min(low + CALLS_AT_ONCE, calls) - 1}
            async with connection.transaction():
                await connection.execute("SET LOCAL statement_timeout = 0")
                await set_tenant(connection, TENANT)
                await connection.execute(CALLS, some)
                await connection.execute(EVENTS, some)
    await database.close()
    async with await psycopg.AsyncConnection.connect(server.url(SUPERUSER, DATABASE), autocommit=True) as owner:
        await owner.execute("VACUUM ANALYZE")


async def ours(url: str, out: Path) -> tuple[int, float]:
    """The rows that ``aicc export`` writes, and the seconds that it took."""
    database = Database(url)
    await database.open()
    run = Exporter(database, Folder(out), PostgresAccess(database), lambda _: Issuer("x", "x"))
    began = time.perf_counter()
    made = await run.export(Wanted(TENANT, Format.PARQUET, ZONE, "command", tables=("turn",), whole=True))
    took = time.perf_counter() - began
    await database.close()
    return made.rows["turn"], took


def feed(url: str, pipe: Path) -> None:
    """Copy the same statement's rows into a pipe, once somebody reads it."""
    table = TABLES["turn"]
    with psycopg.connect(url) as connection:
        print("ready", flush=True)
        sink = pipe.open("wb", buffering=1024 * 1024)
        connection.execute(QUERIES["limits"].sql)
        connection.execute("SELECT set_config('app.tenant', %s, true)", (TENANT,))
        asked = {"tenant": TENANT, "time_zone": ZONE, **Scope().arguments()}
        statement = _with_names(QUERIES["rows_of_calls"].sql, table)
        with sink, connection.cursor().copy(statement, asked) as copy:
            for row in copy:
                sink.write(row)


def duckdbs(url: str, out: Path) -> tuple[int, float]:
    """The rows that DuckDB's COPY writes, and the seconds that it took."""
    pipe = out.with_suffix(".pipe")
    os.mkfifo(pipe)
    kinds = {Kind.TEXT: "VARCHAR", Kind.JSON: "VARCHAR", Kind.INTEGER: "BIGINT", Kind.NUMBER: "DOUBLE"}
    kinds |= {Kind.TRUTH: "BOOLEAN", Kind.MOMENT: "TIMESTAMPTZ"}
    columns = {"day": "VARCHAR"} | {column.name: kinds[column.kind] for column in TABLES["turn"].columns}
    command = [sys.executable, "-m", __spec__.name, "--feed", str(pipe), "--url", url]
    feeder = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert feeder.stdout is not None
    feeder.stdout.readline()
    try:
        with duckdb.connect() as duck:
            source = f"read_csv('{pipe}', header = false, columns = {json.dumps(columns)}, nullstr = '',"
            source += " allow_quoted_nulls = false, auto_detect = false, quote = '\"', escape = '\"', parallel = false)"
            target = f"'{out}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))"
            began = time.perf_counter()
            [(rows,)] = duck.execute(f"COPY (SELECT * FROM {source}) TO {target}").fetchall()
            took = time.perf_counter() - began
    finally:
        if feeder.wait(60) != 0:
            raise SystemExit("the process that reads PostgreSQL failed")
    return int(rows), took


def child(arguments: argparse.Namespace) -> None:
    """Export one way, and say how long it took and how much memory."""
    out = Path(tempfile.mkdtemp(prefix="aicc-bench-out-"))
    try:
        way = arguments.child
        rows, took = asyncio.run(ours(arguments.url, out / "x")) if way == "ours" else duckdbs(arguments.url, out / "x")
        size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"rows": rows, "seconds": took, "memory": memory, "bytes": size}))
    finally:
        shutil.rmtree(out)


@contextlib.contextmanager
def filled(turns: int) -> Iterator[str]:
    """The URL of a database that holds that many turns."""
    folder = Path(tempfile.mkdtemp(prefix="aicc-bench-"))
    server = EmbeddedPostgres(folder / "postgres")

    async def start() -> None:
        await server.start()
        await server.ensure_database()
        await migrate(server.url(SUPERUSER, DATABASE), APPLICATION_ROLE)
        await fill(server, turns)

    try:
        asyncio.run(start())
        yield server.url()
    finally:
        asyncio.run(server.stop())
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: argparse.Namespace) -> None:
    configure(level="error")
    if arguments.feed:
        feed(arguments.url, arguments.feed)
        return
    if arguments.child:
        child(arguments)
        return
    best: dict[str, dict[str, Any]] = {}
    with filled(arguments.turns) as url:
        for _ in range(arguments.rounds):
            for name in ("ours", "duckdb"):
                command = [sys.executable, "-m", __spec__.name, "--child", name, "--url", url]
                told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
                assert told["rows"] == arguments.turns, told
                known = best.setdefault(name, told)
                known["memory"] = max(known["memory"], told["memory"])
                known["seconds"] = min(known["seconds"], told["seconds"])
    table = Table(title=f"{arguments.turns:,} turns to Parquet, the shortest of {arguments.rounds} rounds")
    for column in ("", "seconds", "turns/s", "memory MB", "file MB"):
        table.add_column(column, justify="right" if column else "left")
    for name, label in (("ours", "aicc export"), ("duckdb", "DuckDB's COPY of the same rows")):
        told = best[name]
        speed = arguments.turns / told["seconds"]
        size = f"{told['bytes'] / 1e6:.1f}"
        table.add_row(label, f"{told['seconds']:.1f}", f"{speed:,.0f}", f"{told['memory'] / 2**20:.0f}", size)
    table.add_row("ratio of times", f"{best['ours']['seconds'] / best['duckdb']['seconds']:.2f}x")
    Console().print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", choices=("ours", "duckdb"), help=argparse.SUPPRESS)
    parser.add_argument("--feed", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    main(parser.parse_args())
