"""Stands before every route: who asks, in which role, and whether the page that asks is one of ours.

``Guard.require`` is a FastAPI dependency::

    agent = Depends(guard.require(Role.AGENT, Role.SUPERVISOR))

    @router.post("/v1/desk/presence")
    async def presence(wanted: Presence, who: Identity = agent) -> …

Refuses: whose queue or call it is; that is for the desk, which knows them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import HTTPConnection, Request

from gateway.access.cookies import SESSION_COOKIE
from gateway.access.errors import AccessError, ForeignOrigin, NotAllowed, NotSignedIn
from gateway.access.identity import Identity, Role
from gateway.access.origins import SAFE_METHODS, Origins
from gateway.access.sessions import Sessions, SignedIn


class Guard:
    """Reads the session cookie of a request."""

    def __init__(self, sessions: Sessions, origins: Origins, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._now = now
        self.origins = origins

    def require(self, *roles: Role, renew: bool = True) -> Callable[[Request], Awaitable[Identity]]:
        """A dependency that lets in who has one of ``roles`` (with none: whoever is signed in), as an ``Identity``.

        ``renew``: it is somebody's doing, and not only their page's, so that the session goes on. Raises
        ``NotSignedIn`` and ``SessionExpired`` (401), ``NotAllowed`` and ``ForeignOrigin`` (403).
        """

        async def identity(request: Request) -> Identity:
            return (await self.signed_in(request, *roles, renew=renew)).identity

        return identity

    async def signed_in(self, request: Request, *roles: Role, renew: bool = True) -> SignedIn:
        """The same with the session, for who needs it."""
        self.refuse_foreign_page(request)
        found = await self._sessions.find(_token(request), self._now(), renew=renew)
        if not found.identity.has_any(roles):
            raise NotAllowed(f"this needs the role {' or '.join(role.value for role in roles)}")
        return found

    async def still_holds(self, connection: HTTPConnection, *roles: Role) -> bool:
        """Whether who opened a stream may go on with it: to be asked from time to time, for a session ends while a
        feed is open. A look is no use: it does not renew the session."""
        try:
            found = await self._sessions.find(_token(connection), self._now(), renew=False)
        except AccessError:
            return False
        return found.identity.has_any(roles)

    def refuse_foreign_page(self, request: Request) -> None:
        """Raise ``ForeignOrigin`` where a page that is not ours asks for a change."""
        if request.method in SAFE_METHODS:
            return
        if not self.origins.allow(request.headers.get("origin"), str(request.base_url)):
            raise ForeignOrigin(
                "a change is taken from our own pages only: send their Origin, or set AICC_ACCESS_EMBED_ORIGINS"
            )


def _token(connection: HTTPConnection) -> str:
    token = connection.cookies.get(SESSION_COOKIE)
    if not token:
        raise NotSignedIn("sign in first")
    return token
