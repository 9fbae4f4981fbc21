"""A real PostgreSQL for the tests: one embedded server for a run, shared by its xdist workers, a database for each.

The server's folder is named after the run's main process, so that the workers, its children, find the same one; the
last to leave stops it, as in production. It does not lie in pytest's own temporary folder: pytest keeps that closed
to other accounts, and PostgreSQL runs as another account when the tests run as root.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from infra.storage.database import Database
from infra.storage.embedded import APPLICATION_ROLE, SUPERUSER, EmbeddedPostgres
from infra.storage.migrate import migrate


def run_folder(main_process: int) -> Path:
    return Path(tempfile.gettempdir()) / f"aicc-tests-{main_process}"


class Postgres:
    """A running server. ``url(database)`` is of the powerless role that all work is done with."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server

    def url(self, database: str) -> str:
        return self.server.url(APPLICATION_ROLE, database)

    def superuser_url(self, database: str) -> str:
        return self.server.url(SUPERUSER, database)

    async def make_database(self, name: str, *, migrated: bool = True) -> str:
        """An empty database of that name (an older one goes); its URL for the powerless role."""
        await self.run_as_superuser(
            "postgres", sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        await self.server.ensure_database(name)
        if migrated:
            await migrate(self.superuser_url(name), APPLICATION_ROLE)
        return self.url(name)

    async def run_as_superuser(self, database: str, *statements: str | sql.Composed) -> None:
        connection = await psycopg.AsyncConnection.connect(self.superuser_url(database), autocommit=True)
        async with connection:
            for statement in statements:
                await connection.execute(statement)

    def kill(self) -> None:
        pid = self.server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


async def until(happened: Callable[[], Awaitable[bool]], limit: float = 20.0) -> float:
    """Wait for what another process does; the seconds it took."""
    begun = time.monotonic()
    async with asyncio.timeout(limit):
        while not await happened():
            await asyncio.sleep(0.01)
    return time.monotonic() - begun


@asynccontextmanager
async def opened(url: str, pool_size: int = 4) -> AsyncIterator[Database]:
    database = Database(url, pool_size)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def server_of_its_own() -> Iterator[Postgres]:
    """A server that tests may kill."""
    folder = Path(tempfile.mkdtemp(prefix="aicc-test-"))
    server = EmbeddedPostgres(folder / "postgres")
    postgres = Postgres(server)

    async def dead() -> bool:
        return not server.alive()

    async def stop() -> None:
        if server.alive():  # what it holds is thrown away, so that it need not be written down first
            postgres.kill()
        await until(dead)
        await server.stop()

    try:
        asyncio.run(server.start())
        yield postgres
    finally:
        asyncio.run(stop())
        shutil.rmtree(folder, ignore_errors=True)
