"""A carrier's REST API on a real socket, as far as moving calls needs it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response


@dataclass
class Api:
    """A carrier's API: what it was asked, and what it answers."""

    url: str = ""
    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    silent: bool = False
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    async def answer(self, path: str, request: Request) -> Response:
        content = (await request.body()).decode()
        is_json = request.headers["content-type"] == "application/json"
        fields = json.loads(content) if is_json else dict(parse_qsl(content))
        self.asked.append((request.scope["raw_path"].decode(), request.headers["authorization"], fields))
        if self.silent:
            await asyncio.sleep(1)
        return JSONResponse(self.body, status_code=self.status)


@contextlib.asynccontextmanager
async def listening(api: Api) -> AsyncIterator[Api]:
    app = FastAPI()
    app.add_api_route("/{path:path}", api.answer, methods=["POST"], response_model=None)
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve([bound]))
    while not server.started:
        await asyncio.sleep(0.005)
    api.url = "http://{}:{}".format(*bound.getsockname())
    try:
        yield api
    finally:
        server.should_exit = True
        await serving
