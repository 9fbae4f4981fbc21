"""An application served for real, on a port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn


@asynccontextmanager
async def served(app: Any, ws: Any = "none") -> AsyncIterator[str]:
    """Its address, while it is being served; ``ws`` as uvicorn takes it."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", access_log=False, ws=ws)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.002)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await task
