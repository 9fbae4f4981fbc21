"""Figures of calls that real sessions ran, in virtual time: what a session writes down is what the views read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from psycopg.types.json import Jsonb

from gateway.analytics.kpis.kpi import Amount, By
from gateway.analytics.kpis.reports import Reports, Selection
from infra.storage.database import Database
from tests.gateway.analytics.past_calls import new_tenant
from tests.gateway.session.stage import Stage, handover, reply
from tests.gateway.session.test_runner import BYE, ask_and_leave

BEGUN = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
DAY = Selection(date(2026, 11, 20), date(2026, 11, 20))


def running() -> Callable[[], datetime]:
    """A clock that goes with the loop that it is first asked in."""
    first: list[float] = []

    def clock() -> datetime:
        now = asyncio.get_running_loop().time()
        first.append(now)
        return BEGUN + timedelta(seconds=now - first[0])

    return clock


async def played(stage: Stage, script: Callable[..., object], database: Database, tenant: str, call: str) -> None:
    """Run a session to its end, and write down what it wrote for a tenant."""
    stage.clock = running()
    await asyncio.to_thread(stage.play, script)  # type: ignore[arg-type]
    ended = stage.events[-1].at
    assert ended > BEGUN
    async with database.tenant(tenant) as connection, connection.cursor() as cursor:
        reason = next(event.payload["reason"] for event in stage.events if event.kind == "call.ended")
        record = (tenant, call, "shop", "en", "inbound", "voice", None, None, BEGUN, ended, reason, "n1", 1)
        await cursor.execute(f"INSERT INTO calls VALUES ({', '.join(['%s'] * 13)})", record)
        await cursor.executemany(
            "INSERT INTO contact_events VALUES (%s, %s, %s, %s, %s, %s)",
            [(tenant, call, event.seq, event.at, event.kind, Jsonb(event.payload)) for event in stage.events],
        )


@pytest.fixture
async def tenant(database: Database) -> str:
    return await new_tenant(database)


async def total(database: Database, tenant: str, kpi: str) -> Amount:
    rows = await Reports(database).amounts(tenant, DAY, By.DAY, kpi)
    return sum((row.amount for row in rows), Amount())


async def test_a_question_that_was_answered_is_contained(database: Database, tenant: str) -> None:
    answered = Stage(heard=["how long is delivery"], answers=[[reply("Two days"), BYE]])
    await played(answered, ask_and_leave, database, tenant, "answered")
    assert await total(database, tenant, "containment") == Amount(1, 1, 1)
    assert (await total(database, tenant, "transfer_to_people")).numerator == 0


async def test_who_waits_for_a_person_and_leaves_has_left_the_queue(database: Database, tenant: str) -> None:
    async def script(stage: Stage) -> None:
        await ask_and_leave(stage)
        await asyncio.sleep(40.0)
        stage.hang_up()

    await played(Stage(heard=["a person please"], answers=[[handover()]]), script, database, tenant, "left")
    assert await total(database, tenant, "abandonment") == Amount(1, 1, 1)
    assert await total(database, tenant, "transfer_to_people") == Amount(1, 1, 1)
    assert await total(database, tenant, "containment") == Amount(0, 1, 1)
    # He waited for longer than any goal: the variants that count him tell.
    assert (await total(database, tenant, "service_level_4")).value == 0
    assert (await total(database, tenant, "service_level_2")).value is None
    reasons = await Reports(database).amounts(tenant, DAY, By.PART, "escalation_reasons")
    assert [(row.key, row.value) for row in reasons] == [("caller_asked", 1.0)]


async def test_a_callback_that_was_promised_is_no_abandonment(database: Database, tenant: str) -> None:
    await played(Stage(heard=["a person"], answers=[[handover()]]), ask_and_leave, database, tenant, "promised")
    assert (await total(database, tenant, "abandonment")).numerator == 0


async def test_a_caller_who_says_nothing_for_long_is_silent_and_not_we(database: Database, tenant: str) -> None:
    async def script(stage: Stage) -> None:
        await ask_and_leave(stage)
        await stage.until_quiet()
        await asyncio.sleep(6.5)
        stage.hang_up()

    quiet = Stage(heard=["how long is delivery"], answers=[[reply("Two days")]])
    await played(quiet, script, database, tenant, "quiet")
    theirs, ours = await total(database, tenant, "silence_callers"), await total(database, tenant, "silence_ours")
    assert theirs.contacts == ours.contacts == 1
    assert 5 < theirs.numerator < 7
    assert ours.numerator == 0
    assert theirs.denominator == ours.denominator > theirs.numerator
