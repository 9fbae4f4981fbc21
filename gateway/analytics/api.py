"""Past calls over HTTP, for the page ``/calls``: search, record, events, recording and the shape of its sound.

For supervisors and analysts, each within their tenant and their queues. Numbers are masked, and who looked into a call
is written down first. Programs with the token have ``gateway.api.calls``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.access.viewings import HEARD, OPENED, Viewings
from gateway.analytics.errors import NoWaveform, SearchRefused, SearchTooWide, TooManyWaveforms
from gateway.analytics.replay import queues_of, shown_call, shown_event
from gateway.analytics.search import CallSearch, FoundCall, Wanted
from gateway.analytics.waveform import Waveforms
from gateway.pages.sound_response import no_sound, sound_response
from gateway.session.ledger import Ledger
from gateway.session.recorded_sound import RecordedSound
from gateway.session.records import CallRecord
from infra.errors import AiccError

Names = Mapping[str, Mapping[str, str]]
"""Names by language, by id."""

Open = Callable[[str, CallRecord], Awaitable[RecordedSound]]
"""Opens the recording of a tenant's call. Raises why it cannot (``gateway.pages.sound_response``)."""

STATUS: Mapping[type[AiccError], int] = {
    SearchRefused: 422,
    SearchTooWide: 422,
    NoWaveform: 404,
    TooManyWaveforms: 429,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a search can choose from: a tenant's queues and dispositions with their names, its languages, and what its
    lines are called."""

    queues: Names = field(default_factory=dict)
    dispositions: Names = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict)


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
    recording: Open,
    guard: Guard,
    viewings: Viewings,
    choices: Callable[[str], Choices],
) -> APIRouter:
    """``/v1/calls…``; ``recording`` opens that of a tenant's call, if there is one."""
    router = APIRouter(prefix="/v1/calls", tags=["past calls"], dependencies=[Depends(no_store)])
    allowed = Depends(guard.require(Role.SUPERVISOR, Role.ANALYST))

    async def known(who: Identity, call: str) -> FoundCall:
        found = await search.one(who.tenant, call, queues_of(who))
        if found is None:
            raise _refusal(404, "no_such_call", f"there is no call {call} that you may see")
        return found

    async def sound(who: Identity, call: str) -> RecordedSound:
        return await _opened(recording, viewings, who, (await known(who, call)).record)

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

    @router.get("/{call}/recording", response_class=Response)
    async def heard(
        call: str, wanted: Annotated[str | None, Header(alias="range")] = None, who: Identity = allowed
    ) -> Response:
        return sound_response(await sound(who, call), wanted)

    @router.get("/{call}/waveform")
    async def shape(
        call: str, points: Annotated[int, Query(ge=10, le=4000)] = 1200, who: Identity = allowed
    ) -> dict[str, Any]:
        with closing(await sound(who, call)) as opened:
            try:
                waveform = await waveforms.of(opened, points)
            except (NoWaveform, TooManyWaveforms) as error:
                raise _told(error) from error
        return {"seconds": waveform.seconds, "channels": waveform.channels}

    return router


async def _opened(recording: Open, viewings: Viewings, who: Identity, record: CallRecord) -> RecordedSound:
    """A call's recording, once it is written down who hears it."""
    try:
        opened = await recording(who.tenant, record)
    except AiccError as error:
        raise no_sound(error) from error
    try:
        await viewings.note(who, HEARD, record.call_id)
    except AiccError:
        opened.close()
        raise
    return opened


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
