from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.codec import CodecEvent, LegStarted
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.genesys.hook import Answer, FarEndError, Heard, Hook, HookState, LanguageAsked, Reconnecting
from gateway.telephony.genesys.messages import (
    Channel,
    Disconnect,
    DisconnectReason,
    Media,
    Opened,
    PlaybackCompleted,
    PlaybackStarted,
)
from gateway.telephony.leg import DtmfReceived, HangUpCause, HeldByFarEnd, HungUp
from infra.audio import mulaw_decode
from tests.gateway.telephony.genesys.hooks import CONVERSATION, SESSION, Client

MONO = Media((Channel.EXTERNAL,))
STEREO = Media((Channel.EXTERNAL, Channel.INTERNAL))
CHUNK = bytes(range(200)) * 8
"""200 ms of one side."""


def opened(media: Media = MONO) -> tuple[Hook, Client]:
    hook, client = Hook("genesys-connector", SESSION), Client()
    assert isinstance(hook.receive(client.opens())[0], LegStarted)
    client.heard(hook.say(Opened(media)))
    return hook, client


def frames(events: Any) -> list[Heard]:
    return [event for event in events if isinstance(event, Heard)]


def test_an_open_says_whose_call_it_is() -> None:
    hook, client = Hook("genesys-connector", SESSION.upper()), Client()
    [started] = hook.receive(client.opens())
    assert isinstance(started, LegStarted)
    assert (started.info.leg_id, started.info.call_sid, started.info.rate) == (SESSION, CONVERSATION, 8000)
    said = client.heard(hook.say(Opened(MONO)))
    assert (said["type"], said["clientseq"]) == ("opened", 1)
    assert [one["channels"] for one in said["parameters"]["media"]] == [["external"]]


def test_sound_comes_in_frames_of_20_ms_that_follow_each_other() -> None:
    hook, _ = opened()
    heard = frames([*hook.receive(CHUNK), *hook.receive(CHUNK)])
    assert [round(one.frame.at, 6) for one in heard] == [round(0.02 * n, 6) for n in range(20)]
    assert b"".join(one.frame.pcm for one in heard) == mulaw_decode(CHUNK * 2)
    assert {one.channel for one in heard} == {Channel.EXTERNAL}


def test_two_sides_are_taken_apart() -> None:
    hook, _ = opened(STEREO)
    customer, agent = bytes([1, 3, 5, 7]) * 40, bytes([2, 4, 6, 8]) * 40
    both = bytes(sample for pair in zip(customer, agent, strict=True) for sample in pair)
    first, second = hook.receive(both)
    assert isinstance(first, Heard)
    assert isinstance(second, Heard)
    assert (first.channel, first.frame.pcm) == (Channel.EXTERNAL, mulaw_decode(customer))
    assert (second.channel, second.frame.pcm) == (Channel.INTERNAL, mulaw_decode(agent))
    assert first.frame.at == second.frame.at == 0.0


def test_what_was_discarded_is_a_gap_in_time_and_not_glued_over() -> None:
    hook, client = opened()
    hook.receive(CHUNK)
    hook.receive(client.says("discarded", position=0.2, start="PT0.2S", discarded="PT0.5S"))
    short = frames(hook.receive(CHUNK))
    assert short[0].frame.at == pytest.approx(0.2)
    assert not any(short[0].frame.pcm), "half a second is filled with silence"
    assert short[-1].frame.until == pytest.approx(0.9)
    hook.receive(client.says("paused", position=0.9))
    hook.receive(client.says("resumed", position=60.9, start="PT0.9S", discarded="PT60S"))
    long = frames(hook.receive(CHUNK))
    assert long[0].frame.at == pytest.approx(60.9), "after a minute time jumps"
    assert hook.gaps.jumps == 1


def test_a_pause_is_a_hold_and_sound_that_was_under_way_is_not_heard() -> None:
    hook, client = opened()
    assert hook.receive(client.says("paused")) == (HeldByFarEnd(held=True),)
    assert hook.receive(CHUNK) == ()
    assert hook.receive(client.says("paused")) == ()
    assert hook.receive(client.says("resumed", start="PT0S", discarded="PT0S")) == (HeldByFarEnd(held=False),)
    assert frames(hook.receive(CHUNK))


def test_a_ping_is_answered_at_once() -> None:
    hook, client = opened()
    [answer] = hook.receive(client.says("ping", rtt="PT0.02S"))
    assert isinstance(answer, Answer)
    pong = client.heard(answer.text)
    assert (pong["type"], pong["clientseq"], pong["parameters"]) == ("pong", 2, {})


def test_what_else_they_say_becomes_events() -> None:
    hook, client = opened()
    hook.receive(CHUNK)
    assert hook.receive(client.says("dtmf", digit="5")) == (DtmfReceived("5", at=0.2),)
    assert hook.receive(client.says("playback_started")) == (PlaybackStarted(),)
    assert hook.receive(client.says("playback_completed")) == (PlaybackCompleted(),)
    assert hook.receive(client.says("error", code=429, message="slow down")) == (FarEndError(429, "slow down"),)
    answer, asked = hook.receive(client.says("update", language="en-US"))
    assert isinstance(answer, Answer)
    assert client.heard(answer.text)["type"] == "updated"
    assert asked == LanguageAsked("en-US")
    assert hook.receive(client.says("a_word_of_tomorrow")) == ()
    assert hook.counts.unknown_events == 1


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("end", HangUpCause.FAR_END),
        ("disconnect", HangUpCause.FAR_END),
        ("error", HangUpCause.CONNECTION_LOST),
    ],
)
def test_a_close_is_answered_and_ends_it(reason: str, cause: HangUpCause) -> None:
    hook, client = opened()
    answer, over = hook.receive(client.says("close", reason=reason))
    assert isinstance(answer, Answer)
    assert client.heard(answer.text)["type"] == "closed"
    assert isinstance(over, HungUp)
    assert over.cause is cause
    assert hook.state is HookState.OVER
    assert hook.leave(Disconnect(DisconnectReason.COMPLETED)) is None


def test_a_close_to_reconnect_ends_the_session_and_not_the_call_whose_time_goes_on_in_the_next() -> None:
    hook, client = opened()
    hook.receive(bytes(1600))
    answer, over = hook.receive(client.says("close", reason="reconnect"))
    assert isinstance(answer, Answer)
    assert client.heard(answer.text)["type"] == "closed"
    assert isinstance(over, Reconnecting)
    assert (hook.state, hook.position) == (HookState.OVER, pytest.approx(0.2))
    after, _ = opened()
    after.goes_on(3.5)
    first = next(event.frame for event in after.receive(bytes(160)) if isinstance(event, Heard))
    assert (first.at, after.position) == (3.5, pytest.approx(3.52))


def test_leaving_is_asked_for_once_and_what_still_comes_is_not_heard() -> None:
    hook, client = opened()
    words = hook.leave(Disconnect(DisconnectReason.COMPLETED, "done", {"aicc_result": "completed"}))
    assert words is not None
    parameters = client.heard(words)["parameters"]
    assert parameters == {"reason": "completed", "info": "done", "outputVariables": {"aicc_result": "completed"}}
    assert hook.leave(Disconnect(DisconnectReason.ERROR)) is None
    assert hook.receive(CHUNK) == ()
    assert hook.receive(client.says("dtmf", digit="1")) == ()
    assert isinstance(hook.receive(client.says("close", reason="disconnect"))[1], HungUp)


def _bad(client: Client, **changes: Any) -> str:
    return json.dumps({**json.loads(client.says("ping")), **changes})


@pytest.mark.parametrize(
    ("changes", "violation"),
    [
        ({"seq": 3}, Violation.OUT_OF_ORDER),
        ({"seq": 1}, Violation.OUT_OF_ORDER),
        ({"serverseq": 2}, Violation.OUT_OF_ORDER),
        ({"id": CONVERSATION}, Violation.WRONG_STREAM),
        ({"id": "me"}, Violation.BAD_FIELD),
        ({"version": "3"}, Violation.BAD_FIELD),
        ({"position": "1.5"}, Violation.BAD_FIELD),
        ({"parameters": None}, Violation.BAD_FIELD),
        ({"type": ""}, Violation.BAD_FIELD),
        ({"type": "open"}, Violation.BAD_FIELD),
        ({"type": "resumed", "parameters": {}}, Violation.BAD_FIELD),
        ({"type": "dtmf", "parameters": {"digit": "55"}}, Violation.BAD_FIELD),
        ({"type": "close", "parameters": {"reason": "why not"}}, Violation.BAD_FIELD),
    ],
    ids=str,
)
def test_what_breaks_the_protocol_ends_it(changes: dict[str, Any], violation: Violation) -> None:
    hook, client = opened()
    with pytest.raises(ProtocolViolation) as caught:
        hook.receive(_bad(client, **changes))
    assert caught.value.violation is violation
    assert hook.state is HookState.BROKEN
    assert hook.leave(Disconnect(DisconnectReason.ERROR)), "they are told"


def test_nothing_is_heard_before_it_is_open() -> None:
    hook = Hook("genesys-monitor", SESSION)
    with pytest.raises(ProtocolViolation):
        hook.receive(CHUNK)
    for kind, parameters in (("dtmf", {"digit": "1"}), ("close", {"reason": "end"}), ("ping", {})):
        hook, client = Hook("genesys-monitor", SESSION), Client()
        with pytest.raises(ProtocolViolation) as caught:
            hook.receive(client.says(kind, **parameters))
        assert caught.value.violation is Violation.OUT_OF_ORDER


def test_an_empty_message_of_sound_is_nothing() -> None:
    hook, _ = opened(STEREO)
    assert hook.receive(b"") == ()


@pytest.mark.parametrize("sound", [bytes(3), bytes(64_002)], ids=len)
def test_sound_that_is_no_whole_sample_of_both_sides_or_too_much_is_refused(sound: bytes) -> None:
    hook, _ = opened(STEREO)
    with pytest.raises(ProtocolViolation):
        hook.receive(sound)


@given(st.one_of(st.text(), st.binary(), st.dictionaries(st.text(), st.integers()).map(json.dumps)))
def test_whatever_comes_is_a_violation_and_nothing_else(message: str | bytes) -> None:
    for hook in (Hook("genesys-monitor", SESSION), opened()[0]):
        try:
            hook.receive(message)
        except ProtocolViolation:
            assert hook.state is HookState.BROKEN


@given(
    st.lists(
        st.one_of(
            st.integers(1, 4000).map(lambda n: ("sound", n)),
            st.integers(0, 5_000_000).map(lambda ms: ("discarded", ms)),
            st.integers(0, 600_000).map(lambda ms: ("held", ms)),
        ),
        max_size=30,
    )
)
def test_media_time_never_goes_back_and_follows_their_position(happens: list[tuple[str, int]]) -> None:
    hook, client = opened()
    position, until = 0.0, 0.0
    for what, size in [("sound", 160), *happens]:  # time begins with the first sound
        if what == "sound":
            for event in frames(hook.receive(bytes(size))):
                assert event.frame.at >= until - 1e-9
                until = event.frame.until
            position += size / 8000
            assert until == pytest.approx(position, abs=0.1 + 1e-6)
            continue
        if what == "held":
            hook.receive(client.says("paused", position=position))
        kind = "resumed" if what == "held" else "discarded"
        parameters = {"start": f"PT{position:.6f}S", "discarded": f"PT{size / 1000}S"}
        hook.receive(client.says(kind, position=position, **parameters))
        position += size / 1000


def test_events_are_of_the_codec() -> None:
    hook, client = opened()
    event: CodecEvent = hook.receive(client.says("ping"))[0]
    assert isinstance(event, Answer)
