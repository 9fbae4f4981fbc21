"""The audit over HTTP, for the page ``/custody``: how its chains end, whether they are whole, and its lines.

It is for ``Role.ADMIN``, and that somebody read or verified it stands in it. The verification is that of ``aicc audit
verify``, for a number of seconds: one at a time on a node, page by page, its seals compared in a thread.

Refuses: heads that were kept elsewhere; only the command line compares with those, because who could change the audit
could change them here as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, Field

from gateway.access.api import Name
from gateway.access.audit import AuditEntry, KeptEntry
from gateway.access.audit_chain import FIELDS, AuditCheck
from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.custody.api import CustodyRoom, Strict, refusals, searching
from gateway.custody.audits import MEANS, Audits
from gateway.custody.errors import VerificationUnderWay

AUDIT_SEEN = "audit.seen"
AUDIT_VERIFIED = "audit.verified"
"""A look at lines, and a verification, as the audit itself names them."""

LONGEST = 20.0
"""Seconds for which a verification goes on."""


class AskedLines(Strict):
    """Which lines. Times have a zone; ``before`` is the place of the last one of the page before."""

    who: Name | None = None
    what: Name | None = None
    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")
    limit: int = Field(50, ge=1, le=200)
    before: int | None = Field(None, ge=1)


class Verifier:
    """Verifies audits, one tenant's at a time. ``seconds`` is what ``in_time`` counts; ``longest`` bounds it."""

    def __init__(self, seconds: Callable[[], float] = monotonic, longest: float = LONGEST) -> None:
        self._seconds = seconds
        self._longest = longest
        self._busy = asyncio.Lock()

    async def verify(self, audits: Audits) -> list[dict[str, Any]]:
        """What each audit was found to be. Raises ``VerificationUnderWay``, ``AuditUnreadable`` and the storage's
        errors."""
        if self._busy.locked():
            raise VerificationUnderWay("the audits are being verified: ask again in a minute")
        async with self._busy:
            until = self._seconds() + self._longest
            found = []
            for audit in FIELDS:
                check = AuditCheck(audit)
                ended = await audits.verify(check, lambda: self._seconds() < until)
                found.append(_found(check, ended))
            return found


def audit_router(room: CustodyRoom, guard: Guard, verifier: Verifier) -> APIRouter:
    """``/v1/custody/audit…``."""
    router = APIRouter(prefix="/v1/custody/audit", tags=["custody"], dependencies=[Depends(no_store)])
    keepers = Depends(guard.require(Role.ADMIN))

    @router.get("")
    async def lines(asked: Annotated[AskedLines, Query()], who: Identity = keepers) -> dict[str, Any]:
        await room.viewings.note(who, AUDIT_SEEN, "")
        with searching():
            kept = await room.store.entries(
                who.tenant,
                before=asked.before,
                limit=asked.limit + 1,
                actor=asked.who or "",
                what=asked.what or "",
                since=asked.since,
                until=asked.until,
            )
        page = kept[: asked.limit]
        names = await room.people(who.tenant, [one.entry.actor for one in page])
        return {
            "lines": [_line(one, names) for one in page],
            "next": page[-1].place if len(kept) > asked.limit else None,
        }

    @router.get("/chains")
    async def chains(who: Identity = keepers) -> dict[str, Any]:
        own = room.custodians[who.tenant]
        with searching():
            ends, deeds, actors = await own.proofs.ends(), await own.proofs.deeds(), await own.proofs.actors()
        names = await room.people(who.tenant, actors)
        return {
            "chains": [
                {"audit": audit, "lines": end.number, "seal": end.digest, "at": end.at}
                if (end := ends.get(audit)) is not None
                else {"audit": audit, "lines": 0, "seal": None, "at": None}
                for audit in FIELDS
            ],
            "choices": {"who": [{"id": one, "name": names.get(one)} for one in actors], "what": list(deeds)},
        }

    @router.post("/verification")
    async def verification(who: Identity = keepers) -> dict[str, Any]:
        with refusals():
            found = await verifier.verify(room.custodians[who.tenant].audits)
        told = {one["audit"]: _told(one) for one in found}
        await room.store.record(AuditEntry(who.tenant, room.now(), who.user, AUDIT_VERIFIED, details=told))
        return {"audits": found, "at": room.now()}

    return router


def _line(kept: KeptEntry, names: Mapping[str, str]) -> dict[str, Any]:
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


def _found(check: AuditCheck, ended: bool) -> dict[str, Any]:
    broken = check.end()
    return {
        "audit": check.audit,
        "records": check.records,
        "ended": ended,
        "head": {"number": check.head.number, "digest": check.head.digest},
        "broken": None
        if broken is None
        else {"number": broken.number, "fault": broken.fault.value, "means": MEANS[broken.fault]},
    }


def _told(found: dict[str, Any]) -> str:
    """What came of it, for the audit."""
    if found["broken"] is not None:
        return f"broken at {found['broken']['number']} ({found['broken']['fault']})"
    return f"{found['records']} records, {'whole' if found['ended'] else 'whole so far'}"
