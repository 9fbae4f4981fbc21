from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg import sql

from gateway.analytics.exports.arrow import read_block
from gateway.analytics.exports.errors import ExportRunning, WatermarkLost
from gateway.analytics.exports.manifest import Watermark
from gateway.analytics.exports.source import PAGE, Scope, Snapshot, snapshot
from gateway.analytics.exports.tables import TABLES
from infra.storage.database import Database, set_tenant
from tests.gateway.analytics.exports.logs import (
    NINE,
    add_steps,
    bot_call,
    new_tenant,
    person_call,
    turn,
    write_call,
    write_floor,
)
from tests.postgres import Postgres


async def contacts(records: Snapshot, scope: Scope, table: str = "contact") -> list[str]:
    """The contacts of the rows, in order."""
    blocks = [block async for block in records.blocks(TABLES[table], scope, "Asia/Seoul")]
    return [name for block in blocks for name in read_block(block, TABLES[table]).column("contact").to_pylist()]


async def test_rows_come_in_the_order_of_their_days(database: Database) -> None:
    tenant = await new_tenant(database)
    for place, call in enumerate(["c", "a", "b"]):
        await write_call(database, tenant, call, bot_call(), began=NINE + timedelta(hours=8 * place))
    async with snapshot(database, tenant, "here") as records:
        assert await contacts(records, Scope()) == ["c", "a", "b"]
        [block] = [block async for block in records.blocks(TABLES["turn"], Scope(), "Asia/Seoul")]
    rows = read_block(block, TABLES["turn"])
    days = ["2026-03-02", "2026-03-03", "2026-03-03"]  # 18:00, 02:00 and 10:00 in Seoul
    assert rows.column("day").to_pylist() == [day for day in days for _ in range(3)]
    assert rows.column("turn").to_pylist()[:3] == sorted(rows.column("turn").to_pylist()[:3])


async def test_blocks_are_of_whole_rows_and_no_larger_than_need_be(database: Database) -> None:
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", [(1.0, "call.answered", {}), *(turn(n, n, "말\n" * 99) for n in range(40))])
    async with snapshot(database, tenant, "here") as records:
        blocks = [block async for block in records.blocks(TABLES["turn"], Scope(), "UTC", 2_000)]
    rows = [read_block(block, TABLES["turn"]) for block in blocks]
    assert len(blocks) >= 8
    assert sum(map(len, rows)) == 40
    assert max(map(len, blocks)) < 3_000


async def test_a_time_bounds_where_contacts_begin(database: Database) -> None:
    tenant = await new_tenant(database)
    for hour in range(4):
        await write_call(database, tenant, f"c{hour}", bot_call(), began=NINE + timedelta(hours=hour))
    await write_floor(
        database, tenant, [(3600.0, "agent.joined", {"agent": "mina"}), (9999.0, "agent.left", {"agent": "mina"})]
    )
    async with snapshot(database, tenant, "here") as records:
        scope = Scope(since=NINE + timedelta(hours=1), until=NINE + timedelta(hours=2))
        assert await contacts(records, scope) == ["c1"]
        assert len(await contacts(records, scope, "agent_state")) == 1
        assert await contacts(records, Scope(since=NINE + timedelta(hours=3))) == ["c3"]
        assert await contacts(records, Scope(until=NINE)) == []


async def test_what_commits_late_is_not_missed(database: Database) -> None:
    """A transaction that began before an export and commits after it is in the next one."""
    tenant = await new_tenant(database)
    await write_call(database, tenant, "early", bot_call())
    await write_call(database, tenant, "late", bot_call()[:-1])
    slow = await database.connect()
    async with slow, slow.transaction():
        await set_tenant(slow, tenant)
        await add_steps(slow, tenant, "late", [bot_call()[-1]], after=90)
        await write_call(database, tenant, "between", bot_call())  # begins later, commits earlier
        async with snapshot(database, tenant, "here") as first:
            seen = await contacts(first, Scope())
    async with snapshot(database, tenant, "here") as second:
        changed = Scope(after=first.watermark)
        assert sorted(seen) == ["between", "early", "late"]
        assert set(await contacts(second, changed)) >= {"late"}
        assert "early" not in await contacts(second, changed)
    async with snapshot(database, tenant, "here") as third:
        assert await contacts(third, Scope(after=third.watermark)) == []


async def test_only_rows_that_changed_come_again(database: Database) -> None:
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", bot_call())
    await write_floor(database, tenant, [(1.0, "agent.joined", {"agent": "mina"})])
    async with snapshot(database, tenant, "here") as first:
        pass
    async with database.tenant(tenant) as connection:
        await add_steps(
            connection, tenant, "a", [(99.0, "survey.answered", {"question": "csat", "score": 5})], after=90
        )
    async with snapshot(database, tenant, "here") as second:
        changed = Scope(after=first.watermark)
        assert await contacts(second, changed) == ["a"]
        assert await contacts(second, changed, "csat") == ["a"]
        assert await contacts(second, changed, "turn") == []
        assert await contacts(second, changed, "agent_state") == []


async def test_words_that_were_taken_out_come_again_without_them(
    database: Database, postgres: Postgres, database_name: str
) -> None:
    """Whoever changes an event, by whatever way, changes when it was written."""
    tenant = await new_tenant(database)
    await write_call(database, tenant, "a", bot_call())
    async with snapshot(database, tenant, "here") as first:
        pass
    erased = sql.SQL(
        "UPDATE contact_events SET payload = payload - 'text' || '{{\"erased\": true}}'"
        " WHERE tenant = {} AND kind = 'caller.turn'"
    )
    await postgres.run_as_superuser(database_name, erased.format(tenant))
    async with snapshot(database, tenant, "here") as second:
        [block] = [one async for one in second.blocks(TABLES["turn"], Scope(after=first.watermark), "UTC")]
    [row] = read_block(block, TABLES["turn"]).to_pylist()
    assert (row["speaker"], row["text"], row["is_redacted"]) == ("caller", None, True)


async def test_a_watermark_of_elsewhere_is_not_believed(database: Database) -> None:
    tenant = await new_tenant(database)
    async with snapshot(database, tenant, "here") as records:
        records.check(records.watermark)
        with pytest.raises(WatermarkLost, match="another PostgreSQL cluster"):
            records.check(replace(records.watermark, cluster="7"))
        with pytest.raises(WatermarkLost, match="has not had"):
            records.check(Watermark(records.watermark.cluster, records.watermark.written + 1_000_000))


async def test_one_export_of_a_tenant_to_a_place_at_a_time(database: Database) -> None:
    tenant, other = await new_tenant(database), await new_tenant(database)
    async with snapshot(database, tenant, "here"):
        with pytest.raises(ExportRunning, match="try again later"):
            async with snapshot(database, tenant, "here"):
                pass
        async with snapshot(database, tenant, "there"), snapshot(database, other, "here"):
            pass
    async with snapshot(database, tenant, "here"):
        pass


async def test_an_export_reads_and_does_nothing_else(database: Database) -> None:
    tenant = await new_tenant(database)
    async with snapshot(database, tenant, "here") as records:
        with pytest.raises(Exception, match="read-only"):
            await records._connection.execute("CREATE TEMPORARY TABLE x (a int)")


async def test_calls_that_are_over_are_listed_page_by_page(database: Database) -> None:
    tenant = await new_tenant(database)
    async with database.tenant(tenant) as connection:
        await connection.execute(
            "INSERT INTO calls (tenant, call_id, line, language, direction, channel, started_at, ended_at, end_reason,"
            " node, epoch) SELECT %s, 'c' || n, 'main', 'ko', 'inbound', 'voice', %s + n %% 7 * interval '1 hour', %s,"
            " 'completed', 'n', 1 FROM generate_series(1, %s) AS n",
            (tenant, NINE, NINE + timedelta(days=1), 2 * PAGE),
        )
    await write_call(database, tenant, "open", [])
    await write_call(database, tenant, "person", person_call(), began=NINE + timedelta(days=1))
    async with snapshot(database, tenant, "here") as records:
        found = [call async for call in records.ended_calls(Scope())]
        events = await records.events("person")
    assert len(found) == len({call.call_id for call in found}) == 2 * PAGE + 1
    assert [call.started_at for call in found] == sorted(call.started_at for call in found)
    assert found[-1].call_id == "person"
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].kind == "call.offered"
