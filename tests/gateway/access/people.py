"""Somebody with an account, signed in; for the tests of whatever stands behind a guard."""

from __future__ import annotations

import ssl
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher

from gateway.access.account import Account
from gateway.access.cookies import SESSION_COOKIE
from gateway.access.entrance import Entrance, open_entrance
from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.passwords import Passwords
from gateway.access.sessions import Sessions
from gateway.access.settings import AccessSettings
from gateway.access.store import AccessStore, VolatileAccess

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
OURS = {"origin": "http://test"}
"""What a page of ours sends with everything that changes something, as ``tests.gateway.http`` serves it."""

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """Stands still until it is told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@cache
def trusted() -> ssl.SSLContext:
    """Reading the world's certificates takes a tenth of a second: one reading does for a run."""
    return ssl.create_default_context()


class NoVault:
    """Reveals nothing."""

    async def value(self, who: Identity, call: str, field: str) -> str | None:
        return None


def person(*roles: Role, tenant: str = "shop", name: str = "Kim Minji", login: str = "") -> Account:
    user = uuid.uuid4().hex
    identity = Identity(tenant, user, name, frozenset(roles), ("orders",), {"orders": 3}, ("ko", "en"), "ko")
    return Account(identity, login or f"{user}@shop.example", NOW)


class Lobby:
    """An entrance whose people are in memory; ``cookies`` signs one in."""

    def __init__(
        self,
        settings: AccessSettings | None = None,
        store: AccessStore | None = None,
        clock: Clock | None = None,
        tenants: tuple[str, ...] = ("shop", "acme"),
    ) -> None:
        self.clock = clock or Clock()
        self.store = store or VolatileAccess()
        self.entrance: Entrance = open_entrance(
            settings or AccessSettings(), self.store, tenants, self.clock, Passwords(QUICK)
        )

    @property
    def guard(self) -> Guard:
        return self.entrance.guard

    @property
    def sessions(self) -> Sessions:
        return self.entrance.sessions

    async def cookies(self, *roles: Role, tenant: str = "shop", name: str = "Kim Minji") -> dict[str, str]:
        """The cookies of somebody new, who has these roles."""
        account = person(*roles, tenant=tenant, name=name)
        await self.store.add_account(account)
        return await self.cookies_of(account)

    async def cookies_of(self, account: Account) -> dict[str, str]:
        return {SESSION_COOKIE: await self.sessions.begin(account.identity, self.clock())}
