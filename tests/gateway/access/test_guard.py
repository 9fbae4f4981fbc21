"""Who is let through to a route, and who is told why not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from httpx import ASGITransport, AsyncClient

from gateway.access.answers import answer_errors
from gateway.access.cookies import SESSION_COOKIE
from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.origins import Origins
from gateway.access.settings import AccessSettings
from tests.gateway.access.people import OURS, Lobby

CRM = "https://crm.example"


def rooms(guard: Guard) -> APIRouter:
    router = APIRouter()
    supervisor, anybody = Depends(guard.require(Role.SUPERVISOR, Role.ADMIN)), Depends(guard.require())
    by_itself = Depends(guard.require(Role.AGENT, renew=False))

    @router.get("/wall")
    @router.post("/wall")
    async def wall(who: Identity = supervisor) -> dict[str, str]:
        return {"user": who.user, "tenant": who.tenant}

    @router.get("/me")
    async def me(who: Identity = anybody) -> dict[str, str]:
        return {"name": who.name}

    @router.get("/beat")
    async def beat(who: Identity = by_itself) -> dict[str, str]:
        return {"name": who.name}

    @router.get("/stream")
    async def stream(request: Request) -> bool:
        return await guard.still_holds(request, Role.AGENT)

    return router


def client(guard: Guard, base_url: str = "http://test") -> AsyncClient:
    app = FastAPI()
    answer_errors(app)
    app.include_router(rooms(guard))
    return AsyncClient(transport=ASGITransport(app), base_url=base_url)


@pytest.fixture
def lobby() -> Lobby:
    return Lobby(AccessSettings(session_idle_minutes=30, session_hours=2))


@pytest.fixture
async def http(lobby: Lobby) -> AsyncIterator[AsyncClient]:
    async with client(lobby.guard) as http:
        yield http


async def test_who_has_the_role_is_known_to_the_route(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.SUPERVISOR, tenant="acme"))
    answer = await http.get("/wall")
    assert (answer.status_code, answer.json()["tenant"]) == (200, "acme")


async def test_who_is_nobody_is_asked_to_sign_in(http: AsyncClient) -> None:
    answer = await http.get("/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("token", ["x", "shop.", ".x", "shop.unknown", "shop." + "x" * 5000])
async def test_a_made_up_token_opens_nothing(http: AsyncClient, token: str) -> None:
    answer = await http.get("/me", headers={"cookie": f"{SESSION_COOKIE}={token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_a_token_opens_no_other_tenants_door(http: AsyncClient, lobby: Lobby) -> None:
    cookies = await lobby.cookies(Role.AGENT)
    moved = "acme." + cookies[SESSION_COOKIE].rpartition(".")[2]
    answer = await http.get("/me", headers={"cookie": f"{SESSION_COOKIE}={moved}"})
    assert answer.status_code == 401


async def test_another_role_is_not_enough_and_an_admin_is_no_agent(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.ANALYST))
    answer = await http.get("/wall")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert "supervisor or admin" in answer.json()["message"]
    assert (await http.get("/me")).status_code == 200
    http.cookies.clear()
    http.cookies.update(await lobby.cookies(Role.ADMIN))
    assert (await http.get("/stream")).json() is False


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "null"}, {"origin": "https://evil.example"}, {"origin": "http://test.evil.example"}]
)
async def test_a_foreign_page_changes_nothing(http: AsyncClient, lobby: Lobby, headers: dict[str, str]) -> None:
    http.cookies.update(await lobby.cookies(Role.SUPERVISOR))
    answer = await http.post("/wall", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert (await http.get("/wall", headers=headers)).status_code == 200


async def test_our_own_pages_and_those_that_embed_them_do(lobby: Lobby) -> None:
    guard = Guard(lobby.sessions, Origins(embedding=(CRM,)), lobby.clock)
    async with client(guard) as http:
        http.cookies.update(await lobby.cookies(Role.SUPERVISOR))
        assert (await http.post("/wall", headers=OURS)).status_code == 200
        assert (await http.post("/wall", headers={"origin": CRM})).status_code == 200


async def test_behind_a_proxy_the_configured_address_is_ours(lobby: Lobby) -> None:
    guard = Guard(lobby.sessions, Origins("https://desk.example"), lobby.clock)
    async with client(guard, "http://10.0.0.5:8080") as http:
        http.cookies.update(await lobby.cookies(Role.SUPERVISOR))
        assert (await http.post("/wall", headers={"origin": "https://desk.example"})).status_code == 200
        assert (await http.post("/wall", headers={"origin": "http://10.0.0.5:8080"})).status_code == 403


async def test_a_session_lasts_as_long_as_it_is_used_but_not_for_ever(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT))
    for _ in range(5):
        lobby.clock.passes(minutes=23)
        assert (await http.get("/me")).status_code == 200
    lobby.clock.passes(minutes=6)
    answer = await http.get("/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_expired")
    assert (await http.get("/me")).json()["code"] == "not_signed_in"


async def test_who_does_nothing_is_signed_out(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT))
    lobby.clock.passes(minutes=30)
    assert (await http.get("/me")).json()["code"] == "session_expired"


async def test_an_open_stream_does_not_keep_a_session_alive(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT))
    for _ in range(2):
        lobby.clock.passes(minutes=14)
        assert (await http.get("/stream")).json() is True
    lobby.clock.passes(minutes=2)
    assert (await http.get("/stream")).json() is False


async def test_what_a_page_does_by_itself_does_not_keep_a_session_alive(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT))
    for _ in range(2):
        lobby.clock.passes(minutes=14)
        assert (await http.get("/beat")).status_code == 200
    lobby.clock.passes(minutes=2)
    assert (await http.get("/beat")).json()["code"] == "session_expired"


async def test_who_loses_the_account_is_out_at_once(http: AsyncClient, lobby: Lobby) -> None:
    http.cookies.update(await lobby.cookies(Role.AGENT, name="Lee"))
    [account] = await lobby.store.accounts("shop")
    await lobby.store.disable_account("shop", account.identity.user, lobby.clock())
    assert (await http.get("/me")).status_code == 401
    assert (await http.get("/stream")).json() is False
