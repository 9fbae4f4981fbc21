from __future__ import annotations

import pytest
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
        calls.LeaveDesk(),
        calls.CloseRecord(EndReason.CALLER_HUNG_UP),
    ]


def test_a_call_that_takes_too_long_is_handed_over_once() -> None:
    call = talking()
    assert call.deadline == 600.0
    assert call.handle(calls.Tick(), 600.0) == [calls.Escalate()]
    assert call.deadline is None


def waiting() -> calls.Call:
    call = talking()
    call.handle(calls.HandoverAnnounced(desk_open=True), 10.0)
    return call


def with_person() -> calls.Call:
    call = waiting()
    assert call.handle(calls.PersonTook(), 20.0) == [calls.StopTalking(), calls.FallSilent()]
    assert call.deadline is None
    return call


def test_a_person_may_take_a_call_out_of_the_bots_mouth_and_out_of_its_last_words() -> None:
    call = talking()
    assert call.handle(calls.PersonTook(), 5.0) == [calls.StopTalking(), calls.FallSilent()]
    call = waiting()
    call.handle(calls.CallbackWanted(), 12.0)
    assert call.handle(calls.PersonTook(), 13.0) == [calls.StopTalking(), calls.FallSilent()]


def test_whoever_waits_hears_music_whenever_nothing_else_sounds_and_nobody_else_does() -> None:
    assert talking().handle(calls.Quiet(), 5.0) == []
    assert waiting().handle(calls.Quiet(), 11.0) == [calls.PlayMusic()]
    call = with_person()
    assert call.handle(calls.Quiet(), 21.0) == []
    assert call.handle(calls.HoldChanged(True), 22.0) == [calls.PlayMusic()]
    assert call.handle(calls.Quiet(), 40.0) == [calls.PlayMusic()]
    assert call.handle(calls.HoldChanged(False), 41.0) == [calls.FallSilent()]
    assert call.handle(calls.Quiet(), 41.0) == []


def test_a_caller_whose_agent_is_lost_or_passes_them_on_waits_again_with_patience_anew() -> None:
    for event, told in ((calls.PersonLost(), calls.Apologize()), (calls.PassedOn(), calls.AnnounceTransfer())):
        call = with_person()
        assert call.handle(event, 1000.0) == [told]
        assert call.deadline == 1000.0 + calls.QUEUE_UPDATE_EVERY
        assert call.handle(calls.Tick(), call.deadline) == [calls.Comfort()]


def test_a_call_given_back_is_the_bots_again_for_as_long_as_any_call() -> None:
    call = with_person()
    assert call.handle(calls.GivenBack("the returns policy"), 100.0) == [calls.TakeUpAgain("the returns policy")]
    assert call.deadline == 700.0
    assert call.handle(calls.ConversationOver(), 110.0) == [calls.CloseRecord(EndReason.COMPLETED)]


def test_the_desk_hears_of_every_end_of_a_call_that_waits_or_is_with_a_person() -> None:
    for call in (waiting(), with_person()):
        assert calls.LeaveDesk() in call.handle(calls.ShutDown(), 50.0)
    assert with_person().handle(calls.PersonEnded(), 50.0) == [
        calls.LeaveDesk(),
        calls.CloseRecord(EndReason.COMPLETED),
    ]
    assert calls.LeaveDesk() not in talking().handle(calls.ShutDown(), 50.0)


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
    calls.Quiet(),
    calls.CallbackWanted(),
    calls.PersonTook(),
    calls.PersonLost(),
    calls.PassedOn(),
    calls.HoldChanged(True),
    calls.HoldChanged(False),
    calls.GivenBack("the returns policy"),
    calls.PersonEnded(),
    calls.HandoverAnnounced(True, elsewhere=True),
    calls.SentElsewhere(),
    calls.CallerAsked(True),
    calls.ExpectedToLeave(True),
    calls.MovedAway(),
    calls.BackInLine(),
    calls.FarEndHeld(True),
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


def transferring() -> calls.Call:
    call = calls.Call(longest=600.0)
    call.handle(calls.Answered(), 0.0)
    commands = call.handle(calls.HandoverAnnounced(True, elsewhere=True), 10.0)
    assert commands == [calls.StopTalking(), calls.QueueHandoff(elsewhere=True), calls.Transfer()]
    return call


def test_a_call_that_goes_elsewhere_waits_with_music_but_not_over_a_question() -> None:
    call = transferring()
    assert call.handle(calls.Quiet(), 11.0) == [calls.PlayMusic()]
    assert call.handle(calls.Tick(), 35.0) == [calls.StillTrying()]
    assert call.handle(calls.CallerAsked(True), 40.0) == [calls.FallSilent()]
    assert call.handle(calls.Quiet(), 41.0) == call.handle(calls.Tick(), 60.0) == []


@pytest.mark.parametrize(
    ("event", "commands", "state"),
    [
        (calls.PersonTook(), [calls.StopTalking, calls.FallSilent, calls.StopTransfer], calls.State.WITH_PERSON),
        (calls.BackInLine(), [calls.Comfort], calls.State.QUEUED),
        (calls.CallbackWanted(message=True), [calls.PromiseCallback], calls.State.CLOSING),
        (calls.GivenBack(""), [calls.TakeUpAgain], calls.State.TALKING),
        (calls.MovedAway(), [calls.LeaveDesk, calls.CloseRecord], calls.State.ENDED),
    ],
    ids=["taken", "back in line", "call back", "bot", "moved"],
)
def test_what_comes_of_a_transfer(event: calls.Event, commands: list[type], state: calls.State) -> None:
    call = transferring()
    assert [type(command) for command in call.handle(event, 20.0)] == commands
    assert call.state is state


def test_a_caller_who_goes_while_their_network_moves_them_was_transferred_and_else_has_hung_up() -> None:
    for leaving, reason in ((True, EndReason.TRANSFERRED), (False, EndReason.CALLER_HUNG_UP)):
        call = transferring()
        call.handle(calls.ExpectedToLeave(leaving), 11.0)
        assert calls.CloseRecord(reason) in call.handle(calls.FarEndGone(EndReason.CALLER_HUNG_UP), 12.0)


def test_outside_opening_hours_nothing_is_sent_elsewhere() -> None:
    call = calls.Call(longest=600.0)
    call.handle(calls.Answered(), 0.0)
    assert calls.Transfer() not in call.handle(calls.HandoverAnnounced(False, elsewhere=True), 10.0)


def test_whoever_waits_is_not_comforted_while_the_far_end_holds_us() -> None:
    call = calls.Call(longest=600.0)
    call.handle(calls.Answered(), 0.0)
    call.handle(calls.HandoverAnnounced(True), 10.0)
    call.handle(calls.FarEndHeld(True), 11.0)
    assert call.handle(calls.Tick(), 35.0) == []
    call.handle(calls.FarEndHeld(False), 40.0)
    assert call.handle(calls.Tick(), 60.0) == [calls.Comfort()]


def surveyed() -> calls.Call:
    call = calls.Call(600.0, lambda person: True)
    call.handle(calls.Answered(), 0.0)
    assert call.handle(calls.ConversationOver(), 5.0) == [calls.AskSurvey(person=False)]
    return call


def test_a_caller_who_is_asked_how_it_was_is_asked_for_a_while_only() -> None:
    call = surveyed()
    assert call.deadline == 5.0 + calls.SURVEY_PATIENCE
    assert call.handle(calls.Tick(), call.deadline) == [calls.CloseRecord(EndReason.COMPLETED)]


def test_a_person_who_ends_a_call_is_out_of_it_before_the_caller_is_asked() -> None:
    call = calls.Call(600.0, lambda person: person)
    call.handle(calls.Answered(), 0.0)
    call.handle(calls.PersonTook(), 1.0)
    ended = call.handle(calls.PersonEnded(), 9.0)
    assert ended == [calls.LeaveDesk(), calls.FallSilent(), calls.AskSurvey(person=True)]
    assert call.handle(calls.FarEndGone(EndReason.CALLER_HUNG_UP), 12.0)[-1] == calls.CloseRecord(
        EndReason.CALLER_HUNG_UP
    )


def test_who_wants_a_person_instead_of_being_asked_is_talked_to_again() -> None:
    call = surveyed()
    assert call.handle(calls.PersonWanted(), 8.0) == [calls.Escalate(asked=True)]
    assert call.state is calls.State.TALKING
    assert call.handle(calls.HandoverAnnounced(desk_open=True), 10.0)[-1] == calls.QueueHandoff()
