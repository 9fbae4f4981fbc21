"""Due calls over HTTP: asking for one, looking at them, calling one off; and the numbers that must not be called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.outbound.desk import CALLBACK, LONGEST_WORDS, TenantDesk, Wanted
from gateway.outbound.due_call import DueCall, State
from gateway.outbound.errors import DueCallRefused, NumberOptedOut
from infra.texts import Text

Name = Annotated[Text, StringConstraints(min_length=1, max_length=128)]


class CallWanted(BaseModel):
    """A call that is to be made. ``at`` and ``not_after`` without a zone are the tenant's local time; the same ``key``
    asks for the same call."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[Text, StringConstraints(min_length=3, max_length=40)]
    language: Name
    at: datetime
    purpose: Name = CALLBACK
    details: dict[Name, Text] = Field(default={}, max_length=20)
    not_after: datetime | None = None
    contact: Name | None = None
    key: Name | None = None


class Reason(BaseModel):
    """Why a number must not be called: what its owner said."""

    words: Annotated[Text, StringConstraints(max_length=LONGEST_WORDS)] = ""


def callbacks_router(desks: Mapping[str, TenantDesk]) -> APIRouter:
    """``/v1/tenants/{tenant}/callbacks…`` and ``/v1/tenants/{tenant}/opt-outs…``."""
    router = APIRouter(prefix="/v1/tenants/{tenant}", tags=["callbacks"])

    def desk_of(tenant: str) -> TenantDesk:
        if tenant not in desks:
            raise HTTPException(404, f"tenant {tenant} makes no calls here")
        return desks[tenant]

    @router.post("/callbacks", status_code=201)
    async def want(tenant: str, call: CallWanted) -> dict[str, Any]:
        try:
            return due_call_json(await desk_of(tenant).request(Wanted(**call.model_dump())))
        except NumberOptedOut as error:
            raise HTTPException(409, str(error)) from error
        except DueCallRefused as error:
            raise HTTPException(422, str(error)) from error

    @router.get("/callbacks")
    async def latest(
        tenant: str, state: State | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> list[dict[str, Any]]:
        return [due_call_json(due) for due in await desk_of(tenant).calls.latest(state=state, limit=limit)]

    @router.get("/callbacks/{due_call}")
    async def one(tenant: str, due_call: Text) -> dict[str, Any]:
        calls = desk_of(tenant).calls
        due = await calls.get(due_call)
        if due is None:
            raise HTTPException(404, f"tenant {tenant} has no due call {due_call}")
        return {**due_call_json(due), "history": await calls.history(due_call)}

    @router.delete("/callbacks/{due_call}", status_code=204)
    async def cancel(tenant: str, due_call: Text) -> Response:
        desk = desk_of(tenant)
        if await desk.cancel(due_call, "called off"):
            return Response(status_code=204)
        due = await desk.calls.get(due_call)
        if due is None:
            raise HTTPException(404, f"tenant {tenant} has no due call {due_call}")
        raise HTTPException(409, f"due call {due_call} is {due.state.value}: only one that is due can be called off")

    @router.get("/opt-outs")
    async def opt_outs(tenant: str, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[dict[str, Any]]:
        return [
            {"number": one.number, "at": one.at.isoformat(), "contact": one.contact, "words": one.words}
            for one in await desk_of(tenant).calls.opted_out(limit)
        ]

    @router.put("/opt-outs/{number}")
    async def opt_out(tenant: str, number: str, reason: Reason) -> dict[str, int]:
        try:
            return {"called_off": await desk_of(tenant).opt_out(number, reason.words)}
        except DueCallRefused as error:
            raise HTTPException(422, str(error)) from error

    @router.delete("/opt-outs/{number}", status_code=204)
    async def opt_in(tenant: str, number: str) -> Response:
        try:
            if not await desk_of(tenant).opt_in(number):
                raise HTTPException(404, "this number has not opted out")
        except DueCallRefused as error:
            raise HTTPException(422, str(error)) from error
        return Response(status_code=204)

    return router


def due_call_json(due: DueCall) -> dict[str, Any]:
    """A due call as everybody outside gets it: without the ticket of its attempt."""
    return {
        "due_call": due.id,
        "number": due.number,
        "language": due.language,
        "purpose": due.purpose,
        "details": dict(due.details),
        "contact": due.contact,
        "created_at": due.created_at.isoformat(),
        "due_at": due.due_at.isoformat(),
        "not_after": due.not_after.isoformat(),
        "state": due.state.value,
        "reason": due.reason,
        "attempts": due.attempts,
        "next_at": due.next_at.isoformat(),
        "call": due.call_id,
    }
