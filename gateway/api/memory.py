"""What is remembered of customers, over HTTP: see it, take it along, have it forgotten, say that somebody agreed.

A person is named in the body of a request, never in its address, which proxies write down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from dialog.clock import utc_now
from dialog.memory.memory import Agreement, Eraser
from dialog.memory.tenant import Person, PersonNotNamed, TenantMemory, agreed, forgotten, shown
from infra.texts import Text

Name = Annotated[Text, Field(max_length=128)]


class Named(BaseModel):
    """Whose memory is meant: a ``customer`` by number, who calls from a telephone ``number``, or both."""

    model_config = ConfigDict(extra="forbid")

    customer: Name = ""
    number: Name = ""

    @property
    def person(self) -> Person:
        """The same, as the memory knows them."""
        return Person(self.customer, self.number)


class Answer(Named):
    """That somebody agreed to be remembered, or did not, and to which ``wording`` of the question."""

    agreed: bool
    wording: Annotated[Text, Field(min_length=1, max_length=128)]


def memory_router(memories: Mapping[str, TenantMemory], now: Callable[[], datetime] = utc_now) -> APIRouter:
    """``POST /v1/tenants/{tenant}/memory/show``, ``…/export``, ``…/forget`` and ``…/consent``."""
    router = APIRouter(prefix="/v1/tenants/{tenant}/memory", tags=["memory"])

    def of(tenant: str) -> TenantMemory:
        if tenant not in memories:
            raise HTTPException(404, f"tenant {tenant} is not served here")
        return memories[tenant]

    async def page(tenant: str, named: Named) -> dict[str, Any]:
        try:
            found = await shown(of(tenant), named.person, now())
        except PersonNotNamed as error:
            raise HTTPException(422, str(error)) from error
        return {"tenant": tenant, "at": now(), "remembered": found}

    @router.post("/show")
    async def show(tenant: str, named: Named) -> dict[str, Any]:
        return await page(tenant, named)

    @router.post("/export")
    async def export(tenant: str, named: Named, response: Response) -> dict[str, Any]:
        response.headers["content-disposition"] = 'attachment; filename="memory.json"'
        return {**await page(tenant, named), "person": asdict(named.person)}

    @router.post("/forget")
    async def forget(tenant: str, named: Named) -> dict[str, Any]:
        try:
            erased = await forgotten(of(tenant), named.person, now(), Eraser.API)
        except PersonNotNamed as error:
            raise HTTPException(422, str(error)) from error
        return {"tenant": tenant, "forgotten": erased}

    @router.post("/consent")
    async def consent(tenant: str, answer: Answer) -> dict[str, Any]:
        agreement = Agreement(answer.agreed, now(), answer.wording)
        try:
            stands = await agreed(of(tenant), answer.person, agreement)
        except PersonNotNamed as error:
            raise HTTPException(422, str(error)) from error
        return {"tenant": tenant, "stands": stands}

    return router
