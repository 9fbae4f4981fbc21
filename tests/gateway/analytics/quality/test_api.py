"""Scores over HTTP: who may see them, decide about them, and object."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from gateway.access.answers import answer_errors
from gateway.access.identity import Role
from gateway.access.viewings import Viewings
from gateway.analytics.quality.api import quality_router
from gateway.analytics.quality.rubric import Rubrics
from gateway.analytics.quality.sweep import Scoring
from gateway.analytics.search import CallSearch
from infra.storage.database import Database
from tests.gateway.access.people import Lobby, person
from tests.gateway.analytics.past_calls import handed_over, ledger, new_tenant, past_call, said
from tests.gateway.analytics.quality.test_sweep import LATER, late

RUBRICS = Rubrics.model_validate(
    {
        "rubrics": [
            {
                "id": "agents",
                "version": "3",
                "name": {"ko": "상담원", "en": "Agents"},
                "criteria": [
                    {"id": "wrap", "check": "wrapped_up", "seconds": 5, "name": {"en": "Filed soon"}},
                    {"id": "waiting", "check": "person_within", "seconds": 20},
                ],
            }
        ]
    }
)


class Court:
    """A tenant with one judged call, which ``kim`` took and filed too late, and whoever comes in."""

    def __init__(self, tenant: str, lobby: Lobby, http: AsyncClient) -> None:
        self.tenant, self.lobby, self.http = tenant, lobby, http

    async def enter(self, *roles: Role, user: str = "", queues: tuple[str, ...] = ()) -> None:
        account = person(*roles, tenant=self.tenant)
        identity = replace(account.identity, queues=queues, user=user or account.identity.user)
        account = replace(account, identity=identity)
        await self.lobby.store.add_account(account)
        self.http.cookies.clear()
        self.http.cookies.update(await self.lobby.cookies_of(account))

    async def look(self, call: str = "one") -> tuple[int, dict[str, Any]]:
        answer = await self.http.get(f"/v1/calls/{call}/quality")
        return answer.status_code, answer.json()

    async def say(self, what: str, **told: str) -> tuple[int, dict[str, Any]]:
        answer = await self.http.post(
            f"/v1/calls/one/quality/agents/{what}", json=told, headers={"origin": "https://desk.example"}
        )
        return answer.status_code, answer.json()


@pytest.fixture
async def court(database: Database) -> AsyncIterator[Court]:
    tenant, lobby, agent = await new_tenant(database), Lobby(), "kim"
    app = FastAPI()
    answer_errors(app)
    async with ledger(database) as log:
        viewings = Viewings(lobby.store, lobby.clock)
        app.include_router(quality_router(log, CallSearch(database), lobby.guard, viewings, lambda _tenant: RUBRICS))
        judged = past_call(log, tenant, "one", said("상담원이요"), *handed_over("orders", agent, "solved"))
        young = past_call(log, tenant, "two", said("여보세요"))
        for call in (judged, young):
            await call.acknowledged()
        await late(log)
        assert await Scoring(database, log, tenant, RUBRICS).sweep(LATER) == 1
        transport = ASGITransport(app=app)
        async with AsyncClient(transport=transport, base_url="https://desk.example") as http:
            yield Court(tenant, lobby, http)


async def test_a_supervisor_sees_the_score_with_names_and_evidence(court: Court) -> None:
    await court.enter(Role.SUPERVISOR)
    status, body = await court.look()
    assert status == 200
    [rubric] = body["rubrics"]
    assert (rubric["rubric"], rubric["version"], rubric["name"]["en"]) == ("agents", "3", "Agents")
    assert (rubric["score"], rubric["passed"]) == (50.0, False)
    wrap, waiting = rubric["criteria"]
    assert (wrap["verdict"], wrap["name"], bool(wrap["events"])) == ("missed", {"en": "Filed soon"}, True)
    assert waiting["verdict"] == "met"
    assert body["may"] == {"override": True, "appeal": False}
    seen = await court.lobby.store.entries(court.tenant)
    assert ("call.opened", "one") in {(one.entry.what, one.entry.whose) for one in seen}


async def test_a_call_that_nobody_has_judged_has_no_score(court: Court) -> None:
    await court.enter(Role.ANALYST)
    assert await court.look("two") == (200, {"rubrics": [], "may": {"override": False, "appeal": False}})


async def test_who_may_not_see_the_call_does_not_see_its_score(court: Court) -> None:
    await court.enter(Role.SUPERVISOR, queues=("billing",))
    assert (await court.look())[0] == 404
    await court.enter(Role.AGENT)
    assert (await court.look())[0] == 404
    await court.enter(Role.CONTENT)
    assert (await court.look())[0] == 403


async def test_an_agent_sees_and_objects_to_their_own_and_a_supervisor_answers(court: Court) -> None:
    await court.enter(Role.AGENT, user="kim")
    status, body = await court.look()
    assert (status, body["may"]) == (200, {"override": False, "appeal": True})
    status, body = await court.say("appeals", criterion="wrap", reason="the system hung")
    assert status == 200
    assert [one["reason"] for one in body["rubrics"][0]["appeals"]] == ["the system hung"]
    status, body = await court.say("appeals", criterion="wrap", reason="again")
    assert (status, body["code"]) == (409, "appeal_refused")
    status, body = await court.say("overrides", criterion="wrap", verdict="met", reason="I say so")
    assert status == 403
    await court.enter(Role.SUPERVISOR)
    status, body = await court.say("overrides", criterion="wrap", verdict="met", reason="it did hang")
    assert status == 200
    [rubric] = body["rubrics"]
    assert (rubric["score"], rubric["passed"]) == (100.0, True)
    assert rubric["appeals"][0]["answer"] is not None
    assert rubric["overrides"][0]["before"] == "missed"


async def test_nobody_objects_for_others_or_judges_themselves(court: Court) -> None:
    await court.enter(Role.AGENT)
    assert (await court.say("appeals", criterion="wrap", reason="unfair"))[0] == 404
    await court.enter(Role.AGENT, Role.SUPERVISOR)
    assert (await court.say("appeals", criterion="wrap", reason="unfair"))[0] == 403
    await court.enter(Role.AGENT, Role.SUPERVISOR, user="kim")
    assert (await court.say("overrides", criterion="wrap", verdict="met", reason="mine"))[0] == 403


@pytest.mark.parametrize(
    ("what", "told", "status"),
    [
        ("overrides", {"criterion": "humour", "verdict": "met", "reason": "was funny"}, 404),
        ("overrides", {"criterion": "wrap", "verdict": "lovely", "reason": "was lovely"}, 422),
        ("overrides", {"criterion": "wrap", "verdict": "met", "reason": ""}, 422),
        ("overrides", {"criterion": "wrap", "verdict": "met"}, 422),
    ],
)
async def test_a_decision_needs_a_criterion_a_verdict_and_a_reason(
    court: Court, what: str, told: dict[str, str], status: int
) -> None:
    await court.enter(Role.SUPERVISOR)
    assert (await court.say(what, **told))[0] == status


async def test_a_rubric_that_has_not_judged_is_not_there(court: Court) -> None:
    await court.enter(Role.SUPERVISOR)
    answer = await court.http.post(
        f"/v1/calls/one/quality/{uuid.uuid4().hex}/overrides",
        json={"criterion": "wrap", "verdict": "met", "reason": "because"},
        headers={"origin": "https://desk.example"},
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_judged")


async def test_a_change_from_a_page_that_is_not_ours_is_refused(court: Court) -> None:
    await court.enter(Role.SUPERVISOR)
    answer = await court.http.post(
        "/v1/calls/one/quality/agents/overrides",
        json={"criterion": "wrap", "verdict": "met", "reason": "because"},
        headers={"origin": "https://evil.example"},
    )
    assert answer.status_code == 403
