"""Health over HTTP: is the process alive, is it ready for calls, and its metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from infra.telemetry.metrics import metrics


def health_router(unready: Callable[[], dict[str, str]], language_model: str = "none") -> APIRouter:
    """``GET /healthz`` and ``GET /readyz``; ``unready`` names what keeps the node from taking calls, and why.
    ``language_model`` is the one that helps, if any: without it calls are taken all the same."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready(response: Response) -> dict[str, Any]:
        problems = unready()
        response.status_code = 503 if problems else 200
        return {"status": "not ready" if problems else "ready", "problems": problems, "language_model": language_model}

    return router


def metrics_router() -> APIRouter:
    """``GET /metrics`` in Prometheus' text format."""
    router = APIRouter(tags=["health"])

    @router.get("/metrics")
    async def exposition() -> Response:
        content, media_type = metrics.exposition()
        return Response(content, media_type=media_type)

    return router
