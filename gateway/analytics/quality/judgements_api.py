"""The judgements of many contacts over HTTP, for the page ``/quality``: those who are judged see their own, supervisors
and analysts those of their queues.

Refuses: what a judgement rests on; that is asked for contact by contact, and written down (``api.py``).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.analytics.errors import SearchTooWide
from gateway.analytics.quality.api import QualityRoom
from gateway.analytics.quality.judgements import Judgement, Place, Wanted, Which
from gateway.analytics.quality.shown import RubricNames, outlined_standing
from gateway.analytics.replay import queues_of


class Asked(BaseModel):
    """A search, as it is asked for. Times have a zone; ``before`` and ``before_rubric`` are the last of the page
    before."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")
    rubric: str | None = Field(None, max_length=63)
    agent: str | None = Field(None, max_length=200)
    standing: Which | None = None
    limit: int = Field(50, ge=1, le=200)
    before: str | None = Field(None, max_length=200)
    before_rubric: str = Field("", max_length=63)

    def wanted(self, who: Identity) -> Wanted:
        """The same within what somebody may see."""
        every = _sees_every(who)
        return Wanted(
            self.since,
            self.until,
            self.rubric or None,
            self.agent or None,
            self.standing,
            own=None if every else who.user,
            within=queues_of(who) if every else None,
        )

    @property
    def behind(self) -> Place | None:
        """The last of the page before, if there is one."""
        return Place(self.before, self.before_rubric) if self.before else None


def judgements_router(room: QualityRoom, guard: Guard) -> APIRouter:
    """``GET /v1/quality``."""
    router = APIRouter(prefix="/v1/quality", tags=["quality"], dependencies=[Depends(no_store)])
    readers = Depends(guard.require(Role.SUPERVISOR, Role.ANALYST, Role.AGENT))

    @router.get("")
    async def judgements(asked: Annotated[Asked, Query()], who: Identity = readers) -> dict[str, Any]:
        try:
            wanted = asked.wanted(who)
            found = await room.judgements.find(who.tenant, wanted, limit=asked.limit + 1, before=asked.behind)
        except SearchTooWide as error:
            raise HTTPException(422, {"code": error.code, "message": str(error)}) from error
        names, page = RubricNames(room.rubrics(who.tenant)), found.page[: asked.limit]
        more = len(found.page) > asked.limit
        return {
            "judgements": [_shown(one, names) for one in page],
            "next": {"call": page[-1].call, "rubric": page[-1].standing.rubric} if more else None,
            "totals": [{**asdict(one), "name": names.rubric(one.rubric)} for one in found.totals],
            "choices": {
                "rubrics": [{"id": one, "name": names.rubric(one)} for one in found.rubrics],
                "agents": [{"id": one, "name": name} for one, name in found.agents.items()],
            },
            "every": _sees_every(who),
        }

    return router


def _sees_every(who: Identity) -> bool:
    return who.has_any((Role.SUPERVISOR, Role.ANALYST))


def _shown(one: Judgement, names: RubricNames) -> dict[str, Any]:
    return {
        "call": one.call,
        "began": one.began,
        "ended": one.ended,
        "language": one.language,
        "channel": one.channel,
        **outlined_standing(one.standing, names),
    }
