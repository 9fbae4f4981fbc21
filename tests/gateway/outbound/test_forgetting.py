"""Whoever is forgotten is forgotten by the calls of our own as well."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialog.memory.memory import Agreement, Eraser
from dialog.memory.policy import Consent, MemoryPolicy
from dialog.memory.postgres import PostgresMemory
from dialog.memory.subject import Subjects
from dialog.memory.tenant import Person, TenantMemory, forgotten, shown
from gateway.outbound.due_call import Patience
from gateway.outbound.forgetting import reaching_due_calls
from gateway.outbound.store import DueCalls
from infra.phone_numbers import NumberingPlan
from infra.storage.database import Database
from tests.gateway.outbound.parlour import NOW, NUMBER, WORDS, due_call, new_tenant

OTHER = "+821099998888"
AT_HOME = "010-1234-5678"


@pytest.fixture
async def calls(database: Database) -> DueCalls:
    tenant = new_tenant()
    await database.enter_tenant(tenant)
    found = DueCalls(database, tenant, Patience(), WORDS)
    for number in (NUMBER, OTHER):
        await found.enter(due_call(number))
    return found


@pytest.fixture
def memory(database: Database, calls: DueCalls) -> TenantMemory:
    subjects = Subjects(b"k" * 32, calls.tenant, NumberingPlan("82"))
    policy = MemoryPolicy(Consent.ASK, timedelta(days=90))
    return reaching_due_calls(TenantMemory(PostgresMemory(database, calls.tenant), subjects, policy), calls)


@pytest.mark.parametrize("number", [NUMBER, AT_HOME])
async def test_due_calls_go_with_the_rest_and_that_they_did_stands(
    memory: TenantMemory, calls: DueCalls, number: str
) -> None:
    [erased] = await forgotten(memory, Person(number=number), NOW, Eraser.API)
    assert erased["kinds"] == ("due_calls",)
    assert [one.number for one in await calls.latest()] == [OTHER]
    [one] = await shown(memory, Person(number=number), NOW)
    assert [erasure["kinds"] for erasure in one["erasures"]] == [("due_calls",)]


async def test_where_there_are_none_nothing_is_said_of_them(memory: TenantMemory, calls: DueCalls) -> None:
    stranger = Person("C-1001", "+821000000000")
    for erased in await forgotten(memory, stranger, NOW, Eraser.API):
        assert erased["kinds"] == ()
    assert len(await calls.latest()) == 2


async def test_what_is_left_counts_until_it_is_forgotten_also_by_a_former_name(
    memory: TenantMemory, calls: DueCalls
) -> None:
    now, former = memory.subjects.number(NUMBER), memory.subjects.former(NUMBER)
    assert now is not None and former is not None
    assert await memory.store.left([now]) == await memory.store.left([former]) == 1
    await memory.store.forget(former, NOW, Eraser.CALLER, "key-1")
    assert await memory.store.left([now, former]) == 0


async def test_all_else_is_the_memorys(memory: TenantMemory) -> None:
    subject = memory.subjects.customer("C-1001")
    assert await memory.store.agree(subject, Agreement(True, NOW, "ko:1"))
    assert await memory.store.keep(subject, NOW, None, None)
    other = memory.subjects.customer("C-1002")
    assert await memory.store.rename(subject, other)
    assert (await memory.store.recall(other, NOW - timedelta(days=1))).agreed
    assert await memory.store.sweep(NOW + timedelta(days=1)) == 1
