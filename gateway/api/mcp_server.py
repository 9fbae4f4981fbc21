"""A tenant's MCP server: the official SDK's server over ``ToolCalls``, for streamable HTTP without sessions.

Everything that a client may know of itself comes with each request, so that any request can be answered by itself.
Answers are single JSON messages: there is no stream to keep open. Requests are bounded in size; where no token is
asked for, only this machine's own names are answered to, so that no web page can reach the server through a browser.

Refuses: deciding who a client is (the door does) and what may be done (``ToolCalls`` do).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any

import orjson
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
)
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.api.mcp_calls import Answer, ToolCalls
from gateway.api.mcp_contacts import Visitor
from gateway.api.mcp_tools import listed
from gateway.api.mcp_words import proposal_instructions
from infra.supervision import supervised

LARGEST_REQUEST = 64 * 1024
"""Bytes of one request."""

TIDY_EVERY = 30.0
"""Seconds between two looks for contacts that nobody goes on with."""

VISITOR = "aicc.visitor"
"""Under which key of its scope a request says who asks."""

_HERE = ("127.0.0.1:*", "localhost:*", "[::1]:*")


def server_of(calls: ToolCalls) -> Server[Any]:
    """The server of one tenant. Its requests must say who asks (``VISITOR``)."""
    facts = calls.release.tenant

    async def list_tools(
        context: ServerRequestContext[Any, Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=listed(calls.offer, calls.release, _visitor(context).language))

    async def call_tool(context: ServerRequestContext[Any, Any], params: CallToolRequestParams) -> CallToolResult:
        if not calls.offers(params.name):
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name[:64]!r}; ask for the list of tools")
        return result_of(await calls.call(_visitor(context), params.name, params.arguments or {}))

    return Server(
        facts.id,
        title=" · ".join(facts.name[code] for code in facts.languages if code in facts.name),
        instructions="\n\n".join(map(proposal_instructions, facts.languages)),
        get_tool_input_schema=lambda name: None,  # no argument of ours is mirrored into a header
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def result_of(answer: Answer) -> CallToolResult:
    """An answer as MCP carries it: as data, and once more as text for clients that read only that."""
    data: dict[str, Any] = {"status": answer.status, **answer.body}
    if answer.words:
        data["message"] = answer.words
    content = [TextContent(text=answer.words)] if answer.words else []
    content.append(TextContent(text=orjson.dumps(data).decode()))
    return CallToolResult(content=[*content], structured_content=data, is_error=not answer.good)


def _visitor(context: ServerRequestContext[Any, Any]) -> Visitor:
    request = context.request
    assert isinstance(request, Request), "the door hands every request on with its scope"
    visitor = request.scope[VISITOR]
    assert isinstance(visitor, Visitor), "the door says who asks"
    return visitor


class McpServers:
    """The MCP servers of all tenants that offer something. ``open_door``: no token is asked for."""

    def __init__(self, calls: Mapping[str, ToolCalls], *, open_door: bool) -> None:
        self.calls = calls
        security = TransportSecuritySettings(
            enable_dns_rebinding_protection=open_door,
            allowed_hosts=list(_HERE),
            allowed_origins=[f"http://{host}" for host in _HERE],
        )
        self._managers = {
            tenant: StreamableHTTPSessionManager(
                server_of(of_tenant),
                json_response=True,
                stateless=True,
                security_settings=security,
                max_request_body_size=LARGEST_REQUEST,
            )
            for tenant, of_tenant in calls.items()
        }
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to serve. The SDK's tasks live in one of their own: they must be ended by whoever began them."""
        started = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._run(started), name="mcp servers")
        await asyncio.wait({self._running, started}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            self._running.result()  # why it did not start

    async def close(self) -> None:
        """Stop serving and close the open contacts."""
        self._stopping.set()
        if self._running is not None:
            await asyncio.wait({self._running})
        for of_tenant in self.calls.values():
            await of_tenant.tidy(everything=True)

    async def serve(self, tenant: str, visitor: Visitor, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of a visitor to a tenant that offers something."""
        await self._managers[tenant].handle_request({**scope, VISITOR: visitor}, receive, send)

    async def _run(self, started: asyncio.Future[None]) -> None:
        async with AsyncExitStack() as stack:
            for manager in self._managers.values():
                await stack.enter_async_context(manager.run())
            started.set_result(None)
            while not self._stopping.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(TIDY_EVERY):
                        await self._stopping.wait()
                for tenant, of_tenant in self.calls.items():
                    await supervised(of_tenant.tidy(), f"contacts of {tenant}'s MCP clients could not be tidied")
