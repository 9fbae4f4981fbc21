"""What is killed while something is changed: at most one effect, and nothing told or recorded that is not so.

A few kills at random moments here; a hundred in ``tests/benchmarks/bench_actions.py``.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from dialog.actions.action import Succeeded
from dialog.actions.http_actions import HttpActions
from dialog.actions.intent import State
from dialog.actions.postgres import PostgresActionStore
from dialog.actions.runner import ActionRunner
from dialog.journal import MemoryJournal
from infra.storage.database import Database
from tests.integration.action_trial import (
    POINTS,
    SPENT_ON_A_CHANGE,
    TENANT,
    CountingShop,
    Deadly,
    aftermath,
    change,
    counting_shop,
    new_order,
    trial,
)
from tests.postgres import Postgres, opened, server_of_its_own

RANDOM_KILLS = 5


@pytest.fixture
def shop() -> Iterator[CountingShop]:
    with counting_shop(pause=0.01) as shop:
        yield shop


@pytest.fixture
async def ledger(database: Database) -> AsyncIterator[Database]:
    await database.enter_tenant(TENANT)
    yield database


EXPECTED = {
    "before enter": (None, 0),
    "after enter": (State.PROPOSED, 0),
    "before confirm": (State.PROPOSED, 0),
    "after confirm": (State.SUCCEEDED, 1),
    "before start": (State.SUCCEEDED, 1),
    "after start": (State.FAILED, 0),
    "before perform": (State.FAILED, 0),
    "after perform": (State.SUCCEEDED, 1),
    "before settle": (State.SUCCEEDED, 1),
    "after settle": (State.SUCCEEDED, 1),
}


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_a_commit_point(ledger: Database, database_url: str, shop: CountingShop, point: str) -> None:
    left = await trial(ledger, database_url, shop, point)
    assert left.told is None
    assert left.flaw() is None
    assert (left.state, left.effects) == EXPECTED[point]


async def test_killed_at_random_moments(ledger: Database, database_url: str, shop: CountingShop) -> None:
    moments = random.Random(20261122)
    for _ in range(RANDOM_KILLS):
        left = await trial(ledger, database_url, shop, "", moments.uniform(0.0, SPENT_ON_A_CHANGE))
        assert left.flaw() is None


async def test_nobody_killed_it_is_done_and_told(ledger: Database, database_url: str, shop: CountingShop) -> None:
    left = await trial(ledger, database_url, shop, "", 60.0)
    assert (left.told, left.state, left.effects) == ("Succeeded", State.SUCCEEDED, 1)
    assert isinstance(left.again, Succeeded)


@pytest.mark.parametrize("point", ["before confirm", "after confirm", "after start", "before settle"])
async def test_the_database_killed(victim: Postgres, shop: CountingShop, point: str) -> None:
    order = new_order(shop)
    proposal, confirmation = change(order, datetime.now(UTC))
    async with opened(victim.url("aicc")) as database:
        store = PostgresActionStore(database, TENANT)
        port = HttpActions({"shop": shop.url})
        outcome = await ActionRunner(port, store=Deadly(store, point, victim.kill)).run(
            proposal, MemoryJournal(), confirmation
        )
        await port.close()
        await victim.server.start()
        left = await aftermath(store, shop, order, type(outcome).__name__)
    assert left.flaw() is None
    # A part of the server may outlive its head by the one commit that matters; else nobody can know.
    assert left.told in {"Unknown", "Succeeded"}


@pytest.fixture(scope="module")
def victim() -> Iterator[Postgres]:
    with server_of_its_own() as postgres:
        asyncio.run(_prepare(postgres))
        yield postgres


async def _prepare(postgres: Postgres) -> None:
    async with opened(await postgres.make_database("aicc")) as database:
        await database.enter_tenant(TENANT)
