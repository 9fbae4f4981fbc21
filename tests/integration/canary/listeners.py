"""What the house tells other systems, kept as bytes: prompts to a language model, traces to a collector, events to a
webhook's receiver. Each answers as the real one would, so that all that is sent is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI, Request, Response

from tests.web import served

UNSURE = '{"choices": [{"index": 0, "delta": {"content": "[]"}, "finish_reason": "stop"}]}'


@dataclass
class Listeners:
    """Everything that was sent, by what it was sent as."""

    url: str = ""
    told: dict[str, list[bytes]] = field(default_factory=lambda: {"prompts": [], "traces": [], "events": []})


@asynccontextmanager
async def listening() -> AsyncIterator[Listeners]:
    """A server that takes all of it."""
    listeners, app = Listeners(), FastAPI()

    async def kept(kind: str, request: Request) -> None:
        """The body, and behind it what stood in its head: an identifier may be sent in either."""
        head = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        listeners.told[kind] += [await request.body(), f"{request.url}\n{head}".encode()]

    @app.post("/v1/chat/completions")
    async def prompt(request: Request) -> Response:
        await kept("prompts", request)
        return Response(f"data: {UNSURE}\n\ndata: [DONE]\n\n", media_type="text/event-stream")

    @app.post("/v1/traces")
    async def traces(request: Request) -> Response:
        await kept("traces", request)
        return Response(b"", media_type="application/x-protobuf")

    @app.post("/events")
    async def events(request: Request) -> Response:
        await kept("events", request)
        return Response(status_code=202)

    async with served(app) as url:
        listeners.url = url
        yield listeners
