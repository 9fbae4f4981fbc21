"""The machine of a due call: what can become of it, and what never can."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from gateway.outbound.due_call import (
    CARRIER_RESTS,
    GIVEN_UP,
    LEASE,
    LOOK_AFTER,
    OPEN,
    SETTLES,
    UNDER_WAY,
    Acknowledged,
    Cancelled,
    Connected,
    Declined,
    DueCall,
    Ended,
    Event,
    MachineAnswered,
    NotBegun,
    NotFound,
    OptedOut,
    Patience,
    PickedUp,
    Postponed,
    RanOut,
    Reported,
    Started,
    State,
    Unacknowledged,
    Untold,
    step,
)
from gateway.telephony.dialer import Progress

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
PATIENCE = Patience(attempts=3, pauses=(timedelta(minutes=15), timedelta(hours=1)))
DUE = DueCall(
    id="d1",
    key="k1",
    number="+821012345678",
    language="ko",
    purpose="callback",
    created_at=NOW,
    due_at=NOW,
    not_after=NOW + timedelta(days=1),
    next_at=NOW,
)
EVERY_EVENT: tuple[Event, ...] = (
    Postponed(NOW + timedelta(hours=1), "night"),
    RanOut(),
    Started("t2"),
    Acknowledged("CA1"),
    Declined("no", True),
    Declined("no", False),
    Unacknowledged("silence"),
    NotFound(),
    Untold(),
    *map(Reported, Progress),
    PickedUp("CA1"),
    MachineAnswered("CA1", True),
    MachineAnswered("CA1", False),
    Connected("call-1"),
    NotBegun("no record"),
    Ended("settled"),
    Cancelled("called off"),
    OptedOut(),
)


def after(*events: Event, due: DueCall = DUE, now: datetime = NOW) -> DueCall:
    for event in events:
        due = step(due, event, now, PATIENCE)
    return due


def test_a_call_that_goes_well_is_placed_answered_and_written_back() -> None:
    placing = after(Started("t1"))
    assert (placing.state, placing.attempts, placing.ticket, placing.sent_at) == (State.PLACING, 1, "t1", NOW)
    assert placing.next_at == NOW + LEASE
    ringing = after(Acknowledged("CA1"), due=placing)
    assert (ringing.state, ringing.provider_id) == (State.RINGING, "CA1")
    talking = after(PickedUp("CA1"), Connected("call-1"), due=ringing)
    assert (talking.state, talking.call_id) == (State.ANSWERED, "call-1")
    assert talking.next_at == NOW + PATIENCE.talk
    done = after(Ended("settled"), due=talking)
    assert (done.state, done.reason) == (State.DONE, "settled")


@pytest.mark.parametrize("progress", [Progress.BUSY, Progress.NO_ANSWER, Progress.UNREACHABLE, Progress.CANCELLED])
def test_who_is_not_reached_is_tried_again_after_growing_pauses_and_then_no_more(progress: Progress) -> None:
    due = DUE
    pauses = []
    for attempt in (1, 2, 3):
        due = after(Started(f"t{attempt}"), Acknowledged(f"CA{attempt}"), Reported(progress), due=due)
        pauses.append(due.next_at - NOW)
    assert pauses[:2] == [timedelta(minutes=15), timedelta(hours=1)]
    assert (due.state, due.attempts, due.reason) == (State.FAILED, 3, progress.value)


def test_an_order_that_was_not_acknowledged_is_unknown_and_never_simply_sent_again() -> None:
    unknown = after(Started("t1"), Unacknowledged("timed out"))
    assert (unknown.state, unknown.next_at) == (State.UNKNOWN, NOW + LOOK_AFTER)
    assert after(Started("t2"), due=unknown) == unknown
    found = after(Acknowledged("CA1"), Reported(Progress.BUSY), due=unknown)
    assert (found.state, found.provider_id) == (State.DUE, "CA1")


@pytest.mark.parametrize("before", [(Started("t1"),), (Started("t1"), Unacknowledged("hung"))])
def test_what_the_carrier_does_not_show_was_never_placed_only_once_it_must_have_shown(
    before: tuple[Event, ...],
) -> None:
    asked = after(*before)
    early = after(NotFound(), due=asked, now=NOW + SETTLES - timedelta(seconds=1))
    assert early.state is State.UNKNOWN
    late = after(NotFound(), due=asked, now=NOW + SETTLES)
    assert (late.state, late.attempts) == (State.DUE, 1)
    assert late.next_at > NOW + SETTLES


def test_what_nobody_can_tell_is_left_to_people_in_the_end() -> None:
    unknown = after(Started("t1"), Unacknowledged("hung"))
    assert after(Untold("still nothing"), due=unknown, now=NOW + GIVEN_UP).state is State.UNKNOWN
    assert after(Untold(), due=unknown, now=NOW + GIVEN_UP + timedelta(seconds=1)).state is State.FAILED


def test_a_refusal_that_is_not_about_the_call_counts_as_no_attempt() -> None:
    rested = after(Started("t1"), Declined("credentials", again=True))
    assert (rested.state, rested.attempts, rested.next_at) == (State.DUE, 0, NOW + CARRIER_RESTS)
    assert after(Started("t1"), Declined("no such number", again=False)).state is State.FAILED


def test_the_callee_may_answer_before_the_carrier_has_acknowledged() -> None:
    answered = after(Started("t1"), PickedUp("CA1"))
    assert answered.state is State.ANSWERED
    assert after(Acknowledged("CA1"), due=answered) == answered
    assert after(Unacknowledged("late"), due=answered) == answered


def test_a_call_that_ends_before_its_sound_came_is_tried_again() -> None:
    cut_off = after(Started("t1"), Acknowledged("CA1"), PickedUp("CA1"), Reported(Progress.OVER))
    assert (cut_off.state, cut_off.reason) == (State.DUE, "cut_off")


def test_of_a_conversation_that_has_begun_its_own_end_counts_and_not_the_carriers_word() -> None:
    talking = after(Started("t1"), PickedUp("CA1"), Connected("call-1"))
    assert after(Reported(Progress.OVER), due=talking) == talking
    assert after(Connected("call-2"), due=talking) == talking


def test_a_call_of_which_no_conversation_came_is_tried_again_and_can_be_talked_in_then() -> None:
    lost = after(Started("t1"), PickedUp("CA1"), Connected("call-1"), NotBegun("no record"))
    assert (lost.state, lost.reason, lost.attempts) == (State.DUE, "no record", 1)
    assert lost.next_at == NOW + PATIENCE.pauses[0]
    talking = after(Started("t2"), PickedUp("CA2"), Connected("call-2"), due=lost)
    assert (talking.state, talking.call_id) == (State.ANSWERED, "call-2")
    cut_off = after(Started("t2"), PickedUp("CA2"), Reported(Progress.OVER), due=lost)
    assert (cut_off.state, cut_off.reason) == (State.DUE, "cut_off")


def test_a_machine_is_told_something_and_that_is_it_or_it_counts_as_nobody() -> None:
    ringing = after(Started("t1"), Acknowledged("CA1"))
    assert after(MachineAnswered("CA1", True), due=ringing).state is State.DONE
    tried = after(MachineAnswered("CA1", False), due=ringing)
    assert (tried.state, tried.reason) == (State.DUE, "machine")


def test_whoever_refuses_in_the_conversation_is_opted_out() -> None:
    assert after(Started("t"), PickedUp("CA"), Connected("c"), Ended("refused", refused=True)).state is State.OPTED_OUT


def test_only_what_is_due_can_be_called_off_postponed_or_run_out() -> None:
    for event in (Cancelled("x"), OptedOut(), RanOut(), Postponed(NOW, "x")):
        ringing = after(Started("t1"), Acknowledged("CA1"))
        assert after(event, due=ringing) == ringing
    assert after(Cancelled("x")).state is State.CANCELLED
    assert after(RanOut()).state is State.EXPIRED
    assert after(OptedOut()).state is State.OPTED_OUT


@pytest.mark.parametrize("state", [state for state in State if state not in OPEN])
def test_what_is_over_stays_as_it_is_whatever_happens(state: State) -> None:
    over = replace(DUE, state=state)
    for event in EVERY_EVENT:
        assert step(over, event, NOW, PATIENCE) == over


def test_no_order_of_events_dials_more_often_than_allowed_or_starts_while_one_is_under_way() -> None:
    reached, frontier = [DUE], [DUE]
    for _ in range(6):
        following = []
        for due, event in product(frontier, EVERY_EVENT):
            then = step(due, event, NOW, PATIENCE)
            assert then.attempts <= PATIENCE.attempts
            if isinstance(event, Started) and due.state in UNDER_WAY:
                assert then == due
            if then not in reached:
                reached.append(then)
                following.append(then)
        frontier = following
    assert {due.state for due in reached} == set(State)
