"""What was confirmed is sent once, and what became of it is looked up, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Succeeded, Unknown
from dialog.actions.dispatch import GIVEN_UP, SELDOM, Dispatcher, longest
from dialog.actions.intent import Intent, State, intent_of
from dialog.actions.rules import Permission, Refusal
from dialog.actions.store import MemoryActionStore
from dialog.errors import IntentMoved
from infra.storage.errors import DatabaseUnavailable
from tests.dialog.shop import CALLER, CANCEL, LOST, NOW, UNPROVEN, Clock, Shop, wanted, yes


@dataclass
class Bench:
    shop: Shop = field(default_factory=Shop)
    clock: Clock = field(default_factory=Clock)
    store: MemoryActionStore = field(default_factory=MemoryActionStore)

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.shop, self.store, now=self.clock, between_looks=0.0)

    async def confirmed(self, order: str = "1001") -> Intent:
        intent = await self.store.enter(intent_of(wanted(order)), NOW)
        return await self.store.confirm(intent.id, yes(wanted(order)), NOW)

    async def carried_out(self, action: Action = CANCEL, order: str = "1001") -> Outcome:
        return await self.dispatcher.carry_out(action, await self.confirmed(order), CALLER)

    async def standing(self) -> Intent:
        intent = await self.store.get(wanted().id)
        assert intent is not None
        return intent

    async def due(self, seconds: float) -> list[Intent]:
        now = NOW + timedelta(seconds=seconds)
        return list(await self.store.due(now, now, 10))


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_it_is_sent_once_under_its_key_and_stands(bench: Bench) -> None:
    outcome = await bench.carried_out()
    assert isinstance(outcome, Succeeded)
    assert bench.shop.keys == [wanted().key]
    assert await bench.standing() == replace(
        intent_of(wanted()), state=State.SUCCEEDED, outcome=outcome, confirmation=yes(wanted()), started_at=NOW
    )


async def test_it_has_started_before_it_is_sent(bench: Bench) -> None:
    class Watching(Shop):
        async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
            seen.append((await bench.standing()).state)
            return await super().perform(action, arguments, key=key)

    seen: list[State] = []
    dispatcher = Dispatcher(Watching(), bench.store, now=bench.clock, between_looks=0.0)
    await dispatcher.carry_out(CANCEL, await bench.confirmed(), CALLER)
    assert seen == [State.CONFIRMED, State.STARTED, State.STARTED]  # the record, the change, the proof


async def test_an_answer_that_the_system_of_record_does_not_bear_out_is_no_success(bench: Bench) -> None:
    bench.shop.loses, bench.shop.answers = (
        True,
        [Succeeded({"order": "1001", "status": "cancelled", "customer": "C-1"})],
    )
    assert isinstance(await bench.carried_out(), Unknown)
    assert (await bench.standing()).state is State.UNKNOWN


async def test_a_lost_answer_of_what_took_place_is_a_success(bench: Bench) -> None:
    bench.shop.answers = [LOST]
    outcome = await bench.carried_out()
    assert isinstance(outcome, Succeeded)
    assert outcome.result["status"] == "cancelled"


async def test_a_certain_failure_is_believed(bench: Bench) -> None:
    bench.shop.loses, bench.shop.answers = True, [Failed(FailureKind.REJECTED, "409")]
    assert await bench.carried_out() == Failed(FailureKind.REJECTED, "409")


async def test_without_a_way_to_look_an_unknown_is_left_to_a_human(bench: Bench) -> None:
    bench.shop.answers = [LOST]
    assert isinstance(await bench.carried_out(UNPROVEN), Unknown)
    assert await bench.due(10**6) == []


async def test_what_is_not_permitted_any_more_is_not_sent(bench: Bench) -> None:
    outcome = await bench.carried_out(order="1002")
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.NOT_PERMITTED
    assert bench.shop.keys == []


async def test_who_comes_second_sends_nothing(bench: Bench) -> None:
    intent = await bench.confirmed()
    await bench.store.start(intent.id, NOW, NOW, None)
    assert isinstance(await bench.dispatcher.carry_out(CANCEL, intent, CALLER), Unknown)
    assert bench.shop.keys == []


class Forgetful(MemoryActionStore):
    """A store whose acknowledgements get lost, from the method ``fails`` on."""

    fails = "start"

    async def start(self, intent_id: str, now: datetime, until: datetime, per_call: int | None) -> Permission:
        granted = await super().start(intent_id, now, until, per_call)
        if self.fails == "start":
            raise DatabaseUnavailable("gone in the middle of the commit")
        return granted

    async def settle(self, intent_id: str, outcome: Outcome, now: datetime, look_at: datetime | None = None) -> Intent:
        if self.fails == "settle":
            raise DatabaseUnavailable("gone")
        return await super().settle(intent_id, outcome, now, look_at)


@pytest.mark.parametrize(("fails", "sent"), [("start", 0), ("settle", 1)])
async def test_what_could_not_be_written_down_is_unknown(fails: str, sent: int) -> None:
    bench = Bench(store=Forgetful())
    bench.store.fails = fails  # type: ignore[attr-defined]
    assert isinstance(await bench.carried_out(), Unknown)
    assert len(bench.shop.keys) == sent


async def started(bench: Bench) -> Intent:
    intent = await bench.confirmed()
    await bench.store.start(intent.id, NOW, NOW, None)
    return await bench.standing()


async def test_reconciling_finds_what_took_place_and_sends_nothing(bench: Bench) -> None:
    intent = await started(bench)
    bench.shop.orders["1001"]["status"] = "cancelled"
    outcome = await bench.dispatcher.reconcile(CANCEL, intent)
    assert isinstance(outcome, Succeeded)
    assert outcome.result["order"] == "1001"
    assert (await bench.standing()).state is State.SUCCEEDED
    assert bench.shop.keys == []
    assert [line.body["state"] for line in await bench.store.audit(2, 9)] == ["started", "unknown", "succeeded"]


@pytest.mark.parametrize(("waited", "state"), [(29.0, State.UNKNOWN), (30.0, State.FAILED)])
async def test_what_does_not_show_has_failed_only_after_it_would_have_shown(
    bench: Bench, waited: float, state: State
) -> None:
    intent = await started(bench)
    bench.clock.pass_by(waited)
    await bench.dispatcher.reconcile(CANCEL, intent)
    assert (await bench.standing()).state is state


async def test_a_look_that_fails_says_nothing(bench: Bench) -> None:
    intent = await started(bench)
    bench.shop.blind = True
    bench.clock.pass_by(10_000)
    assert isinstance(await bench.dispatcher.reconcile(CANCEL, intent), Unknown)


@pytest.mark.parametrize(
    ("age", "wait"),
    [(1.0, 30.0), (600.0, 300.0), (86_400.0, SELDOM.total_seconds()), (GIVEN_UP.total_seconds() + 1, None)],
)
async def test_it_is_looked_at_less_and_less_often_and_then_left_to_a_human(
    bench: Bench, age: float, wait: float | None
) -> None:
    intent = await started(bench)
    bench.shop.blind = True
    bench.clock.pass_by(age)
    await bench.dispatcher.reconcile(CANCEL, intent)
    if wait is None:
        assert await bench.due(10**9) == []
    else:
        assert await bench.due(age + wait - 1) == []
        assert len(await bench.due(age + wait)) == 1


async def test_an_outcome_that_stands_already_is_the_one_that_is_told(bench: Bench) -> None:
    intent = await started(bench)
    await bench.store.settle(intent.id, Failed(FailureKind.NOT_DONE), NOW)
    assert await bench.dispatcher.settle(CANCEL, intent, Succeeded({})) == Failed(FailureKind.NOT_DONE)
    with pytest.raises(IntentMoved):
        await bench.store.settle(intent.id, Succeeded({}), NOW)


async def test_the_policy_is_asked_with_the_record_as_it_is_now(bench: Bench) -> None:
    arguments = {"order": "1001"}
    assert (await bench.dispatcher.permission(CANCEL, CALLER, arguments)).granted
    bench.shop.orders["1001"]["status"] = "shipped"
    assert (await bench.dispatcher.permission(CANCEL, CALLER, arguments)).refusal is Refusal.STATE
    bench.shop.blind = True
    assert (await bench.dispatcher.permission(CANCEL, CALLER, arguments)).refusal is Refusal.RECORD


def test_nobody_is_believed_to_be_gone_before_his_time_is_over() -> None:
    assert longest(UNPROVEN) > UNPROVEN.timeout
    assert longest(CANCEL) > longest(UNPROVEN)
