"""The files of an export: Parquet, CSV or NDJSON, written batch by batch from Arrow's columns.

- **Parquet**: zstd; what each column means stands in the file's own schema.
- **CSV**: RFC 4180 in UTF-8 with a header. A text is quoted, so that an empty one (``""``) and null (nothing) differ. A
  text that a spreadsheet would run as a formula gets an apostrophe in front, and so does one that begins with an
  apostrophe: who takes one away from the front of every text has what was said.
- **NDJSON**: an object for each row, JSON columns as values of their own, times as RFC 3339 in UTC.

Refuses: reading them back.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import BinaryIO, Final, Protocol

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from gateway.analytics.exports.arrow import schema_of
from gateway.analytics.exports.tables import Kind, Table


class Format(StrEnum):
    """In which files records are exported."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"
    VCON = "vcon"
    """A file for each contact: see ``gateway.analytics.vcon``."""


_FORMULA: Final = "^['=+\\-@\\t\\r\\n\uff0b\uff0d\uff1d\uff20]"
"""What a text must not begin with in a spreadsheet, full-width forms included; and the sign that says that it did."""


class Encoder(Protocol):
    """Writes a table's rows into one file. Used by one thread at a time."""

    def write(self, rows: pa.Table) -> None:
        """Add rows."""

    def close(self) -> None:
        """Add what belongs to the end. The file itself stays open."""


class ParquetEncoder:
    """See the module."""

    def __init__(self, sink: BinaryIO, table: Table) -> None:
        self._writer = pq.ParquetWriter(sink, schema_of(table), compression="zstd", store_schema=True)

    def write(self, rows: pa.Table) -> None:
        """See ``Encoder``."""
        self._writer.write_table(rows, row_group_size=len(rows))

    def close(self) -> None:
        """See ``Encoder``."""
        self._writer.close()


class CsvEncoder:
    """See the module. With ``mark`` the file begins with a byte order mark, without which Excel takes Korean for
    something else."""

    def __init__(self, sink: BinaryIO, table: Table, *, mark: bool = False) -> None:
        if mark:
            sink.write(codecs.BOM_UTF8)
        self._texts = [column.name for column in table.columns if column.kind in (Kind.TEXT, Kind.JSON)]
        self._moments = [column.name for column in table.columns if column.kind is Kind.MOMENT]
        self._writer = pa_csv.CSVWriter(sink, pa.schema([_csv_field(field) for field in schema_of(table)]))

    def write(self, rows: pa.Table) -> None:
        """See ``Encoder``."""
        for name in self._texts:
            rows = _replaced(rows, name, without_formulas(rows.column(name)))
        for name in self._moments:
            rows = _replaced(rows, name, _as_text(rows.column(name)))
        self._writer.write_table(rows)

    def close(self) -> None:
        """See ``Encoder``."""
        self._writer.close()


class NdjsonEncoder:
    """See the module."""

    def __init__(self, sink: BinaryIO, table: Table) -> None:
        self._sink = sink
        self._json = [column.name for column in table.columns if column.kind is Kind.JSON]
        self._moments = [column.name for column in table.columns if column.kind is Kind.MOMENT]

    def write(self, rows: pa.Table) -> None:
        """See ``Encoder``."""
        for name in self._moments:
            rows = _replaced(rows, name, _as_text(rows.column(name)))
        for batch in rows.to_batches(max_chunksize=2_000):
            for row in batch.to_pylist():
                for name in self._json:
                    if row[name] is not None:
                        row[name] = orjson.Fragment(row[name])
                self._sink.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """See ``Encoder``."""


_ENCODERS: Mapping[Format, Callable[[BinaryIO, Table], Encoder]] = {
    Format.PARQUET: ParquetEncoder,
    Format.CSV: CsvEncoder,
    Format.NDJSON: NdjsonEncoder,
}


def encoder(format: Format, sink: BinaryIO, table: Table, *, mark: bool = False) -> Encoder:
    """What writes a table's rows into ``sink`` in that format; ``mark``: see ``CsvEncoder``."""
    if format is Format.CSV:
        return CsvEncoder(sink, table, mark=mark)
    return _ENCODERS[format](sink, table)


def without_formulas(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts of which none is a formula to a spreadsheet: see the module."""
    risky = pc.match_substring_regex(texts, _FORMULA)
    if not pc.any(risky).as_py():
        return texts
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


def _as_text(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    """RFC 3339, so that the zone stands with the time."""
    return pc.strftime(moments, format="%Y-%m-%dT%H:%M:%SZ")


def _csv_field(field: pa.Field) -> pa.Field:
    return pa.field(field.name, pa.string()) if pa.types.is_timestamp(field.type) else field


def _replaced(rows: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(name), name, column)
