"""What every store of intents promises, on the one in memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from dialog.actions.action import Failed, FailureKind, Outcome, Succeeded, Unknown
from dialog.actions.audit import broken_at
from dialog.actions.intent import Intent, State, intent_of
from dialog.actions.postgres import PostgresActionStore
from dialog.actions.rules import Refusal
from dialog.actions.sealed import SealedActionStore
from dialog.actions.store import HEAD_START, ActionStore, MemoryActionStore
from dialog.errors import IntentMoved
from infra.storage.database import Database
from infra.storage.sealed_values import MARK, SealedValues
from tests.dialog.shop import CALLER, LOST, NOW, wanted, yes
from tests.infra.storage.test_sealed_values import Drawer

LATER = NOW + timedelta(seconds=60)
DONE = Succeeded({"status": "cancelled", "items": [{"name": "주전자", "price": 39000.5}]})


@pytest.fixture(params=["memory", "postgres", "sealed"])
async def store(request: pytest.FixtureRequest, database: Database) -> ActionStore:
    match request.param:
        case "memory":
            return MemoryActionStore()
        case "postgres":
            return await of_a_new_tenant(database)
        case _:
            behind = await of_a_new_tenant(database)
            return SealedActionStore(behind, SealedValues(Drawer(), "any", "actions"))


async def of_a_new_tenant(database: Database) -> PostgresActionStore:
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return PostgresActionStore(database, tenant)


async def entered(store: ActionStore, order: str = "1001", turn: int = 3) -> Intent:
    return await store.enter(intent_of(wanted(order, turn=turn)), NOW)


async def confirmed(store: ActionStore, order: str = "1001", turn: int = 3) -> Intent:
    intent = await entered(store, order, turn)
    return await store.confirm(intent.id, yes(wanted(order, turn=turn), turn=turn + 1), NOW)


async def started(store: ActionStore, order: str = "1001", turn: int = 3) -> Intent:
    intent = await confirmed(store, order, turn)
    assert (await store.start(intent.id, NOW, LATER, None)).granted
    return await standing(store, intent)


async def standing(store: ActionStore, intent: Intent) -> Intent:
    stands = await store.get(intent.id)
    assert stands is not None
    return stands


async def states(store: ActionStore) -> list[str]:
    return [str(line.body["state"]) for line in await store.audit(0, 100)]


async def test_what_was_never_entered_is_not_there(store: ActionStore) -> None:
    assert await store.get(wanted().id) is None


async def test_an_intent_is_kept_whole(store: ActionStore) -> None:
    intent = intent_of(replace(wanted(), evidence=(1, 3), release="r" * 64))
    assert await store.enter(intent, NOW) == intent
    assert await store.get(intent.id) == intent
    yes_to_it = yes(wanted())
    assert await store.confirm(intent.id, yes_to_it, NOW) == await standing(store, intent)
    assert (await standing(store, intent)).confirmation == yes_to_it


async def test_entering_again_changes_nothing(store: ActionStore) -> None:
    intent = await confirmed(store)
    assert await store.enter(intent_of(wanted()), NOW) == intent
    assert await states(store) == ["proposed", "confirmed"]


@pytest.mark.parametrize("outcome", [DONE, Failed(FailureKind.REJECTED, "409"), Unknown("cut", 2)])
async def test_an_outcome_is_kept_as_it_was(store: ActionStore, outcome: Outcome) -> None:
    intent = await started(store)
    await store.settle(intent.id, outcome, NOW)
    assert (await standing(store, intent)).outcome == outcome


async def test_a_confirmation_is_used_once(store: ActionStore) -> None:
    intent = await confirmed(store)
    with pytest.raises(IntentMoved, match="confirmed"):
        await store.confirm(intent.id, yes(wanted(), turn=9), NOW)


async def test_what_was_withdrawn_is_never_confirmed(store: ActionStore) -> None:
    intent = await entered(store)
    assert (await store.withdraw(intent.id, "아니요", NOW)).state is State.WITHDRAWN
    with pytest.raises(IntentMoved):
        await store.confirm(intent.id, yes(wanted()), NOW)
    why = str((await store.audit(0, 10))[-1].body["why"])
    assert why == "아니요" or why.startswith(MARK), "it is told, or lies sealed"


async def test_of_many_who_start_one_does(store: ActionStore) -> None:
    intent = await confirmed(store)
    tries = [store.start(intent.id, NOW, LATER, None) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["IntentMoved"] * 3 + ["Permission"]
    assert (await states(store)).count("started") == 1


async def test_what_is_not_confirmed_does_not_start(store: ActionStore) -> None:
    intent = await entered(store)
    with pytest.raises(IntentMoved):
        await store.start(intent.id, NOW, LATER, None)


async def test_while_it_is_unresolved_the_same_does_not_start_again(store: ActionStore) -> None:
    first = await started(store)
    twin = await confirmed(store, turn=7)
    other = await confirmed(store, "1003", turn=7)
    assert (await store.start(twin.id, NOW, LATER, None)).refusal is Refusal.UNRESOLVED
    assert (await store.start(other.id, NOW, LATER, None)).granted
    await store.settle(first.id, LOST, NOW)
    assert (await store.start(twin.id, NOW, LATER, None)).refusal is Refusal.UNRESOLVED
    await store.settle(first.id, Failed(FailureKind.NOT_DONE), NOW)
    assert (await store.start(twin.id, NOW, LATER, None)).granted


async def test_a_call_has_its_share(store: ActionStore) -> None:
    for turn, order, outcome in ((1, "1001", DONE), (3, "1002", Failed(FailureKind.REJECTED)), (5, "1003", LOST)):
        intent = await started(store, order, turn)
        await store.settle(intent.id, outcome, NOW)
    third = await confirmed(store, "1004", 7)
    assert (await store.start(third.id, NOW, LATER, 2)).refusal is Refusal.TOO_OFTEN
    assert (await store.start(third.id, NOW, LATER, 3)).granted


async def test_an_end_is_an_end(store: ActionStore) -> None:
    intent = await started(store)
    await store.settle(intent.id, DONE, NOW)
    for outcome in (Failed(FailureKind.REJECTED), Unknown(), DONE):
        with pytest.raises(IntentMoved):
            await store.settle(intent.id, outcome, NOW)
    assert (await store.compensate(intent.id, NOW)).state is State.COMPENSATED
    with pytest.raises(IntentMoved):
        await store.compensate(intent.id, NOW)


async def test_a_mistaken_name_is_an_error_of_ours(store: ActionStore) -> None:
    with pytest.raises(IntentMoved):
        await store.withdraw("nothing", "", NOW)


async def test_from_its_confirmation_on_somebody_looks_after_it(store: ActionStore) -> None:
    async def due(seconds: float) -> Sequence[str]:
        now = NOW + timedelta(seconds=seconds)
        return [intent.id for intent in await store.due(now, now, 10)]

    head_start = HEAD_START.total_seconds()
    intent = await entered(store)
    assert await due(10_000) == []
    await store.confirm(intent.id, yes(wanted()), NOW)
    assert await due(head_start - 1) == []
    assert await due(head_start) == [intent.id]
    await store.start(intent.id, NOW, LATER, None)
    assert await due(59) == []
    assert await due(60) == [intent.id]
    await store.settle(intent.id, LOST, NOW, NOW + timedelta(seconds=90))
    assert await due(60) == []
    assert await due(90) == [intent.id]
    await store.settle(intent.id, LOST, NOW, NOW + timedelta(seconds=900))
    assert await due(899) == []
    await store.settle(intent.id, DONE, NOW)
    assert await due(10_000) == []


async def test_what_only_a_human_can_find_out_is_not_looked_after(store: ActionStore) -> None:
    intent = await started(store)
    await store.settle(intent.id, LOST, NOW, None)
    assert await store.due(NOW + timedelta(days=9), LATER, 10) == []
    assert (await standing(store, intent)).state is State.UNKNOWN


async def test_who_gets_an_intent_has_it_alone_for_a_time(store: ActionStore) -> None:
    intent = await started(store)
    again_at = LATER + timedelta(seconds=30)
    taken = await asyncio.gather(*(store.due(LATER, again_at, 10) for _ in range(3)))
    assert [found.id for part in taken for found in part] == [intent.id]
    assert [found.id for found in await store.due(again_at, again_at, 10)] == [intent.id]


async def test_no_more_are_given_than_asked_for(store: ActionStore) -> None:
    for turn in (1, 3, 5):
        await started(store, f"100{turn}", turn)
    assert len(await store.due(LATER, LATER + timedelta(1), 2)) == 2
    assert len(await store.due(LATER, LATER + timedelta(1), 2)) == 1


async def test_a_step_knows_what_it_is_a_step_of(store: ActionStore) -> None:
    step = replace(intent_of(wanted()), parent=(await entered(store)).id, id="step")
    assert await store.enter(step, NOW) == step == await store.get("step")


async def test_the_audit_is_a_chain_that_tells_everything(store: ActionStore) -> None:
    intent = await started(store)
    await store.settle(intent.id, DONE, NOW)
    await store.compensate(intent.id, NOW)
    lines = await store.audit(0, 100)
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert [line.body["state"] for line in lines] == ["proposed", "confirmed", "started", "succeeded", "compensated"]
    assert broken_at(lines) is None
    confirmed = dict(lines[1].body["confirmed"])  # type: ignore[call-overload]
    assert confirmed.pop("evidence")  # the caller's words, or a seal over them
    assert confirmed == {"turn": 4, "at": NOW.isoformat()}
    assert lines[0].body["identity"] == CALLER.identity.name.lower()
    assert "주전자" not in str(lines)
    assert [line.number for line in await store.audit(2, 2)] == [3, 4]
