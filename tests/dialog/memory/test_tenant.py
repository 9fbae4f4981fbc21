from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialog.memory.memory import Agreement, Eraser, Preferences
from dialog.memory.store import VolatileMemory
from dialog.memory.subject import Subjects
from dialog.memory.tenant import Person, PersonNotNamed, TenantMemory, agreed, forgotten, shown
from infra.phone_numbers import NumberingPlan
from tests.dialog.memory.surroundings import NUMBER, POLICY
from tests.dialog.surroundings import StoppedClock

NOW = StoppedClock().now("UTC")
BOTH = Person("C-1001", NUMBER)


@pytest.fixture
def memory() -> TenantMemory:
    return TenantMemory(VolatileMemory(), Subjects(b"k" * 32, "shop"), POLICY)


@pytest.mark.parametrize("person", [Person(), Person(number="112"), Person("C-1001", "anonymous")])
def test_somebody_must_be_named(memory: TenantMemory, person: Person) -> None:
    with pytest.raises(PersonNotNamed):
        person.subjects(memory)


async def test_an_answer_that_was_given_elsewhere_stands_for_all_that_they_are_known_by(memory: TenantMemory) -> None:
    assert await agreed(memory, BOTH, Agreement(True, NOW, "web form 3"))
    found = await shown(memory, BOTH, NOW)
    assert [one["as"] for one in found] == ["customer", "number"]
    assert all(one["agreement"]["agreed"] for one in found)


async def test_what_is_remembered_is_shown_and_what_is_too_old_is_not(memory: TenantMemory) -> None:
    await agreed(memory, BOTH, Agreement(True, NOW, "web form 3"))
    [subject] = Person(number=NUMBER).subjects(memory)
    await memory.store.keep(subject, NOW, Preferences("ko", 1, 0, "phone"), None)
    [one] = await shown(memory, Person(number=NUMBER), NOW)
    assert one["preferences"] == {"language": "ko", "slower": 1, "louder": 0, "channel": "phone"}
    [one] = await shown(memory, Person(number=NUMBER), NOW + timedelta(days=91))
    assert (one["agreement"], one["preferences"]) == (None, None)


async def test_what_was_kept_of_a_number_before_it_had_one_form_is_shown_and_forgotten_with_it(
    memory: TenantMemory,
) -> None:
    former = memory.subjects.number("01055501234")
    assert former is not None
    now = replace(memory, subjects=replace(memory.subjects, plan=NumberingPlan("82")))
    await memory.store.agree(former, Agreement(True, NOW, "web form 3"))
    [one] = await shown(now, Person(number=NUMBER), NOW)
    assert one["agreement"]["agreed"]
    await memory.store.agree(former, Agreement(True, NOW, "web form 3"))
    await forgotten(now, Person(number=NUMBER), NOW, Eraser.API)
    assert await memory.store.left([former]) == 0
    [one] = await shown(now, Person(number=NUMBER), NOW)
    assert one["agreement"] is None


async def test_who_is_forgotten_leaves_only_who_did_it_and_when(memory: TenantMemory) -> None:
    await agreed(memory, BOTH, Agreement(True, NOW, "web form 3"))
    erased = await forgotten(memory, BOTH, NOW, Eraser.API)
    assert [(one["as"], one["kinds"]) for one in erased] == [("customer", ("agreement",)), ("number", ("agreement",))]
    for one in await shown(memory, BOTH, NOW):
        assert one["agreement"] is None
        assert [erasure["by"] for erasure in one["erasures"]] == ["api"]
    assert not await agreed(memory, BOTH, Agreement(True, NOW, "web form 3"))
