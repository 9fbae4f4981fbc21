"""The memories of a node's tenants: opened together, swept together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from dialog.memory.postgres import PostgresMemory
from dialog.memory.store import MemoryStore, VolatileMemory
from dialog.memory.subject import Subjects, read_key
from dialog.memory.tenant import TenantMemory
from dialog.releases.release import Release
from dialog.settings import MemorySettings
from gateway.session.tenant import Tenant
from infra.config import load
from infra.storage.database import Database


def open_memories(
    releases: Iterable[Release], tenants: Mapping[str, Tenant], database: Database | None, data: Path
) -> dict[str, TenantMemory]:
    """The memory of each tenant, also of those that remember nobody any more: what they remembered can still be seen
    and forgotten. Without a database it goes with the process. Raises ``ConfigError`` where there is no key."""
    settings = load(MemorySettings)
    key = read_key(settings.key, data)

    def of(release: Release) -> TenantMemory:
        tenant = release.tenant.id
        store: MemoryStore = VolatileMemory() if database is None else PostgresMemory(database, tenant)
        subjects = Subjects(key, tenant, tenants[tenant].numbering)
        return TenantMemory(store, subjects, release.policy.memory, settings.recall_timeout)

    return {release.tenant.id: of(release) for release in releases}
