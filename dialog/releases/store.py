"""A tenant's releases in PostgreSQL, and the labels that point to them.

Nothing in it is ever changed: a release is its content, and a label moves by one more row, so where it pointed to at
any time is known. Rows are the tenant's alone by row level security.

Refuses: releases that are not whole; label names that could be taken for a release's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg.types.json import Jsonb

from dialog.errors import ReleaseInvalid, ReleaseUnknown
from dialog.releases.content import Content, read_manifest
from infra.storage.database import Connection, Database
from infra.storage.queries import load_queries

SHORTEST_NAME: Final = 6
"""Characters by which a release may be named, if no other begins so."""

_QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
_LABEL: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NAME: Final = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release as it stands in the list, with the labels that point to it now."""

    id: str
    note: str
    created_at: datetime
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A label was let point to a release."""

    release: str
    at: datetime
    by: str


class ReleaseStore:
    """The releases of one tenant. Every method raises ``infra.storage``'s errors when the database does not answer."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def add(self, content: Content, note: str) -> str:
        """Keep a release; its name. One that is there already is left as it is. Raises ``ReleaseInvalid``."""
        manifest = content.manifest
        if manifest.tenant != self._tenant:
            raise ReleaseInvalid(f"a release of {manifest.tenant} does not belong to {self._tenant}")
        digests = sorted(set(manifest.files.values()))
        async with self._database.tenant(self._tenant) as connection:
            known = {row[0] for row in await self._rows(connection, "known_files", digests=digests)}
            for digest in digests:
                if digest not in known:
                    await self._do(connection, "add_file", sha256=digest, content=content.blobs[digest])
            await self._do(connection, "add_release", release=manifest.id, manifest=Jsonb(manifest.shape), note=note)
        return manifest.id

    async def latest(self, limit: int = 100) -> list[StoredRelease]:
        """The latest releases, newest first."""
        async with self._database.tenant(self._tenant) as connection:
            rows = await self._rows(connection, "releases", limit=limit)
        return [StoredRelease(row[0], row[1], row[2], tuple(row[3])) for row in rows]

    async def find(self, name: str) -> str:
        """The release that a label points to, or whose id begins with ``name``. Raises ``ReleaseUnknown``."""
        async with self._database.tenant(self._tenant) as connection:
            found = await self._rows(connection, "pointed_to", label=name)
            if not found and _NAME.fullmatch(name):
                found = await self._rows(connection, "begins_with", beginning=name)
        if len(found) == 1:
            return str(found[0][0])
        what = "more than one release" if found else "no label and no release"
        raise ReleaseUnknown(f"{what} of {self._tenant} is called {name!r}; `aicc release list` names them all")

    async def read(self, name: str) -> Content:
        """A release whole, by label or name. Raises ``ReleaseUnknown``, and ``ReleaseInvalid`` when it is damaged."""
        release = await self.find(name)
        async with self._database.tenant(self._tenant) as connection:
            [[shape]] = await self._rows(connection, "manifest", release=release)
            manifest = read_manifest(shape)
            rows = await self._rows(connection, "files", digests=sorted(set(manifest.files.values())))
        blobs: Mapping[str, bytes] = {digest: bytes(content) for digest, content in rows}
        lacking = set(manifest.files.values()) - blobs.keys()
        if manifest.id != release or lacking:
            raise ReleaseInvalid(f"release {release[:12]} is damaged: {len(lacking)} of its files are not there")
        return Content(manifest, blobs)

    async def promote(self, name: str, label: str, *, by: str) -> str:
        """Let ``label`` point to a release (by name or another label) from now on; the release's id.

        Raises ``ReleaseUnknown``, and ``ReleaseInvalid`` for a label that is none.
        """
        if not _LABEL.fullmatch(label) or _NAME.fullmatch(label):
            raise ReleaseInvalid(
                f"{label!r} is no label: small letters, digits and hyphens, 32 at most, unlike a release's name"
            )
        release = await self.find(name)
        async with self._database.tenant(self._tenant) as connection:
            await self._do(connection, "move_label", label=label, release=release, by=by)
        return release

    async def moves(self, label: str, limit: int = 100) -> list[Move]:
        """Where a label pointed to, latest first."""
        async with self._database.tenant(self._tenant) as connection:
            rows = await self._rows(connection, "moves", label=label, limit=limit)
        return [Move(*row) for row in rows]

    async def _rows(self, connection: Connection, query: str, **values: Any) -> list[tuple[Any, ...]]:
        cursor = await connection.execute(_QUERIES[query].sql, {"tenant": self._tenant, **values})
        return await cursor.fetchall()

    async def _do(self, connection: Connection, query: str, **values: Any) -> None:
        await connection.execute(_QUERIES[query].sql, {"tenant": self._tenant, **values})
