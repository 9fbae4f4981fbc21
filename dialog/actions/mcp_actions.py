"""Actions by the tools of MCP servers (streamable HTTP), with the official client.

Each action is one connection that is opened, used and closed: the protocol of 2026-07-28 keeps no sessions, and what a
server was found to speak is remembered, so that an action is then one request. Before anything is sent to a tool, the
server's own description of it is compared with the action (``mcp_fit``): at the start where the server answers, else
before the first use. One time limit governs the whole; nothing is ever sent twice. What is lost once it was sent is
unknown, or for what only reads a failure; what never left has certainly not been done.

What changes something carries its idempotency key in ``_meta``, as ``aicc/idempotency-key``. Refuses: servers' wishes
to use our model, our files or a person (none of these is declared), redirects to elsewhere, answers without end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx2
import structlog
from mcp import Client, MCPError
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolRequest, CallToolRequestParams, DiscoverResult, PaginatedRequestParams
from pydantic import RootModel, SecretStr, ValidationError

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk, Via, lost
from dialog.actions.mcp_answer import outcome_of, refusal_of
from dialog.actions.mcp_fit import Tool, misfits
from dialog.errors import ToolMisfit

KEY = "aicc/idempotency-key"
"""Under which name a tool is told the idempotency key."""

LARGEST_MESSAGE = 1024 * 1024
"""Bytes of one answer of a server that are read."""

MOST_PAGES = 20
"""Pages of a server's list of tools that are read."""

ASK_WITHIN = 5.0
"""Seconds that a server has at the start to tell its tools."""


_BREAKS = (
    *(httpx2.HTTPError, httpx2.InvalidURL, OSError, OverflowError),  # the last: a port that is none
    *(MCPError, RuntimeError, ValueError),  # what the SDK makes of a server that does not keep to the protocol
    *(anyio.BrokenResourceError, anyio.ClosedResourceError),
)
"""What a connection can end with."""

_MIRRORED = "x-mcp-header"
"""The keyword by which a server wants an argument in a header, too (2026-07-28): the session must have seen it."""

# The client logs the messages that it cannot read, and what is in them is about people.
logging.getLogger("mcp.client").setLevel(logging.CRITICAL)

_log = structlog.get_logger(__name__)


class _Result(RootModel[dict[str, Any]]):
    """A tool's result as it stood on the wire: what it means is ours to say."""


@dataclass(slots=True)
class _Server:
    """One server: where it is, what it speaks and offers as far as that is known."""

    url: str
    client: httpx2.AsyncClient
    version: str = "auto"
    discovered: DiscoverResult | None = None
    tools: dict[str, Tool] | None = None
    mirrors: bool = False
    """Whether each session has to ask for the list of tools, because arguments go into headers."""

    def forget(self) -> None:
        """Find out anew before the next use."""
        self.version, self.discovered, self.tools, self.mirrors = "auto", None, None, False


@dataclass(slots=True)
class _Attempt:
    """How far one action has come."""

    sent: bool = False
    outcome: Outcome | None = None
    broken: list[BaseException] = field(default_factory=list)


class McpActions:
    """Reaches MCP servers. ``overrides`` maps a service's id to another URL, ``tokens`` to its bearer token."""

    def __init__(
        self,
        overrides: Mapping[str, str] | None = None,
        tokens: Mapping[str, SecretStr] | None = None,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._overrides = dict(overrides or {})
        self._tokens = dict(tokens or {})
        self._transport = transport
        self._servers: dict[tuple[str, str], _Server] = {}

    async def check(self, actions: Iterable[Action]) -> None:
        """Compare actions with the tools that carry them out. Raises ``ToolMisfit``.

        A server that does not answer now keeps nobody from starting: its tools are compared before their first use.
        """
        by_server: dict[tuple[str, str], list[Action]] = {}
        for action in actions:
            if not action.steps and action.service.via is Via.MCP:
                by_server.setdefault(self._place(action), []).append(action)
        found = await asyncio.gather(*(self._compared(of_one) for of_one in by_server.values()))
        problems = [problem for of_one in found for problem in of_one]
        if problems:
            raise ToolMisfit(f"{'; '.join(problems)}; change actions.yaml, or ask the server's owner")

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Carry the action out within its time. Every failure comes back as an outcome; nothing is raised."""
        server, attempt = self._server(action), _Attempt()
        try:
            # A scope of anyio's, not a timeout of asyncio's: what a connection does when it is given up is cut off too.
            with anyio.move_on_after(action.timeout):
                await self._attempt(server, action, arguments, key, attempt)
        except* _BREAKS as group:
            attempt.broken = list(_leaves(group))
        if attempt.broken:
            server.forget()
        return attempt.outcome or _given_up(action, attempt)

    async def close(self) -> None:
        """Give connections back."""
        for server in self._servers.values():
            await server.client.aclose()

    async def _attempt(
        self, server: _Server, action: Action, arguments: Mapping[str, object], key: str, attempt: _Attempt
    ) -> None:
        async with _connected(server) as session:
            problems = await self._misfits(server, session, action)
            if problems:
                server.forget()  # its owner may put it right while we run
                attempt.outcome = Failed(FailureKind.UNAVAILABLE, "; ".join(problems), attempts=0)
                return
            meta = {} if action.risk is Risk.READ_ONLY else {"_meta": {KEY: key}}
            called = {"name": action.path, "arguments": dict(arguments), **meta}
            request = CallToolRequest(params=CallToolRequestParams.model_validate(called))
            attempt.sent = True
            try:
                result = await session.send_request(request, _Result)
            except MCPError as error:
                server.forget()
                attempt.outcome = refusal_of(action, error.code)
            except ValidationError:
                attempt.outcome = lost(action, FailureKind.MALFORMED, "the server's answer is no result of a tool")
            else:
                attempt.outcome = outcome_of(action, result.root)

    async def _compared(self, actions: list[Action]) -> list[str]:
        """What does not fit of the actions of one server."""
        server, found = self._server(actions[0]), list[str]()
        answered = False
        try:
            with anyio.move_on_after(ASK_WITHIN):
                async with _connected(server) as session:
                    for action in actions:
                        found += await self._misfits(server, session, action)
                    answered = True
        except* _BREAKS as group:
            _log.debug("an MCP server broke off", url=server.url, errors=[type(one).__name__ for one in _leaves(group)])
        if not answered:
            _log.warning("an MCP server does not answer; its tools are compared before their first use", url=server.url)
            return []
        return found

    async def _misfits(self, server: _Server, session: ClientSession, action: Action) -> list[str]:
        if server.tools is None or server.mirrors:
            server.tools = await _tools(session)
            server.mirrors = any(_MIRRORED in str(tool.takes) for tool in server.tools.values())
        tool = server.tools.get(action.path)
        if tool is None:
            return [f"{action.id}: the server {action.service.id} has no tool {action.path!r}"]
        return [f"{action.id}: {problem}" for problem in misfits(action, tool)]

    def _place(self, action: Action) -> tuple[str, str]:
        url = self._overrides.get(action.service.id, action.service.url)
        return action.service.id, url.removeprefix("mcp+")

    def _server(self, action: Action) -> _Server:
        place = self._place(action)
        if place not in self._servers:
            self._servers[place] = _Server(place[1], self._client(place[0]))
        return self._servers[place]

    def _client(self, service: str) -> httpx2.AsyncClient:
        token = self._tokens.get(service)
        limits = httpx2.Limits(max_connections=16, max_keepalive_connections=4)
        return httpx2.AsyncClient(
            transport=_Bounded(self._transport or httpx2.AsyncHTTPTransport(limits=limits)),
            headers={} if token is None else {"authorization": f"Bearer {token.get_secret_value()}"},
            trust_env=False,
            timeout=None,  # the action's own limit governs the whole
        )


@asynccontextmanager
async def _connected(server: _Server) -> AsyncIterator[ClientSession]:
    """A session with a server, in what it was found to speak before."""
    async with AsyncExitStack() as stack:
        transport = streamable_http_client(server.url, http_client=server.client, max_sse_event_size=LARGEST_MESSAGE)
        client = Client(transport, mode=server.version, prior_discover=server.discovered, cache=None)
        session = (await stack.enter_async_context(client)).session
        server.discovered = session.discover_result
        server.version = "legacy" if server.discovered is None else client.protocol_version
        yield session


async def _tools(session: ClientSession) -> dict[str, Tool]:
    """What a server says of its tools, by name."""
    found: dict[str, Tool] = {}
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        for tool in page.tools:
            says = None if tool.annotations is None else tool.annotations.read_only_hint
            found[tool.name] = Tool(tool.input_schema, tool.output_schema, says)
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _given_up(action: Action, attempt: _Attempt) -> Outcome:
    """What an attempt without an answer means."""
    never_left = not attempt.sent or (
        bool(attempt.broken) and all(isinstance(error, httpx2.ConnectError) for error in attempt.broken)
    )
    what = f"broke off ({', '.join(sorted({type(error).__name__ for error in attempt.broken}))})"
    detail = f"{action.service.id} {what if attempt.broken else f'did not answer within {action.timeout:.2f} s'}"
    kind = FailureKind.UNAVAILABLE if attempt.broken else FailureKind.TIMED_OUT
    return Failed(kind, detail) if never_left else lost(action, kind, detail)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterable[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


class _Bounded(httpx2.AsyncBaseTransport):
    """A transport whose answers end: one with more than ``LARGEST_MESSAGE`` bytes breaks off."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request, its answer counted as it is read."""
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream), "an asynchronous transport gives such a stream"
        response.stream = _Counted(response.stream)
        return response

    async def aclose(self) -> None:
        """Give connections back."""
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._inner:
            size += len(piece)
            if size > LARGEST_MESSAGE:
                raise httpx2.ReadError(f"the answer has more than {LARGEST_MESSAGE} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
