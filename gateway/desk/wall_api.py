"""The wall: all queues, agents and live calls of a tenant, for supervisors."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.desk.desk import Desk
from gateway.desk.floor.agent_state import Presence
from gateway.desk.floor.events import packed


def wall_router(desk: Desk, guard: Guard) -> APIRouter:
    """``GET /v1/wall``; what happens afterwards is told by ``/v1/desk/feed``."""
    router = APIRouter(prefix="/v1", tags=["wall"], dependencies=[Depends(no_store)])

    @router.get("/wall")
    async def wall(who: Identity = Depends(guard.require(Role.SUPERVISOR))) -> dict[str, Any]:  # noqa: B008
        board = await desk.boards.read(who.tenant)
        agents = board.floor.agents.values()
        return {
            "watermark": board.floor.seq,
            "queues": [queue for queue in board.queues() if who.serves(queue["id"])],
            "agents": [packed(agent) for agent in agents if agent.presence is not Presence.OFFLINE],
            "targets": desk.targets(who),
            "calls": [desk.wall_call(room, board.floor) for room in desk.live(who, board.floor)],
        }

    return router
