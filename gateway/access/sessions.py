"""Who is signed in: a cookie that says nothing, of which only a hash is kept, and which lasts as long as it is used.

A session ends when its owner signs out, when it was not used for ``idle``, when it has lasted for ``whole``, and when
the account is disabled or gets another password. Each signing in makes a new one, so that nobody can prepare one for
somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.access.errors import NotSignedIn, SessionExpired
from gateway.access.identity import Identity
from gateway.access.store import Session, SessionStore
from gateway.access.tokens import key_of, new_token


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts."""

    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=12)

    @property
    def renew_after(self) -> timedelta:
        """A session is written as used once in this time, not with every request."""
        return min(timedelta(minutes=1), self.idle / 4)

    def expires_at(self, session: Session) -> datetime:
        """When it ends if nobody uses it any more."""
        return min(session.seen_at + self.idle, session.ends_at)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody, and the session that they showed."""

    identity: Identity
    session: Session
    expires_at: datetime
    """When it ends if they do nothing more."""


class Sessions:
    """The sessions of all tenants."""

    def __init__(self, store: SessionStore, limits: SessionLimits) -> None:
        self._store = store
        self.limits = limits

    async def begin(self, identity: Identity, now: datetime) -> str:
        """Begin one; the cookie's value."""
        token = new_token(identity.tenant)
        key = key_of(token)
        assert key is not None, "tokens of our own can be read"
        await self._store.open_session(Session(key, identity.user, now, now, now + self.limits.whole), self.limits.idle)
        return token

    async def find(self, token: str, now: datetime, *, renew: bool = True) -> SignedIn:
        """Who shows a token. Raises ``NotSignedIn`` and ``SessionExpired``.

        ``renew`` tells a use of the session from a mere look at whether it still stands.
        """
        key = key_of(token)
        held = None if key is None else await self._store.session(key)
        if held is None or held.account.disabled_at is not None:
            raise NotSignedIn("sign in first: this session does not exist (any more)")
        session = held.session
        if now >= self.limits.expires_at(session):
            await self._store.end_session(session.key)
            raise SessionExpired("the session has expired: sign in again")
        if renew and now - session.seen_at >= self.limits.renew_after:
            session = await self._store.use_session(session, now)
        return SignedIn(held.account.identity, session, self.limits.expires_at(session))

    async def end(self, token: str) -> None:
        """End the one that a token opens, and with it the tickets that were issued in it."""
        key = key_of(token)
        if key is not None:
            await self._store.end_session(key)
