"""How contacts were judged, over HTTP: seen by supervisors, analysts and those who are judged; overridden by
supervisors, with a reason; objected to by whoever is judged.

Refuses: a change of the first score; what people say to it stands behind it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.access.store import AccountStore
from gateway.access.viewings import OPENED, Viewings
from gateway.analytics.errors import AnalyticsError, AppealRefused, NoSuchCriterion, NotJudged, StillOpen
from gateway.analytics.quality.checks import Verdict
from gateway.analytics.quality.evidence import evidence
from gateway.analytics.quality.judgements import JudgementSearch
from gateway.analytics.quality.rubric import Rubrics
from gateway.analytics.quality.shown import RubricNames, shown_standing
from gateway.analytics.quality.standing import Standing, standings
from gateway.analytics.replay import queues_of, shown_event
from gateway.analytics.search import CallSearch
from gateway.analytics.whole_log import whole_log
from gateway.session.ledger import Ledger
from gateway.session.records import ContactEvent, EventKind

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


@dataclass(frozen=True, slots=True)
class QualityRoom:
    """What the routes work with. ``rubrics`` are those of a tenant, for their names; ``accounts`` know people's."""

    ledger: Ledger
    search: CallSearch
    judgements: JudgementSearch
    accounts: AccountStore
    viewings: Viewings
    rubrics: Callable[[str], Rubrics | None]

    async def known(self, who: Identity, call: str) -> tuple[tuple[Standing, ...], list[ContactEvent]]:
        """How a contact stands, and its log, for whoever may see that: those who see past calls, and those who are
        judged. Raises the refusal of everybody else."""
        sees = who.has_any((Role.SUPERVISOR, Role.ANALYST))
        found = await self.search.one(who.tenant, call, queues_of(who)) if sees else None
        events = await whole_log(self.ledger, who.tenant, call) if found or Role.AGENT in who.roles else []
        stand = standings(events)
        if found is None and not _is_judged(who, stand):
            raise _refusal(404, "no_such_call", f"there is no call {call} that you may see")
        return stand, events

    async def one(self, who: Identity, call: str, rubric: str) -> Standing:
        """How it stands by one rubric. Raises the refusal also where that has not judged it."""
        for standing in (await self.known(who, call))[0]:
            if standing.rubric == rubric:
                return standing
        raise _told(NotJudged(f"rubric {rubric!r} has not judged call {call}"))

    async def append(self, who: Identity, call: str, kind: EventKind, payload: Mapping[str, Any], key: str) -> None:
        """Write down what somebody said to a judgement. Raises the refusal while the record is open."""
        if not await self.ledger.append_late(who.tenant, call, kind, payload, key=key):
            raise _told(StillOpen(f"call {call} is still being closed: try again in a minute"))

    async def shown(self, who: Identity, call: str) -> dict[str, Any]:
        """What a page is told of a contact's judgements, and what may be said to them."""
        (stand, _), names = await self.known(who, call), RubricNames(self.rubrics(who.tenant))
        own = _is_judged(who, stand)
        return {
            "rubrics": [shown_standing(standing, names) for standing in stand],
            "people": await self._people(who.tenant, stand),
            "may": {
                "replay": who.has_any((Role.SUPERVISOR, Role.ANALYST)),
                "override": Role.SUPERVISOR in who.roles and not own,
                "appeal": Role.AGENT in who.roles and own,
            },
        }

    async def _people(self, tenant: str, stand: tuple[Standing, ...]) -> dict[str, str]:
        """The names of everybody who was judged, objected or decided; who has no account any more has none."""
        ids = {user for one in stand for user in one.agents}
        ids |= {decision.by for one in stand for decision in one.overrides}
        ids |= {objection.by for one in stand for objection in one.appeals}
        accounts = [await self.accounts.account(tenant, user) for user in sorted(ids)]
        return {one.identity.user: one.identity.name for one in accounts if one is not None}


def quality_router(room: QualityRoom, guard: Guard) -> APIRouter:
    """``/v1/calls/{call}/quality…``."""
    router = APIRouter(prefix="/v1/calls", tags=["quality"], dependencies=[Depends(no_store)])
    readers = Depends(guard.require(Role.SUPERVISOR, Role.ANALYST, Role.AGENT))
    judges = Depends(guard.require(Role.SUPERVISOR))
    judged = Depends(guard.require(Role.AGENT))

    @router.get("/{call}/quality")
    async def quality(call: str, who: Identity = readers) -> dict[str, Any]:
        found = await room.shown(who, call)
        await room.viewings.note(who, OPENED, call)
        return found

    @router.get("/{call}/quality/evidence")
    async def shown_evidence(call: str, who: Identity = readers) -> list[dict[str, Any]]:
        stand, events = await room.known(who, call)
        await room.viewings.note(who, OPENED, call)
        return [shown_event(event) for event in evidence(events, stand)]

    @router.post("/{call}/quality/{rubric}/overrides")
    async def override(call: str, rubric: str, decided: Decided, who: Identity = judges) -> dict[str, Any]:
        standing = await room.one(who, call, rubric)
        if who.user in standing.agents:
            raise _refusal(403, "not_allowed", "nobody judges their own calls")
        try:
            payload = standing.override(decided.criterion, decided.verdict, by=who.user, reason=decided.reason)
        except NoSuchCriterion as error:
            raise _told(error) from error
        await room.append(who, call, EventKind.QUALITY_OVERRIDDEN, payload, uuid.uuid4().hex)
        return await room.shown(who, call)

    @router.post("/{call}/quality/{rubric}/appeals")
    async def appeal(call: str, rubric: str, objected: Objected, who: Identity = judged) -> dict[str, Any]:
        standing = await room.one(who, call, rubric)
        if who.user not in standing.agents:
            raise _refusal(403, "not_allowed", "only who is judged may object")
        # The same for two who object at once: it is written down once.
        name = f"{rubric}.{objected.criterion}.{len(standing.appeals) + 1}"
        try:
            payload = standing.appeal(objected.criterion, name, by=who.user, reason=objected.reason)
        except (NoSuchCriterion, AppealRefused) as error:
            raise _told(error) from error
        await room.append(who, call, EventKind.QUALITY_APPEALED, payload, name)
        return await room.shown(who, call)

    return router


def _is_judged(who: Identity, stand: tuple[Standing, ...]) -> bool:
    """Whether it is somebody's own contact."""
    return any(who.user in one.agents for one in stand)


def _told(error: AnalyticsError) -> HTTPException:
    return _refusal(STATUS[type(error)], error.code, str(error))


def _refusal(status: int, code: str, message: str) -> HTTPException:
    return HTTPException(status, {"code": code, "message": message})
