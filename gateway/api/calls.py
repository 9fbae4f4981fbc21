"""Calls over HTTP: their records, their events as they happen, their recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, HTTPException, Query
from fastapi.responses import Response, StreamingResponse

from gateway.pages import event_stream
from gateway.pages.sound_response import no_sound, sound_response
from gateway.session.errors import FollowerCutOff
from gateway.session.ledger import Ledger
from gateway.session.ledger_json import event_json, record_json
from gateway.session.recorded_sound import RecordedSound
from gateway.session.records import CallRecord, EventKind
from infra.errors import AiccError


def calls_router(ledger: Ledger, recording: Callable[[str, CallRecord], Awaitable[RecordedSound]]) -> APIRouter:
    """``/v1/tenants/{tenant}/calls…``; ``recording`` opens that of a tenant's call, if there is one."""
    router = APIRouter(prefix="/v1/tenants/{tenant}", tags=["calls"])

    async def known(tenant: str, call: str) -> CallRecord:
        record = await ledger.call(tenant, call)
        if record is None:
            raise HTTPException(404, f"tenant {tenant} has no call {call}")
        return record

    @router.get("/calls")
    async def calls(
        tenant: str, limit: Annotated[int, Query(ge=1, le=500)] = 50, before: str | None = None
    ) -> list[dict[str, Any]]:
        last = await known(tenant, before) if before is not None else None
        return [record_json(record) for record in await ledger.calls(tenant, limit=limit, before=last)]

    @router.get("/calls/{call}")
    async def one(tenant: str, call: str) -> dict[str, Any]:
        return record_json(await known(tenant, call))

    @router.get("/calls/{call}/events", response_model=None)
    async def events(
        tenant: str,
        call: str,
        after: Annotated[int, Query(ge=0, le=event_stream.LARGEST)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
        follow: bool = False,
    ) -> StreamingResponse | list[dict[str, Any]]:
        await known(tenant, call)
        if follow:
            return _stream(_followed(ledger, tenant, call, after))
        found = await ledger.events(tenant, call, after_seq=after, limit=limit)
        return [event_json(event) for event in found]

    @router.get("/events")
    async def live(tenant: str) -> StreamingResponse:
        return _stream(_followed(ledger, tenant, None, 0))

    @router.get("/calls/{call}/recording", response_class=Response)
    async def sound(tenant: str, call: str, wanted: Annotated[str | None, Header(alias="range")] = None) -> Response:
        record = await known(tenant, call)
        try:
            return sound_response(await recording(tenant, record), wanted, filename=f"{record.call_id}.wav")
        except AiccError as error:
            raise no_sound(error) from error

    return router


def _stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store"})


async def _followed(ledger: Ledger, tenant: str, call: str | None, after: int) -> AsyncIterator[bytes]:
    """Server-sent events; one call's end with its ``call.ended``. Who is too slow is told from where to read again."""
    yield b": connected\n\n"
    try:
        async with ledger.subscribe(tenant, call, after_seq=after) as follower:
            async for event in follower:
                yield b"id: %d\ndata: %s\n\n" % (event.seq, orjson.dumps(event_json(event)))
                if call is not None and event.kind == EventKind.CALL_ENDED:
                    return
    except FollowerCutOff as error:
        yield b"event: cut_off\ndata: %s\n\n" % orjson.dumps({"after": error.after_seq, "message": str(error)})
