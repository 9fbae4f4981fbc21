"""Judgements of many contacts: who finds which, in what order, and what they come to."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.analytics.quality.checks import Verdict
from gateway.analytics.quality.judgements import Found, JudgementSearch, Place, Total, Wanted, Which
from gateway.analytics.quality.rubric import Rubrics
from infra.storage.database import Database
from tests.gateway.analytics.quality.judged_calls import MORNING, JudgedCalls, judged_calls, taken

RUBRICS = Rubrics.model_validate(
    {
        "rubrics": [
            {
                "id": "agents",
                "version": "1",
                "passes_at": 60,
                "applies": {"served_by": "person"},
                "criteria": [
                    {"id": "wrap", "check": "wrapped_up", "seconds": 60},
                    {"id": "waiting", "check": "person_within", "seconds": 20},
                ],
            },
            {
                "id": "speed",
                "version": "1",
                "passes_at": 100,
                "applies": {"served_by": "person"},
                "criteria": [{"id": "waiting", "check": "person_within", "seconds": 20}],
            },
        ]
    }
)


@pytest.fixture
async def calls(database: Database) -> AsyncIterator[JudgedCalls]:
    """Three calls, a day apart: kim's is faultless, lee filed one too late, kim came too late and filed too late."""
    async with judged_calls(database, RUBRICS) as judged:
        await judged.call("c1", taken("kim", name="김민지"))
        await judged.call("c2", taken("lee", queue="billing", filed=90), later=86_400)
        await judged.call("c3", taken("kim", waited=60, filed=90, name="김민지"), later=86_400)
        assert await judged.judge() == 6
        yield judged


async def found(calls: JudgedCalls, limit: int = 50, before: Place | None = None, **wanted: object) -> Found:
    asked = Wanted(**wanted)  # type: ignore[arg-type]
    return await JudgementSearch(calls.database).find(calls.tenant, asked, limit=limit, before=before)


def page(told: Found) -> list[tuple[str, str, float | None]]:
    return [(one.call, one.standing.rubric, one.standing.score) for one in told.page]


async def test_the_latest_come_first_page_by_page_and_none_is_left_out(calls: JudgedCalls) -> None:
    every = [("c3", "speed", 0), ("c3", "agents", 0), ("c2", "speed", 100), ("c2", "agents", 50)]
    every += [("c1", "speed", 100), ("c1", "agents", 100)]
    assert page(await found(calls)) == every
    seen, before = [], None
    while some := page(await found(calls, limit=2, before=before)):
        seen += some
        before = Place(some[-1][0], some[-1][1])
    assert seen == every


async def test_what_they_come_to_is_told_however_they_stand_and_who_there_is(calls: JudgedCalls) -> None:
    told = await found(calls, standing=Which.FAILED, rubric="agents")
    assert page(told) == [("c3", "agents", 0), ("c2", "agents", 50)]
    assert told.totals == [Total("agents", 3, 50.0, passed=1, failed=2, open=0)]
    assert told.agents == {"kim": "김민지", "lee": "lee"}
    assert told.rubrics == ["agents", "speed"]


@pytest.mark.parametrize(
    ("wanted", "calls_found"),
    [
        ({"agent": "kim"}, ["c1", "c3"]),
        ({"own": "lee"}, ["c2"]),
        ({"own": "lee", "agent": "kim"}, []),
        ({"within": ("billing",)}, ["c2"]),
        ({"within": ()}, []),
        ({"since": MORNING + timedelta(days=1), "until": MORNING + timedelta(days=2)}, ["c2"]),
        ({"standing": Which.PASSED, "rubric": "agents"}, ["c1"]),
        ({"standing": Which.OBJECTED}, []),
        ({"rubric": "humour"}, []),
    ],
    ids=str,
)
async def test_what_is_asked_for_is_found(
    calls: JudgedCalls, wanted: dict[str, object], calls_found: list[str]
) -> None:
    assert sorted({one.call for one in (await found(calls, **wanted)).page}) == calls_found


async def test_an_objection_waits_until_somebody_decides_and_the_decision_counts(calls: JudgedCalls) -> None:
    await calls.appeal("c2", "agents", "wrap", by="lee")
    told = await found(calls, standing=Which.OBJECTED)
    assert [(one.call, one.standing.rubric) for one in told.page] == [("c2", "agents")]
    assert [total.open for total in told.totals] == [1, 0]
    await calls.override("c2", "agents", "wrap", Verdict.MET, by="sup")
    told = await found(calls)
    assert [total.open for total in told.totals] == [0, 0]
    assert ("c2", "agents", 100.0) in page(told)
    assert told.totals[0] == Total("agents", 3, 66.7, passed=2, failed=1, open=0)
    assert (await found(calls, standing=Which.FAILED, rubric="agents")).page[0].call == "c3"
    await calls.override("c2", "agents", "wrap", Verdict.MISSED, by="sup")
    await calls.appeal("c2", "agents", "wrap", by="lee")
    told = await found(calls, standing=Which.OBJECTED, agent="lee")
    assert page(told) == [("c2", "agents", 50.0)], "the later decision counts, and one may object to it"


async def test_another_rubrics_decision_changes_nothing_here(calls: JudgedCalls) -> None:
    await calls.override("c3", "speed", "waiting", Verdict.MET, by="sup")
    told = await found(calls)
    assert [(total.rubric, total.average) for total in told.totals] == [("agents", 50.0), ("speed", 100.0)]


async def test_nothing_of_another_tenant_is_found(calls: JudgedCalls, database: Database) -> None:
    other = f"t{uuid.uuid4().hex[:8]}"
    await database.enter_tenant(other)
    told = await JudgementSearch(database).find(other, Wanted())
    assert (told.page, told.totals, told.agents, told.rubrics) == ([], [], {}, [])
