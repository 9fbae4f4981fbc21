"""Several writes as one: all of them, or none that is left; and never one of them twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from dialog.actions.action import (
    Action,
    Failed,
    FailureKind,
    Outcome,
    Proof,
    Reading,
    Risk,
    Service,
    Step,
    Succeeded,
    Unknown,
)
from dialog.actions.dispatch import Dispatcher, longest
from dialog.actions.intent import Intent, State, intent_of
from dialog.actions.saga import MOST_UNDOS, step_id
from dialog.actions.store import MemoryActionStore
from dialog.actions.sweep import Sweep
from infra.storage.errors import DatabaseUnavailable
from tests.dialog.shop import CALLER, LOST, NOW, NUMBER, Clock, wanted, yes

THINGS = Service("things", "http://things.example")
ANY = {"type": "object"}
PLACES = {"type": "object", "properties": {"held": {"type": "boolean"}, "paid": {"type": "boolean"}}}
LOOK = Action("look", THINGS, "GET", "/{order}", Risk.READ_ONLY, 1.0, NUMBER, PLACES)


def write(name: str, shows: Mapping[str, tuple[object, ...]]) -> Action:
    proof = Proof(Reading(LOOK, {"order": "$order"}), shows, settles=10.0)
    return Action(name, THINGS, "POST", f"/{name}", Risk.REVERSIBLE, 1.0, NUMBER, ANY, proof=proof)


def reading(action: Action) -> Reading:
    return Reading(action, {"order": "$order"})


HOLD, RELEASE = write("hold", {"held": (True,)}), write("release", {"held": (False,)})
PAY = write("pay", {"paid": (True,)})
BUY = Action(
    "buy",
    Service("steps", "python:none"),
    "",
    "",
    Risk.IRREVERSIBLE,
    5.0,
    NUMBER,
    ANY,
    steps=(Step(reading(HOLD), reading(RELEASE)), Step(reading(PAY))),
)
EFFECTS = {"hold": ("held", True), "release": ("held", False), "pay": ("paid", True)}


@dataclass
class Things:
    """A back end. ``answers`` are what a write says instead of taking effect; ``lost`` take effect and say nothing."""

    record: dict[str, object] = field(default_factory=lambda: {"held": False, "paid": False})
    answers: dict[str, list[Outcome]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    blind: bool = False

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        if action is LOOK:
            return Failed(FailureKind.UNAVAILABLE) if self.blind else Succeeded(dict(self.record))
        self.keys.append(key)
        if self.answers.get(action.id):
            return self.answers[action.id].pop(0)
        name, value = EFFECTS[action.id]
        self.record[name] = value
        self.done.append(action.id)
        return LOST if action.id in self.lost else Succeeded({})

    async def close(self) -> None:
        """Nothing to give back."""


class Bench:
    def __init__(self, store: MemoryActionStore | None = None) -> None:
        self.things, self.clock, self.store = Things(), Clock(), store or MemoryActionStore()
        self.dispatcher = Dispatcher(self.things, self.store, now=self.clock, between_looks=0.0)
        actions = {action.id: action for action in (HOLD, RELEASE, PAY, BUY, LOOK)}
        self.sweep = Sweep(self.store, self.dispatcher, actions, now=self.clock)

    async def confirmed(self) -> Intent:
        proposal = wanted(action=BUY)
        intent = await self.store.enter(intent_of(proposal), NOW)
        return await self.store.confirm(intent.id, yes(proposal), NOW)

    async def bought(self) -> Outcome:
        return await self.dispatcher.carry_out(BUY, await self.confirmed(), CALLER)

    async def state(self, name: str = "") -> State | None:
        whole = wanted(action=BUY).id
        intent = await self.store.get(step_id(whole, name) if name else whole)
        return None if intent is None else intent.state

    async def swept(self, *seconds: float) -> None:
        for later in seconds:
            self.clock.pass_by(later)
            await self.sweep.once()


@pytest.fixture
def bench() -> Bench:
    return Bench()


REFUSED = Failed(FailureKind.REJECTED, "402")


async def test_all_steps_are_done_in_order_each_under_a_key_of_its_own(bench: Bench) -> None:
    assert isinstance(await bench.bought(), Succeeded)
    assert bench.things.done == ["hold", "pay"]
    assert len(set(bench.things.keys)) == 2
    assert await bench.state() is State.SUCCEEDED


async def test_when_one_cannot_be_done_the_others_are_taken_back(bench: Bench) -> None:
    bench.things.answers = {"pay": [REFUSED]}
    assert await bench.bought() == REFUSED
    assert bench.things.done == ["hold", "release"]
    assert await bench.state("0/do") is State.COMPENSATED
    assert await bench.state() is State.FAILED


async def test_when_the_first_cannot_be_done_nothing_is(bench: Bench) -> None:
    bench.things.answers = {"hold": [REFUSED]}
    assert await bench.bought() == REFUSED
    assert bench.things.done == []


async def test_taking_back_is_tried_again_and_then_left_to_a_human(bench: Bench) -> None:
    bench.things.answers = {"pay": [REFUSED], "release": [REFUSED]}
    assert await bench.bought() == REFUSED
    assert bench.things.done == ["hold", "release"]
    bench = Bench()
    bench.things.answers = {"pay": [REFUSED], "release": [REFUSED] * MOST_UNDOS}
    outcome = await bench.bought()
    assert isinstance(outcome, Unknown)
    assert "could not be taken back" in outcome.detail
    assert await bench.state() is State.UNKNOWN


async def test_a_lost_answer_is_looked_up_and_the_rest_follows(bench: Bench) -> None:
    bench.things.lost = {"hold"}
    assert isinstance(await bench.bought(), Succeeded)
    assert bench.things.done == ["hold", "pay"]


async def test_while_one_is_unknown_the_whole_is_and_nothing_more_is_done(bench: Bench) -> None:
    bench.things.answers = {"hold": [LOST]}
    assert isinstance(await bench.bought(), Unknown)
    assert bench.things.keys == [wanted_key("0/do")]


async def test_once_it_shows_that_the_unknown_one_was_not_done_the_whole_has_failed(bench: Bench) -> None:
    bench.things.answers = {"pay": [LOST]}
    await bench.bought()
    await bench.swept(11, 60)
    assert bench.things.done == ["hold", "release"]
    assert (await bench.state("1/do"), await bench.state()) == (State.FAILED, State.FAILED)


async def test_once_it_shows_that_it_was_done_the_whole_has_succeeded(bench: Bench) -> None:
    bench.things.answers = {"pay": [LOST]}
    await bench.bought()
    bench.things.record["paid"] = True
    await bench.swept(11, 60)
    assert bench.things.done == ["hold"]
    assert await bench.state() is State.SUCCEEDED


class Dying(MemoryActionStore):
    """A store from which nothing more comes at one of its moves, as if the process had ended there."""

    def __init__(self, move: str, times: int) -> None:
        super().__init__()
        self.move, self.times, self.dead = move, times, False

    def __getattribute__(self, name: str) -> object:
        if name in {"enter", "confirm", "start", "settle", "compensate"}:
            if name == self.move:
                self.times -= 1
                self.dead = self.dead or self.times < 0
            if self.dead:
                raise DatabaseUnavailable("the process ended here")
        return super().__getattribute__(name)


@pytest.mark.parametrize("move", ["enter", "confirm", "start", "settle"])
@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("refused", [False, True])
async def test_left_anywhere_in_the_middle_it_ends_whole_or_not_at_all(move: str, times: int, refused: bool) -> None:
    store = Dying(move, times)
    bench = Bench(store)
    bench.things.answers = {"pay": [REFUSED]} if refused else {}
    whole = await bench.confirmed()
    await bench.dispatcher.carry_out(BUY, whole, CALLER)
    store.move, store.dead = "", False
    await bench.swept(100, 100, 100, 100)
    state, record = await bench.state(), bench.things.record
    assert state in {State.SUCCEEDED, State.FAILED}
    assert record == ({"held": True, "paid": True} if state is State.SUCCEEDED else {"held": False, "paid": False})
    assert len(bench.things.keys) == len(set(bench.things.keys)), "something was sent twice"


async def test_whoever_was_believed_to_be_gone_and_is_not_goes_no_further() -> None:
    class Late(MemoryActionStore):
        async def enter(self, intent: Intent, now: datetime) -> Intent:
            if intent.action == "pay" and not swept:
                swept.append(True)
                await bench.swept(100)
            return await super().enter(intent, now)

    swept: list[bool] = []
    bench = Bench(Late())
    outcome = await bench.bought()
    assert isinstance(outcome, Failed)
    assert bench.things.done == ["hold", "release"]
    assert await bench.state() is State.FAILED


async def test_what_nobody_can_look_up_stays_unknown(bench: Bench) -> None:
    bench.things.answers, bench.things.blind = {"pay": [LOST]}, True
    assert isinstance(await bench.bought(), Unknown)
    await bench.swept(100, 100)
    assert await bench.state() is State.UNKNOWN
    assert "release" not in bench.things.done


async def test_a_whole_has_the_time_of_all_its_steps() -> None:
    slow = replace(HOLD, timeout=30.0)
    assert longest(replace(BUY, steps=(Step(reading(slow), reading(RELEASE)), *BUY.steps[1:]))) > longest(BUY)
    assert timedelta(seconds=longest(BUY)) > timedelta(seconds=BUY.timeout)


def wanted_key(name: str) -> str:
    intent = replace(intent_of(wanted(action=BUY)), id=step_id(wanted(action=BUY).id, name))
    return intent.key
