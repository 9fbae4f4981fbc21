"""The desk over HTTP: who waits for a human, and what they need to know."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from gateway.session.ledger import Ledger
from gateway.session.records import HandoffState


def desk_router(ledger: Ledger) -> APIRouter:
    """``GET /v1/tenants/{tenant}/handoffs``: the oldest first, each with its reason, queue, skills and summary."""
    router = APIRouter(prefix="/v1/tenants/{tenant}", tags=["desk"])

    @router.get("/handoffs")
    async def handoffs(
        tenant: str,
        state: HandoffState | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[dict[str, Any]]:
        return [
            {
                "handoff": handoff.handoff_id,
                "call": handoff.call_id,
                "reason": handoff.reason,
                "queue": handoff.queue,
                "skills": handoff.skills,
                "state": handoff.state,
                "created_at": handoff.created_at.isoformat(),
                "summary": handoff.summary,
            }
            for handoff in await ledger.handoffs(tenant, state=state, limit=limit)
        ]

    return router
