"""The files of one table in one export: rows in, a file for each day out, a new one where a day has very many.

Rows come in the order of their days, so that one file is open at a time and memory does not grow with what is exported.

Refuses: knowing where the rows come from, and half files: what is not closed is not published.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa

from gateway.analytics.exports.arrow import by_day, read_block, schema_of
from gateway.analytics.exports.destinations import Destination
from gateway.analytics.exports.formats import Encoder, Format, encoder
from gateway.analytics.exports.manifest import ExportedFile
from gateway.analytics.exports.tables import Table

MOST_ROWS: Final = 1_000_000
"""Of one file."""


@dataclass(slots=True)
class _Open:
    day: date
    made: Path
    sink: BinaryIO
    encoder: Encoder
    rows: int = 0


class DayFiles:
    """Makes and publishes a table's files. All methods block; used by one thread at a time."""

    def __init__(
        self,
        table: Table,
        format: Format,
        destination: Destination,
        staging: Path,
        tenant: str,
        run: str,
        *,
        mark: bool = False,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._table = table
        self._format = format
        self._destination = destination
        self._staging = staging
        self._tenant = tenant
        self._run = run
        self._mark = mark
        self._most_rows = most_rows
        self._schema = schema_of(table)
        self._open: _Open | None = None
        self.published: list[ExportedFile] = []
        """What lies in the destination, in order."""

    def write(self, block: bytes) -> None:
        """Add the rows of a block of ``Snapshot.blocks``. Raises ``DestinationFailed``."""
        for day, rows in by_day(read_block(block, self._table), self._schema):
            file = self._file(day)
            file.encoder.write(rows)
            file.rows += len(rows)

    def finish(self) -> None:
        """Publish what is still open. Raises ``DestinationFailed``."""
        if self._open is not None:
            file, self._open = self._open, None
            file.encoder.close()
            file.sink.close()
            self._publish(file)

    def close(self) -> None:
        """Let go of what is still open, unpublished: the export has failed."""
        if self._open is not None:
            file, self._open = self._open, None
            with file.sink, suppress(OSError, pa.ArrowException):
                file.encoder.close()

    def _file(self, day: date) -> _Open:
        """The file that the next rows of a day go into."""
        if self._open is not None and (self._open.day != day or self._open.rows >= self._most_rows):
            self.finish()
        if self._open is None:
            made = self._staging / f"{self._table.name}-{len(self.published)}"
            sink = made.open("xb")
            self._open = _Open(day, made, sink, encoder(self._format, sink, self._table, mark=self._mark))
        return self._open

    def _publish(self, file: _Open) -> None:
        name = f"{self._run}-{len(self.published):05}.{self._format}"
        path = f"{self._table.name}/tenant={self._tenant}/day={file.day}/{name}"
        self.published.append(published(self._destination, file.made, path, self._table.name, file.day, file.rows))


def published(destination: Destination, made: Path, path: str, table: str, day: date, rows: int) -> ExportedFile:
    """Publish a finished file, and tell what a manifest says of it. Raises ``DestinationFailed``."""
    with made.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    size = made.stat().st_size
    destination.publish(made, path)
    return ExportedFile(path, table, day, rows, size, sha256)
