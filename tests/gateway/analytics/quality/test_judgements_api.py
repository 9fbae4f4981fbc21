"""A list of judgements over HTTP, page by page; who sees what is tested with the contact's own routes (test_api)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from gateway.access.identity import Role
from gateway.access.viewings import Viewings
from gateway.analytics.quality.api import QualityRoom
from gateway.analytics.quality.judgements import JudgementSearch
from gateway.analytics.quality.judgements_api import judgements_router
from gateway.analytics.search import CallSearch
from infra.storage.database import Database
from tests.gateway.access.people import Lobby, person
from tests.gateway.analytics.quality.judged_calls import judged_calls, taken
from tests.gateway.analytics.quality.test_judgements import RUBRICS
from tests.sealed_numbers import numbers


@pytest.fixture
async def http(database: Database) -> AsyncIterator[AsyncClient]:
    """Asks as a supervisor of a tenant with three judged calls."""
    lobby, app = Lobby(), FastAPI()
    async with judged_calls(database, RUBRICS) as judged:
        for name in ("c1", "c2", "c3"):
            await judged.call(name, taken("kim"), later=60)
        await judged.judge()
        viewings = Viewings(lobby.store, lobby.clock)
        search, judgements = CallSearch(database, numbers), JudgementSearch(database)
        room = QualityRoom(judged.log, search, judgements, lobby.store, viewings, lambda _tenant: None)
        app.include_router(judgements_router(room, lobby.guard))
        account = person(Role.SUPERVISOR, tenant=judged.tenant)
        account = replace(account, identity=replace(account.identity, queues=()))
        await lobby.store.add_account(account)
        cookies = await lobby.cookies_of(account)
        async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test", cookies=cookies) as client:
            yield client


async def test_pages_follow_one_another_to_the_end(http: AsyncClient) -> None:
    seen: list[tuple[str, str]] = []
    query: dict[str, str | int] = {"limit": 4}
    while True:
        body = (await http.get("/v1/quality", params=query)).json()
        seen += [(one["call"], one["rubric"]) for one in body["judgements"]]
        if body["next"] is None:
            break
        query |= {"before": body["next"]["call"], "before_rubric": body["next"]["rubric"]}
    assert seen == [(call, rubric) for call in ("c3", "c2", "c1") for rubric in ("speed", "agents")]


async def test_a_rubric_that_is_gone_is_told_by_its_id_and_nothing_is_kept_by_browsers(http: AsyncClient) -> None:
    answer = await http.get("/v1/quality", params={"rubric": "speed", "from": "2026-11-01T00:00:00Z"})
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert [one["name"] for one in body["judgements"]] == [{}, {}, {}]
    assert body["totals"] == [
        {"rubric": "speed", "contacts": 3, "average": 100.0, "passed": 3, "failed": 0, "open": 0, "name": {}}
    ]
