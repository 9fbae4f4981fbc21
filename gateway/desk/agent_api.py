"""What an agent's page does beside calls: how they stand, what rings, the wrap-up, searching.

For the roles agent and supervisor; tenant and person come from the session.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from dialog.assist.wrap_up import WrapUp
from dialog.privacy.detector import redact_any
from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.desk.closing import Closing
from gateway.desk.desk import Desk
from gateway.desk.feeds import BEATS_EVERY, FloorFeed
from gateway.desk.floor.agent_state import AgentState, Presence
from gateway.desk.floor.events import packed
from gateway.pages import event_stream
from infra.telemetry.metrics import metrics
from infra.texts import Text

DESK = (Role.AGENT, Role.SUPERVISOR)

PRESENCES = (
    (Presence.AVAILABLE, "", {"ko": "상담 가능", "en": "Available"}),
    (Presence.AWAY, "break", {"ko": "휴식", "en": "Break"}),
    (Presence.AWAY, "meal", {"ko": "식사", "en": "Meal"}),
    (Presence.AWAY, "training", {"ko": "교육", "en": "Training"}),
    (Presence.AWAY, "meeting", {"ko": "회의", "en": "Meeting"}),
    (Presence.AWAY, "other", {"ko": "기타 업무", "en": "Other work"}),
)
"""What can be chosen at the desk."""

_LATENCY = metrics.histogram("aicc_desk_latency_seconds", "Delays as desks measured them, by stage", ("stage",))

After = Annotated[int, Query(ge=0, le=event_stream.LARGEST)]
"""Behind which number a feed goes on."""

Words = Annotated[Text, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(redact_any)]
"""What somebody types to say why. It is kept with the floor, for good, so that it may name nobody."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PresenceWanted(_Body):
    """How an agent wants to stand, and why."""

    presence: Literal["available", "away"]
    reason: Words = ""


class Beat(_Body):
    """That a page lives. ``active``: somebody has used it since the last one, or has a call in hand."""

    active: bool = False


class Declined(_Body):
    """Why an agent does not take a call."""

    why: Words = ""


class DeviceFailed(_Body):
    """What is wrong with an agent's device."""

    message: Words = ""


class Filed(_Body):
    """A case as the agent files it."""

    summary: Text
    disposition: Text
    note: Text = ""


_STILL = Beat()


class Measured(_Body):
    """A delay that a page measured."""

    stage: Literal["final", "final_render", "partial", "card", "take_over"]
    ms: float = Field(ge=0, le=600_000)


def agent_router(desk: Desk, guard: Guard, closing: Closing) -> APIRouter:
    """``/v1/desk/…`` but for ``/v1/desk/calls``."""
    router = APIRouter(prefix="/v1/desk", tags=["desk"], dependencies=[Depends(no_store)])
    at_desk = Depends(guard.require(*DESK))
    by_itself = Depends(guard.require(*DESK, renew=False))
    """What a page does without anybody's doing: it is no use of the session."""
    _standing(router, desk, guard, at_desk, by_itself)
    _offers(router, desk, at_desk)
    _cases(router, desk, closing, at_desk)
    _measures(router, by_itself)
    return router


def _standing(router: APIRouter, desk: Desk, guard: Guard, at_desk: Any, by_itself: Any) -> None:
    """How an agent stands, and what the floor tells them."""

    @router.get("/snapshot")
    async def snapshot(who: Identity = at_desk) -> dict[str, Any]:
        board = await desk.boards.read(who.tenant)
        floor, own = board.floor, desk.tenants[who.tenant]
        me, offer, item = floor.agents.get(who.user), floor.offer_to(who.user), floor.item_of(who.user)
        return {
            "watermark": floor.seq,
            "me": packed(me or AgentState(who.user, who.name, board.at, board.at, Presence.OFFLINE)),
            "offer": None if offer is None else await desk.offer(who.tenant, offer, floor),
            "item": None if item is None else packed(item),
            "overheard": desk.overheard(who),
            "queues": [queue for queue in board.queues() if who.serves(queue["id"])],
            "agents": [
                {"agent": one.agent, "name": one.name, "presence": one.presence, "routing": one.routing}
                for one in floor.agents.values()
                if one.presence is not Presence.OFFLINE and one.agent != who.user
            ],
            "targets": desk.targets(who),
            "dispositions": own.wrap_ups.dispositions(who.locale),
            "presences": [{"presence": one, "reason": reason, "name": name} for one, reason, name in PRESENCES],
        }

    @router.get("/feed")
    async def feed(request: Request, after: After = 0, who: Identity = by_itself) -> Response:
        seen = event_stream.last_seen(request.headers, after)
        sources = FloorFeed(desk, who, seen).sources()
        return event_stream.answer(sources, lambda: guard.still_holds(request, *DESK), heartbeat=BEATS_EVERY)

    @router.post("/presence")
    async def presence(wanted: PresenceWanted, who: Identity = at_desk) -> dict[str, Any]:
        now = desk.now()
        async with desk.floors.open(who.tenant) as floor:
            floor.sign_in(who.user, now, name=who.name, skills=who.skills, languages=who.languages, queues=who.queues)
            floor.set_presence(who.user, Presence(wanted.presence), now, wanted.reason)
            me = packed(floor.agents[who.user])
        await desk.floors.heard(who.tenant, who.user, now)
        return me

    @router.post("/heartbeat")
    async def heartbeat(request: Request, beat: Beat = _STILL) -> dict[str, Any]:
        who = (await guard.signed_in(request, *DESK, renew=beat.active)).identity
        return {"signed_on": await desk.floors.heard(who.tenant, who.user, desk.now())}

    @router.post("/sign-off")
    async def sign_off(who: Identity = at_desk) -> dict[str, Any]:
        async with desk.floors.open(who.tenant) as floor:
            if who.user in floor.agents:
                floor.set_presence(who.user, Presence.OFFLINE, desk.now())
        return {}


def _offers(router: APIRouter, desk: Desk, at_desk: Any) -> None:
    """What rings."""

    @router.post("/offers/{offer}/accept")
    async def accept(offer: str, who: Identity = at_desk) -> dict[str, Any]:
        async with desk.floors.open(who.tenant) as floor:
            floor.accept(offer, who.user, desk.now())
            item = floor.item_of(who.user)
            assert item is not None, "whoever accepted an offer has its call"
            return {"item": item.item, "call": item.call}

    @router.post("/offers/{offer}/reject")
    async def reject(offer: str, said: Declined, who: Identity = at_desk) -> dict[str, Any]:
        async with desk.floors.open(who.tenant) as floor:
            floor.reject(offer, who.user, said.why, desk.now())
        return {}

    @router.post("/offers/{offer}/device-error")
    async def device_error(offer: str, said: DeviceFailed, who: Identity = at_desk) -> dict[str, Any]:
        async with desk.floors.open(who.tenant) as floor:
            floor.device_error(offer, who.user, desk.now(), said.message)
        return {}


def _cases(router: APIRouter, desk: Desk, closing: Closing, at_desk: Any) -> None:
    """The wrap-up, and searching."""

    @router.get("/items/{item}/wrap-up")
    async def wrap_up(item: str, who: Identity = at_desk) -> dict[str, Any]:
        return await closing.prefilled(who, item)

    @router.post("/items/{item}/wrap-up")
    async def file(item: str, filed: Filed, who: Identity = at_desk) -> dict[str, Any]:
        return await closing.file(who, item, WrapUp(filed.summary, filed.disposition, filed.note))

    @router.get("/search")
    async def search(
        q: Annotated[str, Query(min_length=1, max_length=300)],
        language: Annotated[str, Query(max_length=8)] = "",
        who: Identity = at_desk,
    ) -> list[dict[str, Any]]:
        own = desk.tenants[who.tenant]
        spoken = language or who.locale
        if spoken not in own.tenant.languages:
            raise HTTPException(422, f"this tenant's documents are in {', '.join(own.tenant.languages)}")
        return await own.assist.search(q, spoken)


def _measures(router: APIRouter, by_itself: Any) -> None:
    """What pages measure."""

    @router.post("/latency", status_code=204)
    async def latency(measured: Measured, _who: Identity = by_itself) -> Response:
        _LATENCY.labels(measured.stage).observe(measured.ms / 1000)
        return Response(status_code=204)
