"""The door to the tenants' MCP servers, with the SDK's own client over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import httpx2
import pytest
from fastapi import FastAPI
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr

from gateway.api.mcp import mcp_router
from gateway.api.mcp_server import LARGEST_REQUEST, McpServers
from infra.telemetry.metrics import metrics
from tests.gateway.api.mcp_stage import PREPARING, SHIPPED, TENANT, Stage, stage
from tests.web import served

HOUSE = SecretStr("the-token-of-the-house")
DESK = SecretStr("the-token-of-the-desk")
CLIENTS = {
    "desk-assistant": DESK,
    "website-assistant": SecretStr("the-token-of-the-site"),
    "unknown": SecretStr("the-token-of-nobody"),
}


@dataclass
class Door:
    house: Stage
    url: str

    @asynccontextmanager
    async def client(
        self, token: SecretStr | None = HOUSE, mode: str = "auto", **headers: str
    ) -> AsyncIterator[Client]:
        """The SDK's client with these credentials."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        shown = {} if token is None else {"authorization": f"Bearer {token.get_secret_value()}"}
        async with (
            httpx2.AsyncClient(headers=named | shown, trust_env=False) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=mode, cache=None) as client,
        ):
            yield client

    async def knock(self, method: str = "POST", url: str | None = None, **request: object) -> httpx.Response:
        """A request by hand."""
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.request(method, url or self.url, **request)  # type: ignore[arg-type]


@asynccontextmanager
async def opened(token: SecretStr | None = HOUSE) -> AsyncIterator[Door]:
    async with stage() as house:
        servers = McpServers({TENANT: house.calls}, open_door=token is None)
        await servers.start()
        app = FastAPI()
        app.include_router(mcp_router(servers, token, CLIENTS))
        async with served(app) as url:
            yield Door(house, f"{url}/v1/tenants/{TENANT}/mcp")
        await servers.close()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_proposes_and_confirms_whatever_the_protocols_age(mode: str) -> None:
    async with opened() as door, door.client(DESK, mode, aicc_customer="C-1002") as client:
        await client.list_tools()
        proposed = await client.call_tool("cancel_order", {"order_number": PREPARING})
        assert proposed.structured_content["status"] == "proposed"
        assert door.house.shop.done == []
        proposal = proposed.structured_content["proposal"]
        confirmed = await client.call_tool("confirm", {"proposal": proposal, "words": "yes"})
        assert confirmed.structured_content["result"]["status"] == "cancelled"
        assert (await client.call_tool("confirm", {"proposal": proposal})).structured_content["status"] == "succeeded"
        assert door.house.shop.done == [("cancel_order", PREPARING)]


async def test_the_language_is_one_of_the_tenants() -> None:
    async with opened() as door:
        for accepted, title in (("ko-KR,ko;q=0.9", "주문 취소"), ("fi, en", "Cancel an order"), ("fi", "주문 취소")):
            async with door.client(accept_language=accepted) as client:
                titles = {tool.name: tool.title for tool in (await client.list_tools()).tools}
                assert titles["cancel_order"] == title


@pytest.mark.parametrize("shown", [None, "Bearer wrong", "Bearer", "Basic the-token-of-the-house", "the-token"])
async def test_without_a_token_nobody_is_let_in(shown: str | None) -> None:
    async with opened() as door:
        before = metrics.value("aicc_mcp_refused_total", {"reason": "token"})
        response = await door.knock(headers={} if shown is None else {"authorization": shown}, json={})
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
        assert metrics.value("aicc_mcp_refused_total", {"reason": "token"}) == before + 1


async def test_the_name_of_the_scheme_may_be_written_in_any_case() -> None:
    async with opened() as door:
        response = await door.knock(headers={"authorization": f"bearer {HOUSE.get_secret_value()}"}, json={})
        assert response.status_code != 401


async def test_a_client_enters_only_where_it_is_named() -> None:
    async with opened() as door:
        response = await door.knock(headers={"authorization": "Bearer the-token-of-nobody"}, json={})
        assert (response.status_code, "does not name the client unknown" in response.text) == (403, True)


async def test_a_tenant_that_offers_nothing_has_no_server() -> None:
    async with opened() as door:
        for token, status in ((HOUSE, 404), (SecretStr("wrong"), 401)):
            url = door.url.replace(TENANT, "another")
            response = await door.knock(
                url=url, headers={"authorization": f"Bearer {token.get_secret_value()}"}, json={}
            )
            assert response.status_code == status


@pytest.mark.parametrize("token", [HOUSE, CLIENTS["website-assistant"]])
async def test_who_may_not_act_for_customers_cannot_name_one(token: SecretStr) -> None:
    async with opened() as door:
        headers = {"authorization": f"Bearer {token.get_secret_value()}", "aicc-customer": "C-1002"}
        response = await door.knock(headers=headers, json={})
        assert (response.status_code, "acts_for_customers" in response.text) == (403, True)


@pytest.mark.parametrize(
    "headers", [{"aicc-customer": "C 1; DROP"}, {"aicc-customer": "x" * 65}, {"aicc-contact": "a/b"}]
)
async def test_names_that_are_none_are_refused(headers: dict[str, str]) -> None:
    async with opened() as door:
        shown = {"authorization": f"Bearer {DESK.get_secret_value()}"}
        assert (await door.knock(headers=shown | headers, json={})).status_code == 400


async def test_two_contacts_of_one_client_are_told_apart() -> None:
    async with opened() as door:
        for contact in ("a", "b", "a"):
            async with door.client(aicc_contact=contact) as client:
                await client.call_tool("order_status", {"order_number": SHIPPED})
        assert len(await door.house.ledger.calls(TENANT)) == 2


async def test_without_a_token_of_the_house_only_this_machines_names_are_answered_to() -> None:
    async with opened(token=None) as door:
        async with door.client(token=None) as client:
            assert (await client.call_tool("order_status", {"order_number": SHIPPED})).is_error is False
        for headers, status in (({"host": "evil.example"}, 421), ({"origin": "http://evil.example"}, 403)):
            response = await door.knock(headers={"accept": "application/json, text/event-stream"} | headers, json={})
            assert response.status_code == status
        assert (await door.knock(headers={"authorization": "Bearer wrong"}, json={})).status_code == 401


async def test_too_large_a_request_is_refused() -> None:
    async with opened() as door:
        shown = {"authorization": f"Bearer {HOUSE.get_secret_value()}", "content-type": "application/json"}
        before = metrics.value("aicc_mcp_refused_total", {"reason": "protocol"})
        response = await door.knock(headers=shown, content=b" " * (LARGEST_REQUEST + 1))
        assert response.status_code == 413
        assert metrics.value("aicc_mcp_refused_total", {"reason": "protocol"}) == before + 1


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_there_is_no_stream_to_keep_open(method: str) -> None:
    async with opened() as door:
        response = await door.knock(method, headers={"authorization": f"Bearer {HOUSE.get_secret_value()}"})
        assert response.status_code == 405


@pytest.mark.parametrize("body", [b"nonsense", b"[]", b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}', b"{}"])
async def test_nonsense_is_answered_with_an_error(body: bytes) -> None:
    async with opened() as door:
        for version in ("2026-07-28", "2025-06-18"):
            headers = {
                "authorization": f"Bearer {HOUSE.get_secret_value()}",
                "content-type": "application/json",
                "accept": "application/json, text/event-stream",
                "mcp-protocol-version": version,
            }
            response = await door.knock(headers=headers, content=body)
            assert response.status_code in {200, 202, 400}
            assert response.status_code == 202 or "error" in response.json()
