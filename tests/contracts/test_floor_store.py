"""What every store of floors promises, on the one in memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from gateway.desk.floor.agent_state import Presence
from gateway.desk.floor.errors import FloorHeld, OfferGone
from gateway.desk.floor.figures import QueueFigures
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.postgres import PostgresFloorStore
from gateway.desk.floor.store import SILENT_AFTER, FloorStore, MemoryFloorStore
from gateway.desk.floor.work_item import ItemState, waiting_item
from gateway.session.ledger import CallLog, Ledger
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import EndReason
from gateway.session.store import ContactLog
from infra.storage.database import Database
from tests.gateway.desk.floor.hall import NOW, NUMBER, QUEUES, WORDS, at_work, call, kinds, later, talking
from tests.sealed_numbers import numbers


@dataclass
class House:
    """A started store, the ledger whose hand-offs it adopts, and a tenant of its own."""

    store: FloorStore
    ledger: Ledger
    tenant: str

    async def queued(self, queue: str = "general", *, skills: tuple[str, ...] = ("en",)) -> tuple[CallLog, str]:
        """A call that wants a person; its hand-off."""
        log = self.ledger.open_call(tenant=self.tenant, call_id=uuid.uuid4().hex, line="main", language="ko")
        handoff = log.queue_handoff(reason="caller_asked", queue=queue, skills=skills)
        await log.acknowledged()
        return log, handoff.handoff_id

    async def handoff_state(self, handoff: str) -> str:
        return next(h.state for h in await self.ledger.handoffs(self.tenant) if h.handoff_id == handoff)


@pytest.fixture(params=["memory", "postgres"])
async def house(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[House]:
    tenant = f"t-{uuid.uuid4().hex}"
    if request.param == "memory":
        ledger: MemoryContactLog | ContactLog = MemoryContactLog(clock=lambda: NOW)
        store: FloorStore = MemoryFloorStore(lambda _: QUEUES, ledger)
    else:
        await database.enter_tenant(tenant)
        ledger = ContactLog(database, f"node-{tenant}", numbers, clock=lambda: NOW)
        store = PostgresFloorStore(database, lambda _: QUEUES, lambda _: WORDS)
    await ledger.start()
    await store.start()
    yield House(store, ledger, tenant)
    await store.close()
    await ledger.close()


def same(one: Floor, other: Floor) -> bool:
    return (one.seq, one.items, one.offers, one.agents) == (other.seq, other.items, other.offers, other.agents)


async def test_a_floor_that_nobody_used_is_empty(house: House) -> None:
    floor = await house.store.snapshot(house.tenant)
    assert (floor.seq, floor.items, floor.agents) == (0, {}, {})
    assert await house.store.events(house.tenant) == []


async def test_a_floor_is_kept_whole(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        at_work(floor, "anna", queues=("general", "orders"), orders=3)
        floor.enqueue(call("h1"), NOW)
        floor.enqueue(call("h2", "orders", "en", priority=3), later(0.123456))
        floor.reject(floor.items["h1"].offer or "", "anna", "점심", later(3))
        floor.enqueue(call("h3", "billing"), later(4))
        floor.schedule_callback("h3", NUMBER, later(600), later(7200), later(5))
    kept = await house.store.snapshot(house.tenant)
    assert same(kept, floor)
    assert same(Floor.replay(QUEUES, await house.store.events(house.tenant)), floor)


async def test_the_next_one_goes_on_where_the_last_one_stopped(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        at_work(floor, "anna")
        floor.enqueue(call(), NOW)
    async with house.store.open(house.tenant) as floor:
        talking(floor)
    async with house.store.open(house.tenant) as floor:
        floor.hung_up("h1", later(60))
        floor.wrapped_up("h1", "anna", later(70))
    kept = await house.store.snapshot(house.tenant)
    assert (kept.items, kept.offers, kept.agents["anna"].free) == ({}, {}, True)
    events = await house.store.events(house.tenant)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_what_ends_with_an_error_has_never_happened(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        floor.enqueue(call(), NOW)
    with pytest.raises(OfferGone):
        async with house.store.open(house.tenant) as floor:
            floor.enqueue(call("h2"), NOW)
            floor.accept("h1-1", "anna", NOW)
    kept = await house.store.snapshot(house.tenant)
    assert set(kept.items) == {"h1"}
    assert kinds(await house.store.events(house.tenant)) == ["item.queued"]


async def test_a_floor_is_opened_by_one_at_a_time(house: House) -> None:
    order: list[str] = []

    async def work(name: str) -> None:
        async with house.store.open(house.tenant) as floor:
            order.append(f"{name} begins")
            floor.enqueue(call(name), NOW)
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(*(work(f"w{n}") for n in range(4)))
    assert [line.split()[1] for line in order] == ["begins", "ends"] * 4
    assert all(order[n].split()[0] == order[n + 1].split()[0] for n in (0, 2, 4, 6))
    assert (await house.store.snapshot(house.tenant)).seq == 4


async def test_who_is_not_to_wait_is_told_that_it_is_held(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        floor.enqueue(call(), NOW)
        with pytest.raises(FloorHeld):
            async with house.store.open(house.tenant, wait=False):
                pass
    async with house.store.open(house.tenant, wait=False) as floor:
        assert set(floor.items) == {"h1"}


async def test_who_is_cut_off_in_the_middle_has_done_nothing_and_holds_nothing(house: House) -> None:
    inside = asyncio.Event()

    async def begin() -> None:
        async with house.store.open(house.tenant) as floor:
            floor.enqueue(call(), NOW)
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(begin())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), house.store.open(house.tenant) as floor:
        assert (floor.seq, floor.items) == (0, {})


async def test_tenants_know_nothing_of_one_another(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        floor.enqueue(call(), NOW)
    other = f"{house.tenant}-other"
    assert (await house.store.snapshot(other)).seq == 0
    assert await house.store.events(other) == []


async def test_events_are_read_page_by_page(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        for n in range(5):
            floor.enqueue(call(f"h{n}"), NOW)
    assert [event.seq for event in await house.store.events(house.tenant, after_seq=1, limit=2)] == [2, 3]


async def test_a_follower_gets_what_was_and_what_comes(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        floor.enqueue(call("h1"), NOW)
        floor.enqueue(call("h2"), NOW)
    async with asyncio.timeout(5), house.store.subscribe(house.tenant, after_seq=1) as follower:
        assert (await anext(follower)).subject == "h2"
        coming = asyncio.create_task(anext(follower))
        await asyncio.sleep(0)
        async with house.store.open(house.tenant) as floor:
            floor.enqueue(call("h3"), NOW)
        assert (await coming).subject == "h3"


async def test_time_finds_the_floors_that_it_has_something_for(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        floor.enqueue(call(queue="orders"), NOW)
    assert house.tenant not in await house.store.due(later(29.9))
    assert house.tenant in await house.store.due(later(30))
    async with house.store.open(house.tenant) as floor:
        assert floor.tick(later(30)) == []
    assert house.tenant not in await house.store.due(later(30))
    assert house.tenant in await house.store.due(later(60))


async def test_a_desk_that_falls_silent_is_found_and_one_that_is_heard_is_not(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        at_work(floor, "anna")
        at_work(floor, "ben")
    lost_at = NOW + SILENT_AFTER
    assert await house.store.heard(house.tenant, "anna", later(5))
    assert await house.store.silent(house.tenant, lost_at - timedelta(seconds=1)) == []
    assert await house.store.silent(house.tenant, lost_at) == ["ben"]
    assert house.tenant in await house.store.due(lost_at)
    async with house.store.open(house.tenant) as floor:
        floor.agent_lost("ben", lost_at)
    assert await house.store.silent(house.tenant, lost_at) == []
    assert not await house.store.heard(house.tenant, "ben", lost_at)
    assert not await house.store.heard(house.tenant, "nobody", lost_at)


async def test_who_signs_in_again_is_heard_of_from_then_on(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        at_work(floor, "anna")
    async with house.store.open(house.tenant) as floor:
        floor.set_presence("anna", Presence.OFFLINE, later(5))
    async with house.store.open(house.tenant) as floor:
        at_work(floor, "anna", at=500)
    assert await house.store.silent(house.tenant, later(520)) == []


# --- hand-offs --------------------------------------------------------------------------------------------------------
async def test_a_handoff_becomes_an_item_once(house: House) -> None:
    log, handoff = await house.queued("orders", skills=("en", "orders:2"))
    assert kinds(await house.store.adopt(house.tenant, later(1))) == ["item.queued"]
    assert await house.store.adopt(house.tenant, later(2)) == []
    item = (await house.store.snapshot(house.tenant)).items[handoff]
    assert (item.call, item.queue, item.language, item.skills) == (log.call_id, "orders", "en", {"orders": 2})
    assert item.enqueued_at <= later(1)


async def test_without_a_language_of_its_own_an_item_has_the_calls(house: House) -> None:
    _, handoff = await house.queued(skills=())
    await house.store.adopt(house.tenant, NOW)
    assert (await house.store.snapshot(house.tenant)).items[handoff].language == "ko"


async def test_a_handoff_whose_caller_has_gone_becomes_none(house: House) -> None:
    log, _ = await house.queued()
    log.end(EndReason.CALLER_HUNG_UP)
    await log.acknowledged()
    assert await house.store.adopt(house.tenant, later(1)) == []


async def test_a_handoff_follows_its_item(house: House) -> None:
    _, handoff = await house.queued()
    await house.store.adopt(house.tenant, NOW)
    assert await house.handoff_state(handoff) == "queued"
    async with house.store.open(house.tenant) as floor:
        at_work(floor, "anna")
    async with house.store.open(house.tenant) as floor:
        talking(floor, handoff)
    assert await house.handoff_state(handoff) == "accepted"
    async with house.store.open(house.tenant) as floor:
        floor.given_back(handoff, later(60))
    assert await house.handoff_state(handoff) == "ended"
    assert await house.store.adopt(house.tenant, later(61)) == []


async def test_an_item_whose_call_is_over_is_abandoned_and_its_agent_wraps_up(house: House) -> None:
    waiting, left = await house.queued()
    spoken, had = await house.queued("orders")
    await house.store.adopt(house.tenant, NOW)
    async with house.store.open(house.tenant) as floor:
        floor.sign_in("sue", NOW, name="Sue")
        floor.take(had, "sue", NOW)
        floor.connected(had, NOW)
    for log in (waiting, spoken):
        log.end(EndReason.CALLER_HUNG_UP)
        await log.acknowledged()
    await house.store.adopt(house.tenant, later(9))
    floor = await house.store.snapshot(house.tenant)
    assert left not in floor.items
    assert floor.items[had].state is ItemState.WRAP_UP
    assert await house.handoff_state(left) == "abandoned"


async def test_an_item_that_came_of_no_handoff_ends_with_its_call_as_well(house: House) -> None:
    log, _ = await house.queued()
    async with house.store.open(house.tenant) as floor:
        floor.sign_in("sue", NOW, name="Sue")
        floor.take(waiting_item("taken", log.call_id, "general", "ko", NOW), "sue", NOW)
    log.end(EndReason.CALLER_HUNG_UP)
    await log.acknowledged()
    assert kinds(await house.store.adopt(house.tenant, later(9))) == ["agent.routing", "item.abandoned"]


async def test_a_caller_who_waits_to_be_called_back_may_hang_up(house: House) -> None:
    log, handoff = await house.queued()
    await house.store.adopt(house.tenant, NOW)
    async with house.store.open(house.tenant) as floor:
        floor.schedule_callback(handoff, NUMBER, NOW, later(7200), later(1))
    log.end(EndReason.CALLER_HUNG_UP)
    await log.acknowledged()
    assert await house.store.adopt(house.tenant, later(2)) == []
    assert handoff in (await house.store.snapshot(house.tenant)).items


# --- figures ----------------------------------------------------------------------------------------------------------
async def test_figures_count_what_became_of_the_calls(house: House) -> None:
    async with house.store.open(house.tenant) as floor:
        at_work(floor, "anna", at=0)
        floor.enqueue(call("in-time", at=1), later(1))
        talking(floor, "in-time", at=6)
        for name, at in (("left-early", 10), ("late", 11), ("left-late", 12)):
            floor.enqueue(call(name, at=at), later(at))
        floor.abandon("left-early", later(15))
        floor.hung_up("in-time", later(60))
        floor.wrapped_up("in-time", "anna", later(86))
        floor.accept(floor.items["late"].offer or "", "anna", later(90))
        floor.abandon("left-late", later(95))
    figures = await house.store.figures(house.tenant, NOW)
    assert figures["orders"] == QueueFigures()
    general = figures["general"]
    assert (general.answered, general.answered_in_time) == (2, 1)
    assert (general.abandoned, general.abandoned_in_time, general.handled) == (2, 1, 1)
    assert general.handling_seconds == pytest.approx(80.0)
    assert (await house.store.figures(house.tenant, later(200)))["general"] == QueueFigures()
