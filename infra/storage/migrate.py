"""Brings a database's schema up to date with numbered SQL files, each applied once, in order, in its own transaction.

A file is ``NNNN_what_it_does.sql``. What was applied is kept with a checksum in ``schema_migrations``: a file that was
changed afterwards is an error, never silently skipped. An advisory lock lets nodes start at the same time. A database
that is ahead of the files is accepted, since in a rolling upgrade the older node shares the schema with the newer.

In a file, ``{application_role}`` stands for the (quoted) role that does the daily work, which gets only the rights that
the file grants, and ``{job_queue}`` for the tables of the queue of jobs as its package brings them. No other
substitution takes place.

Refuses: going back. A mistake is mended by a further migration.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
import structlog
from psycopg import sql

from infra.storage.errors import DatabaseUnavailable, MigrationError

DIRECTORY = Path(__file__).parent / "migrations"

LOCK_LIMIT = 30
"""Seconds that one node waits for another that is migrating."""

_FILE_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.sql")
_ROLE = "{application_role}"
_JOB_QUEUE = "{job_queue}"
_LOCK = 0x61696363  # "aicc"

_TABLE = b"""
CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. ``checksum`` is the SHA-256 of its text, in hexadecimal."""

    number: int
    name: str
    text: str
    checksum: str


def read_migrations(directory: Path = DIRECTORY) -> list[Migration]:
    """The files in order. Raises ``MigrationError`` for a name that is not one, a number taken twice, or a gap."""
    found = []
    for path in sorted(directory.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path} is not named NNNN_what_it_does.sql")
        text = path.read_text(encoding="utf-8")
        checksum = hashlib.sha256(text.encode()).hexdigest()
        found.append(Migration(int(match["number"]), match["name"], text, checksum))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationError(f"the migrations in {directory} are not numbered 0001, 0002, … without a gap")
    return found


async def migrate(url: str, application_role: str, directory: Path = DIRECTORY) -> list[Migration]:
    """Apply what is missing and return it. ``url`` is of a role that may create tables in the database.

    Raises ``MigrationError`` (nothing of the failed migration remains) and ``DatabaseUnavailable``.
    """
    migrations = read_migrations(directory)
    try:
        connection = await psycopg.AsyncConnection.connect(url, connect_timeout=10, autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the database to migrate cannot be reached: {error}") from error
    async with connection:
        try:
            await connection.execute(f"SET lock_timeout = '{LOCK_LIMIT}s'".encode())
            await connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            await connection.execute(_TABLE)
            return [m for m in migrations if await _apply(connection, m, application_role)]
        except psycopg.errors.LockNotAvailable as error:
            raise MigrationError(f"another node has been migrating for over {LOCK_LIMIT} s: is it stuck?") from error
        except psycopg.Error as error:
            raise MigrationError(f"the schema could not be brought up to date: {error}") from error


async def _apply(
    connection: psycopg.AsyncConnection[tuple[object, ...]], migration: Migration, application_role: str
) -> bool:
    label = f"{migration.number:04}_{migration.name}"
    cursor = await connection.execute("SELECT checksum FROM schema_migrations WHERE number = %s", (migration.number,))
    applied = await cursor.fetchone()
    if applied is not None:
        if applied[0] != migration.checksum:
            raise MigrationError(
                f"migration {label} was changed after it had been applied here: restore it and write a new one"
            )
        return False
    role = sql.Identifier(application_role).as_string(connection)
    text = migration.text.replace(_ROLE, role)
    if _JOB_QUEUE in text:
        from infra.storage.job_queue import schema  # its package takes a third of a second to import

        text = text.replace(_JOB_QUEUE, schema())
    try:
        async with connection.transaction():
            await connection.execute(text.encode())
            await connection.execute(
                "INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)",
                (migration.number, migration.name, migration.checksum),
            )
    except psycopg.Error as error:
        raise MigrationError(f"migration {label} failed and left nothing behind: {error}") from error
    _log.info("migration applied", migration=label)
    return True
