"""What PostgreSQL adds to the promise of every store: tenants kept apart, an audit that cannot be changed unseen.

What every store promises is tested in ``tests/contracts/test_action_store.py``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from dialog.actions import postgres
from dialog.actions.action import Failed, Succeeded, propose
from dialog.actions.audit import broken_at
from dialog.actions.digests import Digests
from dialog.actions.intent import Intent, intent_of
from dialog.actions.postgres import QUERIES, PostgresActionStore
from dialog.actions.runner import ActionRunner
from dialog.errors import IntentMoved
from dialog.journal import MemoryJournal
from infra.storage.database import Database
from infra.storage.errors import AccessRefused, ConstraintBroken, StorageError
from tests.dialog.shop import CALLER, CANCEL, NOW, Shop, wanted, yes
from tests.postgres import Postgres

LATER = NOW + timedelta(seconds=60)
DONE = Succeeded({})


async def of_a_new_tenant(database: Database) -> PostgresActionStore:
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return PostgresActionStore(database, tenant)


async def started(store: PostgresActionStore) -> Intent:
    intent = await store.enter(intent_of(wanted()), NOW)
    await store.confirm(intent.id, yes(wanted()), NOW)
    assert (await store.start(intent.id, NOW, LATER, None)).granted
    return intent


async def test_of_another_tenants_intents_nothing_is_seen(database: Database) -> None:
    ours, theirs = await of_a_new_tenant(database), await of_a_new_tenant(database)
    intent = await started(ours)
    assert await theirs.get(intent.id) is None
    assert await theirs.due(LATER, LATER, 10) == []
    assert await theirs.audit(0, 10) == []
    with pytest.raises(IntentMoved):
        await theirs.settle(intent.id, DONE, NOW)


async def test_the_audit_can_neither_be_changed_nor_cut(database: Database) -> None:
    store = await of_a_new_tenant(database)
    await started(store)
    for attempt in (b"UPDATE action_audit SET body = '{}'", b"DELETE FROM action_audit"):
        with pytest.raises(StorageError) as refusal:
            async with database.tenant(store._tenant) as connection:
                await connection.execute(attempt)
        assert isinstance(refusal.value, AccessRefused)


async def test_what_a_superuser_changes_in_it_shows(database: Database, postgres: Postgres, database_name: str) -> None:
    store = await of_a_new_tenant(database)
    await started(store)
    assert broken_at(await store.audit(0, 10)) is None
    change = (
        f"UPDATE action_audit SET body = body || '{{\"turn\": 99}}' WHERE tenant = '{store._tenant}' AND number = 2"
    )
    await postgres.run_as_superuser(database_name, change)
    assert broken_at(await store.audit(0, 10)) == 2


async def test_a_tenant_that_nobody_entered_has_no_intents(database: Database) -> None:
    with pytest.raises(ConstraintBroken):
        await PostgresActionStore(database, f"t-{uuid.uuid4().hex}").enter(intent_of(wanted()), NOW)


async def test_moves_that_come_together_make_one_chain(database: Database) -> None:
    store = await of_a_new_tenant(database)
    intents = [intent_of(wanted(turn=turn)) for turn in range(8)]
    await asyncio.gather(*(store.enter(intent, NOW) for intent in intents))
    lines = await store.audit(0, 100)
    assert [line.number for line in lines] == list(range(1, 9))
    assert broken_at(lines) is None


async def test_of_many_processes_that_got_the_same_yes_one_acts(database: Database) -> None:
    store, shop, proposal = await of_a_new_tenant(database), Shop(), wanted()
    runners = [ActionRunner(shop, store=store, now=lambda: NOW) for _ in range(5)]
    outcomes = await asyncio.gather(*(runner.run(proposal, MemoryJournal(), yes(proposal)) for runner in runners))
    assert shop.effects == [("cancel", "1001")]
    assert sum(isinstance(outcome, Succeeded) for outcome in outcomes) >= 1
    assert not any(isinstance(outcome, Failed) for outcome in outcomes)


async def test_a_move_that_fails_leaves_nothing_behind(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await of_a_new_tenant(database)
    intent = await store.enter(intent_of(wanted()), NOW)
    broken = QUERIES["append_line"]
    monkeypatch.setitem(QUERIES, "append_line", QUERIES["last_line"])  # type: ignore[arg-type]
    monkeypatch.setitem(QUERIES, "keep_in_outbox", type(broken)("broken", "", b"SELECT 1/0"))  # type: ignore[arg-type]
    with pytest.raises(StorageError):
        await store.confirm(intent.id, yes(wanted()), NOW)
    monkeypatch.undo()
    assert await store.get(intent.id) == intent
    assert await store.due(LATER, LATER, 10) == []


async def test_an_intent_from_before_there_was_a_key_is_known_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what became of it, so that the same must not be done now."""
    monkeypatch.setattr(postgres, "AT_ONCE", 2)
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    store = PostgresActionStore(database, tenant, Digests(b"k" * 32))
    old = [replace(intent_of(wanted(order)), digest=plain_digest(order)) for order in ("1001", "1002", "1003")]
    for intent in old:
        await store.enter(intent, NOW)
    await store.confirm(old[0].id, yes(wanted("1001")), NOW)
    assert (await store.start(old[0].id, NOW, LATER, None)).granted
    assert await store.key_digests() == 3
    assert await store.key_digests() == 0
    proposal = propose(CANCEL, {"order": "1001"}, call_id="another", turn=3, standing=CALLER, digests=store.digests)
    await store.enter(intent_of(proposal), NOW)
    await store.confirm(proposal.id, yes(proposal), NOW)
    assert not (await store.start(proposal.id, NOW, LATER, None)).granted
    lines = await store.audit(0, 100)
    assert broken_at(lines) is None
    assert lines[0].body["digest"] == plain_digest("1001"), "what was written down stays as it was"


def plain_digest(order: str) -> str:
    """As digests were before there was a key."""
    text = json.dumps({"action": CANCEL.id, "arguments": {"order": order}}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
