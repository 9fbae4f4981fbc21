"""A key for each subject (a call, by its id), kept wrapped in PostgreSQL: shredding it erases all that it sealed,
wherever copies of that lie.

A key is durable before it is given out: what is sealed with it can be opened as long as the key is there. Keys are
asked for each time and kept nowhere else, so that one that was shredded is gone at once, for every process.

Refuses: giving a subject a second key after its first was shredded; knowing what is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from infra.storage.database import Database
from infra.storage.envelope import KEY_BYTES, new_key
from infra.storage.errors import KeyShredded, SealBroken
from infra.storage.key_ring import KeyRing, Wrapped
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("subject_keys.sql"))

AT_ONCE = 100
"""Keys that are read at once when all are wrapped anew."""


class SubjectKeys:
    """The keys of all tenants' subjects. Every method may raise the storage's errors."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    async def of(self, tenant: str, subject: str) -> bytes:
        """A subject's key; made, and durable, where there was none. Raises ``KeyShredded``, ``KeyUnavailable`` and
        ``SealBroken``."""
        key = await self._find(tenant, subject)
        if key is None:
            wrapped = await self._ring.wrap(new_key(), _context(tenant, subject))
            made = {"ring_key": wrapped.ring_key, "wrapped": wrapped.sealed}
            async with self._database.tenant(tenant) as connection:
                await connection.execute(QUERIES["make_key"].sql, {"tenant": tenant, "subject": subject, **made})
            key = await self._find(tenant, subject)  # perhaps another was faster, and that one is the key
        if key is None:
            raise KeyShredded(f"the key of {subject} is gone: what belongs to it was erased")
        return key

    async def known(self, tenant: str, subject: str) -> bytes | None:
        """A subject's key; None where there never was one. Raises as ``of`` does."""
        return await self._find(tenant, subject)

    async def shred(self, tenant: str, subject: str) -> bool:
        """Destroy a subject's key, and let it have none any more; whether there was one."""
        about = {"tenant": tenant, "subject": subject}
        async with self._database.tenant(tenant) as connection:
            found = await (await connection.execute(QUERIES["shred_key"].sql, about)).fetchone()
            if found is None:
                await connection.execute(QUERIES["bar_key"].sql, about)
        return found is not None

    async def rewrap(self, tenant: str) -> int:
        """Wrap every key of a tenant's with the ring's current key; how many there were. Others may work meanwhile, and
        what was done stays done if it is broken off."""
        done, after, current = 0, "", await self._ring.current()
        while True:
            async with self._database.tenant(tenant) as connection:
                about = {"tenant": tenant, "ring_key": current, "after": after, "limit": AT_ONCE}
                rows = await (await connection.execute(QUERIES["keys_of_others"].sql, about)).fetchall()
            if not rows:
                return done
            for subject, ring_key, sealed in rows:
                done += await self._rewrap(tenant, subject, Wrapped(ring_key, bytes(sealed)))
            after = rows[-1][0]

    async def census(self, tenant: str) -> dict[str, int]:
        """How many of a tenant's keys each key of the ring has wrapped."""
        async with self._database.tenant(tenant) as connection:
            rows = await (await connection.execute(QUERIES["count_keys"].sql, {"tenant": tenant})).fetchall()
        return {row[0]: row[1] for row in rows}

    async def _find(self, tenant: str, subject: str) -> bytes | None:
        async with self._database.tenant(tenant) as connection:
            about = {"tenant": tenant, "subject": subject}
            row = await (await connection.execute(QUERIES["find_key"].sql, about)).fetchone()
        if row is None:
            return None
        if row[1] is None:
            raise KeyShredded(f"the key of {subject} was destroyed: what it sealed cannot be read any more")
        return await self._unwrap(tenant, subject, Wrapped(row[0], bytes(row[1])))

    async def _unwrap(self, tenant: str, subject: str, wrapped: Wrapped) -> bytes:
        key = await self._ring.unwrap(wrapped, _context(tenant, subject))
        if len(key) != KEY_BYTES:
            raise SealBroken(f"the key of {subject} has {len(key)} bytes, not {KEY_BYTES}")
        return key

    async def _rewrap(self, tenant: str, subject: str, before: Wrapped) -> int:
        key = await self._unwrap(tenant, subject, before)
        wrapped = await self._ring.wrap(key, _context(tenant, subject))
        async with self._database.tenant(tenant) as connection:
            about = {"tenant": tenant, "subject": subject, "before": before.sealed}
            after = {"ring_key": wrapped.ring_key, "wrapped": wrapped.sealed}
            cursor = await connection.execute(QUERIES["rewrap_key"].sql, {**about, **after})
            return 0 if await cursor.fetchone() is None else 1


def _context(tenant: str, subject: str) -> str:
    """Where a wrapped key belongs: moved to another row it does not open."""
    return f"subject key\0{tenant}\0{subject}"
