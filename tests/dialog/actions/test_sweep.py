"""Intents whose bearer is gone are brought to an end, without a second effect."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from dialog.actions.action import Action, Outcome, Succeeded
from dialog.actions.dispatch import Dispatcher
from dialog.actions.intent import Intent, State, intent_of
from dialog.actions.store import MemoryActionStore
from dialog.actions.sweep import AT_ONCE, Sweep, keep_sweeping
from infra.storage.errors import DatabaseUnavailable
from tests.dialog.shop import CANCEL, LOOK, NOW, Clock, Shop, wanted, yes

LEASE = timedelta(seconds=20)


class Left:
    """Intents that somebody left behind, and the sweep that finds them."""

    def __init__(self, actions: Sequence[Action] = (CANCEL, LOOK)) -> None:
        self.shop, self.clock, self.store = Shop(), Clock(), MemoryActionStore()
        dispatcher = Dispatcher(self.shop, self.store, now=self.clock, between_looks=0.0)
        self.sweep = Sweep(self.store, dispatcher, {action.id: action for action in actions}, now=self.clock)

    async def confirmed(self, order: str = "1001", turn: int = 3) -> Intent:
        intent = await self.store.enter(intent_of(wanted(order, turn=turn)), NOW)
        return await self.store.confirm(intent.id, yes(wanted(order, turn=turn), turn=turn + 1), NOW)

    async def started(self, order: str = "1001") -> Intent:
        intent = await self.confirmed(order)
        await self.store.start(intent.id, NOW, NOW + LEASE, None)
        return intent

    async def after(self, seconds: float) -> int:
        self.clock.pass_by(seconds)
        return await self.sweep.once()

    async def state(self, intent: Intent) -> State:
        stands = await self.store.get(intent.id)
        assert stands is not None
        return stands.state


async def test_whoever_confirmed_has_his_head_start() -> None:
    left = Left()
    await left.confirmed()
    assert await left.after(9) == 0
    assert left.shop.keys == []


async def test_what_was_confirmed_and_never_sent_is_sent_once() -> None:
    left = Left()
    intent = await left.confirmed()
    assert await left.after(11) == 1
    assert await left.state(intent) is State.SUCCEEDED
    assert left.shop.keys == [intent.key]
    assert await left.after(10_000) == 0


async def test_what_nobody_waits_for_any_more_is_not_sent() -> None:
    left = Left()
    intent = await left.confirmed()
    await left.after(121)
    assert await left.state(intent) is State.FAILED
    assert left.shop.keys == []


async def test_what_may_have_been_sent_is_looked_up_and_never_sent_again() -> None:
    left = Left()
    intent = await left.started()
    left.shop.orders["1001"]["status"] = "cancelled"
    await left.after(21)
    assert await left.state(intent) is State.SUCCEEDED
    assert left.shop.keys == []


async def test_what_does_not_show_is_unknown_and_then_has_failed() -> None:
    left = Left()
    intent = await left.started()
    await left.after(21)
    assert await left.state(intent) is State.UNKNOWN
    await left.after(30)
    assert await left.state(intent) is State.FAILED
    assert left.shop.keys == []


async def test_an_action_that_is_no_more_leaves_its_intents_unknown() -> None:
    left = Left(actions=[LOOK])
    intent = await left.started()
    assert await left.after(21) == 1
    assert await left.state(intent) is State.STARTED


async def test_one_look_takes_only_so_many() -> None:
    left = Left()
    for number in range(AT_ONCE + 1):
        await left.confirmed(turn=number)
    assert await left.after(11) == AT_ONCE
    assert await left.after(0) == 1


async def test_it_goes_on_when_the_store_is_away() -> None:
    looks = asyncio.Queue[int]()

    class Away(MemoryActionStore):
        async def due(self, now: datetime, again_at: datetime, limit: int) -> Sequence[Intent]:
            looks.put_nowait(limit)
            raise DatabaseUnavailable("away")

    left = Left()
    away = Sweep(Away(), Dispatcher(left.shop, left.store), {})
    intent = await left.confirmed()
    left.clock.pass_by(11)
    keeping = asyncio.create_task(keep_sweeping([away, left.sweep], 0.0))
    for _ in range(3):
        await asyncio.wait_for(looks.get(), 5)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert await left.state(intent) is State.SUCCEEDED


async def test_what_was_found_out_is_passed_on_until_somebody_has_it() -> None:
    left, told = Left(), []

    async def tidings(intent: Intent, outcome: Outcome) -> bool:
        told.append((intent.id, type(outcome)))
        if len(told) == 1:
            raise DatabaseUnavailable("away")
        return len(told) > 2

    left.sweep = Sweep(left.store, left.sweep._dispatcher, {CANCEL.id: CANCEL}, now=left.clock, tidings=tidings)
    intent = await left.started()
    left.shop.orders["1001"]["status"] = "cancelled"
    for _ in range(4):
        await left.after(25)
    assert told == [(intent.id, Succeeded)] * 3


async def test_of_what_nobody_knows_nothing_is_told() -> None:
    left, told = Left(), []

    async def tidings(intent: Intent, outcome: Outcome) -> bool:
        told.append(intent)
        return True

    left.sweep = Sweep(left.store, left.sweep._dispatcher, {CANCEL.id: CANCEL}, now=left.clock, tidings=tidings)
    left.shop.blind = True
    await left.started()
    await left.after(25)
    assert told == []
