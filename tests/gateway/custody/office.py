"""An office that watches over data: a tenant of which something is kept, in a real database, and people who sign in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from gateway.access.account import Account
from gateway.access.identity import Role
from gateway.access.postgres import PostgresAccess
from gateway.access.viewings import Viewings
from gateway.custody.api import CustodyRoom, custody_router
from gateway.custody.audit_api import Verifier, audit_router
from gateway.custody.eraser import Eraser
from gateway.custody.opening import Custodian, audits_of
from gateway.custody.proofs import Proofs
from gateway.custody.retention import Retention
from infra.storage.database import Database
from tests.gateway.access.people import Lobby, person
from tests.gateway.custody.archive import NODE, NOW, Archive, open_archive
from tests.sealed_numbers import WORDS

KEEP = Retention(recording_days=10, words_days=20, record_days=30)


@dataclass
class Office:
    """The archive, its audit in the database, and the entrance."""

    archive: Archive
    audit: PostgresAccess
    lobby: Lobby
    verifier: Verifier
    keep: Retention = KEEP

    @property
    def tenant(self) -> str:
        return self.archive.tenant

    @property
    def eraser(self) -> Eraser:
        kept = self.archive
        return Eraser(kept.store, kept.shelf, kept.rack, self.audit, NODE, now=self.now)

    def now(self) -> datetime:
        return self.archive.now

    def routers(self) -> tuple[APIRouter, APIRouter]:
        """All routes of custody, for this tenant."""
        database, tenant = self.archive.database, self.tenant
        own = Custodian(
            self.archive.store,
            self.eraser,
            self.keep,
            WORDS,
            audits_of(database, tenant),
            Proofs(database, tenant),
        )
        room = CustodyRoom({tenant: own}, self.audit, Viewings(self.audit, self.now), self.now)
        return custody_router(room, self.lobby.guard), audit_router(room, self.lobby.guard, self.verifier)

    async def cookies(self, *roles: Role, name: str = "Kim Minji") -> dict[str, str]:
        """Of somebody new, who has these roles."""
        return await self.lobby.cookies_of(await self.enter(*roles, name=name))

    async def enter(self, *roles: Role, name: str = "Kim Minji") -> Account:
        account = person(*roles, tenant=self.tenant, name=name)
        await self.lobby.store.add_account(account)
        return account

    async def deeds(self, **which: Any) -> list[tuple[str, str, str]]:
        """What the audit has, the oldest first: who, what, whose."""
        found = [one.entry for one in await self.audit.entries(self.tenant, **which)]
        return [(one.actor, one.what, one.whose) for one in reversed(found)]


async def open_office(database: Database, seconds: Callable[[], float] = lambda: 0.0, longest: float = 20.0) -> Office:
    """Of a tenant of its own, in which nothing has happened yet. Time stands still for who verifies."""
    archive = await open_archive(database)
    audit = PostgresAccess(database)
    lobby = Lobby(store=audit, tenants=(archive.tenant,))
    lobby.clock.now = NOW
    return Office(archive, audit, lobby, Verifier(seconds, longest))
