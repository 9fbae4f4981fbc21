"""How contacts were judged, over HTTP: seen by supervisors, analysts and those who are judged; overridden by
supervisors, with a reason; objected to by whoever is judged.

Refuses: a change of the first score; what people say to it stands behind it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.access.viewings import OPENED, Viewings
from gateway.analytics.errors import AnalyticsError, AppealRefused, NoSuchCriterion, NotJudged, StillOpen
from gateway.analytics.quality.checks import Verdict
from gateway.analytics.quality.rubric import Rubric, Rubrics
from gateway.analytics.quality.standing import Standing, standings
from gateway.analytics.replay import queues_of
from gateway.analytics.search import CallSearch
from gateway.analytics.whole_log import whole_log
from gateway.session.ledger import Ledger
from gateway.session.records import EventKind

STATUS: Mapping[type[AnalyticsError], int] = {
    NotJudged: 404,
    NoSuchCriterion: 404,
    AppealRefused: 409,
    StillOpen: 409,
}

Reason = Annotated[str, Field(min_length=3, max_length=1000)]


class Decided(BaseModel):
    """A person decides about a criterion: another verdict, or the same where an appeal is answered."""

    model_config = ConfigDict(extra="forbid")

    criterion: str = Field(max_length=63)
    verdict: Verdict
    reason: Reason


class Objected(BaseModel):
    """Whoever is judged objects to a criterion."""

    model_config = ConfigDict(extra="forbid")

    criterion: str = Field(max_length=63)
    reason: Reason


def quality_router(
    ledger: Ledger,
    search: CallSearch,
    guard: Guard,
    viewings: Viewings,
    rubrics: Callable[[str], Rubrics | None],
) -> APIRouter:
    """``/v1/calls/{call}/quality…``; ``rubrics`` are those of a tenant, for their names."""
    router = APIRouter(prefix="/v1/calls", tags=["quality"], dependencies=[Depends(no_store)])
    readers = Depends(guard.require(Role.SUPERVISOR, Role.ANALYST, Role.AGENT))
    judges = Depends(guard.require(Role.SUPERVISOR))
    judged = Depends(guard.require(Role.AGENT))

    async def known(who: Identity, call: str) -> tuple[Standing, ...]:
        """How a call stands, for whoever may see it: those who see past calls, and those who are judged."""
        sees = who.has_any((Role.SUPERVISOR, Role.ANALYST))
        found = await search.one(who.tenant, call, queues_of(who)) if sees else None
        stand = standings(await whole_log(ledger, who.tenant, call)) if found or Role.AGENT in who.roles else ()
        if found is None and not any(who.user in one.agents for one in stand):
            raise _refusal(404, "no_such_call", f"there is no call {call} that you may see")
        return stand

    async def one(who: Identity, call: str, rubric: str) -> Standing:
        for standing in await known(who, call):
            if standing.rubric == rubric:
                return standing
        raise _told(NotJudged(f"rubric {rubric!r} has not judged call {call}"))

    async def append(who: Identity, call: str, kind: EventKind, payload: Mapping[str, Any], key: str) -> None:
        if not await ledger.append_late(who.tenant, call, kind, payload, key=key):
            raise _told(StillOpen(f"call {call} is still being closed: try again in a minute"))

    def shown(who: Identity, stand: tuple[Standing, ...]) -> dict[str, Any]:
        own = rubrics(who.tenant)
        by_id = {} if own is None else {rubric.id: rubric for rubric in own.rubrics}
        return {
            "rubrics": [_shown(standing, by_id.get(standing.rubric)) for standing in stand],
            "may": {"override": Role.SUPERVISOR in who.roles, "appeal": _appellant(who, stand)},
        }

    @router.get("/{call}/quality")
    async def quality(call: str, who: Identity = readers) -> dict[str, Any]:
        stand = await known(who, call)
        await viewings.note(who, OPENED, call)
        return shown(who, stand)

    @router.post("/{call}/quality/{rubric}/overrides")
    async def override(call: str, rubric: str, decided: Decided, who: Identity = judges) -> dict[str, Any]:
        standing = await one(who, call, rubric)
        if who.user in standing.agents:
            raise _refusal(403, "not_allowed", "nobody judges their own calls")
        try:
            payload = standing.override(decided.criterion, decided.verdict, by=who.user, reason=decided.reason)
        except NoSuchCriterion as error:
            raise _told(error) from error
        await append(who, call, EventKind.QUALITY_OVERRIDDEN, payload, uuid.uuid4().hex)
        return shown(who, await known(who, call))

    @router.post("/{call}/quality/{rubric}/appeals")
    async def appeal(call: str, rubric: str, objected: Objected, who: Identity = judged) -> dict[str, Any]:
        standing = await one(who, call, rubric)
        if who.user not in standing.agents:
            raise _refusal(403, "not_allowed", "only who is judged may object")
        # The same for two who object at once: it is written down once.
        name = f"{rubric}.{objected.criterion}.{len(standing.appeals) + 1}"
        try:
            payload = standing.appeal(objected.criterion, name, by=who.user, reason=objected.reason)
        except (NoSuchCriterion, AppealRefused) as error:
            raise _told(error) from error
        await append(who, call, EventKind.QUALITY_APPEALED, payload, name)
        return shown(who, await known(who, call))

    return router


def _appellant(who: Identity, stand: tuple[Standing, ...]) -> bool:
    return Role.AGENT in who.roles and any(who.user in one.agents for one in stand)


def _shown(standing: Standing, rubric: Rubric | None) -> dict[str, Any]:
    names = {} if rubric is None else {one.id: dict(one.name) for one in rubric.criteria}
    return {
        "rubric": standing.rubric,
        "name": {} if rubric is None else dict(rubric.name),
        "version": standing.version,
        "score": standing.score,
        "passed": standing.passed,
        "passes_at": standing.passes_at,
        "agents": list(standing.agents),
        "scored_at": standing.scored_at,
        "criteria": [{**asdict(one), "name": names.get(one.id, {})} for one in standing.criteria],
        "overrides": [asdict(one) for one in standing.overrides],
        "appeals": [asdict(one) for one in standing.appeals],
    }


def _told(error: AnalyticsError) -> HTTPException:
    return _refusal(STATUS[type(error)], error.code, str(error))


def _refusal(status: int, code: str, message: str) -> HTTPException:
    return HTTPException(status, {"code": code, "message": message})
