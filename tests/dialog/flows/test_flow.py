"""The flow reducer: every event in every step, without a model, a clock or a back end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.flows import event as ev
from dialog.flows import flow as flows
from dialog.flows.flow import FlowState, Step
from dialog.flows.plan import AskFor, Condition, Do, Flow, PlanStep, Say, Stop
from dialog.flows.slot import Limits, Option, Slot, SlotKind
from dialog.reply import EscalationReason

NOW = datetime(2026, 11, 22, 10)
NUMBER = Slot("number", SlotKind.DIGITS, 8)
PIN = Slot("pin", SlotKind.DIGITS, 4)
ADDRESS = Slot("address", SlotKind.TEXT, confirm_below=1.0)
VISIT = Slot("visit", SlotKind.DATE_TIME, limits=Limits(ahead=True, earliest=time(10), latest=time(20)))
PEOPLE = Slot("people", SlotKind.COUNT, limits=Limits(least=Decimal(1), most=Decimal(4)))
GIFT = Slot("gift", SlotKind.YES_NO)
REASON = Slot("reason", SlotKind.CHOICE, options=(Option("late", {}), Option("other", {})))


def looking(*slots: Slot) -> Flow:
    do = Do("look_up", {slot.name: slot.name for slot in slots}, told_by="status", not_found="number")
    return Flow("look", slots, (PlanStep(do),))


ORDER = looking(NUMBER)
TWO = looking(NUMBER, PIN)
LOOK = Do("look_up", {"number": "number"}, not_found="number")
MOVE = Do("move", {"number": "number", "address": "address", "old": "look_up.address"}, changes=True)
CHANGE = Flow(
    "change",
    (NUMBER, ADDRESS),
    (
        PlanStep(LOOK),
        PlanStep(Say("too_late"), (Condition("look_up.status", ("shipped",)),)),
        PlanStep(Stop(), (Condition("look_up.status", ("shipped",)),)),
        PlanStep(MOVE),
    ),
)
FOUND = ev.ActionSucceeded({"status": "preparing", "address": "Old Road"})


def run(flow: Flow, *events: ev.Event) -> tuple[FlowState, list[ev.Effect]]:
    state = flows.begin(flow)
    effects: list[ev.Effect] = []
    for event in events:
        state, following = flows.step(flow, state, event, NOW)
        effects += following
    return state, effects


def value(
    text: str, confidence: float = 1.0, slot: str = "number", *, keyed: bool = False, corrected: bool = False
) -> ev.ValueHeard:
    return ev.ValueHeard(slot, text, confidence, keyed, corrected)


def heard(text: str, confidence: float = 1.0, slot: str = "number", **more: bool) -> ev.ValuesHeard:
    return ev.ValuesHeard((value(text, confidence, slot, **more),))


def found(status: str) -> ev.ActionSucceeded:
    return ev.ActionSucceeded({"status": status})


LOOKING = ev.Act("look_up", {"number": "20261187"})


class TestOneSlot:
    def test_a_sure_value_is_acted_upon_at_once(self) -> None:
        state, effects = run(ORDER, ev.Started(), heard("20261187"))
        assert effects == [ev.Ask("number"), LOOKING]
        assert state.step is Step.ACTING

    def test_a_value_given_with_the_wish_is_not_asked_for(self) -> None:
        _, effects = run(ORDER, ev.Started((value("20261187"),)))
        assert effects == [LOOKING]

    def test_an_unsure_value_is_read_back_first(self) -> None:
        _, effects = run(ORDER, heard("20261187", 0.5), ev.Agreed())
        assert effects == [ev.ReadBack("number", "20261187"), LOOKING]

    def test_keys_are_never_read_back(self) -> None:
        _, effects = run(ORDER, heard("20261187", 0.0, keyed=True))
        assert effects == [LOOKING]

    def test_a_value_in_pieces_is_put_together(self) -> None:
        _, effects = run(ORDER, heard("202"), heard("611"), heard("87"))
        assert effects == [ev.AskRest("number", "202"), ev.AskRest("number", "202611"), LOOKING]

    def test_a_whole_value_replaces_what_was_heard_of_it(self) -> None:
        _, effects = run(ORDER, heard("2026"), heard("20261188"))
        assert effects[-1] == ev.Act("look_up", {"number": "20261188"})

    def test_a_beginning_that_would_be_too_long_begins_anew(self) -> None:
        state, effects = run(ORDER, heard("20261"), heard("20261"))
        assert effects[-1] == ev.AskRest("number", "20261")
        assert state.heard == "20261"

    def test_the_end_of_a_value_is_corrected_while_it_is_read_back(self) -> None:
        _, effects = run(ORDER, heard("20261187", 0.5), heard("1188"), ev.Agreed())
        assert effects == [
            ev.ReadBack("number", "20261187"),
            ev.ReadBack("number", "20261188"),
            ev.Act("look_up", {"number": "20261188"}),
        ]

    def test_a_whole_correction_that_is_surely_heard_is_not_read_back_once_more(self) -> None:
        _, effects = run(ORDER, heard("20261187", 0.5), heard("20261188", corrected=True))
        assert effects == [ev.ReadBack("number", "20261187"), ev.Act("look_up", {"number": "20261188"})]
        _, effects = run(ORDER, heard("20261187", 0.5), heard("20261188", 0.5, corrected=True))
        assert effects[-1] == ev.ReadBack("number", "20261188")

    def test_a_correction_in_the_same_breath_or_of_a_part_is_read_back(self) -> None:
        _, effects = run(ORDER, heard("20261188", corrected=True))
        assert effects == [ev.ReadBack("number", "20261188")]
        _, effects = run(ORDER, heard("20261187", 0.5), heard("88", corrected=True))
        assert effects[-1] == ev.ReadBack("number", "20261188")

    def test_a_refusal_asks_again_and_the_second_ends_it(self) -> None:
        events = (heard("20261187", 0.5), ev.Refused(), heard("20261187", 0.5), ev.Refused())
        state, effects = run(ORDER, *events)
        assert effects[1] == ev.Ask("number", again=True)
        assert effects[-1] == ev.GiveUp(EscalationReason.NO_PROGRESS)
        assert state.step is Step.ENDED

    @pytest.mark.parametrize("event", [ev.NotUnderstood(), heard("12"), heard("123456789")])
    def test_two_useless_answers_end_it(self, event: ev.Event) -> None:
        _, effects = run(ORDER, event, event)
        assert effects == [ev.Ask("number", again=True), ev.GiveUp(EscalationReason.NO_PROGRESS)]

    def test_who_does_not_have_the_value_is_not_asked_again(self) -> None:
        _, effects = run(ORDER, ev.Started(), ev.ValueNotKnown())
        assert effects[-1] == ev.GiveUp(EscalationReason.NO_PROGRESS)

    def test_it_can_be_dropped_at_any_step(self) -> None:
        for events in ((), (heard("20261187", 0.5),), (heard("20261187"),)):
            state, effects = run(ORDER, *events, ev.Cancelled())
            assert effects[-1] == ev.TellCancelled()
            assert state.step is Step.ENDED

    def test_the_outcomes_of_the_action(self) -> None:
        told, effects = run(ORDER, heard("20261187"), found("shipped"))
        assert effects[-2:] == [ev.Tell("told.shipped"), ev.Finished()]
        assert told.step is Step.ENDED
        for outcome, reason in (
            (ev.ActionFailed(), EscalationReason.ACTION_FAILED),
            (ev.ActionRejected(), EscalationReason.ACTION_FAILED),
            (ev.ActionUnknown(), EscalationReason.ACTION_UNKNOWN),
        ):
            _, effects = run(ORDER, heard("20261187"), outcome)
            assert effects[-1] == ev.GiveUp(reason)

    def test_nothing_found_asks_once_more(self) -> None:
        state, effects = run(ORDER, heard("20261187"), ev.ActionNotFound())
        assert effects[-1] == ev.TellNotFound("number", "20261187")
        assert state.values == {}
        _, effects = run(ORDER, heard("20261187"), ev.ActionNotFound(), heard("20261188"), ev.ActionNotFound())
        assert effects[-1] == ev.GiveUp(EscalationReason.ACTION_FAILED)

    def test_an_outcome_that_nobody_waits_for_changes_nothing(self) -> None:
        before, _ = run(ORDER, ev.Started())
        after, effects = flows.step(ORDER, before, found("shipped"), NOW)
        assert (after, effects) == (before, ())

    def test_while_it_acts_words_change_nothing_but_to_drop_it(self) -> None:
        acting, _ = run(ORDER, heard("20261187"))
        for event in (heard("20261188"), ev.Agreed(), ev.Refused(), ev.NotUnderstood(), ev.Resumed()):
            after, effects = flows.step(ORDER, acting, event, NOW)
            assert after.values == {"number": "20261187"}
            assert effects == ()


class TestSeveralSlots:
    def test_they_are_asked_for_one_after_the_other(self) -> None:
        _, effects = run(TWO, ev.Started(), heard("20261187"), heard("4711", slot="pin"))
        assert effects == [
            ev.Ask("number"),
            ev.Ask("pin"),
            ev.Act("look_up", {"number": "20261187", "pin": "4711"}),
        ]

    def test_what_comes_along_is_kept_and_an_unsure_one_is_read_back_in_its_turn(self) -> None:
        _, effects = run(TWO, ev.Started((value("20261187"), value("4711", slot="pin"))))
        assert effects == [ev.Act("look_up", {"number": "20261187", "pin": "4711"})]
        _, effects = run(TWO, ev.Started((value("20261187"), value("4711", 0.3, "pin"))), ev.Agreed())
        assert effects == [ev.ReadBack("pin", "4711"), ev.Act("look_up", {"number": "20261187", "pin": "4711"})]

    def test_an_earlier_value_is_corrected_while_a_later_one_is_asked_for(self) -> None:
        events = (ev.Started(), heard("20261187"), heard("88", corrected=True), ev.Agreed())
        state, effects = run(TWO, *events)
        assert effects[2] == ev.ReadBack("number", "20261188")
        assert effects[3] == ev.Ask("pin")
        assert state.values == {"number": "20261188"}

    def test_patience_begins_anew_with_each_value(self) -> None:
        _, effects = run(TWO, ev.NotUnderstood(), heard("20261187"), ev.NotUnderstood())
        assert effects[-1] == ev.Ask("pin", again=True)


class TestKinds:
    def test_a_day_and_a_time_come_in_pieces(self) -> None:
        flow = looking(VISIT)
        _, effects = run(flow, heard("2026-11-24", slot="visit"), heard("T15:00", slot="visit"))
        assert effects == [
            ev.AskRest("visit", "2026-11-24"),
            ev.Act("look_up", {"visit": "2026-11-24T15:00"}),
        ]

    def test_a_part_of_a_moment_is_corrected_while_it_is_read_back(self) -> None:
        flow = looking(VISIT)
        _, effects = run(flow, heard("2026-11-24T15:00", 0.5, "visit"), heard("T16:00", 0.9, "visit"))
        assert effects[-1] == ev.ReadBack("visit", "2026-11-24T16:00")

    @pytest.mark.parametrize("moment", ["2026-11-21T15:00", "2026-11-24T21:00"])
    def test_a_value_beyond_its_limits_is_asked_for_again_once(self, moment: str) -> None:
        flow = looking(VISIT)
        _, effects = run(flow, heard(moment, slot="visit"), heard(moment, slot="visit"))
        assert effects == [ev.TellInvalid("visit", moment), ev.GiveUp(EscalationReason.NO_PROGRESS)]

    def test_a_number_has_its_limits(self) -> None:
        flow = looking(PEOPLE)
        _, effects = run(flow, heard("5", slot="people"), heard("2", slot="people"))
        assert effects == [ev.TellInvalid("people", "5"), ev.Act("look_up", {"people": "2"})]

    @pytest.mark.parametrize(("event", "said"), [(ev.Agreed(), "yes"), (ev.Refused(), "no")])
    def test_a_yes_or_no_is_the_value_where_one_is_asked_for(self, event: ev.Event, said: str) -> None:
        _, effects = run(looking(GIFT), ev.Started(), event)
        assert effects[-1] == ev.Act("look_up", {"gift": said})

    def test_a_choice_is_one_of_its_options(self) -> None:
        _, effects = run(looking(REASON), heard("never", slot="reason"), heard("late", slot="reason"))
        assert effects == [ev.TellInvalid("reason", "never"), ev.Act("look_up", {"reason": "late"})]


PROPOSED = ev.Propose("move", {"number": "20261187", "address": "New Road", "old": "Old Road"})
TO_PROPOSAL = (
    ev.Started((value("20261187"),)),
    FOUND,
    heard("New Road", 0.7, "address"),
    ev.Agreed(),
)


class TestPlans:
    def test_a_read_then_a_confirmed_change_that_takes_from_its_result(self) -> None:
        state, effects = run(CHANGE, *TO_PROPOSAL)
        assert effects == [LOOKING, ev.Ask("address"), ev.ReadBack("address", "New Road"), PROPOSED]
        assert state.step is Step.PROPOSED
        state, effects = run(CHANGE, *TO_PROPOSAL, ev.Agreed(), ev.ActionSucceeded({}))
        assert effects[-3:] == [
            ev.Act("move", PROPOSED.arguments, confirmed=True),
            ev.Tell("done"),
            ev.Finished(),
        ]

    def test_a_branch_is_taken_by_a_result(self) -> None:
        state, effects = run(CHANGE, ev.Started((value("20261187"),)), found("shipped"))
        assert effects[1:] == [ev.Tell("say.too_late"), ev.Finished()]
        assert state.step is Step.ENDED

    def test_a_branch_is_taken_by_a_slot(self) -> None:
        plan = (
            PlanStep(AskFor("gift")),
            PlanStep(Stop(person=True), (Condition("gift", ("yes",)),)),
            PlanStep(Say("ok")),
        )
        flow = Flow("branch", (GIFT,), plan)
        assert run(flow, ev.Started(), ev.Agreed())[1][-1] == ev.GiveUp(EscalationReason.ACTION_FAILED)
        assert run(flow, ev.Started(), ev.Refused())[1][-2:] == [ev.Tell("say.ok"), ev.Finished()]

    def test_whom_we_call_back_gets_the_person_that_they_asked_for(self) -> None:
        plan = (PlanStep(AskFor("gift")), PlanStep(Stop(person=True)))
        flow = Flow("callback", (GIFT,), plan, reaches_out=True)
        assert run(flow, ev.Started(), ev.Agreed())[1][-1] == ev.GiveUp(EscalationReason.CALLER_ASKED)

    def test_conditions_compare_numbers(self) -> None:
        small = Condition("look_up.sum", at_most=Decimal(100))
        assert small.holds({"look_up.sum": "100"})
        assert not small.holds({"look_up.sum": "100.5"})
        assert not small.holds({"look_up.sum": "much"})
        assert not small.holds({})
        assert Condition("x", none_of=("a",)).holds({"x": "b"})


class TestConfirmation:
    """The five ways on from a proposal: approve, reject, modify, defer, and a duplicate."""

    def test_approve(self) -> None:
        state, effects = run(CHANGE, *TO_PROPOSAL, ev.Agreed())
        assert effects[-1] == ev.Act("move", PROPOSED.arguments, confirmed=True)
        assert state.step is Step.ACTING

    def test_reject(self) -> None:
        state, effects = run(CHANGE, *TO_PROPOSAL, ev.Refused())
        assert effects[-1] == ev.TellCancelled()
        assert state.step is Step.ENDED

    def test_modify_proposes_anew_and_looks_nothing_up_that_did_not_change(self) -> None:
        state, effects = run(CHANGE, *TO_PROPOSAL, heard("Third Road", 0.7, "address", corrected=True))
        assert effects[-1] == ev.Propose("move", {**PROPOSED.arguments, "address": "Third Road"})
        assert state.step is Step.PROPOSED

    def test_modify_looks_up_again_what_was_looked_up_by_the_old_value(self) -> None:
        state, effects = run(CHANGE, *TO_PROPOSAL, heard("20261188", corrected=True))
        assert effects[-1] == ev.Act("look_up", {"number": "20261188"})
        assert state.results == {}
        state, effects = run(CHANGE, *TO_PROPOSAL, heard("20261188", corrected=True), FOUND)
        assert effects[-1] == ev.Propose("move", {**PROPOSED.arguments, "number": "20261188"})

    def test_defer_reads_back_anew(self) -> None:
        state, effects = run(CHANGE, *TO_PROPOSAL, ev.Resumed())
        assert effects[-1] == PROPOSED
        assert state.step is Step.PROPOSED

    def test_a_duplicate_yes_has_no_effect(self) -> None:
        once = (*TO_PROPOSAL, ev.Agreed())
        for events in (once, (*once, ev.ActionSucceeded({}))):
            before, _ = run(CHANGE, *events)
            after, effects = flows.step(CHANGE, before, ev.Agreed(), NOW)
            assert effects == ()
            assert after.step is before.step

    def test_neither_yes_nor_no_reads_back_once_more_and_then_gives_up(self) -> None:
        _, effects = run(CHANGE, *TO_PROPOSAL, ev.NotUnderstood())
        assert effects[-1] == PROPOSED
        _, effects = run(CHANGE, *TO_PROPOSAL, ev.NotUnderstood(), ev.NotUnderstood())
        assert effects[-1] == ev.GiveUp(EscalationReason.NO_PROGRESS)

    def test_a_yes_that_came_too_late_reads_back_anew(self) -> None:
        _, effects = run(CHANGE, *TO_PROPOSAL, ev.Agreed(), ev.ActionNotConfirmed())
        assert effects[-1] == PROPOSED

    def test_rules_that_forbid_it_have_their_own_words_and_then_a_person(self) -> None:
        state, effects = run(CHANGE, *TO_PROPOSAL, ev.ActionDenied())
        assert effects[-2:] == [ev.Tell("denied"), ev.Finished()]
        assert state.step is Step.ENDED
        _, effects = run(CHANGE, *TO_PROPOSAL, ev.ActionDenied(again=True))
        assert effects[-1] == ev.GiveUp(EscalationReason.POLICY_DENIED)

    def test_a_back_end_that_will_not_has_its_own_words(self) -> None:
        _, effects = run(CHANGE, *TO_PROPOSAL, ev.Agreed(), ev.ActionRejected())
        assert effects[-2:] == [ev.Tell("rejected"), ev.Finished()]

    def test_what_nobody_knows_is_never_told_as_done(self) -> None:
        _, effects = run(CHANGE, *TO_PROPOSAL, ev.Agreed(), ev.ActionUnknown())
        assert effects[-1] == ev.GiveUp(EscalationReason.ACTION_UNKNOWN)
        assert ev.Tell("done") not in effects


DIGITS = st.text("0123456789", min_size=1, max_size=10)
GIVEN = st.one_of(
    st.builds(ev.ValueHeard, st.just("number"), DIGITS, st.floats(0, 1), st.booleans(), st.booleans()),
    st.builds(ev.ValueHeard, st.just("address"), st.just("Some Road"), st.floats(0, 1), st.just(False), st.booleans()),
)
EVENTS = st.one_of(
    st.just(ev.Started()),
    st.builds(ev.ValuesHeard, st.lists(GIVEN, min_size=1, max_size=2).map(tuple)),
    st.sampled_from(
        [
            *(ev.Agreed(), ev.Refused(), ev.Cancelled(), ev.ValueNotKnown(), ev.NotUnderstood(), ev.Resumed()),
            *(FOUND, ev.ActionNotFound(), ev.ActionFailed(), ev.ActionUnknown(), ev.ActionNotConfirmed()),
        ]
    ),
)


@given(st.sampled_from([ORDER, CHANGE]), st.lists(EVENTS, max_size=60))
def test_it_always_ends_and_acts_only_on_whole_values(flow: Flow, events: list[ev.Event]) -> None:
    state, effects = run(flow, *events)
    acts = [effect for effect in effects if isinstance(effect, ev.Act | ev.Propose)]
    assert all(len(str(act.arguments["number"])) == 8 for act in acts)
    said = [event for event in events if not isinstance(event, ev.OUTCOMES)]
    if len(said) > flows.most_events(flow) and state.step is not Step.ENDED:
        assert state.step is Step.ACTING


@given(st.lists(EVENTS, max_size=60))
def test_nothing_changes_but_by_a_yes_to_exactly_what_was_proposed_last(events: list[ev.Event]) -> None:
    state = flows.begin(CHANGE)
    proposal: ev.Propose | None = None
    for event in events:
        state, effects = flows.step(CHANGE, state, event, NOW)
        for effect in effects:
            if isinstance(effect, ev.Act) and effect.action == "move":
                assert isinstance(event, ev.Agreed)
                assert proposal is not None
                assert effect == ev.Act("move", proposal.arguments, confirmed=True)
        proposed = [effect for effect in effects if isinstance(effect, ev.Propose)]
        proposal = proposed[-1] if proposed else None


@given(st.lists(EVENTS, max_size=40))
def test_events_alone_make_the_state(events: list[ev.Event]) -> None:
    assert run(CHANGE, *events) == run(CHANGE, *events)


class TestWishes:
    """What was wished for, but not surely enough for what it would do, is asked about first."""

    UNSURE = replace(ORDER, sure_from=0.6)

    def moved(self, *events: ev.Event, confidence: float = 0.5) -> tuple[Step, list[ev.Effect]]:
        state, effects = flows.begin(self.UNSURE, confidence), []
        for event in events:
            state, follows = flows.step(self.UNSURE, state, event, NOW)
            effects += follows
        return state.step, effects

    def test_a_yes_lets_it_begin_with_what_was_given(self) -> None:
        started = ev.Started((value("20261187"),))
        assert self.moved(started, ev.Agreed())[1] == [ev.AskWish(), LOOKING]
        assert self.moved(started, confidence=0.6)[1] == [LOOKING]

    @pytest.mark.parametrize("event", [ev.Refused(), ev.Cancelled()])
    def test_a_no_ends_it(self, event: ev.Event) -> None:
        assert self.moved(ev.Started(), event) == (Step.ENDED, [ev.AskWish(), ev.TellCancelled()])

    def test_it_is_asked_once_more_and_then_a_person_goes_on(self) -> None:
        _, effects = self.moved(ev.Started(), ev.Resumed(), ev.NotUnderstood(), ev.NotUnderstood())
        assert effects == [ev.AskWish()] * 3 + [ev.GiveUp(EscalationReason.NO_PROGRESS)]
