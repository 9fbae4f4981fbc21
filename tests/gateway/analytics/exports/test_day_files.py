from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from gateway.analytics.exports.arrow import schema_of
from gateway.analytics.exports.day_files import DayFiles
from gateway.analytics.exports.destinations import Folder
from gateway.analytics.exports.formats import Format
from gateway.analytics.exports.tables import TABLES

TABLE = TABLES["tombstone"]


def block(*days: str) -> bytes:
    row = "{},acme,call{},e{},2026-03-02 09:00:00+00,api,2026-03-02 09:00:00+00,2026-03-02 09:00:00+00,7,1,t\n"
    return "".join(row.format(day, place, place) for place, day in enumerate(days)).encode()


def files(tmp_path: Path, format: Format = Format.PARQUET, most_rows: int = 1_000) -> DayFiles:
    folder = Folder(tmp_path)
    return DayFiles(TABLE, format, folder, folder.staging("acme"), "acme", "run", most_rows=most_rows)


def test_a_file_for_each_day(tmp_path: Path) -> None:
    made = files(tmp_path)
    made.write(block("2026-03-01", "2026-03-01"))
    made.write(block("2026-03-01", "2026-03-02"))
    made.finish()
    assert [(file.day, file.rows, file.table) for file in made.published] == [
        (date(2026, 3, 1), 3, "tombstone"),
        (date(2026, 3, 2), 1, "tombstone"),
    ]
    for file in made.published:
        content = (tmp_path / file.path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256)
        assert file.path.startswith(f"tombstone/tenant=acme/day={file.day}/run-")
        read = pq.ParquetFile(tmp_path / file.path)
        assert read.schema_arrow == schema_of(TABLE)
        assert read.metadata.num_rows == file.rows


def test_another_file_where_a_day_has_very_many_rows_and_where_one_comes_back(tmp_path: Path) -> None:
    made = files(tmp_path, most_rows=2)
    for _ in range(3):
        made.write(block("2026-03-01"))
    made.write(block("2026-03-02"))
    made.write(block("2026-03-01"))
    made.finish()
    assert [file.rows for file in made.published] == [2, 1, 1, 1]
    assert len({file.path for file in made.published}) == 4


@pytest.mark.parametrize("format", [Format.PARQUET, Format.CSV, Format.NDJSON])
def test_what_is_not_finished_is_not_there(format: Format, tmp_path: Path) -> None:
    made = files(tmp_path, format)
    made.write(block("2026-03-01", "2026-03-02"))
    found = [path.name for path in tmp_path.rglob(f"*.{format}")]
    assert found == [f"run-00000.{format}"], "the first day is over, the second is not"
    made.close()
    assert len(made.published) == 1
    made.close()


def test_no_rows_no_file(tmp_path: Path) -> None:
    made = files(tmp_path)
    made.finish()
    assert made.published == []
