from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import pytest

from gateway.desk.floor.agent_state import Presence, Routing
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.store import SILENT_AFTER, MemoryFloorStore
from gateway.desk.floor.sweep import keep_sweeping, sweep
from gateway.desk.floor.work_item import AGENT_LOST
from gateway.session.memory_log import MemoryContactLog
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.desk.floor.hall import NOW, QUEUES, at_work, call, later, rings_at, talking


@pytest.fixture
async def store() -> MemoryFloorStore:
    ledger = MemoryContactLog(clock=lambda: NOW)
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c1", line="main", language="ko")
    log.queue_handoff(reason="caller_asked", queue="general", skills=("ko",))
    await log.acknowledged()
    return MemoryFloorStore(lambda _: QUEUES, ledger)


async def test_an_offer_that_nobody_answers_is_ended_by_the_clock(store: MemoryFloorStore) -> None:
    async with store.open("shop") as floor:
        at_work(floor, "anna")
        at_work(floor, "ben")
        floor.enqueue(call(), NOW)
    assert await sweep(store, later(14)) == 0
    assert await sweep(store, later(15)) == 1
    floor = await store.snapshot("shop")
    assert (rings_at(floor), floor.agents["anna"].routing) == ("ben", Routing.NOT_RESPONDING)


async def test_a_desk_that_falls_silent_in_mid_call_loses_nobody(store: MemoryFloorStore) -> None:
    async with store.open("shop") as floor:
        at_work(floor, "anna")
        floor.enqueue(call(), NOW)
        talking(floor)
        at_work(floor, "ben")
    await store.heard("shop", "ben", later(20))
    await sweep(store, NOW + SILENT_AFTER)
    floor = await store.snapshot("shop")
    assert floor.agents["anna"].presence is Presence.OFFLINE
    assert (rings_at(floor), floor.items["h1"].priority) == ("ben", AGENT_LOST)


async def test_what_another_node_holds_is_left_to_it(store: MemoryFloorStore) -> None:
    async with store.open("shop") as floor:
        floor.enqueue(call(queue="orders"), NOW)
    async with store.open("shop"):
        assert await sweep(store, later(120)) == 0
    assert await sweep(store, later(120)) == 1


class Partly(MemoryFloorStore):
    """A store in which one tenant's floor cannot be had."""

    def open(self, tenant: str, *, wait: bool = True) -> AbstractAsyncContextManager[Floor]:
        if tenant == "bank" and not wait:
            raise DatabaseUnavailable("this one is broken")
        return super().open(tenant, wait=wait)


async def test_one_tenants_trouble_keeps_no_other_waiting() -> None:
    store = Partly(lambda _: QUEUES)
    for tenant in ("bank", "shop"):
        async with store.open(tenant) as floor:
            floor.enqueue(call(queue="orders"), NOW)
    assert await sweep(store, later(120)) == 1
    assert (await store.snapshot("shop")).items["h1"].queue == "general"


class Falling(MemoryFloorStore):
    """A store that cannot be asked the first time."""

    async def due(self, now: datetime) -> list[str]:
        if not self.asked:
            self.asked = True
            raise DatabaseUnavailable("gone for a moment")
        return list(await super().due(now))

    asked = False


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():
            await asyncio.sleep(0)


async def test_desks_have_time_to_be_heard_of_after_we_were_away(store: MemoryFloorStore) -> None:
    async with store.open("shop") as floor:
        at_work(floor, "anna")
    times = itertools.count(600)  # seconds: ten minutes after anybody heard of her
    task = asyncio.create_task(keep_sweeping(store, [], now=lambda: later(next(times)), interval=0))
    await until(lambda: next(times) > 620)
    assert (await store.snapshot("shop")).agents["anna"].presence is Presence.AVAILABLE
    await store.heard("shop", "anna", later(625))
    await until(lambda: next(times) > 650)
    assert (await store.snapshot("shop")).agents["anna"].presence is Presence.AVAILABLE
    await until(lambda: next(times) > 690)
    assert (await store.snapshot("shop")).agents["anna"].presence is Presence.OFFLINE
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_handoffs_are_found_and_a_store_that_is_away_is_asked_again(store: MemoryFloorStore) -> None:
    falling = Falling(lambda _: QUEUES, store._ledger)
    times = iter(range(10_000))
    task = asyncio.create_task(keep_sweeping(falling, ["shop"], now=lambda: later(next(times)), interval=0))
    await until(lambda: falling.asked and next(times) > 50)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    floor = await falling.snapshot("shop")
    assert [item.call for item in floor.waiting()] == ["c1"]
