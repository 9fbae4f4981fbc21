from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dialog.memory.memory import Agreement
from dialog.memory.policy import Consent, MemoryPolicy
from dialog.memory.postgres import PostgresMemory
from dialog.memory.store import VolatileMemory
from dialog.memory.subject import KEY_FILE
from dialog.releases.release import Release
from gateway.session.memories import open_memories
from gateway.session.tenant import Outbound, Tenant
from infra.errors import ConfigError
from infra.storage.database import Database
from tests.dialog.surroundings import StoppedClock
from tests.house import example_release

NOW = StoppedClock().now("UTC")


@pytest.fixture(scope="module")
def shop() -> Release:
    return example_release()


def named(release: Release, tenant: str) -> Release:
    policy = replace(release.policy, memory=MemoryPolicy(Consent.ASK, timedelta(days=30)))
    return replace(release, tenant=replace(release.tenant, id=tenant), policy=policy)


def tenants(*names: str) -> dict[str, Tenant]:
    outbound = Outbound(country_code="82")
    return {
        name: Tenant(id=name, name={}, languages=("ko",), outbound=outbound, folder=Path("/nowhere")) for name in names
    }


async def test_each_tenant_has_a_memory_of_its_own_under_names_of_its_own(
    database: Database, shop: Release, tmp_path: Path
) -> None:
    releases = [named(shop, tenant) for tenant in ("memories-a", "memories-b")]
    for release in releases:
        await database.enter_tenant(release.tenant.id)
    opened = open_memories(releases, tenants("memories-a", "memories-b"), database, tmp_path)
    ours, theirs = opened["memories-a"], opened["memories-b"]
    assert isinstance(ours.store, PostgresMemory)
    assert ours.policy.keep == timedelta(days=30)
    subject = ours.subjects.customer("C-1")
    assert subject != theirs.subjects.customer("C-1")
    await ours.store.agree(subject, Agreement(True, NOW, "ko:1"))
    assert await ours.store.left([subject]) == 1
    assert await theirs.store.left([subject]) == 0


def test_without_a_database_it_goes_with_the_process_but_names_stay(shop: Release, tmp_path: Path) -> None:
    first, second = (open_memories([named(shop, "shop")], tenants("shop"), None, tmp_path)["shop"] for _ in range(2))
    assert isinstance(first.store, VolatileMemory)
    assert first.subjects == second.subjects
    assert first.subjects.number("01055501234") == first.subjects.number("+821055501234")
    assert (tmp_path / KEY_FILE).is_file()


def test_settings_say_with_which_key_and_how_long_a_greeting_waits(
    shop: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AICC_MEMORY_KEY", "k" * 32)
    monkeypatch.setenv("AICC_MEMORY_RECALL_TIMEOUT", "0.05")
    memory = open_memories([named(shop, "shop")], tenants("shop"), None, tmp_path)["shop"]
    assert (memory.subjects.key, memory.within) == (b"k" * 32, 0.05)
    assert not (tmp_path / KEY_FILE).exists()
    monkeypatch.setenv("AICC_MEMORY_KEY", "short")
    with pytest.raises(ConfigError):
        open_memories([named(shop, "shop")], tenants("shop"), None, tmp_path)
