"""What the tables themselves see to; the promises of every store are in ``tests/contracts``."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from dialog.memory.memory import Agreement, EarlierContact, Eraser, Preferences, Remembered
from dialog.memory.postgres import PostgresMemory
from infra.storage.database import Database
from infra.storage.errors import StorageError
from tests.postgres import Postgres

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)
SUBJECT = f"number:{'c' * 64}"
YES = Agreement(True, NOW, "ko:3f2a", "c-1")
LIKED = Preferences("ko", 2, 1, "phone")
TABLES = ("memory_agreements", "memory_preferences", "memory_contacts", "memory_erasures")


@pytest.fixture
async def tenant(database: Database) -> str:
    name = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(name)
    return name


def contact(name: str) -> EarlierContact:
    return EarlierContact(name, NOW, "phone", "ko", "returns")


async def raw(postgres: Postgres, database_name: str, tenant: str) -> dict[str, list[Any]]:
    """Every row that there is of a tenant, as nobody but the owner of the server sees them."""
    connection = await psycopg.AsyncConnection.connect(postgres.superuser_url(database_name), autocommit=True)
    async with connection:
        return {
            table: await (
                await connection.execute(f"SELECT * FROM {table} WHERE tenant = %s".encode(), (tenant,))
            ).fetchall()
            for table in TABLES
        }


async def test_of_who_is_forgotten_no_row_remains_but_the_one_that_says_so(
    database: Database, postgres: Postgres, database_name: str, tenant: str
) -> None:
    store = PostgresMemory(database, tenant)
    await store.agree(SUBJECT, YES)
    await store.keep(SUBJECT, NOW, LIKED, contact("c-1"))
    before = await raw(postgres, database_name, tenant)
    assert [len(before[table]) for table in TABLES] == [1, 1, 1, 0]
    await store.forget(SUBJECT, NOW, Eraser.CALLER, "key-1")
    after = await raw(postgres, database_name, tenant)
    assert [len(after[table]) for table in TABLES] == [0, 0, 0, 1]
    [tombstone] = after["memory_erasures"]
    assert tombstone[2:] == (SUBJECT, NOW, "caller", ["agreement", "preferences", "contacts"], "key-1")


async def test_what_is_swept_is_not_there_any_more(
    database: Database, postgres: Postgres, database_name: str, tenant: str
) -> None:
    store = PostgresMemory(database, tenant)
    await store.agree(SUBJECT, YES)
    await store.keep(SUBJECT, NOW, LIKED, contact("c-1"))
    assert await store.sweep(NOW + timedelta(seconds=1)) == 1
    rows = await raw(postgres, database_name, tenant)
    assert [len(rows[table]) for table in TABLES] == [0, 0, 0, 0]


async def test_a_tenants_customer_is_unknown_to_another_tenant(database: Database, tenant: str) -> None:
    store = PostgresMemory(database, tenant)
    await store.agree(SUBJECT, YES)
    await store.keep(SUBJECT, NOW, LIKED, contact("c-1"))
    other = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(other)
    elsewhere = PostgresMemory(database, other)
    assert await elsewhere.recall(SUBJECT, LONG_AGO) == Remembered()
    await elsewhere.forget(SUBJECT, NOW, Eraser.API)
    await elsewhere.sweep(NOW + timedelta(days=1))
    assert (await store.recall(SUBJECT, LONG_AGO)).agreed


async def test_nothing_can_be_written_that_nobody_agreed_to(database: Database, tenant: str) -> None:
    with pytest.raises(StorageError):
        async with database.tenant(tenant) as connection:
            await connection.execute(
                "INSERT INTO memory_preferences VALUES (%s, %s, 'ko', 0, 0, 'phone')", (tenant, SUBJECT)
            )


async def test_that_something_was_forgotten_cannot_be_taken_back(database: Database, tenant: str) -> None:
    await PostgresMemory(database, tenant).forget(SUBJECT, NOW, Eraser.CALLER)
    for statement in ("DELETE FROM memory_erasures", "UPDATE memory_erasures SET by = 'api'"):
        with pytest.raises(StorageError):
            async with database.tenant(tenant) as connection:
                await connection.execute(statement.encode())


async def test_what_is_kept_while_it_is_forgotten_does_not_stay(database: Database, tenant: str) -> None:
    store = PostgresMemory(database, tenant)
    await store.agree(SUBJECT, YES)
    keeping = [store.keep(SUBJECT, NOW, LIKED, contact(f"c-{number}")) for number in range(12)]
    await asyncio.gather(*keeping[:6], store.forget(SUBJECT, NOW, Eraser.API), *keeping[6:])
    assert await store.left([SUBJECT]) == 0
    assert (await store.recall(SUBJECT, LONG_AGO)).contacts == ()
