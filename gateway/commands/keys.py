"""``aicc keys``: the keys that contacts' keys are wrapped with, and which of them wraps how many.

It works on the database itself, beside a running gateway or without one. Each change is in every tenant's audit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dialog.clock import utc_now
from gateway.access.audit import COMMAND_LINE, AuditEntry
from gateway.access.postgres import PostgresAccess
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.database import Database
from infra.storage.errors import KeyNeeded
from infra.storage.key_ring import KeyRing
from infra.storage.runtime import open_key_ring, open_storage
from infra.storage.settings import KeySettings
from infra.storage.subject_keys import SubjectKeys

ROTATED = "keys.rotated"
REWRAPPED = "keys.rewrapped"
RETIRED = "keys.retired"


@dataclass(frozen=True, slots=True)
class _Vault:
    """The ring, and what it has wrapped."""

    database: Database
    ring: KeyRing

    @property
    def keys(self) -> SubjectKeys:
        return SubjectKeys(self.database, self.ring)

    async def note(self, tenant: str, what: str, **details: str) -> None:
        audit = PostgresAccess(self.database)
        await audit.record(AuditEntry(tenant, utc_now(), COMMAND_LINE, what, details=details))


async def latest(data: Path, console: Console) -> None:
    """Which key of the ring wraps how many contacts' keys, by tenant. Raises ``KeyUnavailable`` and the storage's."""
    async with _vault(data) as vault:
        current = await vault.ring.current()
        table = Table("tenant", "key of the ring", "wraps", "", box=None)
        for tenant in await vault.database.tenants():
            counted = {current: 0, **await vault.keys.census(tenant)}
            for name, count in counted.items():
                table.add_row(tenant, name, str(count), "current" if name == current else "earlier: aicc keys rewrap")
    console.print(table)


async def rotate(data: Path, console: Console) -> None:
    """Make a new current key. Raises ``KeyUnavailable`` and the storage's errors."""
    async with _vault(data) as vault:
        made = await vault.ring.rotate()
        for tenant in await vault.database.tenants():
            await vault.note(tenant, ROTATED, ring_key=made)
    console.print(f"{made} wraps from now on; aicc keys rewrap lets it wrap what earlier ones have", highlight=False)


async def rewrap(data: Path, console: Console) -> None:
    """Wrap every contact's key with the current one. Raises as ``SubjectKeys.rewrap``."""
    async with _vault(data) as vault:
        current = await vault.ring.current()
        for tenant in await vault.database.tenants():
            done = await vault.keys.rewrap(tenant)
            if done:
                await vault.note(tenant, REWRAPPED, ring_key=current, keys=str(done))
            console.print(f"{tenant}: {done} keys are wrapped by {current} now", highlight=False)


async def retire(data: Path, ring_key: str, console: Console) -> None:
    """Let a key of the ring go, so that nothing that it wraps opens any more, in backups neither. Raises ``KeyNeeded``
    where it is the current one or something is wrapped by it, and as ``KeyRing.retire``."""
    async with _vault(data) as vault:
        tenants = await vault.database.tenants()
        for tenant in tenants:
            count = (await vault.keys.census(tenant)).get(ring_key, 0)
            if count:
                raise KeyNeeded(f"{ring_key} wraps {count} keys of {tenant}: aicc keys rewrap comes first")
        await vault.ring.retire(ring_key)
        for tenant in tenants:
            await vault.note(tenant, RETIRED, ring_key=ring_key)
    console.print(f"{ring_key} is gone: what only backups hold wrapped by it opens no more", highlight=False)


@asynccontextmanager
async def _vault(data: Path) -> AsyncIterator[_Vault]:
    async with open_storage(load(DatabaseSettings), data) as database, open_key_ring(load(KeySettings), data) as ring:
        yield _Vault(database, ring)
