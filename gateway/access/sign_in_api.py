"""Signing in and out over HTTP: by password, or by the enterprise's directory and back.

Refuses: saying why a login did not work, beyond what its owner can do about it.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from gateway.access.account import LONGEST_LOGIN
from gateway.access.audit import SIGNED_IN, SIGNED_OUT, AuditEntry
from gateway.access.cookies import JOURNEY_COOKIE, SESSION_COOKIE
from gateway.access.entrance import Entrance
from gateway.access.errors import AccessError, DirectoryRefused, NoDirectory
from gateway.access.identity import Identity
from gateway.access.journey import HOME, LIFETIME, Journey, from_cookie, set_out, to_cookie
from gateway.access.oidc_claims import arrival, roles_of
from gateway.access.passwords import LONGEST
from gateway.access.sessions import SignedIn
from infra.errors import AiccError

CALLBACK = "/v1/sign-in/oidc/callback"


class Credentials(BaseModel):
    """What somebody types. Without a ``tenant`` it is the only one that is served, if there is only one."""

    model_config = ConfigDict(extra="forbid")

    tenant: Annotated[str, StringConstraints(max_length=64)] = ""
    login: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LOGIN)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


def sign_in_router(entrance: Entrance) -> APIRouter:
    """``/v1/sign-in…`` and ``/v1/sign-out``."""
    router = APIRouter(prefix="/v1", tags=["access"], dependencies=[Depends(no_store)])
    guard = entrance.guard

    def meant(tenant: str) -> str:
        return entrance.tenants[0] if not tenant and len(entrance.tenants) == 1 else tenant

    @router.get("/sign-in/methods")
    async def methods(tenant: str = "") -> dict[str, Any]:
        directory = ["oidc"] if entrance.directory is not None else []
        return {"tenant": meant(tenant), "methods": ["password", *directory]}

    @router.post("/sign-in")
    async def sign_in(request: Request, response: Response, given: Credentials) -> dict[str, Any]:
        guard.refuse_foreign_page(request)
        who = await entrance.accounts.sign_in(meant(given.tenant), given.login, given.password, address_of(request))
        return me_json(await _begin(entrance, request, response, who, "password"))

    @router.get("/sign-in/oidc")
    async def to_directory(request: Request, tenant: str = "", next: str = HOME) -> Response:
        if entrance.directory is None:
            raise NoDirectory("no directory is configured: sign in with a password")
        journey = set_out(meant(tenant), next)
        try:
            response = _go(await entrance.directory.door(journey, _way_back(entrance, request)))
        except AccessError as error:
            return _go(_with_error(journey.onward, error))
        style = entrance.cookie_style(str(request.base_url))
        response.headers.append("set-cookie", style.set(JOURNEY_COOKIE, to_cookie(journey), LIFETIME))
        return response

    @router.get("/sign-in/oidc/callback")
    async def from_directory(request: Request) -> Response:
        journey = from_cookie(request.cookies.get(JOURNEY_COOKIE, ""))
        try:
            who = await _arrived(entrance, request, journey)
            response = _go(HOME if journey is None else journey.onward)
            await _begin(entrance, request, response, who, "oidc")
        except AiccError as error:
            response = _go(_with_error(HOME if journey is None else journey.onward, error))
        style = entrance.cookie_style(str(request.base_url))
        response.headers.append("set-cookie", style.clear(JOURNEY_COOKIE))
        return response

    @router.post("/sign-out", status_code=204)
    async def sign_out(request: Request) -> Response:
        guard.refuse_foreign_page(request)
        token = request.cookies.get(SESSION_COOKIE, "")
        try:
            found = await entrance.sessions.find(token, entrance.now())
        except AccessError:
            pass  # it has ended already, and that is what is wanted
        else:
            await entrance.sessions.end(token)
            await _record(entrance, found.identity, SIGNED_OUT, address=address_of(request))
        response = Response(status_code=204)
        style = entrance.cookie_style(str(request.base_url))
        response.headers.append("set-cookie", style.clear(SESSION_COOKIE))
        return response

    return router


async def no_store(response: Response) -> None:
    """Nothing of this is kept by browsers and proxies (RFC 9111, section 5.2.2.5). A coroutine, for FastAPI would run a
    plain function in a thread at each request."""
    response.headers["cache-control"] = "no-store"


def me_json(who: SignedIn) -> dict[str, Any]:
    """Somebody as their own pages show them."""
    identity = who.identity
    return {
        "tenant": identity.tenant,
        "user": identity.user,
        "name": identity.name,
        "roles": sorted(identity.roles),
        "queues": list(identity.queues),
        "skills": dict(identity.skills),
        "languages": list(identity.languages),
        "locale": identity.locale,
        "expires_at": who.expires_at.isoformat(),
    }


def address_of(request: Request) -> str:
    """Where a request comes from; behind a proxy what the HTTP server takes from it."""
    return request.client.host if request.client is not None else ""


async def _begin(entrance: Entrance, request: Request, response: Response, who: Identity, way: str) -> SignedIn:
    """A session, and its cookie on the answer. It begins only when it is written down that it does, and whatever
    session this browser had before is over."""
    await _record(entrance, who, SIGNED_IN, address=address_of(request), way=way)
    await entrance.sessions.end(request.cookies.get(SESSION_COOKIE, ""))
    token = await entrance.sessions.begin(who, entrance.now())
    style = entrance.cookie_style(str(request.base_url))
    whole = entrance.sessions.limits.whole
    response.headers.append("set-cookie", style.set(SESSION_COOKIE, token, whole))
    return await entrance.sessions.find(token, entrance.now(), renew=False)


async def _arrived(entrance: Entrance, request: Request, journey: Journey | None) -> Identity:
    if entrance.directory is None or journey is None:
        raise DirectoryRefused("this browser did not set out from here, or too long ago: sign in again")
    if journey.tenant not in entrance.tenants:
        raise DirectoryRefused("no such tenant is served here")
    answer = dict(request.query_params)
    claims = await entrance.directory.claims(journey, answer, _way_back(entrance, request))
    settings = entrance.settings
    roles = roles_of(claims, settings.oidc_role_claim, settings.oidc_roles, journey.tenant)
    return await entrance.accounts.arrive(arrival(claims, journey.tenant, roles))


async def _record(entrance: Entrance, who: Identity, what: str, **details: str) -> None:
    await entrance.audit.record(AuditEntry(who.tenant, entrance.now(), who.user, what, who.user, details=details))


def _way_back(entrance: Entrance, request: Request) -> str:
    """The address that the directory sends browsers back to; it has to be registered there."""
    return (entrance.settings.public_url or str(request.base_url).rstrip("/")) + CALLBACK


def _with_error(onward: str, error: AiccError) -> str:
    """Where to go on without having got in; the page there says it in the reader's language."""
    return f"{onward}{'&' if '?' in onward else '?'}{urlencode({'sign_in_error': error.code})}"


def _go(url: str) -> Response:
    return RedirectResponse(url, 303, {"cache-control": "no-store"})
