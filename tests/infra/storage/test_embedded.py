"""The embedded PostgreSQL starts, is shared, survives what kills it, and does not trust what a dead one left behind."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from infra.storage import embedded
from infra.storage.embedded import LONGEST_SOCKET_PATH, SUPERUSER, EmbeddedPostgres, binaries
from infra.storage.errors import EmbeddedPostgresFailed, EmbeddedPostgresMissing
from tests.postgres import Postgres, until


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A folder with an initialised cluster that is not running; each test leaves it so."""
    folder = Path(tempfile.mkdtemp(prefix="aicc-test-"))

    async def initialise() -> None:
        server = EmbeddedPostgres(folder / "postgres")
        await server.start()
        await server.ensure_database()
        await server.stop()

    asyncio.run(initialise())
    yield folder / "postgres"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def users(cluster: Path) -> AsyncIterator[Callable[[], EmbeddedPostgres]]:
    """Makes users of the cluster as other processes would be, and lets all of them go at the end."""
    made: list[EmbeddedPostgres] = []

    def make() -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(cluster))
        return made[-1]

    yield make
    for server in made:
        await server.stop()
    assert not EmbeddedPostgres(cluster).alive()


async def answer(server: EmbeddedPostgres) -> object:
    async with await psycopg.AsyncConnection.connect(server.url()) as connection:
        return await (await connection.execute("SELECT current_user")).fetchone()


async def kill(server: EmbeddedPostgres) -> None:
    """Kill the postmaster and wait until all its children have noticed."""

    async def dead() -> bool:
        return not server.alive()

    Postgres(server).kill()
    await until(dead)


async def test_all_work_is_done_by_a_role_without_power(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        powers = await connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert await powers.fetchone() == (False, False, False, False)


async def test_it_is_durable_and_not_on_the_network(database_url: str) -> None:
    wanted = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": ""}
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await (
            await connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(wanted),))
        ).fetchall()
    assert dict(rows) == wanted


async def test_nobody_else_may_enter_its_folder(postgres: Postgres) -> None:
    assert postgres.server.directory.stat().st_mode & 0o077 == 0


async def test_a_second_user_attaches_and_the_last_one_stops_it(users: Callable[[], EmbeddedPostgres]) -> None:
    first, second = users(), users()
    await first.start()
    await second.start()
    assert first.pid == second.pid
    await first.stop()
    assert second.alive()
    assert await answer(second) == ("aicc",)
    await second.stop()
    assert not second.alive()


async def test_users_that_start_together_get_one_server(users: Callable[[], EmbeddedPostgres]) -> None:
    together = [users() for _ in range(4)]
    await asyncio.gather(*(server.start() for server in together))
    assert len({server.pid for server in together}) == 1


async def test_stopping_twice_or_without_a_start_is_nothing(users: Callable[[], EmbeddedPostgres]) -> None:
    server = users()
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()


async def test_a_killed_postmaster_is_started_again(
    users: Callable[[], EmbeddedPostgres],
) -> None:
    server = users()
    await server.start()
    before = server.pid
    await kill(server)
    await server.start()
    assert server.pid != before
    assert await answer(server) == ("aicc",)


async def test_stopping_right_after_it_was_killed_is_no_trouble(users: Callable[[], EmbeddedPostgres]) -> None:
    server = users()
    await server.start()
    Postgres(server).kill()
    async with asyncio.timeout(20):
        await server.stop()
    assert not server.alive()


async def test_a_start_that_was_given_up_leaves_nothing_running(users: Callable[[], EmbeddedPostgres]) -> None:
    server = users()

    async def lives() -> bool:
        return server.alive()

    starting = asyncio.create_task(server.start())
    await until(lives)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await server.stop()
    assert not server.alive()


@pytest.fixture
def stranger(cluster: Path) -> Iterator[int]:
    """A living process of the server's account that has nothing to do with it."""
    account = {"user": cluster.stat().st_uid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **account) as process:
        yield process.pid
        process.kill()


async def test_a_stale_pid_that_is_somebody_elses_now_does_not_matter(
    users: Callable[[], EmbeddedPostgres], stranger: int
) -> None:
    server = users()
    await server.start()
    pid_file = server.directory / "data" / "postmaster.pid"
    text = pid_file.read_text()
    await kill(server)
    # As after a reboot: the number has been given to another.
    pid_file.write_text(text.replace(text.split("\n")[0], str(stranger), 1))
    await server.start()
    assert await answer(server) == ("aicc",)


@pytest.fixture
def half_made() -> Iterator[Path]:
    """What a process leaves that is killed in the middle of the very first start."""
    folder = Path(tempfile.mkdtemp(prefix="aicc-test-"))
    unborn = folder / "postgres" / "data.unborn"
    unborn.mkdir(parents=True)
    (unborn / "PG_VERSION").write_text("18")
    yield folder / "postgres"
    shutil.rmtree(folder)


async def test_half_an_initialisation_does_not_exist(half_made: Path) -> None:
    server = EmbeddedPostgres(half_made)
    await server.start()
    await server.ensure_database()
    assert await answer(server) == ("aicc",)
    await server.stop()


@pytest.fixture
def obstructed() -> Iterator[Path]:
    """A data directory that is a file."""
    folder = Path(tempfile.mkdtemp(prefix="aicc-test-"))
    (folder / "postgres").write_text("a file")
    yield folder / "postgres"
    shutil.rmtree(folder)


async def test_a_folder_that_will_not_do_says_so(obstructed: Path) -> None:
    with pytest.raises(EmbeddedPostgresFailed, match="another data directory"):
        await EmbeddedPostgres(obstructed).start()


async def test_another_major_version_is_refused(cluster: Path, users: Callable[[], EmbeddedPostgres]) -> None:
    version = cluster / "data" / "PG_VERSION"
    version.write_text("16\n")
    try:
        with pytest.raises(EmbeddedPostgresFailed, match="made by PostgreSQL 16"):
            await users().start()
    finally:
        version.write_text("18\n")


async def test_one_that_cannot_start_says_why(
    cluster: Path, users: Callable[[], EmbeddedPostgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "MOST_BIRTHS", 1)
    control = cluster / "data" / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))
    try:
        with pytest.raises(EmbeddedPostgresFailed, match="died 2 times") as caught:
            await users().start()
        assert "control" in str(caught.value), "the end of the server's log belongs in the message"
    finally:
        control.with_suffix(".away").rename(control)


async def test_the_log_does_not_grow_for_ever(
    cluster: Path, users: Callable[[], EmbeddedPostgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "LARGEST_LOG", 10)
    await users().start()
    assert (cluster / "server.log.old").exists()


MULTIPLIES_MEANWHILE = """
import asyncio, sys, threading
from pathlib import Path
import numpy as np
from infra.storage.embedded import EmbeddedPostgres

def multiply():
    square = np.ones((400, 400))
    while True:
        square @ square

threading.Thread(target=multiply, daemon=True).start()

async def start_and_stop():
    server = EmbeddedPostgres(Path(sys.argv[1]))
    await server.start()
    await server.stop()

for _ in range(3):
    asyncio.run(start_and_stop())
"""


def test_it_starts_beside_a_thread_that_multiplies_matrices(cluster: Path) -> None:
    """A fork would wait for the threads of a BLAS, and they for the interpreter's lock that it holds."""
    subprocess.run(
        [sys.executable, "-c", MULTIPLIES_MEANWHILE, str(cluster)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "2"},
        cwd=Path(__file__).parents[3],
        timeout=300,
        check=True,
    )


def test_the_sockets_path_fits_however_long_the_folders_is(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 40) / "postgres")
    host = psycopg.conninfo.conninfo_to_dict(server.url(SUPERUSER))["host"]
    assert len(f"{host}/.s.PGSQL.5432") <= LONGEST_SOCKET_PATH


@pytest.fixture
def squatted(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPostgres]:
    """A server whose socket's place in a shared folder was taken by somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="aicc-test-"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    server = EmbeddedPostgres(folder / ("long" * 40) / "postgres")
    place = Path(str(psycopg.conninfo.conninfo_to_dict(server.url())["host"]))
    place.mkdir()
    place.chmod(0o777)
    yield server
    shutil.rmtree(folder)


async def test_a_foreign_socket_folder_is_refused(squatted: EmbeddedPostgres) -> None:
    with pytest.raises(EmbeddedPostgresFailed, match="not a private folder"):
        await squatted.start()
    await squatted.stop()


def test_without_binaries_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EmbeddedPostgresMissing, match="AICC_DATABASE_URL"):
        binaries()
