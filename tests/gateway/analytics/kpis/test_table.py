from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import duckdb

from gateway.analytics.kpis.kpi import Amount, By
from gateway.analytics.kpis.reports import Row, Selection
from gateway.analytics.kpis.table import REPORT, Format, encoded, records

FRIDAY = date(2026, 11, 20)
ROWS = [
    Row("containment", "orders", Amount(2, 3, 3), 2 / 3),
    Row("containment", None, Amount(0, 0, 0), None),
    Row("containment", "=HYPERLINK(1)", Amount(1, 1, 1), 1.0),
    Row("containment", "주문·배송", Amount(1, 1, 1), 1.0),
]
FOUND = records("shop", ROWS, By.QUEUE, Selection(FRIDAY, FRIDAY), "Asia/Seoul")


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_spreadsheet_gets_every_column_and_no_rounding() -> None:
    first, unknown, *_ = read(encoded(FOUND, Format.CSV))
    assert list(first) == [column.name for column in REPORT.columns]
    assert float(first["value"]) == 2 / 3
    assert (first["unit"], first["since"], first["time_zone"]) == ("share", "2026-11-20", "Asia/Seoul")
    assert (unknown["key"], unknown["value"], float(unknown["denominator"])) == ("", "", 0)


def test_what_was_meant_to_be_text_is_no_formula() -> None:
    assert read(encoded(FOUND, Format.CSV))[2]["key"] == "'=HYPERLINK(1)"
    (loss,) = records(
        "shop", [Row("cost_per_contact", "a", Amount(-1, 1, 1), -1.0)], By.QUEUE, Selection(FRIDAY, FRIDAY), "UTC"
    )
    assert float(read(encoded([loss], Format.CSV))[0]["value"]) == -1


def test_a_byte_order_mark_comes_when_it_is_asked_for() -> None:
    assert encoded(FOUND, Format.CSV, bom=True).startswith(b'\xef\xbb\xbf"tenant",')
    assert encoded(FOUND, Format.CSV).startswith(b'"tenant",')


def test_another_engine_reads_the_same_out_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "report.parquet"
    path.write_bytes(encoded(FOUND, Format.PARQUET))
    found = duckdb.sql(f"SELECT key, numerator, value, since, provisional FROM '{path}'").fetchall()
    assert found == [
        ("orders", 2.0, 2 / 3, "2026-11-20", 0),
        (None, 0.0, None, "2026-11-20", 0),
        ("=HYPERLINK(1)", 1.0, 1.0, "2026-11-20", 0),
        ("주문·배송", 1.0, 1.0, "2026-11-20", 0),
    ]


def test_a_report_of_nothing_has_columns_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "report.parquet"
    path.write_bytes(encoded([], Format.PARQUET))
    assert duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall() == [(0,)]
    assert read(encoded([], Format.CSV)) == []
