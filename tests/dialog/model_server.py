"""A real HTTP server that answers chat completions, or hangs, drips, fails, breaks off and babbles."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Behaviour = Callable[["Visit"], Awaitable[None]]


@dataclass
class Visit:
    """One request, and the way back to whoever made it."""

    headers: dict[str, str]
    body: dict[str, Any]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def begin(self, status: str = "200 OK", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", "Content-Type: text/event-stream", "Connection: close", *headers]
        await self.send("\r\n".join([*lines, "", ""]))

    async def send(self, text: str) -> None:
        self.writer.write(text.encode())
        await self.writer.drain()

    async def chunk(self, text: str = "", finish: str | None = None, **more: object) -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        await self.send(f"data: {json.dumps({'choices': [choice], **more})}\n\n")

    async def answer(self, *pieces: str, finish: str = "stop", usage: tuple[int, int] | None = None) -> None:
        await self.begin()
        for piece in pieces:
            await self.chunk(piece)
        await self.chunk(finish=finish)
        if usage is not None:
            counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
            await self.send(f"data: {json.dumps({'choices': [], 'usage': counted})}\n\n")
        await self.send("data: [DONE]\n\n")


@dataclass
class ModelServer:
    """Listens on loopback; ``behave`` says what the next visitors get, the last one for all that follow."""

    behave: list[Behaviour] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = (line.split(": ", 1) for line in head[1:] if ": " in line)
            headers = {name.lower(): value for name, value in pairs}
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            visit = Visit(headers, {"path": head[0], **body}, reader, writer)
            self.visits.append(visit)
            behaviour = self.behave.pop(0) if len(self.behave) > 1 else self.behave[0]
            await behaviour(visit)
        except ConnectionError:
            self.hung_up.set()
        finally:
            writer.close()

    async def hang(self, visit: Visit) -> None:
        """Say nothing more until the visitor goes."""
        await visit.reader.read()
        self.hung_up.set()
