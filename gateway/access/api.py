"""What somebody who is signed in asks about themselves, tickets, and revealing what is masked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from gateway.access.entrance import Entrance
from gateway.access.identity import Identity
from gateway.access.reveals import WHO_MAY, Reveals, Vault
from gateway.access.sign_in_api import me_json, no_store
from gateway.access.tickets import HOLDERS, LIFETIME, Purpose

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00]+$")]


class PageLanguage(BaseModel):
    """The language of somebody's pages."""

    model_config = ConfigDict(extra="forbid")

    locale: Literal["ko", "en"]


class TicketWanted(BaseModel):
    """Which door somebody wants to go through, and to what."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    subject: Name


class RevealWanted(BaseModel):
    """What somebody has to see, and why."""

    model_config = ConfigDict(extra="forbid")

    call: Name
    field: Name
    reason: Reason


def access_router(entrance: Entrance, vault: Vault) -> APIRouter:
    """``/v1/me…``, ``/v1/tickets`` and ``/v1/reveals``."""
    router = APIRouter(prefix="/v1", tags=["access"], dependencies=[Depends(no_store)])
    guard, reveals = entrance.guard, Reveals(vault, entrance.audit, entrance.now)
    may_reveal = Depends(guard.require(*WHO_MAY))

    @router.get("/me")
    async def me(request: Request) -> dict[str, Any]:
        return me_json(await guard.signed_in(request))

    @router.put("/me/locale", status_code=204)
    async def locale(request: Request, wanted: PageLanguage) -> Response:
        who = (await guard.signed_in(request)).identity
        await entrance.store.set_locale(who.tenant, who.user, wanted.locale)
        return Response(status_code=204)

    @router.post("/tickets")
    async def ticket(request: Request, wanted: TicketWanted) -> dict[str, Any]:
        who = await guard.signed_in(request, *HOLDERS[wanted.purpose])
        issued = await entrance.tickets.issue(who, wanted.purpose, wanted.subject)
        return {"ticket": issued, "expires_in": int(LIFETIME.total_seconds())}

    @router.post("/reveals")
    async def reveal(wanted: RevealWanted, who: Identity = may_reveal) -> dict[str, str]:
        return {"value": await reveals.reveal(who, wanted.call, wanted.field, wanted.reason)}

    return router
