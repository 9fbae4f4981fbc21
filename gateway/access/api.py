"""What somebody who is signed in asks about themselves, tickets, revealing what is masked, and the audit."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from gateway.access.audit import KeptEntry
from gateway.access.entrance import Entrance
from gateway.access.identity import Identity, Role
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
    """``/v1/me…``, ``/v1/tickets``, ``/v1/reveals`` and ``/v1/audit``."""
    router = APIRouter(prefix="/v1", tags=["access"], dependencies=[Depends(no_store)])
    guard, reveals = entrance.guard, Reveals(vault, entrance.audit, entrance.now)
    may_reveal, admin = Depends(guard.require(*WHO_MAY)), Depends(guard.require(Role.ADMIN))

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

    @router.get("/audit")
    async def audit(
        before: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        actor: Name | None = None,
        what: Name | None = None,
        who: Identity = admin,
    ) -> dict[str, Any]:
        kept = await entrance.audit.entries(who.tenant, before=before, limit=limit, actor=actor or "", what=what or "")
        names = {one.identity.user: one.identity.name for one in await entrance.store.accounts(who.tenant)}
        more = kept[-1].place if len(kept) == limit else None
        return {"entries": [entry_json(one, names) for one in kept], "next": more}

    return router


def entry_json(kept: KeptEntry, names: dict[str, str]) -> dict[str, Any]:
    """An entry of the audit; ``names`` are people's by their ids."""
    entry = kept.entry
    return {
        "place": kept.place,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "name": names.get(entry.actor),
        "what": entry.what,
        "whose": entry.whose,
        "why": entry.why,
        "details": dict(entry.details),
    }
