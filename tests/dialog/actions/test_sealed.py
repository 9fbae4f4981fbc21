"""What the store of every contract (``tests/contracts/test_action_store.py``) does not say of the sealed one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from dialog.actions.action import Failed, FailureKind, Succeeded
from dialog.actions.intent import intent_of
from dialog.actions.rules import Identity, Standing
from dialog.actions.sealed import SEALED, SealedActionStore
from dialog.actions.store import MemoryActionStore
from dialog.errors import IntentMoved
from infra.storage.sealed_values import MARK, SealedValues
from tests.dialog.shop import NOW, wanted, yes
from tests.infra.storage.test_sealed_values import Drawer

CUSTOMER = "customer-4417"


@pytest.fixture
def behind() -> MemoryActionStore:
    return MemoryActionStore()


@pytest.fixture
def store(behind: MemoryActionStore) -> SealedActionStore:
    return SealedActionStore(behind, SealedValues(Drawer(), "shop", "actions"))


async def test_what_lies_behind_cannot_be_read_and_what_comes_out_can(
    behind: MemoryActionStore, store: SealedActionStore
) -> None:
    wish = replace(intent_of(wanted("1001")), standing=Standing(identity=Identity.CODE, customer=CUSTOMER))
    assert await store.enter(wish, NOW) == wish
    await store.confirm(wish.id, yes(wanted("1001"), turn=4), NOW)
    assert (await store.start(wish.id, NOW, NOW + timedelta(seconds=60), None)).granted
    done = await store.settle(wish.id, Succeeded({"status": "for-nobody"}), NOW)
    assert (done.arguments, done.outcome) == (wish.arguments, Succeeded({"status": "for-nobody"}))
    assert done.standing.customer == CUSTOMER
    assert done.confirmation is not None
    assert done.confirmation.evidence == yes(wanted("1001"), turn=4).evidence
    assert await store.get(wish.id) == done

    kept = await behind.get(wish.id)
    assert kept is not None
    assert set(kept.arguments) == {SEALED}
    for hidden in (CUSTOMER, "1001", "for-nobody", done.confirmation.evidence):
        assert hidden not in repr((kept.arguments, kept.outcome, kept.confirmation, kept.standing))
    audit = orjson.dumps([line.body for line in await store.audit(0, 100)]).decode()
    assert CUSTOMER not in audit
    assert done.confirmation.evidence not in audit


async def test_the_words_with_which_it_was_let_be_stand_sealed_in_the_audit(store: SealedActionStore) -> None:
    wish = intent_of(wanted("1001"))
    await store.enter(wish, NOW)
    await store.withdraw(wish.id, "no, not 4417, I said 4418", NOW)
    line = (await store.audit(0, 100))[-1]
    assert line.body["state"] == "withdrawn"
    assert "4417" not in str(line.body)
    assert str(line.body["why"]).startswith(MARK)


async def test_why_something_failed_is_sealed_too_and_an_empty_reason_stays_empty(
    behind: MemoryActionStore, store: SealedActionStore
) -> None:
    for order, detail in (("1001", "no such customer 4417"), ("1002", "")):
        wish = intent_of(wanted(order))
        await store.enter(wish, NOW)
        await store.confirm(wish.id, yes(wanted(order), turn=4), NOW)
        failed = await store.settle(wish.id, Failed(FailureKind.REJECTED, detail), NOW)
        assert failed.outcome == Failed(FailureKind.REJECTED, detail)
        kept = await behind.get(wish.id)
        assert kept is not None
        assert "4417" not in repr(kept.outcome)


async def test_another_process_finds_whose_an_intent_is(behind: MemoryActionStore) -> None:
    seals = SealedValues(Drawer(), "shop", "actions")
    wish = intent_of(wanted("1001"))
    await SealedActionStore(behind, seals).enter(wish, NOW)
    other = SealedActionStore(behind, seals)
    confirmed = await other.confirm(wish.id, yes(wanted("1001"), turn=4), NOW)
    assert confirmed.arguments == wish.arguments


async def test_one_that_does_not_open_keeps_no_other_from_being_looked_after(
    behind: MemoryActionStore, store: SealedActionStore
) -> None:
    broken = replace(intent_of(wanted("1001")), arguments={SEALED: "gcm:AAAA"})
    await behind.enter(broken, NOW)
    whole = intent_of(wanted("1002"))
    await store.enter(whole, NOW)
    await behind.confirm(broken.id, yes(wanted("1001"), turn=4), NOW)
    await store.confirm(whole.id, yes(wanted("1002"), turn=4), NOW)
    later = NOW + timedelta(minutes=5)
    assert await store.due(later, later, 10) == [await store.get(whole.id)]


async def test_an_intent_from_before_anything_was_sealed_is_read_as_it_is(
    behind: MemoryActionStore, store: SealedActionStore
) -> None:
    wish = replace(intent_of(wanted("1001")), standing=Standing(identity=Identity.CODE, customer=CUSTOMER))
    await behind.enter(wish, NOW)
    confirmed = await behind.confirm(wish.id, yes(wanted("1001"), turn=4), NOW)
    assert await store.get(wish.id) == confirmed


async def test_of_what_was_never_entered_nothing_is_sealed(store: SealedActionStore) -> None:
    with pytest.raises(IntentMoved, match="never entered"):
        await store.confirm("nobody", yes(wanted("1001"), turn=4), NOW)
