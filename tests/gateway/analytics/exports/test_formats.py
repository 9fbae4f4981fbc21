from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pytest

from gateway.analytics.exports.arrow import schema_of
from gateway.analytics.exports.formats import Format, encoder, without_formulas
from gateway.analytics.exports.tables import Column, Kind, Table

TABLE = Table(
    "things",
    ("tenant",),
    (
        Column("tenant", Kind.TEXT, ""),
        Column("said", Kind.TEXT, ""),
        Column("said_at", Kind.MOMENT, ""),
        Column("good", Kind.TRUTH, ""),
        Column("many", Kind.INTEGER, ""),
        Column("much", Kind.NUMBER, ""),
        Column("signals", Kind.JSON, ""),
    ),
)

NINE = datetime(2026, 3, 2, 9, 0, 0, 250, tzinfo=UTC)

ROWS = [
    {
        "tenant": "a",
        "said": '안녕하세요, "손님"\n줄',
        "said_at": NINE,
        "good": True,
        "many": 3,
        "much": 0.1,
        "signals": '{"b": 1}',
    },
    {"tenant": "a", "said": "", "said_at": None, "good": False, "many": -3, "much": -0.5, "signals": "[]"},
    {"tenant": "a", "said": None, "said_at": NINE, "good": None, "many": None, "much": None, "signals": None},
]


def file(path: Path, format: Format, rows: list[dict[str, Any]] = ROWS, *, mark: bool = False) -> str:
    with path.open("wb") as sink:
        made = encoder(format, sink, TABLE, mark=mark)
        for row in rows:  # in pieces, as blocks come
            made.write(pa.Table.from_pylist([row], schema=schema_of(TABLE)))
        made.close()
    return str(path)


COLUMNS = (
    "{tenant: 'VARCHAR', said: 'VARCHAR', said_at: 'TIMESTAMPTZ', good: 'BOOLEAN', many: 'BIGINT', much: 'DOUBLE',"
)
COLUMNS += " signals: 'VARCHAR'}"
READERS = {
    Format.PARQUET: "read_parquet($path)",
    Format.CSV: f"read_csv($path, header = true, columns = {COLUMNS}, nullstr = '', allow_quoted_nulls = false)",
    Format.NDJSON: f"read_ndjson($path, columns = {COLUMNS.replace('VARCHAR}', 'JSON}')})",
}


@pytest.mark.parametrize("format", READERS)
def test_duckdb_reads_what_was_written(format: Format, tmp_path: Path) -> None:
    path = file(tmp_path / "x", format, mark=format is Format.CSV)
    with duckdb.connect() as duck:
        duck.execute("SET TimeZone = 'UTC'")
        read = duck.execute(f"SELECT * REPLACE (epoch_us(said_at) AS said_at) FROM {READERS[format]}", {"path": path})
        rows = [dict(zip(TABLE.columns, row, strict=True)) for row in read.fetchall()]
    found = [{column.name: value for column, value in row.items()} for row in rows]
    micros = int(NINE.timestamp()) * 1_000_000 + 250
    wanted = [row | {"said_at": None if row["said_at"] is None else micros} for row in ROWS]
    for row in found + wanted:
        row["signals"] = None if row["signals"] is None else orjson.loads(row["signals"])
    assert found == wanted


def test_korean_excel_sees_a_byte_order_mark_only_where_it_is_asked_for(tmp_path: Path) -> None:
    assert Path(file(tmp_path / "a", Format.CSV, mark=True)).read_bytes().startswith(b'\xef\xbb\xbf"tenant"')
    assert Path(file(tmp_path / "b", Format.CSV)).read_bytes().startswith(b'"tenant"')


@pytest.mark.parametrize(
    "said",
    ["=1+1", "+82 10", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", "'=1", "'quoted'"],
)
def test_no_text_is_a_formula_and_none_is_lost(said: str, tmp_path: Path) -> None:
    path = file(tmp_path / "x", Format.CSV, [ROWS[0] | {"said": said}])
    with Path(path).open(encoding="utf-8", newline="") as lines:
        [row] = list(csv.DictReader(lines))
    assert row["said"] == "'" + said, "an apostrophe in front, and nothing else"


def test_other_texts_stay_as_they_are() -> None:
    texts = pa.chunked_array([["a=1", "안녕", "", None, "1-2", " =1"]])
    assert without_formulas(texts).to_pylist() == ["a=1", "안녕", "", None, "1-2", " =1"]


def test_numbers_below_zero_are_no_formulas(tmp_path: Path) -> None:
    rows = Path(file(tmp_path / "x", Format.CSV)).read_text(encoding="utf-8").splitlines()
    assert rows[-2] == '"a","",,false,-3,-0.5,"[]"'
    assert rows[-1] == '"a",,"2026-03-02T09:00:00.000250Z",,,,'


def test_ndjson_holds_json_as_values() -> None:
    sink = io.BytesIO()
    made = encoder(Format.NDJSON, sink, TABLE)
    made.write(pa.Table.from_pylist(ROWS, schema=schema_of(TABLE)))
    made.close()
    first, second, third = map(orjson.loads, sink.getvalue().splitlines())
    assert (first["signals"], first["said_at"]) == ({"b": 1}, "2026-03-02T09:00:00.000250Z")
    assert (second["said"], second["signals"], third["said"], third["signals"]) == ("", [], None, None)
