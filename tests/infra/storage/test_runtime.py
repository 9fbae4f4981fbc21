"""A node's storage is opened as the settings say, and a URL that would not keep tenants apart is refused."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.errors import ConfigError
from infra.settings import DatabaseSettings
from infra.storage.embedded import EmbeddedPostgres
from infra.storage.errors import DatabaseUnavailable, MigrationError, RoleTooPowerful
from infra.storage.runtime import open_storage
from tests.postgres import Postgres, until


@pytest.fixture
def state() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="aicc-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def bare(postgres: Postgres, database_name: str) -> str:
    """An empty database of somebody who runs PostgreSQL himself."""
    await postgres.make_database(f"{database_name}_external", migrated=False)
    return f"{database_name}_external"


async def make_role(postgres: Postgres, *more: str) -> str:
    role = f"worker_{uuid.uuid4().hex}"
    await postgres.run_as_superuser("postgres", f"CREATE ROLE {role} LOGIN", *(line.format(role=role) for line in more))
    return role


async def test_without_a_url_it_embeds_keeps_alive_and_stops_a_server(state: Path) -> None:
    async with open_storage(DatabaseSettings(), state) as database:
        await database.enter_tenant("hanbit-store")
        server = EmbeddedPostgres(state / "postgres")
        first = server.pid
        Postgres(server).kill()

        async def back() -> bool:
            try:
                await database.tenants()
            except DatabaseUnavailable:
                return False
            return server.pid != first

        assert await until(back) < 10
        assert await database.tenants() == ["hanbit-store"]
    assert not server.alive()


async def test_with_a_url_its_role_may_own_the_tables(postgres: Postgres, bare: str, state: Path) -> None:
    role = await make_role(postgres, f"ALTER DATABASE {bare} OWNER TO {{role}}")
    settings = DatabaseSettings(url=postgres.server.url(role, bare))
    async with open_storage(settings, state) as database:
        await database.enter_tenant("a")
        assert await database.tenants() == ["a"]
    assert not (state / "postgres").exists()


async def test_with_a_url_another_role_may_own_the_tables(postgres: Postgres, bare: str, state: Path) -> None:
    role = await make_role(postgres)
    settings = DatabaseSettings(url=postgres.server.url(role, bare), migration_url=postgres.superuser_url(bare))
    async with open_storage(settings, state) as database:
        await database.enter_tenant("a")
        assert await database.tenants() == ["a"]


async def test_a_role_that_may_not_migrate_is_told_so(postgres: Postgres, bare: str, state: Path) -> None:
    settings = DatabaseSettings(url=postgres.server.url(await make_role(postgres), bare))
    with pytest.raises(MigrationError, match="permission denied"):
        async with open_storage(settings, state):
            pass


async def test_a_superusers_url_is_refused_before_anything_is_done(postgres: Postgres, bare: str, state: Path) -> None:
    with pytest.raises(RoleTooPowerful, match="NOSUPERUSER"):
        async with open_storage(DatabaseSettings(url=postgres.superuser_url(bare)), state):
            pass


async def test_a_url_names_its_role(state: Path) -> None:
    with pytest.raises(ConfigError, match="AICC_DATABASE_URL must name the role"):
        async with open_storage(DatabaseSettings(url="postgresql:///aicc?host=/nowhere"), state):
            pass
