"""Every contact is judged once by each rubric, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.analytics.quality.rubric import Rubrics
from gateway.analytics.quality.sweep import LOOKED_BACK, Scoring, keep_scoring
from gateway.analytics.whole_log import whole_log
from gateway.session.store import ContactLog
from infra.storage.database import Database
from tests.gateway.analytics.past_calls import MORNING, answered, handed_over, ledger, new_tenant, past_call, said
from tests.sealed_numbers import numbers

LATER = MORNING + timedelta(hours=1)


def rubrics(*ids: str, **more: Any) -> Rubrics:
    criteria = [{"id": "sources", "check": "cited"}, {"id": "wrap", "check": "wrapped_up", "seconds": 120}]
    made = [{"id": one, "version": "1", "criteria": criteria, **more} for one in ids]
    return Rubrics.model_validate({"after_seconds": 300, "rubrics": made})


class Judging:
    """A tenant with calls that are over, and who judges them."""

    def __init__(self, database: Database, log: ContactLog, tenant: str) -> None:
        self.database, self.log, self.tenant = database, log, tenant

    def scoring(self, by: Rubrics) -> Scoring:
        return Scoring(self.database, self.log, self.tenant, by)

    async def scored(self, call: str) -> list[dict[str, Any]]:
        events = await whole_log(self.log, self.tenant, call)
        return [event.payload for event in events if event.kind == "quality.scored"]


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Judging]:
    tenant = await new_tenant(database)
    async with ledger(database) as log:
        bot = past_call(log, tenant, "bot", said("배송이 언제 오나요"), *answered("이틀 안에 도착합니다"))
        person = past_call(log, tenant, "person", said("상담원이요"), *handed_over("orders", "u1", "solved"))
        for call in (bot, person):
            await call.acknowledged()
        yield Judging(database, log, tenant)


async def late(log: ContactLog) -> None:
    """The ledger's clock moves with each event: past the minute that a call's writers are given."""
    for _ in range(90):
        log._clock()


async def test_a_contact_is_judged_once_by_each_rubric_and_again_by_none(database: Database) -> None:
    async with opened(database) as judging:
        await late(judging.log)
        scoring = judging.scoring(rubrics("service", "agents"))
        assert await scoring.sweep(LATER) == 4
        assert [one["rubric"] for one in await judging.scored("bot")] == ["service", "agents"]
        assert await scoring.sweep(LATER) == 0
        assert await judging.scoring(rubrics("service", "agents")).sweep(LATER) == 0, "also by another process"
        [wrap] = [one for one in (await judging.scored("person"))[0]["criteria"] if one["id"] == "wrap"]
        assert wrap["verdict"] == "met"


async def test_two_nodes_that_judge_at_once_write_one_score(database: Database) -> None:
    async with opened(database) as judging:
        await late(judging.log)
        both = [judging.scoring(rubrics("service")) for _ in range(2)]
        await asyncio.gather(*(one.sweep(LATER) for one in both))
        assert len(await judging.scored("bot")) == 1


@pytest.mark.parametrize("now", [MORNING + timedelta(seconds=60), LATER + LOOKED_BACK], ids=["too soon", "too late"])
async def test_what_has_just_ended_waits_and_what_is_long_over_is_let_be(database: Database, now: datetime) -> None:
    async with opened(database) as judging:
        await late(judging.log)
        assert await judging.scoring(rubrics("service")).sweep(now) == 0


async def test_a_rubric_judges_only_what_it_applies_to(database: Database) -> None:
    async with opened(database) as judging:
        await late(judging.log)
        scoring = judging.scoring(rubrics("agents", applies={"served_by": "person"}))
        assert await scoring.sweep(LATER) == 1
        assert await judging.scored("bot") == []
        assert len(await judging.scored("person")) == 1


async def test_another_tenants_contacts_are_not_touched(database: Database) -> None:
    async with opened(database) as judging:
        await late(judging.log)
        other = Scoring(database, judging.log, await new_tenant(database), rubrics("service"))
        assert await other.sweep(LATER) == 0


async def test_what_ended_with_its_node_is_found_when_all_is_looked_at_again(database: Database) -> None:
    async with opened(database) as judging:
        await late(judging.log)
        scoring = judging.scoring(rubrics("service"))
        await scoring.sweep(LATER)
        lost = past_call(judging.log, judging.tenant, "lost", said("여보세요"), *answered("네"))
        await lost.acknowledged()
        async with database.tenant(judging.tenant) as connection:  # as a call whose node died: its end lies in the past
            before = {"at": MORNING + timedelta(seconds=1), "tenant": judging.tenant}
            statement = "UPDATE calls SET ended_at = %(at)s WHERE tenant = %(tenant)s AND call_id = 'lost'"
            await connection.execute(statement, before)
        assert await scoring.sweep(LATER) == 0
        assert await scoring.sweep(LATER + timedelta(hours=2)) == 1


async def test_it_goes_on_until_it_is_cancelled_though_a_round_fails(database: Database) -> None:
    async with opened(database) as judging:
        await late(judging.log)
        working = judging.scoring(rubrics("service"))
        closed = ContactLog(database, "closed-node", numbers)
        broken = Scoring(database, closed, judging.tenant, rubrics("broken"))
        keeping = asyncio.create_task(keep_scoring([broken, working], now=lambda: LATER, interval=0.01))
        async with asyncio.timeout(20):
            while not await judging.scored("bot"):
                await asyncio.sleep(0.02)
        keeping.cancel()
        await asyncio.wait({keeping})
        assert keeping.cancelled()
