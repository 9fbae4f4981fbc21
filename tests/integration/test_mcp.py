"""MCP from end to end: the SDK's client, the gateway's web application, PostgreSQL, the example's real services; two
tenants, of which one gets its actions from an MCP server itself."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import httpx2
import pytest
import yaml
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, SecretStr

from dialog.actions.audit import broken_at
from dialog.actions.postgres import PostgresActionStore
from dialog.errors import ToolMisfit
from dialog.releases.release import Release, load_release
from gateway.app import _open_dialogues, _open_mcp
from gateway.commands.services import example_services
from gateway.desk.handoff import HandoffDesk
from gateway.house import House
from gateway.session.store import ContactLog
from gateway.session.tenant import load_tenant
from gateway.settings import GatewaySettings
from gateway.web import web_app
from infra.storage.database import Database
from infra.storage.runtime import open_subject_keys
from infra.storage.settings import KeySettings
from tests.dialog.surroundings import SmallSearch
from tests.house import EXAMPLE
from tests.sealed_numbers import numbers
from tests.web import served

DESK, SITE = "the-token-of-the-desk", "the-token-of-the-site"
PREPARING = "20261042"

WAREHOUSE_ACTIONS = """
services:
  warehouse: {url: "mcp+http://127.0.0.1:1/mcp"}
actions:
  stock:
    service: warehouse
    tool: stock
    risk: read_only
    timeout: 5
    arguments: &item {type: object, required: [item], properties: {item: {type: string, maxLength: 40}}}
    result: &left {type: object, required: [item, left], properties: {item: {type: string}, left: {type: integer}}}
    refusals: {not_found: [no such item]}
  reserve:
    service: warehouse
    tool: reserve
    risk: reversible
    timeout: 5
    arguments: *item
    result: *left
    proof: {read: stock, shows: {left: 2}}
"""
WORDS = {"ko": "말", "en": "words"}
WAREHOUSE_OFFER = {
    "tools": {
        name: {"title": WORDS, "description": WORDS, "arguments": {"item": {"ko": "품목", "en": "item"}}}
        for name in ("stock", "reserve")
    },
    "clients": {"website-assistant": {}},
}


class Left(BaseModel):
    item: str
    left: int


def warehouse(stock: dict[str, int]) -> MCPServer:
    """An MCP server that really keeps something."""
    server = MCPServer("warehouse", log_level="CRITICAL")

    @server.tool(name="stock")
    def look(item: str) -> Left:
        if item not in stock:
            raise ToolError(f"no such item: {item}")
        return Left(item=item, left=stock[item])

    @server.tool()
    def reserve(item: str) -> Left:
        stock[item] -= 1
        return Left(item=item, left=stock[item])

    return server


def tenant_folder(folder: Path, name: str) -> Path:
    """The example tenant under another id."""
    shutil.copytree(EXAMPLE, folder / name, ignore=shutil.ignore_patterns("knowledge", "calls", "services"))
    about = folder / name / "tenant.yaml"
    about.write_text(about.read_text(encoding="utf-8").replace("id: hanbit-store", f"id: {name}"), encoding="utf-8")
    return folder / name


def warehouse_folder(folder: Path, name: str) -> Path:
    """A tenant all of whose actions are tools of an MCP server."""
    made = tenant_folder(folder, name)
    shutil.rmtree(made / "flows")
    (made / "actions.yaml").write_text(WAREHOUSE_ACTIONS)
    (made / "mcp.yaml").write_text(yaml.safe_dump(WAREHOUSE_OFFER, allow_unicode=True))
    for code in ("ko", "en"):
        intents = yaml.safe_load((made / f"intents.{code}.yaml").read_text(encoding="utf-8"))
        flowless = {key: part for key, part in intents["intents"].items() if "start_flow" not in str(part)}
        (made / f"intents.{code}.yaml").write_text(yaml.safe_dump({**intents, "intents": flowless}, allow_unicode=True))
    return made


@dataclass
class Running:
    url: str
    house: House
    shop: str
    warehouse: str
    search: SmallSearch
    stock: dict[str, int]

    @asynccontextmanager
    async def client(self, tenant: str, token: str, **headers: str) -> AsyncIterator[Client]:
        """The SDK's client at a tenant's door."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        shown = {"authorization": f"Bearer {token}", **named}
        url = f"{self.url}/v1/tenants/{tenant}/mcp"
        async with (
            httpx2.AsyncClient(headers=shown, trust_env=False) as http,
            Client(streamable_http_client(url, http_client=http), cache=None) as client,
        ):
            yield client


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Release]]:
    place = tmp_path_factory.mktemp("tenants")
    made = {
        "shop": tenant_folder(place, f"shop-{uuid.uuid4().hex[:8]}"),
        "warehouse": warehouse_folder(place, f"warehouse-{uuid.uuid4().hex[:8]}"),
    }
    return {name: (folder, load_release(folder)) for name, folder in made.items()}


@pytest.fixture
async def running(
    database: Database,
    folders: dict[str, tuple[Path, Release]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Running]:
    stock = {"pen": 3}
    async with (
        example_services([EXAMPLE]) as services,
        served(warehouse(stock).streamable_http_app()) as keeper,
        AsyncExitStack() as stack,
    ):
        urls = {**services, "warehouse": f"mcp+{keeper}/mcp"}
        monkeypatch.setenv("AICC_DIALOG_SERVICE_URLS", ",".join(f"{name}={url}" for name, url in urls.items()))
        tenants = {tenant.id: tenant for tenant in (load_tenant(folder) for folder, _ in folders.values())}
        for tenant in tenants:
            await database.enter_tenant(tenant)
        ledger = ContactLog(database, f"node-{uuid.uuid4().hex}", numbers)
        await ledger.start()
        stack.push_async_callback(ledger.close)
        search = SmallSearch()
        ring = folders["shop"][0].parent  # the tenants' rows outlive a test, and so does what opens them
        clients = {"desk-assistant": SecretStr(DESK), "website-assistant": SecretStr(SITE)}
        house = House(
            settings=GatewaySettings(api_token=SecretStr("the-token-of-the-house"), mcp_tokens=clients),
            data=tmp_path,
            tenants=tenants,
            dialogues={},
            ledger=ledger,
            desk=HandoffDesk(ledger),
            knowledge=search,  # type: ignore[arg-type]
            chats=SimpleNamespace(),  # type: ignore[arg-type]
            keys=await stack.enter_async_context(open_subject_keys(KeySettings(), database, ring)),
        )
        releases = {release.tenant.id: release for _, release in folders.values()}
        await _open_mcp(stack, house, releases, await _open_dialogues(stack, house, releases, database))
        ids = {name: release.tenant.id for name, (_, release) in folders.items()}
        async with served(web_app(house)) as url:
            yield Running(url, house, ids["shop"], ids["warehouse"], search, stock)


async def status_of(order: str) -> str:
    """What the order service itself says."""
    from dialog.settings import DialogSettings
    from infra.config import load

    async with httpx.AsyncClient(trust_env=False) as http:
        found = await http.get(f"{load(DialogSettings).service_urls['orders']}/orders/{order}")
        return str(found.json()["status"])


async def test_an_order_is_cancelled_once_after_a_confirmation(running: Running, database: Database) -> None:
    async with running.client(running.shop, DESK, aicc_customer="C-1002", accept_language="ko") as client:
        await client.list_tools()
        proposed = (await client.call_tool("cancel_order", {"order_number": PREPARING})).structured_content
        assert (proposed["status"], await status_of(PREPARING)) == ("proposed", "preparing")
        assert "2 0 2 6, 1 0 4 2" in proposed["read_back"] and "취소" in proposed["read_back"]
        for _ in range(2):
            done = await client.call_tool("confirm", {"proposal": proposed["proposal"], "words": "네, 취소해 주세요"})
            assert done.structured_content["result"] == {"order_number": PREPARING, "status": "cancelled"}
        assert await status_of(PREPARING) == "cancelled"
        refused = (await client.call_tool("cancel_order", {"order_number": PREPARING})).structured_content
        assert (refused["status"], refused["reason"]) == ("refused", "state")
    [record] = await running.house.ledger.calls(running.shop)
    kinds = [event.kind for event in await running.house.ledger.events(running.shop, record.call_id)]
    once = ["action.proposed", "action.confirmed", "action.started", "action.succeeded"]
    assert [kind for kind in kinds if kind in once][:4] == once
    assert kinds.count("action.succeeded") == 1
    audit = await PostgresActionStore(database, running.shop).audit(0, 100)
    assert broken_at(audit) is None
    assert [line.body["state"] for line in audit] == ["proposed", "confirmed", "started", "succeeded"]


async def test_nothing_of_another_tenant_is_ever_reached(running: Running) -> None:
    async with running.client(running.shop, DESK, aicc_customer="C-1002") as mine:
        proposed = (
            await mine.call_tool("change_address", {"order_number": PREPARING, "address": "서울 중구 1"})
        ).structured_content
    with pytest.raises((MCPError, ExceptionGroup)):
        async with running.client(running.warehouse, DESK):
            pass  # the warehouse does not name that client
    async with running.client(running.warehouse, SITE) as theirs:
        names = {tool.name for tool in (await theirs.list_tools()).tools}
        assert names == {"stock", "reserve", "confirm", "withdraw"}
        answer = await theirs.call_tool("confirm", {"proposal": proposed["proposal"]})
        assert answer.structured_content["reason"] == "no_such_proposal"
        for tool in ("order_status", "search_knowledge"):
            with pytest.raises(MCPError, match="there is no tool"):
                await theirs.call_tool(tool, {"order_number": PREPARING})
    async with running.client(running.shop, SITE) as visitor:
        found = await visitor.call_tool("search_knowledge", {"query": "standard delivery", "language": "en"})
        assert found.structured_content["passages"][0]["document"] == "en/delivery.md"
    assert {query.tenant for query in running.search.asked} == {running.shop}


async def test_tools_of_an_mcp_server_are_offered_on_and_proved(running: Running) -> None:
    async with running.client(running.warehouse, SITE) as client:
        looked = (await client.call_tool("stock", {"item": "pen"})).structured_content
        assert looked["result"] == {"item": "pen", "left": 3}
        gone = (await client.call_tool("stock", {"item": "chair"})).structured_content
        assert gone["reason"] == "not_found"
        proposed = (await client.call_tool("reserve", {"item": "pen"})).structured_content
        assert (proposed["read_back"], running.stock) == ("말: 품목: pen. 이대로 진행할까요?", {"pen": 3})
        done = (await client.call_tool("confirm", {"proposal": proposed["proposal"]})).structured_content
        assert (done["status"], running.stock) == ("succeeded", {"pen": 2})


async def test_a_tool_that_is_not_what_it_is_taken_for_is_found_at_the_start(
    database: Database, folders: dict[str, tuple[Path, Release]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, release = folders["warehouse"]
    house: Any = SimpleNamespace(
        tenants={release.tenant.id: SimpleNamespace(folder=folder)}, dialogues={}, knowledge=None, language_model=None
    )
    async with served(MCPServer("other", log_level="CRITICAL").streamable_http_app()) as url, AsyncExitStack() as stack:
        monkeypatch.setenv("AICC_DIALOG_SERVICE_URLS", f"warehouse=mcp+{url}/mcp")
        with pytest.raises(ToolMisfit, match="the server warehouse has no tool 'stock'"):
            await _open_dialogues(stack, house, {release.tenant.id: release}, database)
