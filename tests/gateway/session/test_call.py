from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.session import call as calls
from gateway.session.records import EndReason


def talking() -> calls.Call:
    call = calls.Call(longest=600.0)
    assert call.handle(calls.Answered(), 0.0) == [calls.Greet()]
    return call


def test_a_conversation_that_is_over_ends_the_call() -> None:
    assert talking().handle(calls.ConversationOver(), 5.0) == [calls.CloseRecord(EndReason.COMPLETED)]


def test_a_hand_over_in_opening_hours_waits_with_words_of_comfort_then_promises_a_call_back() -> None:
    call = talking()
    assert call.handle(calls.HandoverAnnounced(desk_open=True), 10.0) == [calls.StopTalking(), calls.QueueHandoff()]
    told = []
    while call.deadline is not None:
        told.append((call.deadline, call.handle(calls.Tick(), call.deadline)))
    waited = [at - 10.0 for at, _ in told]
    assert [commands for _, commands in told[:-1]] == [[calls.Comfort()]] * (len(told) - 1)
    assert told[-1][1] == [calls.PromiseCallback()]
    assert waited[-1] >= calls.QUEUE_PATIENCE
    assert call.handle(calls.FarewellHeard(), 200.0) == [calls.CloseRecord(EndReason.COMPLETED)]


def test_outside_opening_hours_nobody_is_made_to_wait() -> None:
    commands = talking().handle(calls.HandoverAnnounced(desk_open=False), 10.0)
    assert commands == [calls.StopTalking(), calls.QueueHandoff(), calls.PromiseCallback()]


def test_a_caller_who_hangs_up_while_waiting_has_abandoned_the_queue() -> None:
    call = talking()
    call.handle(calls.HandoverAnnounced(desk_open=True), 10.0)
    assert call.handle(calls.FarEndGone(EndReason.CALLER_HUNG_UP), 20.0) == [
        calls.StopTalking(),
        calls.AbandonHandoff(),
        calls.CloseRecord(EndReason.CALLER_HUNG_UP),
    ]


def test_a_call_that_takes_too_long_is_handed_over_once() -> None:
    call = talking()
    assert call.deadline == 600.0
    assert call.handle(calls.Tick(), 600.0) == [calls.Escalate()]
    assert call.deadline is None


EVENTS: list[calls.Event] = [
    calls.Answered(),
    calls.HandoverAnnounced(True),
    calls.HandoverAnnounced(False),
    calls.ConversationOver(),
    calls.FarewellHeard(),
    calls.FarEndGone(EndReason.CONNECTION_LOST),
    calls.ShutDown(),
    calls.Failed(),
    calls.Tick(),
]


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_a_record_is_closed_at_most_once_and_nothing_follows_it(events: list[calls.Event]) -> None:
    call = calls.Call(longest=600.0)
    done: list[calls.Command] = []
    for now, event in enumerate([*events, calls.ShutDown()]):
        done += call.handle(event, float(now))
    closings = [index for index, command in enumerate(done) if isinstance(command, calls.CloseRecord)]
    assert closings == [len(done) - 1]
    assert call.deadline is None
