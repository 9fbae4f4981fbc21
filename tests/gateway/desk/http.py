"""The desk's routes, asked in virtual time by people who are simply named in a header."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx
from fastapi import FastAPI, HTTPException, Request

from dialog.actions.rules import Identity as Known
from dialog.assist.wrap_up import Change, Difference, WrapUp
from gateway.access.identity import Identity, Role
from gateway.desk.agent_api import agent_router
from gateway.desk.call_api import call_router
from gateway.desk.closing import Closing
from gateway.desk.statuses import answer_refusals
from gateway.desk.wall_api import wall_router
from gateway.session.records import EventKind
from tests.gateway.desk.center import KIM, LEE, PARK, QUEUES, Center


class Doorman:
    """Lets in whoever is named, if they have the role."""

    uses: ClassVar[list[bool]] = []
    """Of each request, whether it was a use of the session."""

    def require(self, *roles: Role, renew: bool = True) -> Callable[[Request], Awaitable[Identity]]:
        async def identity(request: Request) -> Identity:
            who: Identity = (await self.signed_in(request, *roles, renew=renew)).identity
            return who

        return identity

    async def signed_in(self, request: Request, *roles: Role, renew: bool = True) -> Any:
        who = {one.user: one for one in (KIM, PARK, LEE)}.get(request.headers.get("who", ""))
        if who is None or not who.has_any(roles):
            raise HTTPException(401 if who is None else 403)
        self.uses.append(renew)
        return SimpleNamespace(identity=who)

    async def still_holds(self, *_: object) -> bool:
        return True


class Cases:
    """Wrap-ups that remember what was filed."""

    def dispositions(self, language: str) -> list[dict[str, str]]:
        return [{"id": "resolved", "name": "Resolved"}]

    async def prefilled(self, item: str, call: str) -> dict[str, object]:
        return {"summary": f"of {call}", "disposition": "resolved", "note": ""}

    async def file(self, item: str, call: str, agent: str, filed: WrapUp, seconds: float, write: Any) -> Difference:
        await write(EventKind.WRAP_UP_DONE, {"agent": agent, "disposition": filed.disposition, "seconds": seconds})
        return Difference(0.5, (Change("a", "b"),), None)


class Deeds:
    """Actions that say what they were asked for."""

    def offered(self, language: str) -> list[dict[str, object]]:
        return [{"name": "order.cancel", "title": "Cancel", "arguments": {}}]

    async def propose(self, call: Any, agent: str, name: str, arguments: Any, locale: str) -> dict[str, object]:
        return {"proposal": "p1", "read_back": f"{name} for {agent}", "of": call.call}

    async def vouch(self, call: Any, agent: str, customer: str, why: str, locale: str) -> None:
        call.caller.shown(Known.KNOWLEDGE, customer)

    async def confirm(self, call: Any, agent: str, proposal: str, locale: str) -> dict[str, object]:
        return {"status": "succeeded", "result": {"by": agent}}

    async def withdraw(self, call: Any, agent: str, proposal: str, locale: str) -> dict[str, object]:
        return {"status": "withdrawn"}


class Finds:
    """A search that finds what it is asked for."""

    async def search(self, words: str, language: str) -> list[dict[str, object]]:
        return [{"title": words, "language": language}]


@asynccontextmanager
async def routes(center: Center) -> AsyncIterator[Callable[..., Awaitable[httpx.Response]]]:
    """Asks as somebody: ``ask(KIM, "POST", "/v1/desk/presence", presence="available")``."""
    tenant = SimpleNamespace(tenant=center.tenant, queues=QUEUES, assist=Finds(), actions=Deeds(), wrap_ups=Cases())
    center.desk.tenants["shop"] = tenant  # type: ignore[index]
    app, guard = FastAPI(), Doorman()
    answer_refusals(app)
    for router in (
        agent_router(center.desk, guard, Closing(center.desk)),  # type: ignore[arg-type]
        call_router(center.desk, guard),  # type: ignore[arg-type]
        wall_router(center.desk, guard),  # type: ignore[arg-type]
    ):
        app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:

        async def ask(who: Identity | None, method: str, path: str, **body: object) -> httpx.Response:
            headers = {} if who is None else {"who": who.user}
            sent = {"params": body} if method == "GET" else {"json": body}
            return await client.request(method, path, headers=headers, **sent)  # type: ignore[arg-type]

        yield ask
