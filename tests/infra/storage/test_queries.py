"""Files of named SQL: every statement has a name and says what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.storage.queries import QueryFileBroken, load_queries


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "queries.sql"


def test_statements_are_found_by_name_with_their_description(file: Path) -> None:
    file.write_text(
        "-- About this file.\n\n-- one --\n-- The first,\n-- and best.\nSELECT 1\n-- inside\n;\n\n"
        "-- two --\n-- Another.\nSELECT '-- x --'"
    )
    queries = load_queries(file)
    assert list(queries) == ["one", "two"]
    assert queries["one"].description == "The first, and best."
    assert queries["one"].sql == b"SELECT 1\n-- inside\n"
    assert queries["two"].sql == b"SELECT '-- x --'"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("-- one --\nSELECT 1", "lacks its description"),
        ("-- one --\n-- Says much.", "lacks its description or its statement"),
        ("-- one --\n-- A.\nSELECT 1\n-- one --\n-- B.\nSELECT 2", "two queries are named one"),
        ("SELECT 1\n-- one --\n-- A.\nSELECT 1", "before the first"),
    ],
)
def test_a_careless_file_is_refused(file: Path, text: str, wrong: str) -> None:
    file.write_text(text)
    with pytest.raises(QueryFileBroken, match=wrong):
        load_queries(file)
