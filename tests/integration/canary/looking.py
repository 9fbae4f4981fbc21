"""Looks for strings, in all their forms, in everything that a contact center leaves behind: files of any kind, what is
packed in them, every table of a database with its statistics, and what was sent.

More thorough than ``aicc scan``, and made without it: it is what that is measured against.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
import pyarrow.parquet as pq
from numpy.typing import NDArray
from psycopg import sql

from tests.integration.canary.forms import SHORTEST, forms

BLOCK = 8 * 1024 * 1024
AROUND = 24
"""Bytes before and behind what was found that are told with it."""

_BITS = 22
_TABLES = """
SELECT n.nspname::text, c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname <> 'information_schema' ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A string that lies somewhere: in a file, in a table, in something that was sent."""

    where: str
    needle: str
    around: bytes


class Looking:
    """For thousands of strings at once: only where the first eight bytes of a form may stand is anything compared."""

    def __init__(self, needles: Iterable[str]) -> None:
        self._marks = np.zeros(1 << _BITS, dtype=np.bool_)
        self._by_beginning: dict[bytes, list[tuple[bytes, str]]] = {}
        self.longest = SHORTEST
        for needle in sorted(set(needles)):
            for form in forms(needle):
                self._marks[_hashed(form[:SHORTEST])] = True
                self._by_beginning.setdefault(form[:SHORTEST], []).append((form, needle))
                self.longest = max(self.longest, len(form))

    def within(self, data: bytes) -> dict[str, bytes]:
        """The strings that stand in ``data``, each with what is around it the first time."""
        found: dict[str, bytes] = {}
        if len(data) < SHORTEST:
            return found
        for start in np.flatnonzero(self._marks[_hashed(data)]).tolist():
            for form, needle in self._by_beginning.get(data[start : start + SHORTEST], ()):
                if needle not in found and data.startswith(form, start):
                    found[needle] = data[max(0, start - AROUND) : start + len(form) + AROUND]
        return found

    def in_files(self, folder: Path) -> list[Found]:
        """Where below ``folder``; what is packed (gzip, Parquet) is looked at unpacked as well. Blocks."""
        found: list[Found] = []
        for base, _, names in os.walk(folder):
            for path in (Path(base) / name for name in sorted(names)):
                told: dict[str, bytes] = {}
                for block in (*self._blocks(path), *_unpacked(path)):
                    told = {**self.within(block), **told}
                found += [Found(str(path), *one) for one in sorted(told.items())]
        return found

    def in_sent(self, sent: dict[str, list[bytes]]) -> list[Found]:
        """In which of what was sent, by its kind."""
        found: list[Found] = []
        for kind, bodies in sent.items():
            opened = b"\n".join(gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one for one in bodies)
            found += [Found(kind, *one) for one in sorted(self.within(opened).items())]
        return found

    async def in_tables(self, superuser_url: str) -> list[Found]:
        """In which tables of a database, whoever's rows they are; its own catalog and statistics too."""
        found: list[Found] = []
        async with await psycopg.AsyncConnection.connect(superuser_url) as connection:
            tables = await (await connection.execute(_TABLES)).fetchall()
            for schema, table in tables:
                told: dict[str, bytes] = {}
                async for block in _rows(connection, sql.Identifier(schema, table)):
                    told = {**self.within(block), **told}
                found += [Found(f"{schema}.{table}", *one) for one in sorted(told.items())]
        return found

    def _blocks(self, path: Path) -> Iterator[bytes]:
        """A file's bytes, each block beginning with the end of the one before, so that nothing falls between two."""
        try:
            with path.open("rb") as file:
                end = b""
                while block := file.read(BLOCK):
                    yield end + block
                    end = block[-self.longest :]
        except OSError:  # a socket, or gone
            return


def _unpacked(path: Path) -> Iterator[bytes]:
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist()).encode()
    elif path.suffix == ".gz":
        yield gzip.decompress(path.read_bytes())


async def _rows(connection: psycopg.AsyncConnection[tuple[object, ...]], table: sql.Identifier) -> AsyncIterator[bytes]:
    """A table's rows as text, many at a time, none parted."""
    query = sql.SQL("COPY (SELECT kept::text FROM {} AS kept) TO STDOUT").format(table)
    rows: list[bytes] = []
    size = 0
    async with connection.cursor() as cursor, cursor.copy(query) as copied:
        async for row in copied:
            rows.append(bytes(row))
            size += len(row)
            if size >= BLOCK:
                yield b"".join(rows)
                rows, size = [], 0
    yield b"".join(rows)


def _hashed(data: bytes) -> NDArray[np.uint32]:
    """A number below 2 ** _BITS for each eight bytes of ``data`` that stand together."""
    one = np.frombuffer(data, dtype=np.uint8).astype(np.uint32)
    four = one[:-3] | one[1:-2] << 8 | one[2:-1] << 16 | one[3:] << 24
    mixed: NDArray[np.uint32] = (four[:-4] * np.uint32(2654435761)) ^ (four[4:] * np.uint32(2246822519))
    return mixed >> np.uint32(32 - _BITS)
