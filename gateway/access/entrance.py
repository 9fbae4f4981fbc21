"""The entrance as a whole: what the rooms above are given, put together from a store and the settings.

Refuses: being the composition root; what is opened here is closed by it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.access.accounts import Accounts
from gateway.access.audit import AuditLog
from gateway.access.cookies import CookieStyle
from gateway.access.guard import Guard
from gateway.access.oidc import Directory, Registration
from gateway.access.origins import Origins
from gateway.access.passwords import Passwords
from gateway.access.sessions import SessionLimits, Sessions
from gateway.access.settings import AccessSettings
from gateway.access.store import AccessStore
from gateway.access.tickets import KeptTickets


@dataclass(frozen=True, slots=True)
class Entrance:
    """Everything about who gets in. ``close`` it."""

    settings: AccessSettings
    tenants: tuple[str, ...]
    store: AccessStore
    passwords: Passwords
    accounts: Accounts
    sessions: Sessions
    guard: Guard
    tickets: KeptTickets
    directory: Directory | None
    now: Callable[[], datetime]

    @property
    def audit(self) -> AuditLog:
        """Where other rooms write down what somebody did: who listened, who took over."""
        return self.store

    def cookie_style(self, requested: str) -> CookieStyle:
        """How to set cookies for who asked at that address."""
        return CookieStyle(self.guard.origins.secure(requested), embedded=bool(self.settings.embed_origins))

    async def close(self) -> None:
        """Let passwords and the directory go."""
        await self.passwords.close()
        if self.directory is not None:
            await self.directory.close()


def open_entrance(
    settings: AccessSettings,
    store: AccessStore,
    tenants: Collection[str],
    now: Callable[[], datetime],
    passwords: Passwords | None = None,
) -> Entrance:
    """The entrance for ``tenants``, which must be in the directory of tenants of the store."""
    own = passwords or Passwords()
    limits = SessionLimits(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))
    sessions = Sessions(store, limits)
    return Entrance(
        settings=settings,
        tenants=tuple(tenants),
        store=store,
        passwords=own,
        accounts=Accounts(store, own, tuple(tenants), now),
        sessions=sessions,
        guard=Guard(sessions, Origins(settings.public_url or None, settings.embed_origins), now),
        tickets=KeptTickets(store, now),
        directory=_directory(settings, now),
        now=now,
    )


def _directory(settings: AccessSettings, now: Callable[[], datetime]) -> Directory | None:
    if not settings.oidc_issuer:
        return None
    secret, authority = settings.oidc_client_secret, settings.oidc_authority
    return Directory(
        Registration(
            settings.oidc_issuer,
            settings.oidc_client_id,
            None if secret is None else secret.get_secret_value(),
            settings.oidc_scopes,
        ),
        ssl.create_default_context(cafile=None if authority is None else str(authority)),
        now,
    )
