"""Migrations are applied once, in order, whole or not at all, and never change afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest

from infra.storage.errors import DatabaseUnavailable, MigrationError
from infra.storage.migrate import DIRECTORY, migrate, read_migrations
from tests.postgres import Postgres


@pytest.fixture
async def url(postgres: Postgres, database_name: str) -> str:
    """An empty database, for its owner."""
    await postgres.make_database(f"{database_name}_bare", migrated=False)
    return postgres.superuser_url(f"{database_name}_bare")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_shops.sql").write_text(
        "CREATE TABLE shops (name text); GRANT SELECT ON shops TO {application_role}"
    )
    (tmp_path / "0002_more_shops.sql").write_text("INSERT INTO shops VALUES ('a')")
    return tmp_path


async def ask(url: str, query: str) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return await (await connection.execute(query)).fetchall()


async def test_they_are_applied_in_order_and_only_once(url: str, folder: Path) -> None:
    assert [m.number for m in await migrate(url, "aicc", folder)] == [1, 2]
    assert await migrate(url, "aicc", folder) == []
    (folder / "0003_another.sql").write_text("INSERT INTO shops VALUES ('b')")
    assert [m.name for m in await migrate(url, "aicc", folder)] == ["another"]
    assert await ask(url, "SELECT name FROM shops ORDER BY name") == [("a",), ("b",)]


async def test_the_application_gets_what_the_file_grants(url: str, folder: Path) -> None:
    await migrate(url, "aicc", folder)
    rights = "SELECT has_table_privilege('aicc', 'shops', 'SELECT'), has_table_privilege('aicc', 'shops', 'INSERT')"
    assert await ask(url, rights) == [(True, False)]


async def test_a_changed_one_is_an_error(url: str, folder: Path) -> None:
    await migrate(url, "aicc", folder)
    (folder / "0001_shops.sql").write_text("CREATE TABLE shops (name text, place text)")
    with pytest.raises(MigrationError, match="0001_shops was changed"):
        await migrate(url, "aicc", folder)


async def test_a_failing_one_leaves_nothing_behind_and_those_before_it_stay(url: str, folder: Path) -> None:
    (folder / "0003_broken.sql").write_text("CREATE TABLE half (a int); SELECT no_such_thing")
    with pytest.raises(MigrationError, match="0003_broken failed"):
        await migrate(url, "aicc", folder)
    assert await ask(url, "SELECT to_regclass('half')::text, to_regclass('shops')::text") == [(None, "shops")]
    (folder / "0003_broken.sql").write_text("CREATE TABLE half (a int)")
    assert [m.number for m in await migrate(url, "aicc", folder)] == [3]


async def test_nodes_that_start_together_wait_for_each_other(url: str, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate(url, "aicc", folder) for _ in range(4)))
    assert sorted(m.number for part in applied for m in part) == [1, 2]


async def test_a_database_that_is_ahead_is_accepted(url: str, folder: Path) -> None:
    await migrate(url, "aicc", folder)
    (folder / "0002_more_shops.sql").unlink()
    assert await migrate(url, "aicc", folder) == []


async def test_the_house_migrates_an_empty_database_and_then_has_nothing_to_do(url: str) -> None:
    assert len(await migrate(url, "aicc")) == len(read_migrations())
    assert await migrate(url, "aicc") == []
    tables = await ask(
        url,
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND EXISTS (SELECT FROM pg_attribute "
        "WHERE attrelid = pg_class.oid AND attname = 'tenant')",
    )
    assert len(tables) >= 4
    assert all(enabled and forced for _, enabled, forced in tables), "a table with tenants' rows lacks row security"


async def test_an_unreachable_database_has_a_name(folder: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        await migrate("postgresql://aicc@/aicc?host=/nowhere", "aicc", folder)


@pytest.mark.parametrize("name", ["1_short.sql", "0003-dashes.sql", "0005_gap.sql", "0002_twice.sql"])
def test_files_must_be_numbered_without_gap(folder: Path, name: str) -> None:
    (folder / name).write_text("SELECT 1")
    with pytest.raises(MigrationError):
        read_migrations(folder)


def test_the_files_are_where_the_package_looks() -> None:
    assert [m.number for m in read_migrations(DIRECTORY)][:1] == [1]
