"""The record stands before anything leaves the house, and before anything is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from dialog.actions.action import Action, Confirmation, Failed, FailureKind, Outcome, Succeeded, Unknown, propose
from dialog.actions.digests import Digests
from dialog.actions.rules import Permission, Refusal, Rules, Standing
from dialog.actions.runner import ActionRunner
from dialog.actions.store import MemoryActionStore
from dialog.journal import MemoryJournal
from dialog.releases.release import Release
from tests.dialog.shop import CALLER, LOOK, LOST, NOW, Clock, Shop, wanted, yes
from tests.dialog.surroundings import FailingJournal, ScriptedBackEnd

NUMBER = {"order_number": "20261187"}


@pytest.fixture
def action(release: Release) -> Action:
    return release.actions["order_status"]


async def run(action: Action, outcome: Outcome, journal: MemoryJournal, **arguments: str) -> tuple[Outcome, list]:
    back_end = ScriptedBackEnd([outcome])
    runner = ActionRunner(back_end, journal_timeout=0.05)
    proposal = propose(action, arguments or NUMBER, call_id="c", turn=1)
    return await runner.run(proposal, journal), back_end.calls


async def test_everything_is_recorded_in_order(action: Action) -> None:
    journal = MemoryJournal()
    outcome, _ = await run(action, Succeeded({"status": "shipped"}), journal)
    assert outcome == Succeeded({"status": "shipped"})
    assert [kind for kind, _ in journal.events] == ["action.proposed", "action.started", "action.succeeded"]
    proposed, started, succeeded = (payload for _, payload in journal.events)
    assert proposed["name"] == started["name"] == "order_status"
    assert proposed["action"] == started["action"] == succeeded["action"]
    assert proposed["risk"] == "read_only"
    assert succeeded["result"] == {"status": "shipped"}


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [(Failed(FailureKind.NOT_FOUND), "action.failed"), (Unknown("cut"), "action.unknown")],
)
async def test_other_outcomes_are_recorded_too(action: Action, outcome: Outcome, kind: str) -> None:
    journal = MemoryJournal()
    assert (await run(action, outcome, journal))[0] == outcome
    assert journal.events[-1][0] == kind


@pytest.mark.parametrize("kind", ["action.proposed", "action.started"])
async def test_without_a_record_nothing_leaves(action: Action, kind: str) -> None:
    outcome, calls = await run(action, Succeeded({}), FailingJournal(refuses=frozenset({kind})))
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.NOT_RECORDED
    assert calls == []


@pytest.mark.parametrize("outcome", [Succeeded({}), Failed(FailureKind.NOT_FOUND)])
async def test_an_outcome_that_is_not_recorded_is_unknown(action: Action, outcome: Outcome) -> None:
    refuses = frozenset({"action.succeeded", "action.failed"})
    told, calls = await run(action, outcome, FailingJournal(refuses=refuses))
    assert isinstance(told, Unknown)
    assert calls == [NUMBER]


async def test_arguments_that_do_not_fit_never_leave(action: Action) -> None:
    journal = MemoryJournal()
    outcome, calls = await run(action, Succeeded({}), journal, order_number="2026")
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.INVALID
    assert calls == []
    assert journal.events[-1][0] == "action.failed"


class HangingJournal(MemoryJournal):
    async def record(self, kind: str, payload: Mapping[str, object]) -> None:
        await asyncio.Event().wait()


async def test_a_ledger_that_hangs_is_not_waited_for(action: Action) -> None:
    outcome, calls = await run(action, Succeeded({}), HangingJournal())
    assert isinstance(outcome, Failed)
    assert calls == []


# What changes something: the five ways that a proposal can go, and what each leaves behind.


@dataclass
class Counter:
    """A runner at a shop's counter."""

    shop: Shop = field(default_factory=Shop)
    clock: Clock = field(default_factory=Clock)
    journal: MemoryJournal = field(default_factory=MemoryJournal)

    def __post_init__(self) -> None:
        self.runner = ActionRunner(self.shop, now=self.clock, journal_timeout=0.05)

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.journal.events]


@pytest.fixture
def counter() -> Counter:
    return Counter()


CANCELLED = ("cancel", "1001")


async def test_approved_it_is_done_and_recorded_with_the_words_that_approved_it(counter: Counter) -> None:
    proposal = wanted()
    assert (await counter.runner.offer(proposal, counter.journal)).granted
    assert counter.shop.effects == []
    outcome = await counter.runner.run(proposal, counter.journal, yes(proposal))
    assert isinstance(outcome, Succeeded)
    assert outcome.result["status"] == "cancelled"
    assert counter.shop.effects == [CANCELLED]
    assert counter.shop.keys == [proposal.key]
    assert counter.kinds() == ["action.proposed", "action.confirmed", "action.started", "action.succeeded"]
    assert counter.journal.events[1][1]["words"] == "네, 취소해 주세요"


async def test_rejected_it_can_never_be_done(counter: Counter) -> None:
    proposal = wanted()
    await counter.runner.offer(proposal, counter.journal)
    await counter.runner.withdraw(proposal, counter.journal, "아니요")
    assert counter.kinds() == ["action.proposed", "action.declined"]
    assert kind_of(await counter.runner.run(proposal, counter.journal, yes(proposal))) is FailureKind.NOT_CONFIRMED
    assert counter.shop.effects == []


async def test_modified_the_old_yes_does_not_carry_over(counter: Counter) -> None:
    first = wanted("1003")
    second = wanted("1001", turn=4)
    await counter.runner.withdraw(first, counter.journal, "아니, 1001번이요")
    outcome = await counter.runner.run(second, counter.journal, yes(first, turn=5))
    assert kind_of(outcome) is FailureKind.NOT_CONFIRMED
    assert counter.shop.effects == []
    assert isinstance(await counter.runner.run(second, counter.journal, yes(second, turn=6)), Succeeded)
    assert counter.shop.effects == [CANCELLED]


async def test_deferred_it_expires(counter: Counter) -> None:
    proposal = wanted()
    await counter.runner.offer(proposal, counter.journal)
    counter.clock.pass_by(121)
    late = yes(proposal, at=counter.clock.now)
    assert kind_of(await counter.runner.run(proposal, counter.journal, late)) is FailureKind.NOT_CONFIRMED
    assert counter.shop.effects == []


async def test_resumed_twice_it_has_no_second_effect_and_the_first_outcome(counter: Counter) -> None:
    proposal = wanted()
    first = await counter.runner.run(proposal, counter.journal, yes(proposal))
    told = counter.kinds()
    assert await counter.runner.run(proposal, counter.journal, yes(proposal, turn=9)) == first
    assert counter.kinds() == told
    assert counter.shop.effects == [CANCELLED]


async def test_resumed_while_it_is_on_its_way_both_get_the_one_outcome(counter: Counter) -> None:
    proposal = wanted()
    runs = [counter.runner.run(proposal, counter.journal, yes(proposal)) for _ in range(5)]
    outcomes = await asyncio.gather(*runs)
    assert len(set(map(str, outcomes))) == 1
    assert counter.shop.effects == [CANCELLED]


async def test_whoever_stops_waiting_stops_nothing(counter: Counter) -> None:
    proposal = wanted()
    counter.shop.gate.clear()
    waiting = asyncio.create_task(counter.runner.run(proposal, counter.journal, yes(proposal)))
    await asyncio.sleep(0)
    waiting.cancel()
    counter.shop.gate.set()
    assert isinstance(await counter.runner.run(proposal, counter.journal, yes(proposal)), Succeeded)
    assert counter.shop.effects == [CANCELLED]


PROPOSAL = wanted()


@pytest.mark.parametrize(
    "confirmation",
    [
        None,
        yes(wanted("1003")),
        yes(wanted(turn=2)),
        yes(PROPOSAL, turn=3),
        yes(PROPOSAL, turn=2),
        replace(yes(PROPOSAL), evidence="  "),
        yes(PROPOSAL, at=NOW + timedelta(hours=1)),
    ],
)
async def test_nothing_but_a_yes_to_exactly_this_will_do(counter: Counter, confirmation: Confirmation | None) -> None:
    outcome = await counter.runner.run(PROPOSAL, counter.journal, confirmation)
    assert kind_of(outcome) is FailureKind.NOT_CONFIRMED
    assert counter.shop.effects == []
    assert counter.kinds() == ["action.proposed", "action.failed"]


async def test_arguments_that_changed_after_the_read_back_are_not_what_was_confirmed(counter: Counter) -> None:
    other = replace(PROPOSAL, arguments={"order": "1003"})
    outcome = await counter.runner.run(other, counter.journal, yes(other))
    assert kind_of(outcome) is FailureKind.NOT_CONFIRMED


@pytest.mark.parametrize(
    ("order", "standing", "refusal"),
    [
        ("1002", CALLER, Refusal.STATE),
        ("1003", CALLER, Refusal.OWNER),
        ("9999", CALLER, Refusal.RECORD),
        ("1001", Standing(), Refusal.IDENTITY),
        ("1001", replace(CALLER, handed_over=True), Refusal.HANDED_OVER),
    ],
)
async def test_what_the_policy_refuses_is_neither_offered_nor_done(
    counter: Counter, order: str, standing: Standing, refusal: Refusal
) -> None:
    proposal = wanted(order, standing=standing)
    assert (await counter.runner.offer(proposal, counter.journal)).refusal is refusal
    assert counter.kinds() == ["action.proposed", "action.failed"]
    assert counter.journal.events[-1][1]["error"] == "not_permitted"
    assert kind_of(await counter.runner.run(proposal, counter.journal, yes(proposal))) is FailureKind.NOT_PERMITTED
    assert counter.shop.effects == []


async def test_what_does_not_fit_is_not_offered(counter: Counter) -> None:
    permission = await counter.runner.offer(wanted("12"), counter.journal)
    assert not permission.granted
    assert "order" in permission.why


async def test_what_cannot_be_written_down_is_not_offered(counter: Counter) -> None:
    journal = FailingJournal(refuses=frozenset({"action.proposed"}))
    assert not (await counter.runner.offer(wanted(), journal)).granted


async def test_what_was_refused_when_it_was_proposed_is_not_done_later(counter: Counter) -> None:
    proposal = replace(wanted(), permission=Permission(False, "no"))
    assert kind_of(await counter.runner.run(proposal, counter.journal, yes(proposal))) is FailureKind.NOT_PERMITTED


async def test_the_policy_is_asked_again_right_before(counter: Counter) -> None:
    proposal = wanted()
    assert (await counter.runner.offer(proposal, counter.journal)).granted
    counter.shop.orders["1001"]["status"] = "shipped"
    assert kind_of(await counter.runner.run(proposal, counter.journal, yes(proposal))) is FailureKind.NOT_PERMITTED
    assert counter.shop.effects == []


async def test_who_has_been_handed_over_meanwhile_gets_nothing_done(counter: Counter) -> None:
    now = replace(CALLER, handed_over=True)
    outcome = await counter.runner.run(PROPOSAL, counter.journal, yes(PROPOSAL), standing=now)
    assert kind_of(outcome) is FailureKind.NOT_PERMITTED


@pytest.mark.parametrize("kind", ["action.proposed", "action.confirmed", "action.started"])
async def test_a_change_without_a_record_does_not_leave(counter: Counter, kind: str) -> None:
    journal = FailingJournal(refuses=frozenset({kind}))
    assert kind_of(await counter.runner.run(PROPOSAL, journal, yes(PROPOSAL))) is FailureKind.NOT_RECORDED
    assert counter.shop.effects == []


async def test_the_same_again_waits_until_it_is_known_what_became_of_the_first(counter: Counter) -> None:
    counter.shop.answers, counter.shop.loses = [LOST], True
    assert isinstance(await counter.runner.run(PROPOSAL, counter.journal, yes(PROPOSAL)), Unknown)
    again = wanted(turn=7)
    outcome = await counter.runner.run(again, counter.journal, yes(again, turn=8))
    assert kind_of(outcome) is FailureKind.NOT_PERMITTED
    assert counter.shop.keys == [PROPOSAL.key]


async def test_what_belongs_to_somebody_else_is_not_told(counter: Counter) -> None:
    owned = replace(LOOK, rules=Rules(owner="customer"))
    mine, others = (wanted(order, action=owned) for order in ("1001", "1003"))
    assert isinstance(await counter.runner.run(mine, counter.journal), Succeeded)
    assert kind_of(await counter.runner.run(others, counter.journal)) is FailureKind.NOT_PERMITTED
    assert "C-2" not in str(counter.journal.events)


def kind_of(outcome: Outcome) -> FailureKind:
    assert isinstance(outcome, Failed), outcome
    return outcome.kind


async def test_what_was_proposed_under_another_key_is_not_carried_out() -> None:
    clock, journal = Clock(), MemoryJournal()
    store = MemoryActionStore()
    store.digests = Digests(b"k" * 32)
    runner = ActionRunner(Shop(), store=store, now=clock)
    elsewhere = wanted()
    outcome = await runner.run(elsewhere, journal, yes(elsewhere))
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.NOT_CONFIRMED
    ours = propose(elsewhere.action, elsewhere.arguments, call_id="call", turn=3, standing=CALLER, now=NOW,
                   digests=runner.digests)  # fmt: skip
    assert isinstance(await runner.run(ours, journal, yes(ours)), Succeeded)
