"""Callers who are remembered in a real database: known on the next contact, gone for good once they say so."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg

from dialog.memory.postgres import PostgresMemory
from dialog.releases.release import Release
from infra.storage.database import Database
from tests.dialog.memory.surroundings import NUMBER, Rememberer
from tests.postgres import Postgres

TABLES = ("memory_agreements", "memory_preferences", "memory_contacts", "memory_erasures")


async def tenant_of(database: Database, release: Release) -> Rememberer:
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return Rememberer(release, store=PostgresMemory(database, tenant), tenant=tenant, within=20.0)


async def rows(postgres: Postgres, database_name: str, tenant: str) -> dict[str, list[dict[str, Any]]]:
    connection = await psycopg.AsyncConnection.connect(postgres.superuser_url(database_name), autocommit=True)
    async with connection:
        return {
            table: [
                row[0]
                for row in await (
                    await connection.execute(f"SELECT to_jsonb(t) FROM {table} t WHERE tenant = %s".encode(), (tenant,))
                ).fetchall()
            ]
            for table in TABLES
        }


async def test_known_on_the_next_contact_and_gone_once_they_say_so(
    database: Database, postgres: Postgres, database_name: str, release: Release
) -> None:
    here, there = await tenant_of(database, release), await tenant_of(database, release)

    first = await here.call("ko")
    for words in ("포인트 유효 기간이 어떻게 되나요", "천천히 다시 말씀해 주세요", "아니요 없어요", "네"):
        await first.say(words)
    await here.end(first)

    known = await rows(postgres, database_name, here.tenant)
    assert [len(known[table]) for table in TABLES] == [1, 1, 1, 0]
    written = json.dumps(known, ensure_ascii=False)
    for private in (NUMBER, NUMBER[3:], "포인트", "유효", "말씀"):
        assert private not in written.replace(here.tenant, "")

    second = await here.call("en")
    assert second.conversation.language == "ko"
    elsewhere = await there.call("en")
    assert elsewhere.conversation.language == "en"
    assert elsewhere.conversation.recollection.contacts == ()

    await second.say("제 정보 지워 주세요")
    await second.say("네")
    await here.end(second)
    left = await rows(postgres, database_name, here.tenant)
    assert [len(left[table]) for table in TABLES] == [0, 0, 0, 1]
    [tombstone] = left["memory_erasures"]
    assert (tombstone["by"], tombstone["kinds"]) == ("caller", ["agreement", "preferences", "contacts"])

    third = await here.call("en")
    assert third.conversation.language == "en"
    assert third.conversation.recollection.contacts == ()
