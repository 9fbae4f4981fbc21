"""A past call as a vCon over HTTP: ``GET /v1/calls/{call}/vcon``, signed with ``?signed=true`` where there is a key.

For supervisors and analysts, each within their tenant and their queues. Customers' numbers are left out, or masked
where they were said; who took a call along is written down first, since a vCon leaves the house.

Refuses: calls that go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import orjson
from fastapi import APIRouter, Depends, HTTPException, Response

from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.masking import masked
from gateway.access.sign_in_api import no_store
from gateway.access.viewings import Viewings
from gateway.analytics.replay import queues_of
from gateway.analytics.search import CallSearch
from gateway.analytics.vcon.build import vcon_of
from gateway.analytics.vcon.dialogs import Sound
from gateway.analytics.vcon.errors import CallGoesOn
from gateway.analytics.vcon.parties import Issuer
from gateway.analytics.vcon.signing import MEDIA_TYPE, Signer
from gateway.analytics.whole_log import whole_log
from gateway.session.ledger import Ledger
from gateway.session.records import CallRecord

TAKEN = "call.exported"
"""The deed in the audit."""


def vcon_router(
    ledger: Ledger,
    search: CallSearch,
    guard: Guard,
    viewings: Viewings,
    issuer: Callable[[str], Issuer],
    sound: Callable[[CallRecord], Awaitable[Sound | None]],
    signer: Signer | None,
) -> APIRouter:
    """``issuer`` of a tenant; ``sound``: where the recording of a call is handed out, if there is one."""
    router = APIRouter(prefix="/v1/calls", tags=["past calls"], dependencies=[Depends(no_store)])
    allowed = Depends(guard.require(Role.SUPERVISOR, Role.ANALYST))

    @router.get("/{call}/vcon")
    async def vcon(call: str, signed: bool = False, who: Identity = allowed) -> Response:
        found = await search.one(who.tenant, call, queues_of(who))
        if found is None:
            raise _refusal(404, "no_such_call", f"there is no call {call} that you may see")
        if signed and signer is None:
            raise _refusal(409, "vcon_not_signed", "no key is configured: set AICC_VCON_SIGNING_KEY and _CERTIFICATES")
        await viewings.note(who, TAKEN, call)
        told = [replace(event, payload=masked(event.payload)) for event in await whole_log(ledger, who.tenant, call)]
        try:
            made = vcon_of(found.record, told, issuer(who.tenant), await sound(found.record))
        except CallGoesOn as error:
            raise _refusal(409, error.code, str(error)) from error
        return Response(orjson.dumps(signer.sign(made) if signed and signer else made), media_type=MEDIA_TYPE)

    return router


def _refusal(status: int, code: str, message: str) -> HTTPException:
    return HTTPException(status, {"code": code, "message": message})
