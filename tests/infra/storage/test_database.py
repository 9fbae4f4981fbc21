"""Tenants are kept apart by the database itself, and no wait is without an end."""

from __future__ import annotations

import uuid

import psycopg
import pytest

from infra.storage.database import Database, refuse_powerful_role, translate, with_limits
from infra.storage.errors import (
    AccessRefused,
    ConstraintBroken,
    DatabaseUnavailable,
    RoleTooPowerful,
    StatementTimedOut,
    StorageError,
    ValueNotHeld,
)
from tests.postgres import Postgres, opened

CALL = """
INSERT INTO calls (tenant, call_id, line, language, direction, channel, started_at, node, epoch)
VALUES (%s, 'c1', 'l', 'ko', 'inbound', 'voice', now(), 'n', 1)
"""
EVENT = "INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload) VALUES (%s, 'c1', 1, now(), 'k', '{}')"
TABLES = ("calls", "contact_events", "handoffs")


@pytest.fixture
async def tenants(database: Database) -> tuple[str, str]:
    """Two tenants with a call, an event and a hand-off each."""
    pair = (f"a-{uuid.uuid4().hex}", f"b-{uuid.uuid4().hex}")
    for tenant in pair:
        await database.enter_tenant(tenant)
        async with database.tenant(tenant) as connection:
            await connection.execute(CALL, (tenant,))
            await connection.execute(EVENT, (tenant,))
            await connection.execute(
                "INSERT INTO handoffs (tenant, handoff_id, call_id, reason, queue, skills, summary, state, created_at) "
                "VALUES (%s, 'h1', 'c1', 'r', 'q', '{}', '{}', 'queued', now())",
                (tenant,),
            )
    return pair


async def count(database: Database, table: str, tenant: str | None) -> int:
    context = database.untenanted() if tenant is None else database.tenant(tenant)
    async with context as connection:
        row = await (await connection.execute(f"SELECT count(*) FROM {table}")).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("table", TABLES)
async def test_a_tenant_sees_its_own_rows_and_no_others(
    database: Database, tenants: tuple[str, str], table: str
) -> None:
    for tenant in tenants:
        async with database.tenant(tenant) as connection:
            rows = await (await connection.execute(f"SELECT tenant FROM {table}")).fetchall()
        assert rows == [(tenant,)]


@pytest.mark.parametrize("table", TABLES)
async def test_who_names_no_tenant_sees_nothing(database: Database, tenants: tuple[str, str], table: str) -> None:
    assert await count(database, table, tenants[0]) == 1
    # Also on the connection that has just served a tenant.
    for _ in range(5):
        assert await count(database, table, None) == 0


async def test_a_row_of_another_tenant_is_refused(database: Database, tenants: tuple[str, str]) -> None:
    mine, other = tenants
    with pytest.raises(AccessRefused):
        async with database.tenant(mine) as connection:
            await connection.execute(EVENT.replace("'c1'", "'c2'"), (other,))
    with pytest.raises(AccessRefused):
        async with database.untenanted() as connection:
            await connection.execute(EVENT.replace("'c1'", "'c2'"), (other,))


async def test_anothers_rows_cannot_be_changed_or_given_away(database: Database, tenants: tuple[str, str]) -> None:
    mine, other = tenants
    async with database.tenant(mine) as connection:
        changed = await connection.execute("UPDATE calls SET language = 'en' WHERE tenant = %s", (other,))
        assert changed.rowcount == 0
    with pytest.raises(AccessRefused):
        async with database.tenant(mine) as connection:
            await connection.execute("UPDATE calls SET tenant = %s", (other,))


@pytest.mark.parametrize("statement", ["UPDATE contact_events SET kind = 'x'", "DELETE FROM contact_events"])
async def test_what_was_logged_is_not_changed(database: Database, tenants: tuple[str, str], statement: str) -> None:
    with pytest.raises(AccessRefused):
        async with database.tenant(tenants[0]) as connection:
            await connection.execute(statement)


async def test_not_even_the_owner_of_the_table_changes_or_sees_it(
    postgres: Postgres, database_name: str, database: Database, tenants: tuple[str, str]
) -> None:
    owner = f"owner_{uuid.uuid4().hex}"
    await postgres.run_as_superuser(
        database_name,
        f"CREATE ROLE {owner} LOGIN",
        f"ALTER TABLE contact_events OWNER TO {owner}",
        f"GRANT SELECT, UPDATE ON calls TO {owner}",  # who changes a log holds its call
    )
    try:
        async with opened(postgres.server.url(owner, database_name)) as as_owner:
            assert await count(as_owner, "contact_events", None) == 0
            async with as_owner.tenant(tenants[0]) as connection:
                assert (await connection.execute("UPDATE contact_events SET kind = 'x'")).rowcount == 0
                assert (await connection.execute("DELETE FROM contact_events")).rowcount == 0
    finally:
        await postgres.run_as_superuser(
            database_name,
            "ALTER TABLE contact_events OWNER TO postgres",
            f"DROP OWNED BY {owner}",
            f"DROP ROLE {owner}",
        )


async def test_a_job_for_all_tenants_visits_them_one_by_one(database: Database, tenants: tuple[str, str]) -> None:
    seen = {tenant: await count(database, "calls", tenant) for tenant in await database.tenants()}
    assert {tenant: seen[tenant] for tenant in tenants} == dict.fromkeys(tenants, 1)


async def test_an_exception_takes_everything_back(database: Database, tenants: tuple[str, str]) -> None:
    with pytest.raises(RuntimeError):
        async with database.tenant(tenants[0]) as connection:
            await connection.execute("UPDATE calls SET language = 'xx'")
            raise RuntimeError
    async with database.tenant(tenants[0]) as connection:
        assert await (await connection.execute("SELECT language FROM calls")).fetchone() == ("ko",)


async def test_whoever_had_a_connection_before_everything_is_taken_back(
    database: Database, tenants: tuple[str, str]
) -> None:
    async with database.pool.connection() as connection:  # as a cancelled check of the pool's may leave it
        await connection.set_autocommit(True)
    with pytest.raises(ZeroDivisionError):
        async with database.tenant(tenants[0]) as connection:
            await connection.execute("UPDATE calls SET language = 'xx'")
            raise ZeroDivisionError
    async with database.tenant(tenants[0]) as connection:
        assert await (await connection.execute("SELECT language FROM calls")).fetchone() == ("ko",)


async def test_a_tenant_has_a_name(database: Database) -> None:
    with pytest.raises(ValueError, match="name"):
        async with database.tenant(""):
            pass


async def test_a_superuser_is_refused(postgres: Postgres, database_name: str) -> None:
    with pytest.raises(RoleTooPowerful, match="'postgres' is a superuser"):
        await Database(postgres.superuser_url(database_name)).open()


@pytest.mark.parametrize("power", ["BYPASSRLS", "IN ROLE postgres"])
async def test_a_role_that_gets_around_row_security_is_refused(
    postgres: Postgres, database_name: str, power: str
) -> None:
    role = f"strong_{uuid.uuid4().hex}"
    await postgres.run_as_superuser(database_name, f"CREATE ROLE {role} LOGIN {power}")
    try:
        with pytest.raises(RoleTooPowerful, match=role):
            await refuse_powerful_role(postgres.server.url(role, database_name))
    finally:
        await postgres.run_as_superuser(database_name, f"DROP ROLE {role}")


async def test_a_slow_statement_is_given_up(database_url: str) -> None:
    async with opened(f"{database_url}&options=-c%20statement_timeout%3D1s") as database:
        with pytest.raises(StatementTimedOut):
            async with database.untenanted() as connection:
                await connection.execute("SELECT pg_sleep(30)")
        assert isinstance(await database.tenants(), list)


async def test_a_lost_connection_has_a_name_and_the_next_one_works(database: Database) -> None:
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            async with database.untenanted() as connection:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert isinstance(await database.tenants(), list)


async def test_nobody_gets_a_connection_that_died_while_it_was_idle(
    postgres: Postgres, database_name: str, database: Database
) -> None:
    async with database.untenanted(), database.untenanted():
        pass  # two connections in the pool
    await postgres.run_as_superuser(
        "postgres", f"SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = '{database_name}'"
    )
    assert isinstance(await database.tenants(), list)


async def test_a_server_that_is_not_there_has_a_name() -> None:
    with pytest.raises(DatabaseUnavailable):
        await Database("postgresql://aicc@/aicc?host=/nowhere").open()


async def test_a_connection_of_ones_own_is_not_of_the_pool(database_url: str) -> None:
    async with opened(database_url, pool_size=1) as database, database.untenanted():
        connection = await database.connect()
        assert await (await connection.execute("SELECT current_user")).fetchone() == ("aicc",)
        await connection.close()


async def test_errors_do_not_quote_rows(database: Database, tenants: tuple[str, str]) -> None:
    with pytest.raises(ConstraintBroken) as caught:
        async with database.tenant(tenants[0]) as connection:
            await connection.execute(CALL, (tenants[0],))
    assert "duplicate key" in str(caught.value)
    assert tenants[0] not in str(caught.value)


@pytest.mark.parametrize(
    ("driver", "ours"),
    [
        (psycopg.errors.QueryCanceled, StatementTimedOut),
        (psycopg.errors.DeadlockDetected, StatementTimedOut),
        (psycopg.errors.InsufficientPrivilege, AccessRefused),
        (psycopg.errors.UniqueViolation, ConstraintBroken),
        (psycopg.errors.NumericValueOutOfRange, ValueNotHeld),
        (psycopg.DataError, ValueNotHeld),
        (psycopg.errors.AdminShutdown, DatabaseUnavailable),
        (psycopg.errors.DiskFull, DatabaseUnavailable),
        (psycopg.errors.UndefinedTable, StorageError),
    ],
)
def test_each_error_of_the_driver_has_one_of_ours(driver: type[psycopg.Error], ours: type[StorageError]) -> None:
    assert type(translate(driver("said"))) is ours


def test_limits_are_told_to_the_server_and_the_urls_own_options_win() -> None:
    parameters = with_limits("postgresql://r@h/d?options=-c%20statement_timeout%3D1s")
    assert parameters.index("statement_timeout=10s") < parameters.index("statement_timeout=1s")
    assert "synchronous_commit=on" in parameters
