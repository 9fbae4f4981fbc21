"""The ladder of ways, as a machine: what is done next, whatever happens out there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.session import transfer as moving
from gateway.session.targets import Target, Way
from gateway.session.transfer import Choice, Consent, Plan, State, Transfer
from gateway.telephony.transfer import TransferMethod
from gateway.telephony.trunk import Failure

ALL = frozenset(TransferMethod)


def target(*ways: str, **more: Any) -> Target:
    return Target.model_validate({"name": {"en": "Support"}, "to": "sip:support@pbx.example", "ways": ways, **more})


def machine(
    *ways: str,
    methods: frozenset[TransferMethod] = ALL,
    trunk: bool = True,
    desk_open: bool = True,
    consent: Consent = Consent.GIVEN,
    **more: Any,
) -> Transfer:
    return Transfer(Plan(target(*ways, **more), methods, trunk, desk_open, consent))


def begun(*ways: str, **more: Any) -> tuple[Transfer, list[moving.Command]]:
    transfer = machine(*ways, **more)
    return transfer, transfer.handle(moving.Begin(), 0.0)


def failed(transfer: Transfer, failure: Failure = Failure.BUSY) -> list[moving.Command]:
    return transfer.handle(moving.NotReached(failure), 1.0)


def test_a_network_that_takes_the_order_is_left_to_it_and_our_side_ends_when_the_call_stays() -> None:
    transfer, first = begun("refer", "bridge")
    assert first == [moving.ExpectToLeave(True), moving.AskNetwork(TransferMethod.REFER, moving.NETWORK_WITHIN)]
    assert transfer.handle(moving.NetworkTook(confirmed=False), 1.0) == []
    assert transfer.deadline == 1.0 + moving.LEAVES_WITHIN
    assert transfer.handle(moving.Tick(), 9.0) == [moving.Away(Way.REFER, confirmed=False)]
    assert transfer.state is State.OVER


def test_where_only_an_answer_counts_a_network_that_merely_took_it_is_given_the_ringing_time_and_no_more() -> None:
    transfer, first = begun("refer", "bridge", settled="answered", ring_seconds=20)
    assert first[-1] == moving.AskNetwork(TransferMethod.REFER, 20)
    transfer.handle(moving.NetworkTook(confirmed=False), 1.0)
    assert transfer.deadline == 21.0
    stayed = transfer.handle(moving.Tick(), 21.0)
    assert stayed[0] == moving.ExpectToLeave(False)
    assert stayed[-1] == moving.CallTarget(Way.BRIDGE, 20)


@pytest.mark.parametrize("settled", ["accepted", "answered"])
def test_a_caller_whose_leg_goes_while_the_network_has_it_was_moved(settled: str) -> None:
    transfer, _ = begun("refer", settled=settled)
    transfer.handle(moving.NetworkTook(confirmed=True), 1.0)
    assert transfer.handle(moving.CallerGone(), 2.0) == [moving.Away(Way.REFER, confirmed=True)]


@pytest.mark.parametrize("way", ["refer", "provider"])
def test_a_leg_that_goes_before_the_network_has_said_a_word_went_because_of_the_order(way: str) -> None:
    transfer, _ = begun(way)
    assert transfer.handle(moving.CallerGone(), 0.5) == [moving.Away(Way(way), confirmed=False)]


def test_an_order_that_was_refused_is_followed_by_the_next_way() -> None:
    transfer, _ = begun("refer", "bridge")
    assert transfer.handle(moving.NetworkRefused("declined", 603), 1.0) == [
        moving.ExpectToLeave(False),
        moving.GiveUp(),
        moving.Failed(Way.REFER, Failure.DECLINED, "declined", 603),
        moving.CallTarget(Way.BRIDGE, 25.0),
    ]


@pytest.mark.parametrize("event", [moving.NetworkSilent(), moving.Tick()], ids=["silent", "deadline"])
def test_an_order_without_an_answer_may_still_be_carried_out_and_is_then_not_tried_twice(event: moving.Event) -> None:
    transfer, _ = begun("refer", "bridge")
    assert transfer.handle(event, 14.0) == [moving.GiveUp()]
    assert transfer.handle(moving.Tick(), 22.0)[-1] == moving.CallTarget(Way.BRIDGE, 25.0)


def test_a_way_that_is_not_possible_here_is_noted_and_passed_over() -> None:
    _, commands = begun("provider", "refer", "bridge", methods=frozenset({TransferMethod.REFER}), trunk=False)
    assert [type(command) for command in commands] == [moving.Failed, moving.ExpectToLeave, moving.AskNetwork]
    _, commands = begun("refer", "bridge", methods=frozenset(), trunk=False)
    assert [type(command) for command in commands] == [moving.Failed, moving.Failed, moving.AskCaller]


def test_a_bridge_begins_when_somebody_answers_or_has_pressed_the_key() -> None:
    plain, _ = begun("bridge")
    assert plain.handle(moving.Answered(600), 3.0) == [moving.Bridge()]
    keyed, _ = begun("bridge", accept="key")
    assert keyed.handle(moving.Answered(600), 3.0) == [moving.Screen(key=True)]
    assert keyed.handle(moving.Accepted(), 9.0) == [moving.Bridge()]


def test_a_voicemail_box_that_answers_and_presses_nothing_does_not_get_the_caller() -> None:
    transfer, _ = begun("bridge", accept="key")
    transfer.handle(moving.Answered(600), 3.0)
    assert transfer.deadline == 3.0 + moving.ACCEPT_WITHIN
    commands = transfer.handle(moving.Tick(), 28.0)
    assert commands[0] == moving.GiveUp()
    assert isinstance(commands[-1], moving.AskCaller)


def test_an_attended_transfer_tells_first_then_asks_the_network_and_stays_between_where_that_fails() -> None:
    transfer, _ = begun("attended")
    assert transfer.handle(moving.Answered(600), 3.0) == [moving.Screen(key=False)]
    assert transfer.handle(moving.Accepted(), 6.0) == [moving.ExpectToLeave(True), moving.Join(moving.NETWORK_WITHIN)]
    refused = transfer.handle(moving.NetworkRefused("no Replaces", 420), 7.0)
    assert refused == [moving.ExpectToLeave(False), moving.Bridge()]
    moved, _ = begun("attended")
    moved.handle(moving.Answered(600), 3.0)
    moved.handle(moving.Accepted(), 6.0)
    moved.handle(moving.NetworkTook(confirmed=False), 7.0)
    assert moved.handle(moving.CallerGone(), 8.0) == [moving.Away(Way.ATTENDED, confirmed=True)]


def test_on_a_network_that_cannot_join_calls_a_consultation_becomes_a_bridge() -> None:
    transfer, _ = begun("attended", methods=frozenset())
    transfer.handle(moving.Answered(600), 3.0)
    assert transfer.handle(moving.Accepted(), 6.0) == [moving.Bridge()]


@pytest.mark.parametrize("failure", list(Failure))
def test_when_all_ways_have_failed_the_caller_is_told_why_and_asked(failure: Failure) -> None:
    transfer, _ = begun("bridge")
    everything = (Choice.CALLBACK, Choice.DESK, Choice.BOT, Choice.MESSAGE)
    assert failed(transfer, failure)[-1] == moving.AskCaller(failure, everything, again=False)


def test_only_what_is_possible_is_offered() -> None:
    transfer, _ = begun("bridge", desk_open=False, consent=Consent.REFUSED)
    failed(transfer)
    assert transfer.offered == (Choice.CALLBACK, Choice.BOT)
    assert transfer.handle(moving.Chosen(Choice.DESK), 2.0)[-1] == moving.AskCaller(
        Failure.BUSY, transfer.offered, again=True
    )


@pytest.mark.parametrize(
    ("choice", "command"),
    [
        (Choice.CALLBACK, moving.ToCallback(message=False)),
        (Choice.DESK, moving.ToDesk()),
        (Choice.BOT, moving.ToBot(bridged=False)),
        (Choice.MESSAGE, moving.TakeMessage()),
    ],
)
def test_what_the_caller_chooses_is_done(choice: Choice, command: moving.Command) -> None:
    transfer, _ = begun("bridge")
    failed(transfer)
    assert transfer.handle(moving.Chosen(choice), 5.0) == [command]


def test_who_chooses_nothing_twice_is_not_dropped() -> None:
    for desk_open, command in ((True, moving.ToDesk()), (False, moving.ToCallback(message=False))):
        transfer, _ = begun("bridge", desk_open=desk_open)
        failed(transfer)
        assert isinstance(transfer.handle(moving.NotChosen(), 10.0)[0], moving.AskCaller)
        assert transfer.handle(moving.Tick(), 60.0) == [command]


@pytest.mark.parametrize(
    ("otherwise", "desk_open", "consent", "command"),
    [
        ("callback", True, Consent.GIVEN, moving.ToCallback(message=False)),
        ("desk", True, Consent.GIVEN, moving.ToDesk()),
        ("desk", False, Consent.GIVEN, moving.ToCallback(message=False)),
        ("voicemail", True, Consent.GIVEN, moving.TakeMessage()),
        ("voicemail", True, Consent.REFUSED, moving.ToCallback(message=False)),
        (
            "voicemail",
            True,
            Consent.TO_BE_ASKED,
            moving.AskCaller(Failure.BUSY, (Choice.CALLBACK, Choice.MESSAGE), again=False),
        ),
    ],
    ids=["callback", "desk", "desk closed", "voicemail", "voicemail never", "voicemail asked"],
)
def test_a_policy_may_choose_for_the_caller(
    otherwise: str, desk_open: bool, consent: Consent, command: moving.Command
) -> None:
    transfer, _ = begun("bridge", otherwise=otherwise, desk_open=desk_open, consent=consent)
    assert failed(transfer)[-1] == command


def test_a_message_is_kept_when_the_caller_has_finished_hangs_up_or_speaks_for_too_long() -> None:
    for event in (moving.MessageOver(), moving.CallerGone(), moving.Tick()):
        transfer, _ = begun("bridge", otherwise="voicemail")
        failed(transfer)
        assert transfer.deadline == 1.0 + moving.LONGEST_MESSAGE
        assert transfer.handle(event, 30.0) == [moving.ToCallback(message=True)]


def test_after_a_bridge_the_caller_is_asked_whether_there_is_anything_else_or_the_call_ends() -> None:
    for afterwards, command in (("ask", moving.ToBot(bridged=True)), ("end", moving.EndCall())):
        transfer, _ = begun("bridge", afterwards=afterwards)
        transfer.handle(moving.Answered(600), 3.0)
        assert transfer.handle(moving.TargetLeft(), 90.0) == [command]


def test_a_bridge_is_ended_when_it_has_lasted_as_long_as_it_may_counted_from_the_answer() -> None:
    transfer, _ = begun("bridge", accept="key")
    transfer.handle(moving.Answered(60), 10.0)
    transfer.handle(moving.Accepted(), 20.0)
    assert transfer.deadline == 70.0
    assert transfer.handle(moving.Tick(), 70.0) == [moving.EndBridge()]
    assert transfer.handle(moving.TargetLeft(), 70.1) == [moving.ToBot(bridged=True)]


@pytest.mark.parametrize("accept", ["none", "key"])
def test_a_caller_who_hangs_up_ends_what_is_being_tried(accept: str) -> None:
    ringing, _ = begun("bridge", accept=accept)
    assert ringing.handle(moving.CallerGone(), 2.0) == [moving.GiveUp()]
    screened, _ = begun("bridge", accept="key")
    screened.handle(moving.Answered(600), 3.0)
    assert screened.handle(moving.CallerGone(), 4.0) == [moving.GiveUp()]
    assert screened.handle(moving.Accepted(), 5.0) == []


def test_somebody_of_ours_who_takes_the_call_ends_the_tries_but_no_bridge() -> None:
    ringing, _ = begun("bridge")
    assert ringing.handle(moving.PersonTook(), 2.0) == [moving.GiveUp()]
    bridged, _ = begun("bridge")
    bridged.handle(moving.Answered(600), 3.0)
    assert bridged.handle(moving.PersonTook(), 3.0) == []
    assert bridged.state is State.BRIDGED


EVENTS: st.SearchStrategy[moving.Event] = st.sampled_from(
    [
        moving.Begin(),
        moving.NetworkTook(False),
        moving.NetworkTook(True),
        moving.NetworkRefused("no", 603),
        moving.NetworkSilent(),
        moving.Answered(600),
        moving.Accepted(),
        moving.NotReached(Failure.NO_ANSWER),
        moving.TargetLeft(),
        *(moving.Chosen(choice) for choice in Choice),
        moving.NotChosen(),
        moving.MessageOver(),
        moving.PersonTook(),
        moving.Tick(),
    ]
)

LAST = (moving.Away, moving.ToDesk, moving.ToCallback, moving.ToBot, moving.EndCall)


@given(
    st.permutations([way.value for way in Way]),
    st.integers(1, 4),
    st.sampled_from(["ask", "callback", "voicemail", "desk"]),
    st.sets(st.sampled_from(list(TransferMethod))),
    st.booleans(),
    st.booleans(),
    st.lists(EVENTS, max_size=30),
)
def test_whatever_happens_each_way_is_tried_once_and_time_alone_leads_every_caller_somewhere(
    ways: list[str],
    count: int,
    otherwise: str,
    methods: set[TransferMethod],
    trunk: bool,
    desk_open: bool,
    events: list[moving.Event],
) -> None:
    transfer = machine(*ways[:count], otherwise=otherwise, methods=frozenset(methods), trunk=trunk, desk_open=desk_open)
    done: list[moving.Command] = []
    now = 0.0
    for event in [moving.Begin(), *events]:
        now += 1.0
        done += transfer.handle(event, now)
    while transfer.deadline is not None and transfer.state is not State.BRIDGED:
        now = max(now, transfer.deadline)
        done += transfer.handle(moving.Tick(), now)
    tried = [command for command in done if isinstance(command, moving.AskNetwork | moving.CallTarget)]
    assert len(tried) == len({str(command) for command in tried}) <= count
    given_to_a_person = transfer.state is State.BRIDGED or moving.PersonTook() in events
    assert given_to_a_person or sum(isinstance(command, LAST) for command in done) == 1
