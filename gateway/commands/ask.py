"""``aicc ask`` and ``aicc chat``: the same dialog in the terminal by text.

With a running gateway they ask it; without one they open the parts they need in this process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.markup import escape

from gateway.api.chats import Chats, Question, answer_json, reply_json
from gateway.app import open_house
from gateway.commands.progress import Steps
from gateway.commands.server import RunningGateway, find
from gateway.house import Parts
from gateway.session.records import EndReason


class Conversations(Protocol):
    """Where questions go: a gateway over HTTP, or a house in this process."""

    async def ask(self, tenant: str, text: str, language: str) -> dict[str, Any]:
        """The answer to a single question."""

    async def begin(self, tenant: str, language: str) -> dict[str, Any]:
        """A new conversation: ``chat`` and ``replies``."""

    async def turn(self, tenant: str, chat: str, text: str) -> dict[str, Any]:
        """``replies`` to one turn, and whether the conversation is ``over``."""

    async def end(self, tenant: str, chat: str) -> None:
        """Leave the conversation."""


class _Remote:
    def __init__(self, gateway: RunningGateway) -> None:
        self._gateway = gateway

    async def ask(self, tenant: str, text: str, language: str) -> dict[str, Any]:
        return await self._post(f"/v1/tenants/{tenant}/ask", text=text, language=language)

    async def begin(self, tenant: str, language: str) -> dict[str, Any]:
        return await self._post(f"/v1/tenants/{tenant}/chats", language=language)

    async def turn(self, tenant: str, chat: str, text: str) -> dict[str, Any]:
        return await self._post(f"/v1/tenants/{tenant}/chats/{chat}/turns", text=text)

    async def end(self, tenant: str, chat: str) -> None:
        async with self._gateway.client() as client:
            await client.delete(f"/v1/tenants/{tenant}/chats/{chat}")

    async def _post(self, path: str, **body: str) -> dict[str, Any]:
        answer: dict[str, Any] = await self._gateway.ask("POST", path, json=body)
        return answer


class _Local:
    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    async def ask(self, tenant: str, text: str, language: str) -> dict[str, Any]:
        return answer_json(await self._chats.ask(tenant, Question(text=text, language=language)))

    async def begin(self, tenant: str, language: str) -> dict[str, Any]:
        chat, greeting = await self._chats.begin(tenant, language)
        return {"chat": chat, "replies": [reply_json(greeting)]}

    async def turn(self, tenant: str, chat: str, text: str) -> dict[str, Any]:
        replies, over = await self._chats.turn(tenant, chat, text)
        return {"replies": [reply_json(reply) for reply in replies], "over": over}

    async def end(self, tenant: str, chat: str) -> None:
        await self._chats.end(tenant, chat, EndReason.CALLER_HUNG_UP)


@asynccontextmanager
async def conversations(
    data: Path, folders: tuple[Path, ...], *, steps: Steps, url: str | None, durable: bool
) -> AsyncIterator[Conversations]:
    """Where questions go. ``durable``: a local conversation is written to the ledger, not only kept in memory."""
    gateway = await find(data, url)
    if gateway is not None:
        yield _Remote(gateway)
        return
    parts = Parts.LANGUAGE_MODEL | (Parts.LEDGER if durable else Parts.NONE)
    async with open_house(data, folders, parts, steps) as house:
        yield _Local(house.chats)


async def chat(where: Conversations, tenant: str, language: str, console: Console) -> None:
    """Read turns from the terminal until the conversation is over, or the input is."""
    begun = await where.begin(tenant, language)
    _show(console, begun["replies"])
    try:
        while True:
            try:
                text = console.input("[bold cyan]   you[/]  ")
            except (EOFError, KeyboardInterrupt):
                console.print()
                return
            answer = await where.turn(tenant, begun["chat"], text)
            _show(console, answer["replies"])
            if answer["over"]:
                return
    finally:
        await where.end(tenant, begun["chat"])


def _show(console: Console, replies: list[dict[str, Any]]) -> None:
    for reply in replies:
        console.print(f"[bold green]   bot[/]  {escape(reply['text'])}")
        sources = ", ".join(dict.fromkeys(citation["title"] for citation in reply["citations"]))
        detail = f"{reply['decision']}, confidence {reply['confidence']['value']:.2f}"
        console.print(f"        [dim]{escape(detail + (f', source: {sources}' if sources else ''))}[/]")
        if reply["escalation"]:
            summary = reply["escalation"]["summary"]["text"]
            console.print(f"        [yellow]hand-over ({reply['escalation']['reason']}): {escape(summary)}[/]")
