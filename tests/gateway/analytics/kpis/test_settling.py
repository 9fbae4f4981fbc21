"""What is kept of a contact is what its log says, at every moment, whoever writes at the same time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from gateway.analytics.kpis import settling
from gateway.analytics.kpis.kpi import KPIS, By
from gateway.analytics.kpis.reports import Reports, Selection
from gateway.analytics.kpis.settling import AFTER, LOOK_AGAIN, QUERIES, Settling, keep_settling
from infra.storage.database import Connection, Database
from infra.telemetry.metrics import metrics
from tests.gateway.analytics.kpis.contacts import (
    NOON,
    Contacts,
    Event,
    abandoned,
    agent_said,
    asked,
    queued,
    taken,
    told,
    understood,
)
from tests.gateway.analytics.past_calls import new_tenant

LATER = NOON + timedelta(hours=1)
DAY = Selection(NOON.date(), NOON.date())


@pytest.fixture
async def contacts(database: Database) -> Contacts:
    return Contacts(database, await new_tenant(database))


@pytest.fixture
def settle(database: Database, contacts: Contacts) -> Settling:
    return Settling(database, contacts.tenant)


async def rows(connection: Connection, view: str) -> list[tuple[Any, ...]]:
    return await (await connection.execute(f"SELECT * FROM analytics.{view} ORDER BY contact".encode())).fetchall()


async def kept(database: Database, tenant: str) -> list[str]:
    """The contacts of which a row is kept. Each is what the log says at this moment."""
    async with database.tenant(tenant) as connection:
        settled = await rows(connection, "settled_contact")
        everything = await rows(connection, "any_contact")
        await connection.execute(b"DELETE FROM analytics.settled_contact")
        assert await rows(connection, "any_contact") == everything, "a row is not what the log says"
        await connection.rollback()
    return [row[1] for row in settled]


async def append(connection: Connection, tenant: str, contact: str, kind: str, payload: dict[str, Any]) -> None:
    await connection.execute(
        "INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)"
        " SELECT %s, %s, max(seq) + 1, %s, %s, %s FROM contact_events WHERE tenant = %s AND call_id = %s",
        (tenant, contact, LATER, kind, Jsonb(payload), tenant, contact),
    )


async def looks(connection: Connection, view: str) -> int:
    """How often the log is looked into while a view of figures is counted."""
    looked = (
        b"SELECT coalesce(sum(seq_scan + idx_scan), 0) FROM pg_stat_xact_user_tables WHERE relname = 'contact_events'"
    )
    [[before]] = await (await connection.execute(looked)).fetchall()
    await connection.execute(f"SELECT sum(numerator), count(part) FROM kpi.{view}".encode())
    [[after]] = await (await connection.execute(looked)).fetchall()
    return int(after - before)


def varied(contacts: Contacts) -> None:
    """One of each, as different as logs are."""
    survey: list[Event] = [
        (50, "survey.asked", {"question": "csat", "with": "bot"}),
        (52, "survey.answered", {"question": "csat", "score": 4}),
    ]
    contacts.add(
        "bot", [understood(3, "delivery"), *asked(3, start=1, end=3), *told(5, 8), *told(20, 30, reply=2), *survey]
    )
    contacts.add("person", [*asked(3), queued(10), *taken(20, 50, wrap_up=10), *agent_said(30, 25, 30)])
    contacts.add("two", [queued(5), *taken(10, 30), *taken(30, 60, agent="jiu")])
    contacts.add("left", [queued(5), abandoned(30)])
    contacts.add("empty", [], seconds=1)
    contacts.add("live", [*asked(3), queued(5)], seconds=None)


async def test_a_row_that_is_kept_is_what_the_view_works_out(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    varied(contacts)
    contacts.remember("bot", "a", "delivery", NOON)
    await contacts.write()
    async with database.tenant(contacts.tenant) as connection:
        before = await rows(connection, "contact")
    counted = metrics.value("aicc_contacts_settled_total") or 0
    assert await settle.sweep(LATER) == 5
    assert metrics.value("aicc_contacts_settled_total") == counted + 5
    async with database.tenant(contacts.tenant) as connection:
        assert await rows(connection, "contact") == before
    assert await kept(database, contacts.tenant) == ["bot", "empty", "left", "person", "two"]
    assert await settle.sweep(LATER + LOOK_AGAIN) == 0, "what is kept is not worked out again"


async def test_a_report_over_settled_contacts_does_not_look_into_the_log(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    varied(contacts)
    await contacts.write()
    async with database.tenant(contacts.tenant) as connection:
        assert await looks(connection, "fact WHERE contact <> 'live'") > 0
    await settle.sweep(LATER)
    async with database.tenant(contacts.tenant) as connection:
        assert await looks(connection, "fact WHERE contact <> 'live'") == 0


async def test_where_nothing_is_settled_or_known_of_the_tables_a_log_is_read_some_times_and_not_for_each_other_contact(
    fresh_database: Database,
) -> None:
    contacts = Contacts(fresh_database, await new_tenant(fresh_database))
    for number in range(60):
        contacts.add(f"c{number}", [understood(3, "delivery"), *asked(3), *told(5, 8), queued(10), *taken(20, 50)])
    await contacts.write()
    async with fresh_database.tenant(contacts.tenant) as connection:
        for kpi in KPIS:
            assert await looks(connection, kpi) < 60 * 60, kpi


async def test_what_comes_late_counts_at_once_and_is_settled_anew(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    contacts.add("one", [queued(5), *taken(10, 50)])
    contacts.add("other", [queued(5), *taken(10, 50)])
    await contacts.write()
    await settle.sweep(LATER)
    reports = Reports(database)

    async def handled() -> float:
        [row] = await reports.amounts(contacts.tenant, DAY, By.DAY, "average_handling_time")
        return row.amount.numerator

    assert await handled() == 80
    async with database.tenant(contacts.tenant) as connection:
        await append(connection, contacts.tenant, "one", "wrap_up.done", {"agent": "minji", "seconds": 20})
    assert await handled() == 100
    assert await kept(database, contacts.tenant) == ["other"]
    assert await settle.sweep(LATER + AFTER) == 0, "all is looked at again only after a while"
    assert await settle.sweep(LATER + LOOK_AGAIN) == 1
    assert await kept(database, contacts.tenant) == ["one", "other"]
    assert await handled() == 100


async def test_only_what_is_over_for_a_while_is_settled(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    contacts.add("old", [], seconds=60)
    contacts.add("young", [], begun=NOON + timedelta(minutes=1), seconds=60)
    contacts.add("live", [], seconds=None)
    await contacts.write()
    assert await settle.sweep(NOON + timedelta(seconds=60) + AFTER) == 1
    assert await kept(database, contacts.tenant) == ["old"]
    assert await settle.sweep(NOON + timedelta(seconds=120) + AFTER) == 1


async def test_an_end_that_lies_in_the_past_is_found_when_all_is_looked_at_again(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    """A call that was lost with its node ends at its last event, which others learn of much later."""
    contacts.add("lost", [*asked(3)], seconds=None)
    contacts.add("one", [], seconds=60)
    await contacts.write()
    assert await settle.sweep(LATER) == 1
    async with database.tenant(contacts.tenant) as connection:
        lost = "UPDATE calls SET ended_at = %s, end_reason = 'node_lost' WHERE tenant = %s AND call_id = 'lost'"
        await connection.execute(lost, (NOON + timedelta(seconds=3), contacts.tenant))
    assert await settle.sweep(LATER) == 0
    assert await settle.sweep(LATER + LOOK_AGAIN) == 1


async def test_a_record_that_is_corrected_takes_the_row_away(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    contacts.add("one", [*asked(3)])
    await contacts.write()
    await settle.sweep(LATER)
    async with database.tenant(contacts.tenant) as connection:
        await connection.execute("UPDATE calls SET caller = NULL WHERE tenant = %s", (contacts.tenant,))
    assert await kept(database, contacts.tenant) == ["one"], "a number is in no row"
    async with database.tenant(contacts.tenant) as connection:
        await connection.execute("UPDATE calls SET language = 'en' WHERE tenant = %s", (contacts.tenant,))
    assert await kept(database, contacts.tenant) == []


async def test_an_erased_contact_is_worked_out_anew_and_a_dropped_one_leaves_nothing(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    contacts.add("one", [*asked(3, start=1, end=3), *told(5, 8)])
    await contacts.write()
    await settle.sweep(LATER)
    tenant = contacts.tenant
    async with database.tenant(tenant) as connection:
        await connection.execute(
            "INSERT INTO erasures (tenant, erasure, call_id, asked_by, why, begun_at)"
            " VALUES (%s, 'e', 'one', 'api', '', %s)",
            (tenant, LATER),
        )
        await connection.execute(b"SELECT erase_words('one')")
    assert await kept(database, tenant) == []
    assert await settle.sweep(LATER + LOOK_AGAIN) == 1
    async with database.tenant(tenant) as connection:
        found = await (
            await connection.execute(b"SELECT is_redacted, caller_speech_seconds FROM analytics.settled_contact")
        ).fetchall()
        assert found == [(True, None)]
        done = "UPDATE erasures SET done_at = %s, receipt = '{}' WHERE tenant = %s"
        await connection.execute(done, (LATER, tenant))
        await connection.execute("SELECT drop_records(%s, 10)", (LATER,))
    assert await kept(database, tenant) == []


async def waits(database: Database) -> None:
    """Until somebody in this database waits for somebody else's lock."""
    waiting = b"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(20):
        while True:
            async with database.untenanted() as connection:
                found = await (await connection.execute(waiting)).fetchone()
            if found is not None and found[0]:
                return
            await asyncio.sleep(0.02)


async def test_who_writes_while_a_contact_is_settled_waits_and_takes_the_row_away(
    database: Database, contacts: Contacts
) -> None:
    contacts.add("one", [queued(5), *taken(10, 50)])
    await contacts.write()
    tenant = contacts.tenant

    async def write() -> None:
        async with database.tenant(tenant) as connection:
            await append(connection, tenant, "one", "wrap_up.done", {"agent": "minji", "seconds": 20})

    async with database.tenant(tenant) as connection:
        both = {"tenant": tenant, "calls": ["one"]}
        await connection.execute(QUERIES["hold"].sql, both)
        assert (await connection.execute(QUERIES["settle"].sql, both)).rowcount == 1
        writing = asyncio.create_task(write())
        await waits(database)
        assert not writing.done()
    await writing
    assert await kept(database, tenant) == []


async def test_a_contact_that_is_being_written_to_is_left_alone(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    contacts.add("one", [queued(5), *taken(10, 50)])
    contacts.add("two", [queued(5), *taken(10, 50)])
    await contacts.write()
    tenant = contacts.tenant
    async with database.tenant(tenant) as connection:
        await append(connection, tenant, "one", "wrap_up.done", {"agent": "minji", "seconds": 20})
        assert await settle.sweep(LATER) == 1
    assert await kept(database, tenant) == ["two"]
    assert await settle.sweep(LATER + LOOK_AGAIN) == 1
    assert await kept(database, tenant) == ["one", "two"]


async def test_many_who_write_and_settle_at_once_leave_no_row_that_is_older_than_its_log(
    database: Database, contacts: Contacts
) -> None:
    for number in range(12):
        contacts.add(f"c{number:02}", [queued(5), *taken(10, 50)])
    await contacts.write()
    tenant = contacts.tenant

    async def write(first: int) -> None:
        for turn in range(20):
            async with database.tenant(tenant) as connection:
                payload = {"agent": "minji", "seconds": turn}
                await append(connection, tenant, f"c{5 * turn % 6 * 2 + first:02}", "wrap_up.done", payload)

    async def settle_again() -> None:
        for _ in range(12):
            await Settling(database, tenant).sweep(LATER)

    async with asyncio.TaskGroup() as group:
        for first in (0, 1):  # one writer for each contact
            group.create_task(write(first))
        group.create_task(settle_again())
        group.create_task(settle_again())
    await kept(database, tenant)
    await Settling(database, tenant).sweep(LATER)
    assert len(await kept(database, tenant)) == 12


async def test_a_contact_that_cannot_be_worked_out_keeps_no_other_from_it(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    huge: Event = (50, "wrap_up.done", {"agent": "minji", "seconds": 1e308})
    contacts.add("odd", [huge, huge])
    contacts.add("one", [])
    contacts.add("two", [])
    await contacts.write()
    assert await settle.sweep(LATER) == 2


async def test_a_round_ends_where_other_tenants_have_their_turn(
    database: Database, contacts: Contacts, settle: Settling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "LOOKED_AT", 2)
    monkeypatch.setattr(settling, "MOST", 3)
    for number in range(5):
        contacts.add(f"c{number}", [], begun=NOON + timedelta(seconds=number))
    await contacts.write()
    assert [await settle.sweep(LATER) for _ in range(3)] == [4, 1, 0]


async def test_nobody_settles_or_sees_anothers_contacts(
    database: Database, contacts: Contacts, settle: Settling
) -> None:
    contacts.add("one", [])
    await contacts.write()
    other = await new_tenant(database)
    assert await Settling(database, other).sweep(LATER) == 0
    await settle.sweep(LATER)
    async with database.tenant(other) as connection:
        assert await rows(connection, "settled_contact") == []
        assert await rows(connection, "any_contact") == []


async def test_it_goes_on_until_it_is_cancelled_though_a_round_fails(
    database: Database, database_url: str, contacts: Contacts, settle: Settling
) -> None:
    contacts.add("one", [])
    await contacts.write()
    broken = Settling(Database(database_url), contacts.tenant)  # was never opened
    moment: datetime = LATER
    keeping = asyncio.create_task(keep_settling([broken, settle], now=lambda: moment, interval=0.01))
    async with asyncio.timeout(20):
        while not await kept(database, contacts.tenant):
            await asyncio.sleep(0.02)
    keeping.cancel()
    await asyncio.wait({keeping})
    assert keeping.cancelled()
