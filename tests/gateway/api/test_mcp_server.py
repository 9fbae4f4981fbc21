"""A tenant's MCP server, met by the SDK's own client without a wire."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from mcp import Client, MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from starlette.requests import Request

from gateway.api import mcp_server
from gateway.api.mcp_calls import Answer
from gateway.api.mcp_contacts import Visitor
from gateway.api.mcp_server import VISITOR, McpServers, result_of, server_of
from tests.gateway.api.mcp_stage import ANYBODY, SHIPPED, Stage, stage


def client(house: Stage, visitor: Visitor = ANYBODY) -> Client:
    """A client whose requests say who asks, as the door would."""
    server = server_of(house.calls)

    async def named(context: ServerRequestContext, call_next: CallNext) -> HandlerResult:
        context.request = Request({"type": "http", "headers": [], VISITOR: visitor})
        return await call_next(context)

    server.middleware.append(named)
    return Client(server, cache=None)


async def test_a_client_is_told_how_to_work_and_what_there_is() -> None:
    async with stage() as house, client(house) as mcp:
        assert mcp.instructions is not None
        assert "read_back" in mcp.instructions and "제안" in mcp.instructions
        names = {tool.name for tool in (await mcp.list_tools()).tools}
        assert {"order_status", "cancel_order", "confirm", "withdraw", "search_knowledge"} <= names


async def test_a_tool_is_called_and_its_result_fits_what_was_said_of_it() -> None:
    async with stage() as house, client(house) as mcp:
        await mcp.list_tools()  # from now on the client compares results with their schemas
        result = await mcp.call_tool("order_status", {"order_number": SHIPPED})
        assert result.is_error is False
        assert result.structured_content["result"]["status"] == "shipped"


async def test_what_is_refused_is_an_error_of_the_tool_and_says_why() -> None:
    async with stage() as house, client(house) as mcp:
        result = await mcp.call_tool("cancel_order", {"order_number": SHIPPED})
        assert result.is_error is True
        assert result.structured_content["reason"] == "identity"
        assert result.content[0].text == result.structured_content["message"]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["check_owner", "cancel_everything", ""])
async def test_a_tool_that_is_not_offered_is_none(name: str) -> None:
    async with stage() as house, client(house) as mcp:
        with pytest.raises(MCPError, match="there is no tool"):
            await mcp.call_tool(name, {})


def test_an_answer_is_data_and_the_same_as_text() -> None:
    result = result_of(Answer("proposed", {"proposal": "p"}, "Shall I?"))
    assert result.structured_content == {"status": "proposed", "proposal": "p", "message": "Shall I?"}
    words, data = (block.text for block in result.content)  # type: ignore[union-attr]
    assert (words, orjson.loads(data)) == ("Shall I?", result.structured_content)
    assert len(result_of(Answer("succeeded")).content) == 1


async def test_a_contact_that_nobody_goes_on_with_is_closed_without_being_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mcp_server, "TIDY_EVERY", 0.01)
    async with stage() as house:
        servers = McpServers({"hanbit-store": house.calls}, open_door=True)
        await servers.start()
        await house.call(ANYBODY, "order_status", order_number=SHIPPED)
        house.pass_by(400)
        async with asyncio.timeout(20):
            while [record.end_reason for record in await house.ledger.calls("hanbit-store")] != ["completed"]:
                await asyncio.sleep(0.005)
        await servers.close()


async def test_servers_end_when_they_are_closed_and_so_do_the_contacts() -> None:
    async with stage() as house:
        servers = McpServers({"hanbit-store": house.calls}, open_door=True)
        await servers.start()
        await house.call(ANYBODY, "order_status", order_number=SHIPPED)
        await servers.close()
        [record] = await house.ledger.calls("hanbit-store")
        assert record.end_reason == "shut_down"
