"""What somebody who is signed in may ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from gateway.access.answers import answer_errors
from gateway.access.api import access_router
from gateway.access.audit import REVEALED
from gateway.access.identity import Identity, Role
from gateway.access.tickets import Purpose
from tests.gateway.access.people import NOW, OURS, Lobby

WHY = {"call": "c-1", "field": "caller", "reason": "콜백 번호 확인"}


class Numbers:
    """A vault with one number, of a call of the tenant's."""

    async def value(self, who: Identity, call: str, field: str) -> str | None:
        return {("shop", "c-1", "caller"): "+821012345678"}.get((who.tenant, call, field))


@pytest.fixture
def lobby() -> Lobby:
    return Lobby()


@pytest.fixture
async def http(lobby: Lobby) -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    answer_errors(app)
    app.include_router(access_router(lobby.entrance, Numbers()))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=OURS) as http:
        yield http


async def test_somebody_sees_who_they_are(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT, Role.SUPERVISOR))
    me = await http.get("/v1/me")
    assert me.headers["cache-control"] == "no-store"
    del (found := me.json())["user"]
    assert found == {
        "tenant": "shop",
        "name": "Kim Minji",
        "roles": ["agent", "supervisor"],
        "queues": ["orders"],
        "skills": {"orders": 3},
        "languages": ["ko", "en"],
        "locale": "ko",
        "expires_at": (NOW + timedelta(minutes=30)).isoformat(),
    }


async def test_pages_change_their_language(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT))
    assert (await http.put("/v1/me/locale", json={"locale": "en"})).status_code == 204
    assert (await http.get("/v1/me")).json()["locale"] == "en"
    assert (await http.put("/v1/me/locale", json={"locale": "fr"})).status_code == 422


async def test_an_agent_gets_a_ticket_for_the_softphone(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT))
    wanted = {"purpose": "softphone", "subject": "c-1"}
    answer = await http.post("/v1/tickets", json=wanted)
    assert answer.json()["expires_in"] == 30
    admission = await lobby.entrance.tickets.redeem(answer.json()["ticket"], Purpose.SOFTPHONE)
    assert admission is not None
    assert (admission.subject, admission.identity.tenant) == ("c-1", "shop")
    assert (await http.post("/v1/tickets", json={**wanted, "purpose": "vault"})).status_code == 422
    http.cookies.clear()
    http.cookies.update(await lobby.cookies(Role.ANALYST))
    assert (await http.post("/v1/tickets", json=wanted)).json()["code"] == "not_allowed"


async def test_a_value_is_shown_once_it_is_written_down_who_saw_it_and_why(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.ANALYST))
    assert (await http.post("/v1/reveals", json=WHY)).json() == {"value": "+821012345678"}
    [kept] = await lobby.store.entries("shop", what=REVEALED)
    assert (kept.entry.whose, kept.entry.why, kept.entry.details) == ("c-1", "콜백 번호 확인", {"field": "caller"})


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501, "null\x00byte"])
async def test_without_a_reason_nothing_is_shown(http: AsyncClient, lobby: Lobby, reason: str) -> None:
    http.cookies.update(await lobby.cookies(Role.SUPERVISOR))
    assert (await http.post("/v1/reveals", json={**WHY, "reason": reason})).status_code == 422
    assert await lobby.store.entries("shop", what=REVEALED) == []


async def test_nobody_sees_what_is_not_there_or_not_theirs(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT))
    answer = await http.post("/v1/reveals", json={**WHY, "field": "password"})
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_to_reveal")
    for cookies in (await lobby.cookies(Role.AGENT, tenant="acme"), await lobby.cookies(Role.CONTENT, Role.ADMIN)):
        http.cookies.clear()
        http.cookies.update(cookies)
        assert (await http.post("/v1/reveals", json=WHY)).status_code in (403, 404)
    assert await lobby.store.entries("shop", what=REVEALED) == []
