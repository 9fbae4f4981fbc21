"""A report as a file for other programs, written as the exports are: CSV for spreadsheets, Parquet for warehouses.

What is downloaded is what the page shows: the same rows, with the days, the zone and the numerator and denominator of
each figure, so that whoever has the file can add figures up the right way.

Refuses: rounding.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from gateway.analytics.exports.tables import SCHEMA_VERSION, Column, Kind, Table
from gateway.analytics.kpis.kpi import KPIS, By
from gateway.analytics.kpis.reports import Row, Selection

REPORT: Final = Table(
    "report",
    ("tenant", "kpi", "by", "key"),
    (
        Column("tenant", Kind.TEXT, "whose figure it is"),
        Column("kpi", Kind.TEXT, "which figure: a view of the schema kpi"),
        Column("unit", Kind.TEXT, "seconds, share (0 to 1), score (1 to 5), money"),
        Column("by", Kind.TEXT, "what rows are told apart by"),
        Column("key", Kind.TEXT, "which day, queue, …; null: of none"),
        Column("numerator", Kind.NUMBER, "what the contacts add up to"),
        Column("denominator", Kind.NUMBER, "what that is divided by"),
        Column("value", Kind.NUMBER, "the figure; null of nothing"),
        Column("contacts", Kind.INTEGER, "how many count"),
        Column("provisional", Kind.INTEGER, "how many of them may still change it"),
        Column("since", Kind.TEXT, "the first day of the report"),
        Column("until", Kind.TEXT, "its last day, included"),
        Column("time_zone", Kind.TEXT, "whose days these are"),
        Column("schema_version", Kind.INTEGER, "of these columns"),
    ),
)


class Format(StrEnum):
    """What a report is downloaded as."""

    CSV = "csv"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """For HTTP."""
        return "text/csv; charset=utf-8" if self is Format.CSV else "application/vnd.apache.parquet"


def records(tenant: str, rows: Sequence[Row], by: By, asked: Selection, time_zone: str) -> list[dict[str, Any]]:
    """The rows with what they are about, by the names of the columns of ``REPORT``."""
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
            "since": asked.since.isoformat(),
            "until": asked.until.isoformat(),
            "time_zone": time_zone,
            "schema_version": SCHEMA_VERSION,
        }
        for row in rows
    ]


def encoded(found: Sequence[dict[str, Any]], form: Format, *, bom: bool = False) -> bytes:
    """Records as a file. ``bom``: a CSV begins with a byte order mark, without which Excel takes Korean for garbage.

    Blocks; a year of all figures takes some 20 ms.
    """
    # Arrow is half a second and 60 MB: not before somebody downloads something.
    import pyarrow as pa

    from gateway.analytics.exports import formats
    from gateway.analytics.exports.arrow import schema_of

    sink = io.BytesIO()
    encoder = formats.encoder(formats.Format(form.value), sink, REPORT, mark=bom)
    if found:
        encoder.write(pa.Table.from_pylist(list(found), schema=schema_of(REPORT)))
    encoder.close()
    return sink.getvalue()
