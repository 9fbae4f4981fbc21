"""Fixtures for all tests: a real PostgreSQL, a migrated database, and the example tenant's release."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from dialog.releases.release import Release
from infra.storage.database import Database
from infra.storage.embedded import EmbeddedPostgres
from tests.house import example_release
from tests.postgres import Postgres, opened, run_folder

# A busy machine is not what is tried. All else stays as Hypothesis has it, here or under CI.
settings.register_profile("unhurried", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow]))
settings.load_profile("unhurried")


def _main_process(config: pytest.Config) -> int:
    """The process that was started by hand: ours, or with xdist the parent of the workers."""
    return os.getppid() if hasattr(config, "workerinput") else os.getpid()


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):  # of a run that was killed and had our number
        shutil.rmtree(run_folder(os.getpid()), ignore_errors=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(run_folder(os.getpid()), ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _authorities() -> Iterator[None]:
    """Reading the world's certificates takes httpx a tenth of a second for each client: one reading does for a run."""
    make = ssl.create_default_context
    known = cache(lambda cafile: make(cafile=cafile))

    def once(*args: Any, **more: Any) -> ssl.SSLContext:
        return known(more["cafile"]) if not args and more.keys() == {"cafile"} else make(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", once)
        yield


@pytest.fixture(scope="session")
def release() -> Release:
    """The example tenant's release."""
    return example_release()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[Postgres]:
    """The run's server."""
    server = EmbeddedPostgres(run_folder(_main_process(pytestconfig)) / "postgres")
    asyncio.run(server.start())
    postgres = Postgres(server)
    yield postgres
    if not hasattr(pytestconfig, "workerinput"):
        postgres.kill()  # nobody else uses it, and nothing in it has to be written down first
    asyncio.run(server.stop())


@pytest.fixture(scope="session")
def database_name(pytestconfig: pytest.Config) -> str:
    """A database for this worker."""
    worker: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    return f"test_{worker.get('workerid', 'main')}"


@pytest.fixture(scope="session")
def database_url(postgres: Postgres, database_name: str) -> str:
    """A migrated database, shared by this worker's tests: they use tenants, calls and nodes of their own."""
    return asyncio.run(postgres.make_database(database_name))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, open."""
    async with opened(database_url) as database:
        yield database


@pytest.fixture
async def fresh_database(postgres: Postgres, database_name: str) -> AsyncIterator[Database]:
    """A migrated database in which nothing has happened yet."""
    async with opened(await postgres.make_database(f"{database_name}_fresh")) as database:
        yield database
