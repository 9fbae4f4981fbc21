"""Tenants over HTTP: who is served here, and under which numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from gateway.session.tenant import Tenant


def tenants_router(tenants: Sequence[Tenant]) -> APIRouter:
    """``GET /v1/tenants``."""
    router = APIRouter(prefix="/v1", tags=["tenants"])

    @router.get("/tenants")
    async def list_tenants() -> list[dict[str, Any]]:
        return [
            {
                "tenant": tenant.id,
                "name": tenant.name,
                "languages": tenant.languages,
                "lines": [
                    {"number": line.number, "alias": line.alias, "language": line.language, "name": line.name}
                    for line in tenant.lines
                ],
            }
            for tenant in tenants
        ]

    return router
