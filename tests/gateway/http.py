"""An HTTP client on an application in the same process."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient


def client(*routers: APIRouter) -> AsyncClient:
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    return AsyncClient(transport=ASGITransport(app), base_url="http://test")
