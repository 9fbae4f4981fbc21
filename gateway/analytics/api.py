"""Past calls over HTTP, for the page ``/calls``: search, record, events, recording and the shape of its sound.

For supervisors and analysts, each within their tenant and their queues. Numbers are masked, and who looked into a call
is written down first. Programs with the token have ``gateway.api.calls``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.access.viewings import HEARD, OPENED, Viewings
from gateway.analytics.errors import NoWaveform, SearchRefused, SearchTooWide, TooManyWaveforms
from gateway.analytics.replay import queues_of, shown_call, shown_event
from gateway.analytics.search import CallSearch, FoundCall, Wanted
from gateway.analytics.waveform import Waveforms
from gateway.session.ledger import Ledger
from gateway.session.records import CallRecord
from infra.errors import AiccError

Names = Mapping[str, Mapping[str, str]]
"""Names by language, by id."""

STATUS: Mapping[type[AiccError], int] = {
    SearchRefused: 422,
    SearchTooWide: 422,
    NoWaveform: 404,
    TooManyWaveforms: 429,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a search can choose from: a tenant's queues and dispositions with their names, and its languages."""

    queues: Names = field(default_factory=dict)
    dispositions: Names = field(default_factory=dict)
    languages: tuple[str, ...] = ()


class Asked(BaseModel):
    """A search, as it is asked for. Times have a zone; ``before`` is the last call of the page before."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")
    text: str | None = Field(None, max_length=200)
    caller: str | None = Field(None, max_length=40)
    agent: str | None = Field(None, max_length=200)
    queue: str | None = Field(None, max_length=200)
    disposition: str | None = Field(None, max_length=200)
    language: str | None = Field(None, max_length=20)
    limit: int = Field(50, ge=1, le=200)
    before: str | None = Field(None, max_length=200)

    def wanted(self, who: Identity) -> Wanted:
        """The same for ``CallSearch``, within what somebody may see."""
        asked = self.model_dump(exclude={"limit", "before"}, exclude_unset=True)
        return Wanted(**{name: value or None for name, value in asked.items()}, within=queues_of(who))


def past_calls_router(
    ledger: Ledger,
    search: CallSearch,
    waveforms: Waveforms,
    recording: Callable[[str, CallRecord], Path],
    guard: Guard,
    viewings: Viewings,
    choices: Callable[[str], Choices],
) -> APIRouter:
    """``/v1/calls…``; ``recording`` says where the file of a tenant's call lies, if there is one."""
    router = APIRouter(prefix="/v1/calls", tags=["past calls"], dependencies=[Depends(no_store)])
    allowed = Depends(guard.require(Role.SUPERVISOR, Role.ANALYST))

    async def known(who: Identity, call: str) -> FoundCall:
        found = await search.one(who.tenant, call, queues_of(who))
        if found is None:
            raise _refusal(404, "no_such_call", f"there is no call {call} that you may see")
        return found

    async def sound(who: Identity, call: str) -> Path:
        path = recording(who.tenant, (await known(who, call)).record)
        if not path.is_file():
            raise _refusal(404, "no_recording", f"call {call} has no recording")
        await viewings.note(who, HEARD, call)
        return path

    @router.get("")
    async def calls(asked: Annotated[Asked, Query()], who: Identity = allowed) -> dict[str, Any]:
        last = (await known(who, asked.before)).record if asked.before else None
        try:
            found = await search.find(who.tenant, asked.wanted(who), limit=asked.limit + 1, before=last)
        except (SearchRefused, SearchTooWide) as error:
            raise _told(error) from error
        page = found[: asked.limit]
        return {
            "calls": [shown_call(one) for one in page],
            "next": page[-1].record.call_id if len(found) > asked.limit else None,
            "choices": _shown_choices(choices(who.tenant)),
        }

    @router.get("/{call}")
    async def one(call: str, who: Identity = allowed) -> dict[str, Any]:
        found = await known(who, call)
        await viewings.note(who, OPENED, call)
        return shown_call(found)

    @router.get("/{call}/events")
    async def events(
        call: str,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
        who: Identity = allowed,
    ) -> list[dict[str, Any]]:
        await known(who, call)
        await viewings.note(who, OPENED, call)
        return [shown_event(event) for event in await ledger.events(who.tenant, call, after_seq=after, limit=limit)]

    @router.get("/{call}/recording")
    async def heard(call: str, who: Identity = allowed) -> FileResponse:
        headers = {"cache-control": "private, no-store"}
        return FileResponse(await sound(who, call), headers=headers, media_type="audio/wav")

    @router.get("/{call}/waveform")
    async def shape(
        call: str, points: Annotated[int, Query(ge=10, le=4000)] = 1200, who: Identity = allowed
    ) -> dict[str, Any]:
        try:
            waveform = await waveforms.of(await sound(who, call), points)
        except (NoWaveform, TooManyWaveforms) as error:
            raise _told(error) from error
        return {"seconds": waveform.seconds, "channels": waveform.channels}

    return router


def _shown_choices(choices: Choices) -> dict[str, Any]:
    return {
        "queues": [{"id": name, "name": dict(names)} for name, names in choices.queues.items()],
        "dispositions": [{"id": name, "name": dict(names)} for name, names in choices.dispositions.items()],
        "languages": list(choices.languages),
    }


def _told(error: AiccError) -> HTTPException:
    return _refusal(STATUS[type(error)], error.code, str(error))


def _refusal(status: int, code: str, message: str) -> HTTPException:
    return HTTPException(status, {"code": code, "message": message})
