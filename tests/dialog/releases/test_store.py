from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from dialog.errors import ReleaseInvalid, ReleaseUnknown
from dialog.releases.content import Content, read_content
from dialog.releases.store import ReleaseStore
from infra.storage.database import Database
from infra.storage.errors import StorageError


@pytest.fixture
async def tenant(database: Database) -> str:
    tenant = f"t-{uuid.uuid4().hex[:12]}"
    await database.enter_tenant(tenant)
    return tenant


@pytest.fixture
def store(database: Database, tenant: str) -> ReleaseStore:
    return ReleaseStore(database, tenant)


@pytest.fixture
def release(tmp_path: Path, tenant: str) -> Content:
    (tmp_path / "tenant.yaml").write_text(f"id: {tenant}\n")
    return read_content(tmp_path, tenant, {"embedding": "built-in"})


def changed(tmp_path: Path, tenant: str) -> Content:
    (tmp_path / "tenant.yaml").write_text(f"id: {tenant}\n# changed\n")
    return read_content(tmp_path, tenant, {"embedding": "built-in"})


async def test_what_was_kept_is_read_back_by_name_beginning_and_label(store: ReleaseStore, release: Content) -> None:
    name = await store.add(release, "first")
    assert name == release.manifest.id
    assert await store.promote(name[:8], "prod", by="an operator") == name
    assert await store.promote("prod", "canary", by="an operator") == name
    for called in (name, name[:8], "prod", "canary"):
        assert await store.read(called) == release
    [listed] = await store.latest()
    assert (listed.id, listed.note, listed.labels) == (name, "first", ("canary", "prod"))


async def test_keeping_it_again_changes_nothing(store: ReleaseStore, release: Content) -> None:
    await store.add(release, "first")
    await store.add(release, "second")
    assert [listed.note for listed in await store.latest()] == ["first"]


async def test_a_label_moves_and_its_way_is_known(
    store: ReleaseStore, release: Content, tmp_path: Path, tenant: str
) -> None:
    first, second = await store.add(release, ""), await store.add(changed(tmp_path, tenant), "")
    for name in (first, second, first):
        await store.promote(name, "prod", by="an operator")
    assert [move.release for move in await store.moves("prod")] == [first, second, first]
    assert await store.find("prod") == first
    assert {listed.id: listed.labels for listed in await store.latest()} == {first: ("prod",), second: ()}


@pytest.mark.parametrize("called", ["prod", "abcdef", "", "x%"])
async def test_what_is_not_there_is_told(store: ReleaseStore, release: Content, called: str) -> None:
    await store.add(release, "")
    with pytest.raises(ReleaseUnknown, match="release list"):
        await store.read(called)


@pytest.mark.parametrize("label", ["Prod", "", "-x", "abcdef", "a" * 33, "a b"])
async def test_a_label_cannot_look_like_anything(store: ReleaseStore, release: Content, label: str) -> None:
    name = await store.add(release, "")
    with pytest.raises(ReleaseInvalid):
        await store.promote(name, label, by="an operator")


async def test_another_tenants_releases_do_not_exist(database: Database, store: ReleaseStore, release: Content) -> None:
    name = await store.add(release, "")
    await database.enter_tenant("another-shop")
    other = ReleaseStore(database, "another-shop")
    with pytest.raises(ReleaseUnknown):
        await other.read(name)
    with pytest.raises(ReleaseInvalid):
        await other.add(release, "")


async def test_nothing_is_changed_afterwards(database: Database, store: ReleaseStore, release: Content) -> None:
    await store.add(release, "")
    tenant = release.manifest.tenant
    for table in ("releases", "release_files", "release_moves"):
        with pytest.raises(StorageError):
            async with database.tenant(tenant) as connection:
                await connection.execute(f"DELETE FROM {table}".encode())
