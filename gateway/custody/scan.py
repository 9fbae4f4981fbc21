"""Looks for strings wherever something is kept: proof that an identifier was never written, or that an erased contact
left nothing. It tells where a string lies and which of those asked for it is, by place; never the string itself.

Files are read as bytes, so that a database's own files, indexes and logs are read as well; a string is looked for as it
is, and as JSON writes it in ASCII. What is compressed or sealed on disk is found in tables alone, where it is readable.

Refuses: opening what is sealed. Whoever looks for a sealed value knows how to open it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from psycopg import sql

from infra.storage.database import Connection, Database, set_tenant, translated
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

BLOCK = 8 * 1024 * 1024
"""Bytes of a file that are looked at together."""

SHORTEST = 4
"""Characters: anything shorter stands everywhere by chance."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where one of the strings lies: a file's path or a table's name; ``needle`` counts from 0."""

    where: str
    needle: int


class Search:
    """Looks for thousands of strings at once: only where a string's first two bytes stand, and then its next two, is it
    compared. ``needles`` are pairs of place and bytes, each at least ``SHORTEST`` bytes long."""

    def __init__(self, needles: Sequence[tuple[int, bytes]]) -> None:
        self.longest = max((len(needle) for _, needle in needles), default=1)
        self._begins = [np.zeros(1 << 16, dtype=np.bool_) for _ in range(2)]
        self._by_beginning: dict[bytes, list[tuple[int, bytes]]] = {}
        for place, needle in needles:
            for half, begins in enumerate(self._begins):
                begins[needle[2 * half] << 8 | needle[2 * half + 1]] = True
            self._by_beginning.setdefault(needle[:4], []).append((place, needle))

    def within(self, block: bytes) -> set[int]:
        """The places of those that stand in the block."""
        if len(block) < SHORTEST:
            return set()
        data = np.frombuffer(block, dtype=np.uint8).astype(np.uint16)
        pairs = (data[:-1] << 8) | data[1:]
        first, second = self._begins
        starts = np.flatnonzero(first[pairs[:-2]] & second[pairs[2:]])
        return {
            place
            for start in starts.tolist()
            for place, needle in self._by_beginning.get(block[start : start + 4], ())
            if block.startswith(needle, start)
        }


def checked(needles: Sequence[str]) -> tuple[str, ...]:
    """The strings to look for. Raises ``ValueError`` for one that is too short to mean anything."""
    for place, needle in enumerate(needles):
        if len(needle) < SHORTEST:
            raise ValueError(f"string {place} has fewer than {SHORTEST} characters: it would be found by chance")
    return tuple(needles)


def scan_files(folder: Path, needles: Sequence[str]) -> list[Trace]:
    """Where below ``folder`` the strings lie. Blocks; files that vanish meanwhile are passed over."""
    search = Search([(place, form) for place, needle in enumerate(checked(needles)) for form in _forms(needle)])
    found: list[Trace] = []
    for path in _files(folder):
        places: set[int] = set()
        for block in _blocks(path, search.longest):
            places |= search.within(block)
        found += [Trace(str(path), place) for place in sorted(places)]
    return found


async def scan_tables(database: Database, tenant: str, needles: Sequence[str]) -> list[Trace]:
    """In which tables rows of the tenant's, or of nobody's in particular, hold one of the strings. ``StorageError``."""
    search = Search([(place, needle.encode()) for place, needle in enumerate(checked(needles))])
    found: list[Trace] = []
    with translated():
        async with await database.connect() as connection, connection.transaction():
            await set_tenant(connection, tenant)
            await connection.execute(QUERIES["take_time"].sql)
            tables = await (await connection.execute(QUERIES["readable_tables"].sql)).fetchall()
            for schema, table in tables:
                places = await _places(connection, sql.Identifier(schema, table), search)
                found += [Trace(f"{schema}.{table}", place) for place in sorted(places)]
    return found


async def _places(connection: Connection, table: sql.Identifier, search: Search) -> set[int]:
    """Which of the strings stand in a table. Its rows are read as text, and looked at many at a time."""
    query = sql.SQL("COPY (SELECT kept::text FROM {} AS kept) TO STDOUT").format(table)
    places: set[int] = set()
    block, size = [b""], 0
    async with connection.cursor() as cursor, cursor.copy(query) as rows:
        async for row in rows:
            block.append(bytes(row))
            size += len(row)
            if size >= BLOCK:
                text = b"".join(block)
                places |= search.within(text)
                block, size = [text[-search.longest :]], 0
    return places | search.within(b"".join(block))


def _forms(needle: str) -> set[bytes]:
    return {needle.encode(), json.dumps(needle)[1:-1].encode()}


def _files(folder: Path) -> Iterator[Path]:
    for base, _, names in os.walk(folder):
        yield from (Path(base) / name for name in sorted(names))


def _blocks(path: Path, longest: int) -> Iterator[bytes]:
    """The file's bytes, each block beginning with the end of the one before, so that nothing falls between two."""
    try:
        with path.open("rb") as file:
            end = b""
            while block := file.read(BLOCK):
                yield end + block
                end = block[-longest:]
    except OSError:  # a socket, or gone
        return
