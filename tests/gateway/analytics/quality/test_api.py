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
from gateway.analytics.quality.api import QualityRoom, quality_router
from gateway.analytics.quality.judgements import JudgementSearch
from gateway.analytics.quality.judgements_api import judgements_router
from gateway.analytics.quality.rubric import Rubrics
from gateway.analytics.quality.sweep import Scoring
from gateway.analytics.search import CallSearch
from infra.storage.database import Database
from tests.gateway.access.people import Lobby, person
from tests.gateway.analytics.past_calls import handed_over, ledger, new_tenant, past_call, said
from tests.gateway.analytics.quality.test_sweep import LATER, late
from tests.sealed_numbers import numbers

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
        room = QualityRoom(
            log,
            CallSearch(database, numbers),
            JudgementSearch(database),
            lobby.store,
            Viewings(lobby.store, lobby.clock),
            lambda _tenant: RUBRICS,
        )
        for router in (quality_router(room, lobby.guard), judgements_router(room, lobby.guard)):
            app.include_router(router)
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
    assert body["may"] == {"replay": True, "override": True, "appeal": False}
    seen = await court.lobby.store.entries(court.tenant)
    assert ("call.opened", "one") in {(one.entry.what, one.entry.whose) for one in seen}


async def test_a_call_that_nobody_has_judged_has_no_score(court: Court) -> None:
    await court.enter(Role.ANALYST)
    may = {"replay": True, "override": False, "appeal": False}
    assert await court.look("two") == (200, {"rubrics": [], "people": {}, "may": may})


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
    assert (status, body["may"]) == (200, {"replay": False, "override": False, "appeal": True})
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
    assert body["people"] == {"kim": "Kim Minji", rubric["overrides"][0]["by"]: "Kim Minji"}


async def test_nobody_objects_for_others_or_judges_themselves(court: Court) -> None:
    await court.enter(Role.AGENT)
    assert (await court.say("appeals", criterion="wrap", reason="unfair"))[0] == 404
    await court.enter(Role.AGENT, Role.SUPERVISOR)
    assert (await court.say("appeals", criterion="wrap", reason="unfair"))[0] == 403
    await court.enter(Role.AGENT, Role.SUPERVISOR, user="kim")
    assert (await court.look())[1]["may"] == {"replay": True, "override": False, "appeal": True}
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


async def test_who_is_judged_reads_the_words_that_show_it_and_no_others(court: Court) -> None:
    await court.enter(Role.AGENT, user="kim")
    answer = await court.http.get("/v1/calls/one/quality/evidence")
    kinds = [event["kind"] for event in answer.json()]
    assert (answer.status_code, kinds) == (
        200,
        ["call.offered", "handoff.accepted", "agent.joined", "wrap_up.done"],
    )
    assert answer.json()[0]["payload"]["caller"] == "+821*****5678"
    await court.enter(Role.AGENT)
    assert (await court.http.get("/v1/calls/one/quality/evidence")).status_code == 404


@pytest.mark.parametrize(
    ("roles", "queues", "calls", "every"),
    [
        ((Role.SUPERVISOR,), (), ["one"], True),
        ((Role.ANALYST,), ("orders",), ["one"], True),
        ((Role.SUPERVISOR,), ("billing",), [], True),
        ((Role.AGENT,), (), [], False),
        ((Role.AGENT,), ("billing",), [], False),
    ],
)
async def test_a_list_has_what_somebody_may_see(
    court: Court, roles: tuple[Role, ...], queues: tuple[str, ...], calls: list[str], every: bool
) -> None:
    await court.enter(*roles, queues=queues)
    body = (await court.http.get("/v1/quality")).json()
    assert ([one["call"] for one in body["judgements"]], body["every"]) == (calls, every)


async def test_an_agents_list_has_their_own_at_a_glance(court: Court) -> None:
    await court.enter(Role.AGENT, user="kim", queues=("billing",))
    body = (await court.http.get("/v1/quality", params={"standing": "failed", "limit": 1})).json()
    [one] = body["judgements"]
    assert (one["call"], one["name"]["en"], one["score"], one["passed"]) == ("one", "Agents", 50.0, False)
    assert (one["missed"], one["open"], one["agents"]) == ([{"id": "wrap", "name": {"en": "Filed soon"}}], 0, ["kim"])
    assert (body["every"], body["next"]) == (False, None)
    [total] = body["totals"]
    assert (total["contacts"], total["average"], total["failed"]) == (1, 50.0, 1)
    assert body["choices"] == {
        "rubrics": [{"id": "agents", "name": {"ko": "상담원", "en": "Agents"}}],
        "agents": [{"id": "kim", "name": "kim"}],
    }


@pytest.mark.parametrize("query", ["standing=lovely", "from=yesterday", "from=2026-11-22T00:00", "limit=0", "queue=x"])
async def test_a_list_is_asked_for_rightly_or_refused(court: Court, query: str) -> None:
    await court.enter(Role.SUPERVISOR)
    assert (await court.http.get(f"/v1/quality?{query}")).status_code == 422
    await court.enter(Role.CONTENT)
    assert (await court.http.get("/v1/quality")).status_code == 403
