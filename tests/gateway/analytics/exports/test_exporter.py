from __future__ import annotations

import asyncio
import hashlib
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from gateway.access.postgres import PostgresAccess
from gateway.analytics.exports import manifest as manifests
from gateway.analytics.exports.destinations import Folder
from gateway.analytics.exports.errors import (
    DestinationFailed,
    ExportRefused,
    ExportRunning,
    ManifestBroken,
    WatermarkLost,
)
from gateway.analytics.exports.exporter import EXPORTED, Exporter, Wanted
from gateway.analytics.exports.formats import Format
from gateway.analytics.exports.manifest import Manifest, Watermark
from gateway.analytics.exports.tables import TABLES
from gateway.analytics.vcon.parties import Issuer
from gateway.custody.erasure import AskedBy
from gateway.custody.store import CustodyStore
from infra.storage.database import Database
from infra.storage.errors import StorageError
from tests.gateway.analytics.exports.logs import (
    NINE,
    add_steps,
    bot_call,
    new_tenant,
    person_call,
    write_call,
    write_floor,
)


class Refusing(PostgresAccess):
    """An audit that takes nothing."""

    async def record(self, entry: Any) -> None:
        raise StorageError("no audit today")


def exporter(database: Database, out: Path, **changes: Any) -> Exporter:
    seconds = iter(range(1_000_000))
    parts: dict[str, Any] = {
        "audit": PostgresAccess(database),
        "issuer": lambda tenant: Issuer(tenant, "aicc.example"),
        "now": lambda: datetime(2026, 3, 5, tzinfo=UTC) + timedelta(seconds=next(seconds)),
        **changes,
    }
    return Exporter(database, Folder(out), **parts)


def wanted(tenant: str, format: Format = Format.PARQUET, **more: Any) -> Wanted:
    return Wanted(tenant, format, "Asia/Seoul", "command", **more)


async def a_day(database: Database) -> str:
    """A tenant with two calls on two days of Seoul, and an agent."""
    tenant = await new_tenant(database)
    await write_call(database, tenant, "bot", bot_call('=HYPERLINK("x"), "이틀", 안에'))
    await write_call(database, tenant, "person", person_call(), began=NINE + timedelta(hours=8))
    mina = {"agent": "mina", "name": "Mina", "presence": "available", "reason": "", "routing": "idle", "item": None}
    await write_floor(database, tenant, [(1.0, "agent.joined", mina)])
    return tenant


def manifests_in(out: Path, tenant: str) -> list[str]:
    return sorted(path.stem for path in (out / "_manifests" / f"tenant={tenant}").glob("*.json"))


def check(out: Path, made: Manifest) -> None:
    """What a manifest says is what lies there."""
    assert manifests.decode((out / manifests.place_of(made.tenant, made.run)).read_bytes(), "m") == made
    for file in made.files:
        content = (out / file.path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256), file.path


READERS = {
    Format.PARQUET: "read_parquet('{glob}', hive_partitioning = true, union_by_name = true)",
    Format.CSV: "read_csv('{glob}', hive_partitioning = true, header = true, nullstr = '', allow_quoted_nulls = false)",
    Format.NDJSON: "read_ndjson('{glob}', hive_partitioning = true)",
}


@pytest.mark.parametrize("format", READERS)
async def test_duckdb_reads_back_what_the_database_holds(format: Format, database: Database, tmp_path: Path) -> None:
    tenant = await a_day(database)
    made = await exporter(database, tmp_path).export(wanted(tenant, format))
    check(tmp_path, made)
    assert made.rows | {"contact": 2, "agent_state": 1, "disposition": 1, "tombstone": 0} == made.rows
    assert set(made.rows) == set(TABLES)
    with duckdb.connect() as duck:
        for table in ("contact", "turn", "segment", "disposition", "agent_state"):
            source = READERS[format].format(glob=tmp_path / table / "*" / "*" / f"*.{format}")
            [(rows,)] = duck.execute(f"SELECT count(*) FROM {source}").fetchall()
            assert rows == made.rows[table], table
        contact = READERS[format].format(glob=tmp_path / "contact" / "*" / "*" / f"*.{format}")
        read = duck.execute(f"SELECT contact, day::text, talk_seconds, abandoned FROM {contact} ORDER BY started_at")
        assert read.fetchall() == [("bot", "2026-03-02", None, None), ("person", "2026-03-03", 50.0, False)]
        turn = READERS[format].format(glob=tmp_path / "turn" / "*" / "*" / f"*.{format}")
        [(text,)] = duck.execute(f"SELECT text FROM {turn} WHERE decision = 'answer'").fetchall()
    said = '=HYPERLINK("x"), "이틀", 안에'
    assert text == ("'" + said if format is Format.CSV else said)


async def test_the_next_run_goes_on_where_the_last_one_ended(database: Database, tmp_path: Path) -> None:
    tenant, tables = await a_day(database), ("contact", "csat")
    run = exporter(database, tmp_path)
    first = await run.export(wanted(tenant, tables=tables))
    nothing = await run.export(wanted(tenant, tables=tables))
    async with database.tenant(tenant) as connection:
        late = [(9.0, "survey.answered", {"question": "csat", "score": 2})]
        await add_steps(connection, tenant, "person", late, after=90)
    third = await run.export(wanted(tenant, tables=tables))
    again = await run.export(wanted(tenant, tables=tables, whole=True))
    other = await run.export(wanted(tenant, tables=("contact",)))
    told = [(made.rows.get("contact"), made.rows.get("csat"), made.previous) for made in (first, nothing, third)]
    assert told == [(2, 0, None), (0, 0, first.run), (1, 1, nothing.run)]
    assert (again.rows, again.previous) == ({"contact": 2, "csat": 1}, None)
    assert (other.rows, other.previous) == ({"contact": 2}, None)
    assert third.after == nothing.watermark
    for made in (first, nothing, third, again, other):
        check(tmp_path, made)


async def test_a_time_of_its_own_leaves_the_watermark_alone(database: Database, tmp_path: Path) -> None:
    tenant = await a_day(database)
    run = exporter(database, tmp_path)
    window = await run.export(wanted(tenant, tables=("contact",), since=NINE, until=NINE + timedelta(hours=1)))
    assert window.rows == {"contact": 1}
    whole = await run.export(wanted(tenant, tables=("contact",)))
    assert (whole.rows, whole.previous) == ({"contact": 2}, None)


async def test_a_warehouse_ends_up_with_what_the_database_holds(database: Database, tmp_path: Path) -> None:
    """At least once, deduplicated by key, time and revision, tombstones applied: nothing is missing, nothing stays that
    was erased; also where an event is written late whose clock was behind."""
    tenant = await a_day(database)
    run = exporter(database, tmp_path)
    await run.export(wanted(tenant))
    async with database.tenant(tenant) as connection:
        late = [(300.0, "survey.answered", {"question": "csat", "score": 2})]
        await add_steps(connection, tenant, "person", late, after=90)
    custody = CustodyStore(database, tenant)
    erasure, _ = await custody.begin("bot", AskedBy.CALLER, "asked on the phone", NINE + timedelta(days=2))
    await custody.finish(erasure, {}, NINE + timedelta(days=2))
    await run.export(wanted(tenant))
    glob = {table: f"read_parquet('{tmp_path / table}/*/*/*.parquet', union_by_name = true)" for table in TABLES}
    with duckdb.connect() as duck:
        newest = (
            "SELECT contact, csat FROM {} WHERE contact NOT IN (SELECT contact FROM {})"
            " QUALIFY row_number() OVER (PARTITION BY tenant, contact ORDER BY updated_at DESC, revision DESC) = 1"
        )
        kept = duck.execute(newest.format(glob["contact"], glob["tombstone"])).fetchall()
    assert kept == [("person", 2.0)]


async def test_an_erased_contact_comes_again_without_its_words_and_with_a_tombstone(
    database: Database, tmp_path: Path
) -> None:
    tenant = await a_day(database)
    run = exporter(database, tmp_path)
    await run.export(wanted(tenant, Format.CSV))
    custody = CustodyStore(database, tenant)
    erasure, _ = await custody.begin("person", AskedBy.CALLER, "asked on the phone", NINE + timedelta(days=2))
    await custody.finish(erasure, {}, NINE + timedelta(days=2))
    made = await run.export(wanted(tenant, Format.CSV))
    assert (made.rows["tombstone"], made.rows["contact"]) == (1, 1)
    assert made.rows["turn"] == 3, "what the caller, the bot and the agent said"
    files = [(tmp_path / file.path).read_text(encoding="utf-8") for file in made.files]
    assert not [content for content in files if "상담원 연결해" in content or "무엇을 도와" in content]
    with duckdb.connect() as duck:
        source = READERS[Format.CSV].format(glob=tmp_path / "turn" / "*" / "*" / f"{made.run}-*.csv")
        told = duck.execute(f"SELECT DISTINCT contact, text, is_redacted FROM {source}").fetchall()
        source = READERS[Format.CSV].format(glob=tmp_path / "tombstone" / "*" / "*" / "*.csv")
        stone = duck.execute(f"SELECT contact, erasure, erased_by FROM {source}").fetchall()
    assert told == [("person", None, True)]
    assert stone == [("person", erasure.erasure, "caller")]


async def test_it_is_written_down_before_anything_is_read(database: Database, tmp_path: Path) -> None:
    tenant = await a_day(database)
    made = await exporter(database, tmp_path).export(wanted(tenant, tables=("turn",), why="nightly load"))
    [kept] = await PostgresAccess(database).entries(tenant, what=EXPORTED)
    assert (kept.entry.actor, kept.entry.why) == ("command", "nightly load")
    assert kept.entry.details | {"run": made.run, "format": "parquet", "tables": "turn"} == kept.entry.details
    with pytest.raises(StorageError, match="no audit"):
        await exporter(database, tmp_path / "b", audit=Refusing(database)).export(wanted(tenant))
    assert not (tmp_path / "b" / "contact").exists()


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from gateway.access.postgres import PostgresAccess
from gateway.analytics.exports.destinations import Folder
from gateway.analytics.exports.exporter import Exporter, Wanted
from gateway.analytics.exports.formats import Format
from gateway.analytics.vcon.parties import Issuer
from gateway.custody.erasure import AskedBy
from gateway.custody.store import CustodyStore
from infra.storage.database import Database

url, tenant, out, when, published = *sys.argv[1:4], int(sys.argv[4]), 0

class Dying(Folder):
    def publish(self, made, path):
        global published
        published += 1
        if published == when:
            os.kill(os.getpid(), signal.SIGKILL)
        super().publish(made, path)

async def main():
    database = Database(url)
    await database.open()
    exporter = Exporter(database, Dying(Path(out)), PostgresAccess(database), lambda _: Issuer("x", "x"))
    await exporter.export(Wanted(tenant, Format.PARQUET, "Asia/Seoul", "command", tables=("contact", "turn")))

asyncio.run(main())
"""


@pytest.mark.parametrize("when", [1, 3, 5], ids=["in the first file", "between two tables", "before the manifest"])
async def test_a_run_that_is_killed_leaves_nothing_half(
    when: int, database: Database, database_url: str, tmp_path: Path
) -> None:
    """Two tables of two days: four files and a manifest. SIGKILL just before one of them appears."""
    tenant = await a_day(database)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, database_url, tenant, str(tmp_path), str(when))
    )
    assert await asyncio.wait_for(child.wait(), 60) == -signal.SIGKILL
    assert manifests_in(tmp_path, tenant) == []
    whole = list(tmp_path.glob("*/tenant=*/day=*/*"))
    assert len(whole) == when - 1
    with duckdb.connect() as duck:
        for path in whole:
            duck.execute("SELECT count(*) FROM read_parquet($path)", {"path": str(path)})
    assert list((tmp_path / ".staging" / tenant).iterdir())
    made = await _after_a_death(exporter(database, tmp_path), wanted(tenant, tables=("contact", "turn")))
    check(tmp_path, made)
    assert made.previous is None
    assert made.rows["contact"] == 2
    assert not (tmp_path / ".staging" / tenant).exists()


async def _after_a_death(run: Exporter, asked: Wanted) -> Manifest:
    """The dead process's connection, and its lock with it, end a moment after it."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await run.export(asked)
            except ExportRunning:
                await asyncio.sleep(0.05)


async def test_a_failing_destination_leaves_no_manifest(database: Database, tmp_path: Path) -> None:
    tenant = await a_day(database)
    (tmp_path / "turn").write_text("in the way")
    with pytest.raises(DestinationFailed):
        await exporter(database, tmp_path).export(wanted(tenant, tables=("contact", "turn")))
    assert manifests_in(tmp_path, tenant) == []
    assert not (tmp_path / ".staging" / tenant).exists()


async def test_an_altered_manifest_is_not_gone_on_from(database: Database, tmp_path: Path) -> None:
    tenant = await a_day(database)
    run = exporter(database, tmp_path)
    made = await run.export(wanted(tenant, tables=("contact",)))
    place = tmp_path / manifests.place_of(tenant, made.run)
    place.write_bytes(b"{}")
    with pytest.raises(ManifestBroken):
        await run.export(wanted(tenant, tables=("contact",)))


async def test_a_run_of_another_database_is_not_gone_on_from(database: Database, tmp_path: Path) -> None:
    tenant = await a_day(database)
    run = exporter(database, tmp_path)
    made = await run.export(wanted(tenant, tables=("contact",)))
    place = tmp_path / manifests.place_of(tenant, made.run)
    place.write_bytes(manifests.encode(replace(made, watermark=Watermark("elsewhere", 1))))
    with pytest.raises(WatermarkLost, match="--whole"):
        await run.export(wanted(tenant, tables=("contact",)))
    assert (await run.export(wanted(tenant, tables=("contact",), whole=True))).rows == {"contact": 2}


async def test_contacts_as_vcons(database: Database, tmp_path: Path) -> None:
    tenant = await a_day(database)
    await write_call(database, tenant, "goes-on", bot_call()[:-1])
    run = exporter(database, tmp_path)
    made = await run.export(wanted(tenant, Format.VCON))
    check(tmp_path, made)
    assert [file.path for file in made.files] == [
        f"vcon/tenant={tenant}/day=2026-03-02/bot.vcon.json",
        f"vcon/tenant={tenant}/day=2026-03-03/person.vcon.json",
    ]
    told = orjson.loads((tmp_path / made.files[1].path).read_bytes())
    assert {party["role"] for party in told["parties"]} >= {"customer", "agent"}
    assert "01012345678" not in (tmp_path / made.files[0].path).read_text().replace("-", "")
    async with database.tenant(tenant) as connection:
        await add_steps(connection, tenant, "goes-on", bot_call()[-1:], after=90)
        ended = "UPDATE calls SET ended_at = started_at, end_reason = 'completed' WHERE call_id = 'goes-on'"
        await connection.execute(ended)
    assert [Path(file.path).name for file in (await run.export(wanted(tenant, Format.VCON))).files] == [
        "goes-on.vcon.json"
    ]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"tables": ("turns",)}, id="no such table"),
        pytest.param({"tables": ("turn",), "format": Format.VCON}, id="a table of vCons"),
        pytest.param({"since": NINE, "until": NINE}, id="no time at all"),
    ],
)
async def test_what_makes_no_sense_is_refused(asked: dict[str, Any], database: Database, tmp_path: Path) -> None:
    with pytest.raises(ExportRefused):
        await exporter(database, tmp_path).export(wanted("acme", **asked))


async def test_tables_are_of_one_moment(database: Database, tmp_path: Path) -> None:
    """What is committed while a run reads is in none of its tables."""
    tenant = await a_day(database)
    run = exporter(database, tmp_path)

    class Late(Folder):
        def publish(self, made: Path, path: str) -> None:
            super().publish(made, path)
            if path.startswith("contact/") and not late:
                late.append(asyncio.run_coroutine_threadsafe(write_call(database, tenant, "late", bot_call()), loop))
                late[0].result(10)

    late: list[Any] = []
    loop = asyncio.get_running_loop()
    made = await Exporter(database, Late(tmp_path), run.audit, run.issuer, run.now).export(
        wanted(tenant, tables=("contact", "turn"))
    )
    assert late
    assert made.rows["contact"] == 2
    with duckdb.connect() as duck:
        source = f"read_parquet('{tmp_path}/turn/*/*/*.parquet')"
        found = duck.execute(f"SELECT DISTINCT contact FROM {source} ORDER BY 1").fetchall()
    assert found == [("bot",), ("person",)]
    assert (await run.export(wanted(tenant, tables=("contact", "turn")))).rows["contact"] == 1
