"""The floors in PostgreSQL, beside what all stores promise (tests/contracts/test_floor_store.py): nodes at the same
time, the rules of the schema, tenants kept apart.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from gateway.custody.scan import scan_tables
from gateway.desk.floor import followers
from gateway.desk.floor.agent_state import Presence, Routing
from gateway.desk.floor.errors import FloorError
from gateway.desk.floor.events import Kind
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.offer import Offer
from gateway.desk.floor.postgres import PostgresFloorStore
from gateway.desk.floor.sweep import sweep
from gateway.desk.floor.work_item import ItemState, waiting_item
from infra.storage.database import Database
from infra.storage.errors import AccessRefused, ConstraintBroken
from tests.gateway.desk.floor.hall import NOW, NUMBER, QUEUES, WORDS, at_work, call, later, talking
from tests.postgres import opened

WORKERS = 8


@pytest.fixture
async def tenant(database: Database) -> str:
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return tenant


@pytest.fixture
async def store(database: Database) -> AsyncIterator[PostgresFloorStore]:
    store = PostgresFloorStore(database, lambda _: QUEUES, lambda _: WORDS)
    await store.start()
    yield store
    await store.close()


# --- eight nodes at once ----------------------------------------------------------------------------------------------
class Node:
    """A process that works on a tenant's floor like all others: it has connections of its own, and no manners."""

    def __init__(self, database: Database, tenant: str, seed: int, ticks: Iterator[int]) -> None:
        self.store = PostgresFloorStore(database, lambda _: QUEUES, lambda _: WORDS)
        self.tenant = tenant
        self.name = f"node{seed}"
        self.random = random.Random(seed)
        self.ticks = ticks
        self.accepted = 0

    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=next(self.ticks))

    async def work(self, rounds: int) -> None:
        for n in range(rounds):
            floor = await self.store.snapshot(self.tenant)  # what a page shows: old by the time that somebody presses
            match self.random.randrange(6):
                case 0 | 1:
                    now = self.now()
                    item = waiting_item(f"{self.name}-{n}", f"call-{self.name}-{n}", "general", "ko", now)
                    async with self.store.open(self.tenant) as floor:
                        floor.enqueue(item, now)
                case 2:
                    await sweep(self.store, self.now())
                case _:
                    await self.press(floor)

    async def press(self, shown: Floor) -> None:
        """Do what an agent's page shows, whether or not somebody else has done it meanwhile."""
        now = self.now()
        agent = self.random.choice(sorted(shown.agents))
        offer, item = shown.offer_to(agent), shown.item_of(agent)
        try:
            async with self.store.open(self.tenant) as floor:
                if offer is not None:
                    floor.accept(offer.offer, agent, now)
                    self.accepted += 1
                elif item is not None and item.state is ItemState.ACCEPTED:
                    floor.connected(item.item, now)
                elif item is not None and item.state is ItemState.CONNECTED:
                    floor.hung_up(item.item, now)
                elif item is not None:
                    floor.wrapped_up(item.item, agent, now)
                else:
                    floor.set_presence(agent, Presence.AVAILABLE, now)
        except FloorError:
            return


@asynccontextmanager
async def nodes(url: str, tenant: str) -> AsyncIterator[list[Node]]:
    databases = [opened(url, pool_size=2) for _ in range(WORKERS)]
    ticks = count()
    try:
        yield [Node(await made.__aenter__(), tenant, seed, ticks) for seed, made in enumerate(databases)]
    finally:
        for made in databases:
            await made.__aexit__(None, None, None)


async def test_eight_workers_never_offer_twice_and_number_without_a_gap(
    database_url: str, tenant: str, store: PostgresFloorStore
) -> None:
    async with store.open(tenant) as floor:
        for n in range(6):
            at_work(floor, f"agent{n}")
    async with nodes(database_url, tenant) as workers:
        await asyncio.gather(*(worker.work(30) for worker in workers))
    events = [event for first in range(0, 10_000, 500) for event in await store.events(tenant, after_seq=first)]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert sum(worker.accepted for worker in workers) > 20
    ringing_items: set[str] = set()
    ringing_agents: set[str] = set()
    for event in events:
        if event.kind is Kind.OFFER_MADE:
            assert event.payload["item"] not in ringing_items
            assert event.payload["agent"] not in ringing_agents
            ringing_items.add(event.payload["item"])
            ringing_agents.add(event.payload["agent"])
        elif event.kind.startswith("offer."):
            ringing_items.remove(event.payload["item"])
            ringing_agents.remove(event.payload["agent"])
    kept, again = await store.snapshot(tenant), Floor.replay(QUEUES, events)
    assert (again.items, again.offers, again.agents, again.seq) == (kept.items, kept.offers, kept.agents, kept.seq)
    taken: set[str] = set()
    for event in events:
        if event.kind is Kind.ITEM_ACCEPTED:
            assert event.subject not in taken, "a call is with one agent at a time"
            taken.add(event.subject)
        elif event.kind is Kind.ITEM_REQUEUED:  # whoever said yes and never came has lost it
            taken.discard(event.subject)


async def test_of_agents_who_accept_at_the_same_time_one_gets_the_call(
    database_url: str, tenant: str, store: PostgresFloorStore
) -> None:
    async with store.open(tenant) as floor:
        at_work(floor, "anna")
        floor.sign_in("sue", NOW, name="Sue")
        floor.enqueue(call(), NOW)

    async def takes(node: Node, agent: str) -> bool:
        try:
            async with node.store.open(tenant) as floor:
                if agent == "anna":
                    floor.accept("h1-1", agent, later(1))
                else:
                    floor.take("h1", agent, later(1))
        except FloorError:
            return False
        return True

    async with nodes(database_url, tenant) as workers:
        won = await asyncio.gather(*(takes(node, ("anna", "sue")[n % 2]) for n, node in enumerate(workers)))
    item = (await store.snapshot(tenant)).items["h1"]
    assert item.agent in ("anna", "sue")
    assert [agent for n, agent in enumerate(["anna", "sue"] * 4) if won[n]] == [item.agent] * 4


async def test_other_nodes_followers_are_told(
    database_url: str, tenant: str, store: PostgresFloorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "LOOKS_EVERY", 3_600.0)  # nobody looks by themselves
    async with nodes(database_url, tenant) as (elsewhere, *_), asyncio.timeout(20):
        follower = store.subscribe(tenant, after_seq=0)
        for name in ("h1", "h2"):  # the first may still be found by listening's own first hint
            coming = asyncio.create_task(anext(follower))
            async with elsewhere.store.open(tenant) as floor:
                floor.enqueue(call(name), NOW)
            assert (await coming).subject == name


# --- the rules of the schema ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("twin", [{"agent": "ben"}, {"item": "h2"}], ids=["an item", "an agent"])
async def test_the_schema_takes_no_second_live_offer(
    tenant: str, store: PostgresFloorStore, twin: dict[str, str]
) -> None:
    async with store.open(tenant) as floor:
        at_work(floor, "anna")
        floor.enqueue(call(), NOW)
        floor.enqueue(call("h2"), NOW)
    second = replace(Offer("x-1", "h1", "anna", NOW, later(15)), **twin)
    with pytest.raises(ConstraintBroken):
        async with store.open(tenant) as floor:
            floor._record(second, NOW)
            floor.now = NOW


async def test_an_agent_may_be_offered_the_next_call_in_the_moment_that_the_last_one_ended(
    tenant: str, store: PostgresFloorStore
) -> None:
    async with store.open(tenant) as floor:
        at_work(floor, "anna")
        floor.enqueue(call("h1"), NOW)
        floor.enqueue(call("h2"), NOW)
    async with store.open(tenant) as floor:
        floor.abandon("h1", later(1))
    kept = await store.snapshot(tenant)
    assert [offer.item for offer in kept.offers.values()] == ["h2"]
    assert kept.agents["anna"].routing is Routing.RESERVED


async def test_what_happened_cannot_be_changed(database: Database, tenant: str, store: PostgresFloorStore) -> None:
    async with store.open(tenant) as floor:
        floor.enqueue(call(), NOW)
    for statement in ("UPDATE floor_events SET kind = 'x'", "DELETE FROM floor_events"):
        with pytest.raises(AccessRefused):
            async with database.tenant(tenant) as connection:
                await connection.execute(statement)


async def test_a_tenant_sees_and_writes_no_others_rows(
    database: Database, tenant: str, store: PostgresFloorStore
) -> None:
    async with store.open(tenant) as floor:
        at_work(floor, "anna")
        floor.enqueue(call(), NOW)
        talking(floor)
    async with database.tenant(f"{tenant}-other") as connection:
        for table in ("work_items", "offers", "agent_states", "floor_events"):
            assert await (await connection.execute(f"SELECT FROM {table}".encode())).fetchall() == []
        assert (await connection.execute("UPDATE floors SET seq = 0")).rowcount == 0


async def test_a_sweep_finds_the_floors_of_all_tenants(database: Database, store: PostgresFloorStore) -> None:
    tenants = [f"t-{uuid.uuid4().hex}" for _ in range(2)]
    for tenant in tenants:
        await database.enter_tenant(tenant)
        async with store.open(tenant) as floor:
            floor.enqueue(call(queue="billing"), NOW)
    assert set(tenants).isdisjoint(await store.due(later(89)))
    assert set(tenants) <= set(await store.due(later(90)))


async def test_the_number_of_a_callback_lies_nowhere_in_the_clear(
    store: PostgresFloorStore, tenant: str, database: Database
) -> None:
    async with store.open(tenant) as floor:
        floor.enqueue(call("h1"), NOW)
        floor.schedule_callback("h1", NUMBER, later(600), later(7200), later(5))
    kept = (await store.snapshot(tenant)).items["h1"].callback
    assert kept is not None
    assert kept.number == NUMBER
    told = [event.payload["callback"] for event in await store.events(tenant) if event.payload.get("callback")]
    assert [callback["number"] for callback in told] == [NUMBER]
    assert await scan_tables(database, tenant, [NUMBER]) == []
