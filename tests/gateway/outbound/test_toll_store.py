"""What calls to targets may cost, kept in PostgreSQL: limits hold for all nodes together."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.outbound.toll_store import TollGate
from gateway.session.destination import read_destination
from gateway.session.ports import TollDenied, TollPermit
from gateway.session.tenant import Tenant
from infra.storage.database import Database

TO = read_destination("tel:+827012345678")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Shop:
    """A tenant of its own for each test, with a gate for each set of rules."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.id = f"shop-{uuid.uuid4().hex[:12]}"
        self.clock = Clock()

    def gate(self, **toll: object) -> TollGate:
        return TollGate(self.database, tenant(self.id, **toll), self.clock)


def tenant(name: str, **toll: object) -> Tenant:
    return Tenant.model_validate(
        {
            "id": name,
            "name": {"en": "Shop"},
            "languages": ["en"],
            "time_zone": "Asia/Seoul",
            "outbound": {"toll": {"prefixes": ["+82"], **toll}},
            "folder": Path("/tenants/shop"),
        }
    )


@pytest.fixture
async def shop(database: Database) -> Shop:
    one = Shop(database)
    await database.enter_tenant(one.id)
    return one


async def permitted(gate: TollGate) -> TollPermit:
    permit = await gate.begin("call-1", TO)
    assert not isinstance(permit, TollDenied), permit.why
    return permit


async def test_no_more_calls_are_open_than_allowed_however_many_ask_at_the_same_moment(shop: Shop) -> None:
    gates = [shop.gate(at_once=3) for _ in range(8)]
    answers = await asyncio.gather(*(gate.begin("call-1", TO) for gate in gates))
    permits = [answer for answer in answers if not isinstance(answer, TollDenied)]
    assert len(permits) == 3
    await permits[0].used(10.0)
    await permitted(gates[0])
    assert isinstance(await gates[1].begin("call-1", TO), TollDenied)


async def test_the_minutes_of_a_day_are_never_exceeded_and_what_was_not_used_is_given_back(shop: Shop) -> None:
    gate = shop.gate(minutes_per_day=100, longest_minutes=60)
    first, second = await permitted(gate), await permitted(gate)
    assert (first.seconds, second.seconds) == (3600.0, 2400.0)
    assert isinstance(await gate.begin("call-1", TO), TollDenied)  # all is spoken for
    await first.used(600.0)
    await first.used(3000.0)  # a second word changes nothing
    assert (await permitted(gate)).seconds == 3000.0
    shop.clock.now += timedelta(days=1)
    assert (await permitted(gate)).seconds == 3600.0


async def test_a_call_that_a_dead_node_left_open_is_over_when_it_would_have_been(shop: Shop) -> None:
    gate = shop.gate(at_once=1, longest_minutes=10)
    await permitted(gate)
    shop.clock.now += timedelta(minutes=14)
    assert isinstance(await gate.begin("call-1", TO), TollDenied)
    shop.clock.now += timedelta(minutes=2)
    await permitted(gate)


async def test_what_the_prefixes_do_not_cover_is_refused_and_leaves_no_trace(shop: Shop) -> None:
    gate = shop.gate(at_once=1)
    abroad = read_destination("tel:+442071234567")
    refused = await gate.begin("call-1", abroad)
    assert isinstance(refused, TollDenied)
    assert refused == gate.allows(abroad)
    assert gate.allows(TO) is None
    await permitted(gate)


async def test_one_tenants_calls_are_not_counted_against_another(shop: Shop) -> None:
    other = Shop(shop.database)
    await shop.database.enter_tenant(other.id)
    await permitted(shop.gate(at_once=1))
    await permitted(other.gate(at_once=1))
