"""``aicc mcp``: a tenant's MCP server over standard input and output, for programs that start their tools themselves.

It is a way to the running gateway and nothing more: every message goes to the tenant's server there, with the identity
that its token gives. Nothing but the protocol is written to standard output.
"""

from __future__ import annotations

from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequest,
    CallToolRequestParams,
    ListToolsRequest,
    ListToolsResult,
    PaginatedRequestParams,
)
from pydantic import RootModel

from gateway.commands.server import GatewayRefused, NoGateway, RunningGateway

ANSWER_WITHIN = 60.0
"""Seconds: longer than the gateway lets any tool take."""


class _Result(RootModel[dict[str, Any]]):
    """A tool's result, which goes on as it came."""


async def mcp(gateway: RunningGateway, tenant: str, language: str, customer: str | None) -> None:
    """Serve until standard input is closed. Raises ``NoGateway`` or ``GatewayRefused``."""
    headers = {"accept-language": language}
    headers |= {"authorization": f"Bearer {gateway.token}"} if gateway.token else {}
    headers |= {"aicc-customer": customer} if customer else {}
    async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=ANSWER_WITHIN) as http:
        url = f"{gateway.url}/v1/tenants/{tenant}/mcp"
        await _ask_in(http, url)
        async with (
            Client(streamable_http_client(url, http_client=http), cache=None) as client,
            stdio_server() as (read, write),
        ):
            server = _bridge(client)
            await server.run(read, write, server.create_initialization_options())


async def _ask_in(http: httpx2.AsyncClient, url: str) -> None:
    """Find out in plain words whether this client is let in: the protocol would only say that it is not."""
    try:
        response = await http.post(url, json={}, headers={"accept": "application/json, text/event-stream"})
    except httpx2.HTTPError as error:
        raise NoGateway(f"the gateway does not answer: {error}") from error
    if response.status_code in {401, 403, 404}:
        raise GatewayRefused(f"{response.status_code}: {response.json().get('detail', response.text)}")


def _bridge(client: Client) -> Server[Any]:
    """A server that knows nothing but another one."""
    session = client.session

    async def list_tools(
        context: ServerRequestContext[Any, Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        request = ListToolsRequest(params=PaginatedRequestParams(cursor=params.cursor if params else None))
        return await session.send_request(request, ListToolsResult)

    async def call_tool(context: ServerRequestContext[Any, Any], params: CallToolRequestParams) -> dict[str, Any]:
        request = CallToolRequest(params=CallToolRequestParams(name=params.name, arguments=params.arguments))
        return (await session.send_request(request, _Result, ANSWER_WITHIN)).root

    about = client.server_info
    return Server(
        about.name if about else "aicc",
        title=about.title if about else None,
        instructions=client.instructions,
        on_list_tools=list_tools,
        on_call_tool=call_tool,  # type: ignore[arg-type]
    )
