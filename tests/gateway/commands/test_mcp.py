"""``aicc mcp`` is met by the SDK's own client, as a program that it starts itself."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from mcp import Client, StdioServerParameters
from pydantic import SecretStr

from gateway.api.health import health_router
from gateway.api.mcp import mcp_router
from gateway.api.mcp_server import McpServers
from gateway.commands.mcp import mcp
from gateway.commands.server import GatewayRefused, NoGateway, RunningGateway
from tests.gateway.api.mcp_stage import PREPARING, SHIPPED, TENANT, stage
from tests.house import ROOT
from tests.web import served

DESK = "the-token-of-the-desk"


@asynccontextmanager
async def gateway() -> AsyncIterator[str]:
    """The address of a gateway that offers something."""
    async with stage() as house:
        servers = McpServers({TENANT: house.calls}, open_door=False)
        await servers.start()
        app = FastAPI()
        app.include_router(health_router(dict))
        app.include_router(
            mcp_router(servers, SecretStr("the-token-of-the-house"), {"desk-assistant": SecretStr(DESK)})
        )
        async with served(app) as url:
            yield url
        await servers.close()


async def test_a_program_that_is_started_offers_what_the_gateway_offers(tmp_path: Path) -> None:
    async with gateway() as url:
        command = [
            "-m",
            "gateway",
            "mcp",
            "--url",
            url,
            "--lang",
            "ko",
            "--customer",
            "C-1002",
            "--data",
            str(tmp_path),
        ]
        environment = {"AICC_GATEWAY_API_TOKEN": DESK, "PYTHONPATH": str(ROOT)}
        started = StdioServerParameters(command=sys.executable, args=command, env=environment, cwd=str(ROOT))
        async with Client(started, cache=None) as client:
            assert client.instructions is not None and "read_back" in client.instructions
            titles = {tool.name: tool.title for tool in (await client.list_tools()).tools}
            assert titles["cancel_order"] == "주문 취소"
            looked = await client.call_tool("order_status", {"order_number": SHIPPED})
            assert looked.structured_content["result"]["status"] == "shipped"
            proposed = await client.call_tool("cancel_order", {"order_number": PREPARING})
            assert proposed.structured_content["status"] == "proposed"
            wrong = await client.call_tool("order_status", {"order_number": "1"})
            assert wrong.is_error is True


@pytest.mark.parametrize(
    ("tenant", "token", "customer", "why"),
    [
        (TENANT, "wrong", None, "a bearer token is needed"),
        ("another", DESK, None, "offers nothing over MCP"),
        (TENANT, "the-token-of-the-house", "C-1002", "may not act for customers"),
    ],
)
async def test_who_is_not_let_in_is_told_why(tenant: str, token: str, customer: str | None, why: str) -> None:
    async with gateway() as url:
        with pytest.raises(GatewayRefused, match=why):
            await mcp(RunningGateway(url, token), tenant, "en", customer)


async def test_where_no_gateway_answers_that_is_said() -> None:
    with pytest.raises(NoGateway, match="does not answer"):
        await mcp(RunningGateway("http://127.0.0.1:1"), TENANT, "en", None)
