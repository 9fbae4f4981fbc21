"""An HTTP client on an application in the same process, which answers errors as the house does."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient

from gateway.access.answers import answer_errors


def client(*routers: APIRouter) -> AsyncClient:
    app = FastAPI()
    answer_errors(app)
    for router in routers:
        app.include_router(router)
    return AsyncClient(transport=ASGITransport(app), base_url="http://test")
