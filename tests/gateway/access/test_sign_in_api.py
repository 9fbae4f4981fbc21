"""Signing in and out, as browsers do it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from gateway.access.account import Wanted
from gateway.access.answers import answer_errors
from gateway.access.api import access_router
from gateway.access.audit import SIGNED_IN, SIGNED_OUT
from gateway.access.cookies import JOURNEY_COOKIE, SESSION_COOKIE
from gateway.access.identity import Role
from gateway.access.lockout import FREE_TRIES
from gateway.access.settings import AccessSettings
from gateway.access.sign_in_api import sign_in_router
from tests.gateway.access.people import OURS, Clock, Lobby, NoVault, person
from tests.gateway.access.provider import CLIENT, SECRET, Provider, running

KIM = {"tenant": "shop", "login": "minji@shop.example", "password": "correct horse battery"}
DIRECTORY = "/v1/sign-in/oidc?tenant=shop&next=/wall"


def site(lobby: Lobby, base_url: str = "http://test") -> AsyncClient:
    app = FastAPI()
    answer_errors(app)
    app.include_router(sign_in_router(lobby.entrance))
    app.include_router(access_router(lobby.entrance, NoVault()))
    return AsyncClient(transport=ASGITransport(app), base_url=base_url, headers=OURS)


async def employ(lobby: Lobby, **changed: Any) -> None:
    wanted = {"tenant": "shop", "login": KIM["login"], "name": "김민지", "roles": frozenset({Role.AGENT}), **changed}
    await lobby.entrance.accounts.add(Wanted(**wanted), KIM["password"], "command")


@pytest.fixture
def lobby() -> Lobby:
    return Lobby()


@pytest.fixture
async def http(lobby: Lobby) -> AsyncIterator[AsyncClient]:
    await employ(lobby)
    async with site(lobby) as http:
        yield http


async def test_who_signs_in_is_known_until_they_sign_out(http: AsyncClient, lobby: Lobby) -> None:
    answer = await http.post("/v1/sign-in", json=KIM)
    assert (answer.status_code, answer.json()["name"], answer.json()["roles"]) == (200, "김민지", ["agent"])
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    assert (await http.get("/v1/me")).json() == answer.json()
    token = http.cookies[SESSION_COOKIE]
    assert (await http.post("/v1/sign-out")).status_code == 204
    assert SESSION_COOKIE not in http.cookies
    again = await http.get("/v1/me", headers={"cookie": f"{SESSION_COOKIE}={token}"})
    assert again.status_code == 401
    deeds = [(one.entry.what, one.entry.actor) for one in await lobby.store.entries("shop")]
    assert deeds[:2] == [(SIGNED_OUT, answer.json()["user"]), (SIGNED_IN, answer.json()["user"])]


async def test_signing_out_twice_is_no_mistake(http: AsyncClient) -> None:
    assert (await http.post("/v1/sign-out")).status_code == 204


async def test_a_session_that_somebody_prepared_is_not_taken_over(http: AsyncClient) -> None:
    http.cookies.set(SESSION_COOKIE, "shop.prepared")
    answer = await http.post("/v1/sign-in", json=KIM)
    assert "shop.prepared" not in answer.headers["set-cookie"]


async def test_who_signs_in_again_leaves_no_session_behind(http: AsyncClient) -> None:
    await http.post("/v1/sign-in", json=KIM)
    before = http.cookies[SESSION_COOKIE]
    await http.post("/v1/sign-in", json=KIM)
    assert (await http.get("/v1/me")).status_code == 200
    http.cookies.clear()
    assert (await http.get("/v1/me", headers={"cookie": f"{SESSION_COOKIE}={before}"})).status_code == 401


async def test_every_wrong_sign_in_gets_the_same_answer(http: AsyncClient, lobby: Lobby) -> None:
    await employ(lobby, login="gone@shop.example")
    await lobby.entrance.accounts.disable("shop", "gone@shop.example", "command")
    await lobby.store.add_account(person(Role.AGENT, login="directory@shop.example"))
    answers = [
        await http.post("/v1/sign-in", json={**KIM, **wrong})
        for wrong in (
            {"password": "wrong"},
            {"login": "nobody@shop.example"},
            {"login": "gone@shop.example"},
            {"login": "directory@shop.example"},
            {"login": "no login"},
            {"tenant": "acme"},
            {"tenant": "nowhere"},
        )
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert answers[0].json()["code"] == "sign_in_failed"
    assert not any("set-cookie" in answer.headers for answer in answers)


async def test_after_too_many_failures_the_right_password_has_to_wait(http: AsyncClient, lobby: Lobby) -> None:
    for login in (KIM["login"], "nobody@shop.example"):
        for _ in range(FREE_TRIES):
            assert (await http.post("/v1/sign-in", json={**KIM, "login": login, "password": "x"})).status_code == 401
        answer = await http.post("/v1/sign-in", json={**KIM, "login": login})
        assert (answer.status_code, answer.json()["code"]) == (429, "sign_in_paused")
        assert answer.headers["retry-after"] == "30"
    lobby.clock.passes(seconds=30)
    assert (await http.post("/v1/sign-in", json=KIM)).status_code == 200


async def test_a_foreign_page_signs_nobody_in_or_out(http: AsyncClient) -> None:
    await http.post("/v1/sign-in", json=KIM)
    for path in ("/v1/sign-in", "/v1/sign-out"):
        answer = await http.post(path, json=KIM, headers={"origin": "https://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert (await http.get("/v1/me")).status_code == 200


async def test_a_password_is_never_repeated_to_whoever_sent_it(http: AsyncClient) -> None:
    answer = await http.post("/v1/sign-in", json={**KIM, "colour": "red"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert KIM["password"] not in answer.text


async def test_the_only_tenant_need_not_be_named(http: AsyncClient) -> None:
    assert (await http.get("/v1/sign-in/methods?tenant=shop")).json() == {"tenant": "shop", "methods": ["password"]}
    assert (await http.get("/v1/sign-in/methods")).json()["tenant"] == ""
    small = Lobby(tenants=("shop",))
    await employ(small)
    async with site(small) as alone:
        assert (await alone.get("/v1/sign-in/methods")).json()["tenant"] == "shop"
        without = {name: value for name, value in KIM.items() if name != "tenant"}
        assert (await alone.post("/v1/sign-in", json=without)).status_code == 200


async def test_by_https_and_inside_other_pages_the_cookie_says_so() -> None:
    lobby = Lobby(AccessSettings(public_url="https://desk.example"))
    await employ(lobby)
    async with site(lobby, "http://10.0.0.5") as http:
        answer = await http.post("/v1/sign-in", json=KIM, headers={"origin": "https://desk.example"})
    assert "SameSite=Lax; Secure" in answer.headers["set-cookie"]
    lobby = Lobby(AccessSettings(embed_origins=("https://crm.example",)))
    await employ(lobby)
    async with site(lobby, "https://test") as http:
        answer = await http.post("/v1/sign-in", json=KIM, headers={"origin": "https://test"})
    assert "SameSite=None; Secure; Partitioned" in answer.headers["set-cookie"]


class Traveller:
    """A browser on its way to the directory and back."""

    def __init__(self, provider: Provider, lobby: Lobby, http: AsyncClient, outside: AsyncClient) -> None:
        self.provider = provider
        self.lobby = lobby
        self.http = http
        self.outside = outside

    async def sets_out(self, path: str = DIRECTORY) -> str:
        """The address that the provider sends the browser back to."""
        door = await self.http.get(path)
        assert door.status_code == 303
        sent = await self.outside.get(door.headers["location"])
        return str(sent.headers["location"])

    async def visits(self, path: str = DIRECTORY) -> Response:
        return await self.http.get(await self.sets_out(path))


def error_of(answer: Response) -> str:
    assert answer.status_code == 303
    assert f"{SESSION_COOKIE}=" not in str(answer.headers.get_list("set-cookie"))
    return parse_qs(urlsplit(answer.headers["location"]).query)["sign_in_error"][0]


@pytest.fixture
async def traveller() -> AsyncIterator[Traveller]:
    async with running() as provider:
        settings = AccessSettings.model_validate(
            {
                "oidc_issuer": provider.issuer,
                "oidc_client_id": CLIENT,
                "oidc_client_secret": SECRET,
                "oidc_roles": "agents=agent, leads=shop:agent+supervisor, elsewhere=acme:admin",
            }
        )
        lobby = Lobby(settings, clock=Clock(datetime.now(UTC)))
        async with site(lobby) as http, AsyncClient(trust_env=False) as outside:
            yield Traveller(provider, lobby, http, outside)
        await lobby.entrance.close()


async def test_who_comes_from_the_directory_has_an_account_from_then_on(traveller: Traveller) -> None:
    assert (await traveller.http.get("/v1/sign-in/methods")).json()["methods"] == ["password", "oidc"]
    answer = await traveller.visits()
    assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
    assert JOURNEY_COOKIE not in traveller.http.cookies
    first = (await traveller.http.get("/v1/me")).json()
    assert (first["name"], first["roles"], first["tenant"]) == ("Kim Minji", ["agent"], "shop")
    traveller.provider.person = {"sub": "00u1", "name": "Kim Minji (Lead)", "groups": ["leads", "unknown"]}
    await traveller.visits()
    again = (await traveller.http.get("/v1/me")).json()
    assert (again["user"], again["name"]) == (first["user"], "Kim Minji (Lead)")
    assert again["roles"] == ["agent", "supervisor"]


async def test_a_prepared_account_keeps_its_queues_and_skills(traveller: Traveller) -> None:
    await traveller.lobby.store.add_account(person(Role.AGENT, login="minji@shop.example"))
    traveller.provider.person |= {"email": "Minji@Shop.Example", "email_verified": True}
    await traveller.visits()
    me = (await traveller.http.get("/v1/me")).json()
    assert (me["queues"], me["skills"], me["locale"]) == (["orders"], {"orders": 3}, "ko")


async def test_an_account_with_a_password_is_not_taken_over_by_an_address(traveller: Traveller) -> None:
    await employ(traveller.lobby)
    traveller.provider.person |= {"email": KIM["login"], "email_verified": True}
    assert error_of(await traveller.visits()) == "directory_refused"


async def test_an_address_that_nobody_verified_leads_to_no_prepared_account(traveller: Traveller) -> None:
    prepared = person(Role.ADMIN, login="minji@shop.example")
    await traveller.lobby.store.add_account(prepared)
    traveller.provider.person |= {"email": "minji@shop.example"}
    await traveller.visits()
    me = (await traveller.http.get("/v1/me")).json()
    assert me["user"] != prepared.identity.user
    assert me["queues"] == []


async def test_who_has_no_role_here_does_not_get_in(traveller: Traveller) -> None:
    traveller.provider.person["groups"] = ["elsewhere"]
    assert error_of(await traveller.visits()) == "no_role"


async def test_who_is_disabled_here_does_not_get_in_by_the_directory(traveller: Traveller) -> None:
    await traveller.visits()
    [account] = await traveller.lobby.store.accounts("shop")
    await traveller.lobby.entrance.accounts.disable("shop", account.login, "command")
    assert error_of(await traveller.visits()) == "directory_refused"


async def test_the_way_back_of_another_browser_signs_nobody_in(traveller: Traveller) -> None:
    """Somebody sends a link that would sign the victim in as themselves."""
    back = await traveller.sets_out()
    traveller.http.cookies.clear()
    answer = await traveller.http.get(back)
    assert error_of(answer) == "directory_refused"
    assert answer.headers["location"].startswith("/desk?")
    await traveller.sets_out()
    assert error_of(await traveller.http.get(back)) == "directory_refused"


@pytest.mark.parametrize(
    "claims", [{"nonce": "x"}, {"aud": "another"}, {"exp": 1}, {"iss": "https://evil.example"}], ids=str
)
async def test_an_id_token_that_does_not_hold_signs_nobody_in(traveller: Traveller, claims: dict[str, Any]) -> None:
    traveller.provider.claims = claims
    assert error_of(await traveller.visits()) == "directory_refused"
    assert await traveller.lobby.store.accounts("shop") == []


@pytest.mark.parametrize("onward", ["https://evil.example", "//evil.example", "/\\evil.example", "desk", "/a%0d%0ab"])
async def test_nobody_is_led_elsewhere(traveller: Traveller, onward: str) -> None:
    answer = await traveller.visits(f"/v1/sign-in/oidc?tenant=shop&next={onward}")
    assert answer.headers["location"] == "/desk"


async def test_a_tenant_that_is_not_served_has_no_accounts(traveller: Traveller) -> None:
    assert error_of(await traveller.visits("/v1/sign-in/oidc?tenant=nowhere")) == "directory_refused"


async def test_a_directory_that_does_not_answer_is_told_on_our_page(traveller: Traveller) -> None:
    traveller.provider.discovery = {"issuer": "https://evil.example"}
    assert error_of(await traveller.http.get(DIRECTORY)) == "directory_unavailable"


async def test_without_a_directory_there_is_no_way_to_it(http: AsyncClient) -> None:
    answer = await http.get(DIRECTORY)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_directory")
    assert error_of(await http.get("/v1/sign-in/oidc/callback?code=x&state=y")) == "directory_refused"
