"""Each subject has one key, durable before it is used, and none after it was shredded."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest

from infra.storage.database import Database
from infra.storage.errors import AccessRefused, KeyShredded, KeyUnavailable, SealBroken
from infra.storage.key_file import FileKeyRing
from infra.storage.subject_keys import AT_ONCE, SubjectKeys


@pytest.fixture
async def tenant(database: Database) -> str:
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return tenant


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyRing:
    return FileKeyRing(tmp_path / "keyring.json")


@pytest.fixture
def keys(database: Database, ring: FileKeyRing) -> SubjectKeys:
    return SubjectKeys(database, ring)


async def run(database: Database, tenant: str, statement: str, *values: object) -> int:
    async with database.tenant(tenant) as connection:
        return (await connection.execute(statement.encode(), values)).rowcount


async def test_a_subject_has_one_key_and_another_subject_another(keys: SubjectKeys, tenant: str) -> None:
    assert await keys.known(tenant, "call-1") is None
    key = await keys.of(tenant, "call-1")
    assert len(key) == 32
    assert await keys.of(tenant, "call-1") == await keys.known(tenant, "call-1") == key
    assert await keys.of(tenant, "call-2") != key


async def test_those_who_ask_at_once_get_the_same_key(keys: SubjectKeys, tenant: str) -> None:
    assert len(set(await asyncio.gather(*(keys.of(tenant, "call-1") for _ in range(8))))) == 1


async def test_the_key_does_not_lie_in_the_database(database: Database, keys: SubjectKeys, tenant: str) -> None:
    key = await keys.of(tenant, "call-1")
    async with database.tenant(tenant) as connection:
        row = await (await connection.execute("SELECT wrapped FROM subject_keys")).fetchone()
    assert row is not None
    assert key not in bytes(row[0])


async def test_a_tenants_keys_are_nobody_elses(database: Database, keys: SubjectKeys, tenant: str) -> None:
    other = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(other)
    ours = await keys.of(tenant, "call-1")
    assert await keys.known(other, "call-1") is None
    assert await keys.of(other, "call-1") != ours


async def test_a_shredded_key_is_gone_for_good(database: Database, keys: SubjectKeys, tenant: str) -> None:
    await keys.of(tenant, "call-1")
    assert await keys.shred(tenant, "call-1")
    for asked in (keys.of(tenant, "call-1"), keys.known(tenant, "call-1")):
        with pytest.raises(KeyShredded):
            await asked
    assert not await keys.shred(tenant, "call-1")
    assert await run(database, tenant, "UPDATE subject_keys SET wrapped = 'x', ring_key = 'k', shredded_at = NULL") == 0


async def test_a_subject_that_is_erased_before_it_has_a_key_gets_none(keys: SubjectKeys, tenant: str) -> None:
    assert not await keys.shred(tenant, "call-1")
    with pytest.raises(KeyShredded):
        await keys.of(tenant, "call-1")


async def test_nobody_deletes_the_row_that_tells_of_it(database: Database, keys: SubjectKeys, tenant: str) -> None:
    await keys.shred(tenant, "call-1")
    with pytest.raises(AccessRefused):
        await run(database, tenant, "DELETE FROM subject_keys")


async def test_a_key_that_was_moved_to_another_subject_does_not_open(
    database: Database, keys: SubjectKeys, tenant: str
) -> None:
    await keys.of(tenant, "call-1")
    await run(database, tenant, "UPDATE subject_keys SET subject = %s", "call-2")
    with pytest.raises(SealBroken):
        await keys.of(tenant, "call-2")


async def test_after_a_rotation_all_keys_are_wrapped_anew_and_stay_the_same(
    database: Database, keys: SubjectKeys, ring: FileKeyRing, tenant: str
) -> None:
    before = await ring.current()
    made = {subject: await keys.of(tenant, subject) for subject in ("call-1", "call-2", "call-3")}
    await keys.shred(tenant, "call-3")
    after = await ring.rotate()
    await keys.of(tenant, "call-4")
    assert await keys.census(tenant) == {before: 2, after: 1}
    assert await keys.rewrap(tenant) == 2
    assert await keys.census(tenant) == {after: 3}
    assert await keys.rewrap(tenant) == 0
    assert {subject: await keys.known(tenant, subject) for subject in ("call-1", "call-2")} == {
        subject: made[subject] for subject in ("call-1", "call-2")
    }


async def test_more_keys_than_are_read_at_once_are_wrapped_anew(
    keys: SubjectKeys, ring: FileKeyRing, tenant: str
) -> None:
    for number in range(AT_ONCE + 3):
        await keys.of(tenant, f"call-{number}")
    await ring.rotate()
    assert await keys.rewrap(tenant) == AT_ONCE + 3


async def test_without_its_ring_a_key_stays_shut(
    database: Database, keys: SubjectKeys, tenant: str, tmp_path: Path
) -> None:
    await keys.of(tenant, "call-1")
    with pytest.raises(KeyUnavailable):
        await SubjectKeys(database, FileKeyRing(tmp_path / "another.json")).of(tenant, "call-1")
