from __future__ import annotations

from pathlib import Path

import pytest

from gateway.analytics.exports.tables import TABLES, Kind, Table
from infra.storage.database import Database

DOCS = Path(__file__).parents[4] / "docs"

POSTGRES = {
    Kind.TEXT: {"text"},
    Kind.INTEGER: {"int4", "int8"},
    Kind.NUMBER: {"float8"},
    Kind.TRUTH: {"bool"},
    Kind.MOMENT: {"timestamptz"},
    Kind.JSON: {"jsonb"},
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
async def test_a_table_has_the_columns_of_its_view(table: Table, database: Database) -> None:
    async with database.tenant("nobody") as connection:
        cursor = await connection.execute(f"SELECT * FROM analytics.{table.name} LIMIT 0".encode())
        found = [(column.name, column.type_display) for column in cursor.description or ()]
    columns = [column for column in table.columns if column.name != "revision"]  # made of "written"
    assert [name for name, _ in found] == [*(column.name for column in columns), "written"]
    for column, (_, kind) in zip(columns, found[:-1], strict=True):
        assert kind in POSTGRES[column.kind], column.name


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_its_key_is_among_its_columns_and_nothing_stands_twice(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)
    assert table.key[0] == "tenant"
    assert all(column.meaning for column in table.columns)


@pytest.mark.parametrize("page", ["exports.md", "exports.ko.md"])
def test_the_page_has_every_column(page: str) -> None:
    sections = (DOCS / page).read_text(encoding="utf-8").split("\n### `")
    told = {section.partition("`")[0]: section for section in sections[1:]}
    assert list(told) == list(TABLES)
    behind = {"contact_started_at", "updated_at", "revision", "schema_version", "is_redacted", "tenant"}
    for name, table in TABLES.items():
        own = [column.name for column in table.columns if column.name not in behind]
        rows = [line.split("`")[1] for line in told[name].splitlines() if line.startswith("| `")]
        assert rows == own, name
    assert all(f"`{name}`" in sections[0] for name in behind)
