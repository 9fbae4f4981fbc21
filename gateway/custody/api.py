"""Legal holds, erasures with their receipts and retention over HTTP, for the page ``/custody``.

Whoever keeps watch over data (``Role.ADMIN``) holds, releases and erases; supervisors see holds, receipts and what is
due. It is done by the same ``Eraser`` as on the command line, with the same lines in the audit, in the name of who is
signed in. That somebody looked is written down before they see anything.

Refuses: saying which contacts there are. A contact is named by its id, or by a caller's number, and both are known to
who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.access.api import Name, Reason
from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.access.store import AccessStore
from gateway.access.viewings import Viewings
from gateway.custody.eraser import LET_GO
from gateway.custody.erasure import AskedBy
from gateway.custody.errors import ContactUnknown, CustodyError, CustodyTooWide, ErasureNotConfirmed
from gateway.custody.opening import Custodian
from gateway.custody.retention import DataClass
from gateway.custody.shown import outlined_receipt, shown_class, shown_hold, shown_receipt
from gateway.custody.store import Wanted
from infra.phone_numbers import e164
from infra.storage.errors import StatementTimedOut

KEEPERS = (Role.ADMIN,)
"""Who holds, releases and erases."""

READERS = (Role.ADMIN, Role.SUPERVISOR)
"""Who sees holds, receipts, and what is due to go."""

HOLDS_SEEN = "holds.seen"
RECEIPTS_SEEN = "receipts.seen"
RECEIPT_OPENED = "receipt.opened"
"""Looks, as the audit names them; of the last one it is told whose receipt it was."""

SOON = timedelta(days=7)
"""What is due within this time is told beside what is due already."""

MOST_DUE = 500
"""Contacts of a class that are counted."""

SWEEPS = 20
"""The latest sweeps that let go of anything."""


Contact = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$", max_length=128)
]
"""A contact's id, as it may be pasted."""


class Strict(BaseModel):
    """What is asked for, and nothing beside it."""

    model_config = ConfigDict(extra="forbid")


class AskedHolds(Strict):
    """Which holds: ``released`` ones as well; ``before`` is the last of the page before."""

    contact: Contact | None = None
    released: bool = False
    limit: int = Field(50, ge=1, le=200)
    before: Name | None = None


class AskedReceipts(Strict):
    """Which receipts. Times have a zone; ``before`` is the last of the page before."""

    contact: Contact | None = None
    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")
    by: AskedBy | None = None
    limit: int = Field(50, ge=1, le=200)
    before: Name | None = None


class HoldWanted(Strict):
    """What is to be held, a contact or all contacts of a caller so far, and why."""

    contact: Contact | None = None
    number: Name | None = None
    why: Reason

    @model_validator(mode="after")
    def _is_one_of_both(self) -> HoldWanted:
        if (self.contact is None) == (self.number is None):
            raise ValueError("name a contact or a number, and not both")
        return self


class ReleaseWanted(Strict):
    """Why a hold is released."""

    why: Reason


class ErasureWanted(Strict):
    """The contact that is to be erased, typed twice, and why."""

    contact: Contact
    again: Contact
    why: Reason


@dataclass(frozen=True, slots=True)
class CustodyRoom:
    """What the routes work with: by tenant who keeps its contacts, and the entrance's store with accounts and audit."""

    custodians: Mapping[str, Custodian]
    store: AccessStore
    viewings: Viewings
    now: Callable[[], datetime]

    async def people(self, tenant: str, ids: Iterable[str | None]) -> dict[str, str]:
        """The names of who has an account, among these ids."""
        wanted = set(ids)
        accounts = [one.identity for one in await self.store.accounts(tenant)]
        return {one.user: one.name for one in accounts if one.user in wanted}


@contextmanager
def refusals() -> Iterator[None]:
    """Answer what custody refuses with its code and its status."""
    try:
        yield
    except CustodyError as error:
        raise HTTPException(error.status, {"code": error.code, "message": str(error)}) from error


@contextmanager
def searching() -> Iterator[None]:
    """The same where there may be more to look through than the database has time for."""
    with refusals():
        try:
            yield
        except StatementTimedOut as error:
            raise CustodyTooWide("there is too much to look through: ask for less") from error


def custody_router(room: CustodyRoom, guard: Guard) -> APIRouter:
    """``/v1/custody/holds…``, ``/v1/custody/receipts…``, ``/v1/custody/erasures`` and ``/v1/custody/retention``."""
    router = APIRouter(prefix="/v1/custody", tags=["custody"], dependencies=[Depends(no_store)])
    readers, keepers = Depends(guard.require(*READERS)), Depends(guard.require(*KEEPERS))
    _add_holds(router, room, readers, keepers)
    _add_receipts(router, room, readers, keepers)

    @router.get("/retention")
    async def retention(who: Identity = readers) -> dict[str, Any]:
        own, now = room.custodians[who.tenant], room.now()
        with searching():
            classes = [await _class(own, what, now) for what in DataClass]
            sweeps = await room.store.entries(who.tenant, what=LET_GO, limit=SWEEPS)
        return {
            "classes": classes,
            "soon_days": SOON.days,
            "sweeps": [{"at": one.entry.at, "gone": _counts(one.entry.details)} for one in sweeps],
            "may": _may(who),
        }

    return router


def _add_holds(router: APIRouter, room: CustodyRoom, readers: Any, keepers: Any) -> None:
    @router.get("/holds")
    async def holds(asked: Annotated[AskedHolds, Query()], who: Identity = readers) -> dict[str, Any]:
        own = room.custodians[who.tenant]
        await room.viewings.note(who, HOLDS_SEEN, "")
        with searching():
            found = await own.store.holds(
                released=asked.released, contact=asked.contact, before=asked.before, limit=asked.limit + 1
            )
            page = found[: asked.limit]
            reasons = await own.proofs.release_reasons([one.hold for one in page if not one.stands])
        return {
            "holds": [shown_hold(one, reasons) for one in page],
            "people": await room.people(who.tenant, [by for one in page for by in (one.placed_by, one.released_by)]),
            "next": page[-1].hold if len(found) > asked.limit else None,
            "may": _may(who),
        }

    @router.post("/holds")
    async def place(wanted: HoldWanted, who: Identity = keepers) -> dict[str, Any]:
        own = room.custodians[who.tenant]
        with refusals():
            if wanted.contact is not None:
                hold = await own.eraser.hold(wanted.contact, wanted.why, who.user)
                return {"holds": {hold: wanted.contact}, "refused": {}}
            number = e164(wanted.number or "")
            contacts = [] if number is None else await own.store.contacts_of(number, own.words)
            if not contacts:
                raise ContactUnknown("nobody of that number has called here: write it with its country's code")
            held = await own.eraser.hold_all(contacts, wanted.why, who.user)
            return {"holds": held.holds, "refused": held.refused}

    @router.post("/holds/{hold}/release")
    async def release(hold: Name, wanted: ReleaseWanted, who: Identity = keepers) -> dict[str, str]:
        with refusals():
            return {"contact": await room.custodians[who.tenant].eraser.release(hold, wanted.why, who.user)}


def _add_receipts(router: APIRouter, room: CustodyRoom, readers: Any, keepers: Any) -> None:
    async def one(who: Identity, erasure: str) -> dict[str, Any]:
        own = room.custodians[who.tenant]
        with searching():
            receipt = await own.store.receipt(erasure)
        contact = str(receipt["contact"])
        await room.viewings.note(who, RECEIPT_OPENED, contact)
        with searching():
            return shown_receipt(receipt, await own.proofs.digest_of(contact, erasure))

    @router.get("/receipts")
    async def receipts(asked: Annotated[AskedReceipts, Query()], who: Identity = readers) -> dict[str, Any]:
        own = room.custodians[who.tenant]
        await room.viewings.note(who, RECEIPTS_SEEN, "")
        wanted = Wanted(asked.since, asked.until, asked.by, asked.before)
        with searching():
            found = await own.store.receipts(asked.contact, asked.limit + 1, wanted=wanted)
            begun = await own.store.begun()
        page = [outlined_receipt(receipt) for receipt in found[: asked.limit]]
        return {
            "receipts": page,
            "next": page[-1]["erasure"] if len(found) > asked.limit else None,
            "begun": len(begun),
            "may": _may(who),
        }

    @router.get("/receipts/{erasure}")
    async def receipt(erasure: Name, who: Identity = readers) -> dict[str, Any]:
        return await one(who, erasure)

    @router.get("/receipts/{erasure}/file")
    async def file(erasure: Name, who: Identity = readers) -> Response:
        told = (await one(who, erasure))["receipt"]
        name = f"receipt-{told['erasure']}.json"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return JSONResponse(jsonable_encoder(told), headers=headers)

    @router.post("/erasures")
    async def erase(wanted: ErasureWanted, who: Identity = keepers) -> dict[str, Any]:
        with refusals():
            if wanted.again != wanted.contact:
                raise ErasureNotConfirmed("the contact was typed twice, and not the same: nothing was erased")
            eraser = room.custodians[who.tenant].eraser
            receipt = (await eraser.erase(wanted.contact, AskedBy.API, wanted.why, who.user)).plain()
        return shown_receipt(receipt, str(receipt["digest"]))


async def _class(own: Custodian, what: DataClass, now: datetime) -> dict[str, Any]:
    before = own.retention.ended_before(what, now)
    ended: Sequence[datetime] | None = []
    if before is not None:
        try:
            ended = await own.store.due(what, before + SOON, MOST_DUE + 1)
        except StatementTimedOut:  # the days are told all the same
            ended = None
    return shown_class(what, own.retention, now, ended, MOST_DUE)


def _counts(details: Mapping[str, str]) -> dict[str, int]:
    return {what.value: int(details.get(what.value, "0")) for what in DataClass}


def _may(who: Identity) -> dict[str, bool]:
    return {"keep": who.has_any(KEEPERS), "replay": who.has_any((Role.SUPERVISOR, Role.ANALYST))}
