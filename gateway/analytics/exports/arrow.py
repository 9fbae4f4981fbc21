"""Rows between PostgreSQL's CSV and files: read into Arrow's columns, divided by day.

Refuses: guessing. Every column's type is that of its table; what does not fit is an error of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from gateway.analytics.exports.tables import SCHEMA_VERSION, Column, Kind, Table

DAY = "day"
"""The first column of what is read: the day of the partition, as ``YYYY-MM-DD``. Files do not hold it; paths do."""

_TYPES: Mapping[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.JSON: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TRUTH: pa.bool_(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
}


def schema_of(table: Table) -> pa.Schema:
    """The columns of a table's files; what each means, and which is JSON, stands with it."""
    about = {
        "aicc.table": table.name,
        "aicc.schema_version": str(SCHEMA_VERSION),
        "aicc.key": ",".join(table.key),
        "aicc.synthetic_speech": "turns of speaker bot were spoken by a machine" if table.name == "turn" else "",
    }
    return pa.schema([_field(column) for column in table.columns], metadata={k: v for k, v in about.items() if v})


def read_block(block: bytes, table: Table) -> pa.Table:
    """The rows of a block of PostgreSQL's CSV; the day stands before the table's own columns."""
    types = {column.name: _TYPES[column.kind] for column in table.columns}
    return pa_csv.read_csv(
        pa.BufferReader(block),
        read_options=pa_csv.ReadOptions(column_names=[DAY, *types], use_threads=False, block_size=len(block) + 1),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types={DAY: pa.string(), **types},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )


def by_day(rows: pa.Table, schema: pa.Schema) -> Iterator[tuple[date, pa.Table]]:
    """The rows of one day after the other, as they stand behind one another, in the shape of a table's files."""
    days = rows.column(DAY).combine_chunks()
    begins = 0
    while begins < len(days):
        day = days[begins].as_py()
        other = pc.index(pc.not_equal(days.slice(begins), day), True).as_py()
        length = len(days) - begins if other < 0 else other
        part = rows.slice(begins, length).drop_columns([DAY])
        yield date.fromisoformat(day), part.cast(schema)
        begins += length


def _field(column: Column) -> pa.Field:
    about = {"description": column.meaning} | ({"json": "true"} if column.kind is Kind.JSON else {})
    return pa.field(column.name, _TYPES[column.kind], metadata=about)
