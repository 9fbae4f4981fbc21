"""The flow reducer: every event in every step, without a model, a clock or a back end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog import flow as flows
from dialog.flow import (
    Act,
    ActionFailed,
    ActionNotFound,
    ActionSucceeded,
    ActionUnknown,
    Agreed,
    Ask,
    AskRest,
    Cancelled,
    Flow,
    FlowState,
    GiveUp,
    NotUnderstood,
    ReadBack,
    Refused,
    Slot,
    SlotKind,
    Started,
    Step,
    Tell,
    TellCancelled,
    TellNotFound,
    ValueCorrected,
    ValueHeard,
    ValueNotKnown,
)
from dialog.reply import EscalationReason

ORDER = Flow("order", (Slot("number", SlotKind.DIGITS, 8, 0.8),), "look_up", "status")
TWO = Flow("two", (Slot("number", SlotKind.DIGITS, 8, 0.8), Slot("pin", SlotKind.DIGITS, 4, 0.8)), "look_up", "status")


def run(flow: Flow, *events: flows.Event) -> tuple[FlowState, list[flows.Effect]]:
    state = flows.begin(flow)
    effects: list[flows.Effect] = []
    for event in events:
        state, following = flows.step(flow, state, event)
        effects += following
    return state, effects


def heard(value: str, confidence: float = 1.0, slot: str = "number", *, keyed: bool = False) -> ValueHeard:
    return ValueHeard(slot, value, confidence, keyed)


def test_a_sure_value_is_acted_upon_at_once() -> None:
    state, effects = run(ORDER, Started(), heard("20261187"))
    assert effects == [Ask("number"), Act("look_up", {"number": "20261187"})]
    assert state.step is Step.ACTING


def test_an_unsure_value_is_read_back_first() -> None:
    _, effects = run(ORDER, heard("20261187", 0.5), Agreed())
    assert effects == [ReadBack("number", "20261187"), Act("look_up", {"number": "20261187"})]


def test_keys_are_never_read_back() -> None:
    _, effects = run(ORDER, heard("20261187", 0.0, keyed=True))
    assert effects == [Act("look_up", {"number": "20261187"})]


def test_a_value_in_pieces_is_put_together() -> None:
    _, effects = run(ORDER, heard("202"), heard("611"), heard("87"))
    assert effects == [
        AskRest("number", "202"),
        AskRest("number", "202611"),
        Act("look_up", {"number": "20261187"}),
    ]


def test_a_whole_value_replaces_what_was_heard_of_it() -> None:
    _, effects = run(ORDER, heard("2026"), heard("20261188"))
    assert effects[-1] == Act("look_up", {"number": "20261188"})


def test_a_beginning_that_would_be_too_long_begins_anew() -> None:
    state, effects = run(ORDER, heard("20261"), heard("20261"))
    assert effects[-1] == AskRest("number", "20261")
    assert state.heard == "20261"


def test_the_end_of_a_value_is_corrected_while_it_is_read_back() -> None:
    _, effects = run(ORDER, heard("20261187", 0.5), heard("1188"), Agreed())
    assert effects == [
        ReadBack("number", "20261187"),
        ReadBack("number", "20261188"),
        Act("look_up", {"number": "20261188"}),
    ]


def test_a_corrected_value_is_always_read_back() -> None:
    _, effects = run(ORDER, ValueCorrected("number", "20261188", 1.0))
    assert effects == [ReadBack("number", "20261188")]
    _, effects = run(ORDER, heard("20261187", 0.5), ValueCorrected("number", "88", 1.0))
    assert effects[-1] == ReadBack("number", "20261188")


def test_a_refusal_asks_again_and_the_second_ends_it() -> None:
    state, effects = run(ORDER, heard("20261187", 0.5), Refused(), heard("20261187", 0.5), Refused())
    assert effects[1] == Ask("number", again=True)
    assert effects[-1] == GiveUp(EscalationReason.NO_PROGRESS)
    assert state.step is Step.ENDED


@pytest.mark.parametrize("event", [NotUnderstood(), heard("12"), heard("123456789")])
def test_two_useless_answers_end_it(event: flows.Event) -> None:
    _, effects = run(ORDER, event, event)
    assert effects == [Ask("number", again=True), GiveUp(EscalationReason.NO_PROGRESS)]


def test_who_does_not_have_the_value_is_not_asked_again() -> None:
    _, effects = run(ORDER, Started(), ValueNotKnown())
    assert effects[-1] == GiveUp(EscalationReason.NO_PROGRESS)


def test_it_can_be_dropped_at_any_step() -> None:
    for events in ((), (heard("20261187", 0.5),), (heard("20261187"),)):
        state, effects = run(ORDER, *events, Cancelled())
        assert effects[-1] == TellCancelled()
        assert state.step is Step.ENDED


def test_the_outcomes_of_the_action() -> None:
    told, effects = run(ORDER, heard("20261187"), ActionSucceeded("shipped"))
    assert effects[-1] == Tell("shipped")
    assert told.step is Step.ENDED
    _, effects = run(ORDER, heard("20261187"), ActionFailed())
    assert effects[-1] == GiveUp(EscalationReason.ACTION_FAILED)
    _, effects = run(ORDER, heard("20261187"), ActionUnknown())
    assert effects[-1] == GiveUp(EscalationReason.ACTION_UNKNOWN)


def test_nothing_found_asks_once_more() -> None:
    state, effects = run(ORDER, heard("20261187"), ActionNotFound())
    assert effects[-1] == TellNotFound("number", "20261187")
    assert state.values == {}
    _, effects = run(ORDER, heard("20261187"), ActionNotFound(), heard("20261188"), ActionNotFound())
    assert effects[-1] == GiveUp(EscalationReason.ACTION_FAILED)


def test_several_slots_are_asked_for_one_after_the_other() -> None:
    _, effects = run(TWO, Started(), heard("20261187"), heard("4711", slot="pin"))
    assert effects == [Ask("number"), Ask("pin"), Act("look_up", {"number": "20261187", "pin": "4711"})]


def test_an_outcome_that_nobody_waits_for_changes_nothing() -> None:
    before, _ = run(ORDER, Started())
    after, effects = flows.step(ORDER, before, ActionSucceeded("shipped"))
    assert (after, effects) == (before, ())


def test_while_it_acts_words_change_nothing_but_to_drop_it() -> None:
    acting, _ = run(ORDER, heard("20261187"))
    for event in (heard("20261188"), Agreed(), Refused(), NotUnderstood()):
        after, effects = flows.step(ORDER, acting, event)
        assert after.values == {"number": "20261187"}
        assert effects == ()


def test_a_slot_is_found_by_its_name() -> None:
    assert TWO.slot("pin").length == 4
    with pytest.raises(KeyError):
        TWO.slot("name")


EVENTS = st.one_of(
    st.just(Started()),
    st.builds(
        ValueHeard, st.just("number"), st.text("0123456789", min_size=1, max_size=10), st.floats(0, 1), st.booleans()
    ),
    st.builds(ValueCorrected, st.just("number"), st.text("0123456789", min_size=1, max_size=10), st.floats(0, 1)),
    st.sampled_from(
        [
            Agreed(),
            Refused(),
            Cancelled(),
            ValueNotKnown(),
            NotUnderstood(),
            ActionSucceeded("shipped"),
            ActionNotFound(),
            ActionFailed(),
            ActionUnknown(),
        ]
    ),
)


@given(st.lists(EVENTS, max_size=40))
def test_it_always_ends_and_acts_only_on_whole_values(events: list[flows.Event]) -> None:
    state, effects = run(ORDER, *events)
    acts = [effect for effect in effects if isinstance(effect, Act)]
    assert all(len(act.arguments["number"]) == 8 for act in acts)
    assert len(acts) <= flows.MOST_FAILURES
    said = [event for event in events if not isinstance(event, flows._OUTCOMES)]
    if len(said) > flows.MOST_EVENTS and state.step is not Step.ENDED:
        assert state.step is Step.ACTING
