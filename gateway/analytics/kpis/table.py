"""A report as a file that other programs read: CSV for spreadsheets, Parquet for warehouses. Pure.

What is downloaded is what the page shows: the same rows, with the days, the zone and the numerator and denominator of
each figure, so that whoever has the file can add figures up the right way.

Refuses: rounding; formulas in what was meant to be text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from gateway.analytics.kpis.kpi import KPIS, By
from gateway.analytics.kpis.reports import Row, Selection

SCHEMA_VERSION: Final = 1
"""Raise it when a column changes its meaning."""

COLUMNS: Final = (
    ("tenant", "string"),
    ("kpi", "string"),
    ("unit", "string"),
    ("by", "string"),
    ("key", "string"),
    ("numerator", "double"),
    ("denominator", "double"),
    ("value", "double"),
    ("contacts", "int64"),
    ("provisional", "int64"),
    ("since", "date32"),
    ("until", "date32"),
    ("time_zone", "string"),
    ("schema_version", "int64"),
)

_BEGINS_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


class Format(StrEnum):
    """What a report is downloaded as."""

    CSV = "csv"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """For HTTP."""
        return "text/csv; charset=utf-8" if self is Format.CSV else "application/vnd.apache.parquet"


def records(tenant: str, rows: Sequence[Row], by: By, asked: Selection, time_zone: str) -> list[dict[str, Any]]:
    """The rows with what they are about, by the names of ``COLUMNS``."""
    return [
        {
            "tenant": tenant,
            "kpi": row.kpi,
            "unit": KPIS[row.kpi].unit.value,
            "by": by.value,
            "key": row.key,
            "numerator": row.amount.numerator,
            "denominator": row.amount.denominator,
            "value": row.value,
            "contacts": row.amount.contacts,
            "provisional": row.amount.provisional,
            "since": asked.since,
            "until": asked.until,
            "time_zone": time_zone,
            "schema_version": SCHEMA_VERSION,
        }
        for row in rows
    ]


def encoded(found: Sequence[dict[str, Any]], form: Format, *, bom: bool = False) -> bytes:
    """Records as a file. ``bom``: a CSV begins with a byte order mark, without which Excel takes Korean for garbage.

    Blocks; a year of all figures takes some 20 ms.
    """
    return _csv(found, bom=bom) if form is Format.CSV else _parquet(found)


def _csv(found: Sequence[dict[str, Any]], *, bom: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    names = [name for name, _ in COLUMNS]
    writer.writerow(names)
    writer.writerows([_harmless(one[name]) for name in names] for one in found)
    return text.getvalue().encode("utf-8-sig" if bom else "utf-8")


def _harmless(value: Any) -> Any:
    """A text that begins like a formula gets an apostrophe before it; a number stays one."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_BEGINS_FORMULAS) else value


def _parquet(found: Sequence[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([pa.field(name, pa.type_for_alias(kind)) for name, kind in COLUMNS])
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist(list(found), schema=schema), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content
