"""The composition root gives each tenant's actions their store, their ways and their sweep."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dialog.actions.action import Action
from dialog.actions.digests import UNKEYED
from dialog.actions.intent import State, intent_of
from dialog.actions.postgres import PostgresActionStore
from dialog.actions.sealed import SealedActionStore
from dialog.errors import TenantDialogInvalid
from gateway.app import _open_dialogues
from gateway.session.memory_log import MemoryContactLog
from infra.storage.database import Database
from infra.storage.runtime import open_subject_keys
from infra.storage.sealed_values import SealedValues
from infra.storage.settings import KeySettings
from infra.storage.subject_keys import SubjectKeys
from tests.integration.action_trial import CANCEL, LOOK, change, counting_shop


def release(*actions: Action) -> Any:
    """Of a release, only its actions matter here."""
    return SimpleNamespace(actions={action.id: action for action in actions}, templates={})


@pytest.fixture
async def tenant(database: Database) -> str:
    name = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(name)
    return name


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def keys(database: Database, tmp_path: Path) -> AsyncIterator[SubjectKeys]:
    async with open_subject_keys(KeySettings(), database, tmp_path / "state") as keys:
        yield keys


def house(tenant: str, folder: Path, keys: SubjectKeys) -> Any:
    tenants = {tenant: SimpleNamespace(folder=folder, outbound=None)}
    rest: dict[str, Any] = {"dialogues": {}, "knowledge": None, "language_model": None, "memories": {}, "due_calls": {}}
    return SimpleNamespace(tenants=tenants, ledger=MemoryContactLog(), keys=keys, **rest)


async def test_what_another_process_left_behind_is_looked_after(
    database: Database,
    tenant: str,
    keys: SubjectKeys,
    stack: AsyncExitStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = SealedActionStore(PostgresActionStore(database, tenant), SealedValues(keys, tenant, "actions"))
    then = datetime.now(UTC) - timedelta(seconds=20)
    proposal, confirmation = change("1001", then)
    await store.enter(intent_of(proposal), then)
    await store.confirm(proposal.id, confirmation, then)
    with counting_shop() as shop:
        monkeypatch.setenv("AICC_DIALOG_SERVICE_URLS", f"shop={shop.url}")
        whole = house(tenant, tmp_path, keys)
        await _open_dialogues(stack, whole, {tenant: release(CANCEL, LOOK)}, database)
        assert set(whole.dialogues) == {tenant}
        async with asyncio.timeout(20):
            while (stands := await store.get(proposal.id)) is None or stands.state is not State.SUCCEEDED:
                await asyncio.sleep(0.02)
        await stack.aclose()
        assert shop.effects == {"1001": 1}


async def test_a_statement_that_is_not_there_is_missed_at_the_start(
    database: Database, tenant: str, keys: SubjectKeys, stack: AsyncExitStack, tmp_path: Path
) -> None:
    in_sql = replace(LOOK, service=replace(LOOK.service, url="postgresql://crm"), method="", path="find_order")
    (tmp_path / "statements.sql").write_text("-- find_customer --\n-- A customer.\nSELECT 1;\n")
    with pytest.raises(TenantDialogInvalid, match=r"statements\.sql: lacks the statement 'find_order'"):
        await _open_dialogues(stack, house(tenant, tmp_path, keys), {tenant: release(in_sql)}, database)


async def test_what_is_wanted_is_told_apart_under_a_key_of_the_tenants_own(
    database: Database, tenant: str, keys: SubjectKeys, stack: AsyncExitStack, tmp_path: Path
) -> None:
    """The same on every node, also of what was entered before there was a key."""
    proposal, _ = change("1001", datetime.now(UTC))
    before = replace(intent_of(proposal), digest="0" * 64)
    await PostgresActionStore(database, tenant).enter(before, datetime.now(UTC))
    stores = []
    for _ in range(2):
        ways = await _open_dialogues(stack, house(tenant, tmp_path, keys), {tenant: release(CANCEL, LOOK)}, database)
        stores.append(ways[tenant][1])
    one, other = (store.digests.of("cancel", {"order": "1001"}) for store in stores)
    assert one == other != UNKEYED.of("cancel", {"order": "1001"})
    kept = await PostgresActionStore(database, tenant).get(proposal.id)
    assert kept is not None
    assert kept.digest == stores[0].digests.keyed("0" * 64)
