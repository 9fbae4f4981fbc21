"""A node's storage is opened as the settings say, and a URL that would not keep tenants apart is refused."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.errors import ConfigError
from infra.settings import DatabaseSettings
from infra.storage.database import Database
from infra.storage.embedded import EmbeddedPostgres
from infra.storage.errors import DatabaseUnavailable, MigrationError, RoleTooPowerful
from infra.storage.runtime import open_key_ring, open_storage, open_subject_keys
from infra.storage.settings import KeySettings
from tests.postgres import Postgres, until
from tests.vault import TOKEN, Vault
from tests.web import served


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

        await until(back)
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


async def test_without_a_service_the_keys_lie_in_a_file(tmp_path: Path) -> None:
    async with open_key_ring(KeySettings(), tmp_path) as ring:
        assert (await ring.current()).startswith("file:")
    assert (tmp_path / "keyring.json").is_file()
    async with open_key_ring(KeySettings(file=tmp_path / "other.json"), tmp_path) as ring:
        await ring.current()
    assert (tmp_path / "other.json").is_file()


async def test_a_key_service_wraps_where_one_is_set_and_asks_who_we_are(tmp_path: Path) -> None:
    async with served(Vault().app()) as url:
        async with open_key_ring(KeySettings(transit_url=url, transit_token=SecretStr(TOKEN)), tmp_path) as ring:
            assert await ring.current() == "transit:aicc:1"
        with pytest.raises(ConfigError, match="AICC_KEYS_TRANSIT_TOKEN"):
            async with open_key_ring(KeySettings(transit_url=url), tmp_path):
                pass
    assert not (tmp_path / "keyring.json").exists()


async def test_contacts_keys_are_opened_with_their_ring_which_is_there_from_the_first_start(
    database: Database, tmp_path: Path
) -> None:
    await database.enter_tenant("shop")
    async with open_subject_keys(KeySettings(), database, tmp_path) as keys:
        assert (tmp_path / "keyring.json").is_file()
        key = await keys.of("shop", "call-of-runtime")
    async with open_subject_keys(KeySettings(), database, tmp_path) as keys:
        assert await keys.known("shop", "call-of-runtime") == key
