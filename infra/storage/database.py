"""The way to PostgreSQL: a bounded pool, transactions that belong to one tenant, our own errors, limits on every wait.

All work on tenants' rows happens inside ``async with database.tenant(id) as connection:``, one transaction that row
level security confines to that tenant. A job that concerns all tenants visits them one after the other (``tenants()``
lists them): it costs a small transaction for each, and there is no role, view or function through which one mistake
could show everybody's rows. ``untenanted()`` is for tables that hold no tenant's rows; of the others it sees nothing.

Refuses: a role that row level security does not bind; statements without a limit in time; SQL of its own beyond that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from infra.storage.errors import (
    AccessRefused,
    ConstraintBroken,
    DatabaseUnavailable,
    RoleTooPowerful,
    StatementTimedOut,
    StorageError,
    ValueNotHeld,
)

Connection: TypeAlias = psycopg.AsyncConnection[tuple[Any, ...]]

CONNECT_LIMIT = 5
"""Seconds to connect, and to wait for a free connection."""

STATEMENT_LIMIT = 10
"""Seconds for one statement, told to the server."""

TRANSACTION_LIMIT = 20.0
"""Seconds for a whole transaction, kept by ourselves: a server that is stopped does not keep limits."""

_LIMITS = (
    f"-c statement_timeout={STATEMENT_LIMIT}s -c lock_timeout={STATEMENT_LIMIT // 2}s "
    "-c idle_in_transaction_session_timeout=60s -c synchronous_commit=on -c timezone=UTC"
)

_POWERS = """
SELECT rolname FROM pg_roles
WHERE (rolsuper OR rolbypassrls) AND pg_has_role(current_user, oid, 'MEMBER')
ORDER BY rolname LIMIT 1
"""


class Database:
    """One node's connections: at most ``pool_size`` that are shared, and those that ``connect`` hands out."""

    def __init__(self, url: str, pool_size: int = 8) -> None:
        self._url = with_limits(url)
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            self._url,
            min_size=1,
            max_size=pool_size,
            open=False,
            timeout=CONNECT_LIMIT,
            max_waiting=pool_size * 32,
            # Whoever asks must not get a connection that died with the server in the meantime.
            check=AsyncConnectionPool.check_connection,
            reset=_as_lent,
            name="aicc",
        )

    async def open(self, timeout: float = 15.0) -> None:
        """Connect. Raises ``RoleTooPowerful`` and ``DatabaseUnavailable``."""
        await refuse_powerful_role(self._url)
        with translated():
            await self._pool.open(wait=True, timeout=timeout)

    async def close(self) -> None:
        """Close the pool; those who hold a connection have 5 s."""
        await self._pool.close(timeout=5.0)

    @asynccontextmanager
    async def tenant(self, tenant: str) -> AsyncIterator[Connection]:
        """A transaction in which only the rows of ``tenant`` exist. Committed at the end, rolled back on an exception.

        Raises ``AccessRefused`` for a write to another tenant's rows, and the other errors of ``infra.storage.errors``.
        """
        async with self.untenanted() as connection:
            await set_tenant(connection, tenant)
            yield connection

    @asynccontextmanager
    async def untenanted(self) -> AsyncIterator[Connection]:
        """A transaction that belongs to no tenant and sees none's rows."""
        with translated():
            try:
                async with asyncio.timeout(TRANSACTION_LIMIT), self._pool.connection() as connection:
                    yield connection
            except TimeoutError as error:
                raise DatabaseUnavailable(f"the database did not answer within {TRANSACTION_LIMIT:.0f} s") from error

    @property
    def pool(self) -> AsyncConnectionPool[Connection]:
        """The shared connections, for a library that asks for them itself; what it does with them names no tenant."""
        return self._pool

    async def connect(self) -> Connection:
        """A connection of one's own, in autocommit mode, not counted in the pool: for a writer or a listener.

        Whoever takes it closes it. Raises ``DatabaseUnavailable``.
        """
        with translated():
            return await psycopg.AsyncConnection.connect(self._url, autocommit=True)

    async def tenants(self) -> list[str]:
        """All tenants' ids, in order."""
        async with self.untenanted() as connection:
            rows = await (await connection.execute("SELECT tenant FROM tenants ORDER BY tenant")).fetchall()
        return [row[0] for row in rows]

    async def enter_tenant(self, tenant: str) -> None:
        """Enter a tenant in the directory, if it is not there yet."""
        async with self.tenant(tenant) as connection:
            await connection.execute("INSERT INTO tenants (tenant) VALUES (%s) ON CONFLICT DO NOTHING", (tenant,))


async def _as_lent(connection: Connection) -> None:
    """A connection that came back begins transactions again: whoever is cancelled while the pool checks one may leave
    it committing each statement by itself, where nothing is undone and no tenant is known."""
    if connection.autocommit:
        await connection.set_autocommit(False)


async def set_tenant(connection: Connection, tenant: str) -> None:
    """Let the rest of the transaction belong to ``tenant``. Raises ``ValueError`` for an empty name."""
    if not tenant:
        raise ValueError("a transaction needs the name of its tenant")
    await connection.execute("SELECT set_config('app.tenant', %s, true)", (tenant,))


async def refuse_powerful_role(url: str) -> None:
    """Raise ``RoleTooPowerful`` when the role of ``url`` is one that row level security does not bind, or may be it."""
    with translated():
        connection = await psycopg.AsyncConnection.connect(with_limits(url), autocommit=True)
        async with connection:
            found = await (await connection.execute(_POWERS)).fetchone()
            if found is not None:
                role = connection.info.user
                power = "is" if found[0] == role else f"may become {found[0]}, which is"
                raise RoleTooPowerful(
                    f"the database role {role!r} {power} a superuser or has BYPASSRLS, so that tenants would not be "
                    "kept apart: give AICC_DATABASE_URL a role WITH NOSUPERUSER NOBYPASSRLS"
                )


def with_limits(url: str) -> str:
    """The URL as connection parameters with our limits; options that it brings itself win."""
    own = str(conninfo_to_dict(url).get("options") or "")
    return make_conninfo(
        url,
        options=f"{_LIMITS} {own}".strip(),
        connect_timeout=CONNECT_LIMIT,
        application_name="aicc",
        # A server that vanished from the network is noticed within half a minute, also by who only listens.
        keepalives_idle=15,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=30_000,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ``infra.storage.errors``."""
    try:
        yield
    except (PoolTimeout, PoolClosed, TooManyRequests) as error:
        raise DatabaseUnavailable(f"no connection to the database is to be had: {error}") from error
    except psycopg.Error as error:
        raise translate(error) from error


def translate(error: psycopg.Error) -> StorageError:
    """The error of ours that says what one of the driver's means."""
    # Not str(error): its details quote rows, and rows are about people.
    said = error.diag.message_primary or str(error)
    # The order matters: time-outs and refusals are operational errors to the driver.
    match error:
        case errors.QueryCanceled() | errors.LockNotAvailable() | errors.DeadlockDetected():
            return StatementTimedOut(f"the database gave up on a statement: {said}")
        case errors.InsufficientPrivilege():
            return AccessRefused(f"the database refused, which means a wrong tenant or a missing right: {said}")
        case psycopg.IntegrityError():
            return ConstraintBroken(f"the database holds something that contradicts this: {said}")
        case psycopg.DataError():
            return ValueNotHeld(f"the database cannot hold such a value: {said}")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return DatabaseUnavailable(f"the database cannot be reached: {said}")
        case _:
            return StorageError(f"the database could not do it: {said}")
