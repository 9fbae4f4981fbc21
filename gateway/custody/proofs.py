"""What the audit says of holds and receipts, and how the audits end, in PostgreSQL: see ``queries.sql``.

Refuses: verifying the audits; that reads all of them (``audits``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.custody.store import QUERIES
from infra.storage.database import Database

MOST_CHOICES = 500
"""Deeds, and actors, that are named for who chooses among them."""


@dataclass(frozen=True, slots=True)
class AuditEnd:
    """The latest line of an audit: its number, which is how many lines its chain has, its seal, and its time (UTC)."""

    number: int
    digest: str
    at: datetime


class Proofs:
    """One tenant's. Every method may raise ``StorageError``, and ``StatementTimedOut`` where there is too much to look
    through."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def release_reasons(self, holds: Collection[str]) -> Mapping[str, str]:
        """Why holds were released, by hold; those that stand are left out."""
        return dict(await self._rows("release_reasons", holds=list(holds))) if holds else {}

    async def digest_of(self, contact: str, erasure: str) -> str | None:
        """The digest that the audit has of an erasure's receipt; None where it has none, as of erasures that older
        versions finished."""
        found = await self._rows("digest_in_audit", call=contact, erasure=erasure)
        return found[0][0] if found else None

    async def ends(self) -> Mapping[str, AuditEnd]:
        """How each audit ends; one that has no line is left out."""
        return {audit: AuditEnd(*end) for audit, *end in await self._rows("audit_ends")}

    async def deeds(self) -> Sequence[str]:
        """What the audit has lines about, at most ``MOST_CHOICES``."""
        return [row[0] for row in await self._rows("audit_deeds", limit=MOST_CHOICES)]

    async def actors(self) -> Sequence[str]:
        """Whom the audit has lines of, at most ``MOST_CHOICES``: ids of accounts, and what acts by itself."""
        return [row[0] for row in await self._rows("audit_actors", limit=MOST_CHOICES)]

    async def _rows(self, query: str, **arguments: Any) -> list[tuple[Any, ...]]:
        async with self._database.tenant(self._tenant) as connection:
            cursor = await connection.execute(QUERIES[query].sql, {"tenant": self._tenant, **arguments})
            return await cursor.fetchall()
