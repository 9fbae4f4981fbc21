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

from psycopg import sql

from infra.storage.database import Database
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


def checked(needles: Sequence[str]) -> tuple[str, ...]:
    """The strings to look for. Raises ``ValueError`` for one that is too short to mean anything."""
    for place, needle in enumerate(needles):
        if len(needle) < SHORTEST:
            raise ValueError(f"string {place} has fewer than {SHORTEST} characters: it would be found by chance")
    return tuple(needles)


def scan_files(folder: Path, needles: Sequence[str]) -> list[Trace]:
    """Where below ``folder`` the strings lie. Blocks; files that vanish meanwhile are passed over."""
    wanted = [(place, form) for place, needle in enumerate(checked(needles)) for form in _forms(needle)]
    found: list[Trace] = []
    for path in _files(folder):
        left = dict.fromkeys(range(len(needles)), True)
        for block in _blocks(path, max((len(form) for _, form in wanted), default=1)):
            for place, form in wanted:
                if left[place] and form in block:
                    left[place] = False
                    found.append(Trace(str(path), place))
    return found


async def scan_tables(database: Database, tenant: str, needles: Sequence[str]) -> list[Trace]:
    """In which tables rows of the tenant's, or of nobody's in particular, hold one of the strings. ``StorageError``."""
    wanted = list(checked(needles))
    found = []
    async with database.tenant(tenant) as connection:
        tables = await (await connection.execute(QUERIES["readable_tables"].sql)).fetchall()
        for schema, table in tables:
            query = sql.SQL(
                "SELECT place - 1 FROM unnest(%s::text[]) WITH ORDINALITY AS wanted (needle, place) "
                "WHERE EXISTS (SELECT FROM {} AS kept WHERE position(needle IN kept::text) > 0)"
            ).format(sql.Identifier(schema, table))
            rows = await (await connection.execute(query, (wanted,))).fetchall()
            found += [Trace(f"{schema}.{table}", int(place)) for (place,) in rows]
    return found


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
