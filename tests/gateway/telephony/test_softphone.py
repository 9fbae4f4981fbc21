"""The softphone's wire without a socket: what a browser says, what it is told, and everything that it may do wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.codec import Introduced
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, MarkPlayed, MediaReceived
from gateway.telephony.softphone import FRAME_BYTES, RATE, SoftphoneCodec, SoftphoneState
from infra.audio import AudioFrame


def text(kind: str, **fields: object) -> str:
    return json.dumps({"type": kind, **fields})


def sound(counter: int, sample: int = 7) -> bytes:
    return counter.to_bytes(4, "little") + sample.to_bytes(2, "little", signed=True) * (FRAME_BYTES // 2)


def talking() -> SoftphoneCodec:
    codec = SoftphoneCodec()
    assert codec.receive(text("hello", ticket="t-1")) == [Introduced("t-1")]
    assert json.loads(codec.encode_ready("call-1")) == {"type": "ready", "rate": RATE, "call": "call-1"}
    return codec


def violated(codec: SoftphoneCodec, message: str | bytes) -> Violation:
    with pytest.raises(ProtocolViolation) as caught:
        codec.receive(message)
    assert codec.state is SoftphoneState.OVER
    return caught.value.violation


def test_a_whole_call_in_both_directions() -> None:
    codec = talking()
    heard = [event for n in range(3) for event in codec.receive(sound(n))]
    pcm = sound(0)[4:]
    assert heard == [MediaReceived(AudioFrame(pcm, RATE, at)) for at in (0.0, 0.02, 0.04)]
    assert codec.receive(text("dtmf", digit="#")) == [DtmfReceived("#", at=0.06)]
    assert codec.encode_media(pcm) == pcm
    assert json.loads(codec.encode_mark("m")) == {"type": "mark", "name": "m"}
    assert json.loads(codec.encode_clear()) == {"type": "clear"}
    assert codec.receive(text("mark", name="m")) == [MarkPlayed("m")]
    assert codec.receive(text("alive")) == []
    assert codec.receive(text("bye")) == [HungUp("they hung up", HangUpCause.FAR_END)]
    assert json.loads(codec.encode_end("the session is over")) == {"type": "bye", "reason": "the session is over"}


def test_frames_that_were_lost_do_not_shift_what_follows() -> None:
    codec = talking()
    codec.receive(sound(0))
    silence, later = codec.receive(sound(3))
    assert isinstance(silence, MediaReceived)
    assert isinstance(later, MediaReceived)
    assert (silence.frame.at, silence.frame.duration, later.frame.at) == (0.02, 0.04, 0.06)
    assert not any(silence.frame.pcm)
    assert codec.receive(sound(2)) == []
    assert (codec.gaps.lost_chunks, codec.gaps.late_chunks) == (2, 1)


def test_a_page_that_is_newer_than_we_are_is_borne_with() -> None:
    codec = talking()
    assert codec.receive(text("hologram", shape="sphere")) == []
    assert codec.counts.unknown_events == 1
    assert codec.receive(sound(0))


@pytest.mark.parametrize(
    "message", [sound(0), text("dtmf", digit="1"), text("mark", name="m"), text("bye"), text("alive")]
)
def test_nothing_comes_before_hello(message: str | bytes) -> None:
    assert violated(SoftphoneCodec(), message) is Violation.OUT_OF_ORDER


def test_nothing_is_heard_before_the_ticket_was_looked_at_but_they_may_leave() -> None:
    for message, allowed in ((sound(0), False), (text("hello", ticket="t"), False), (text("bye"), True)):
        codec = SoftphoneCodec()
        codec.receive(text("hello", ticket="t"))
        if allowed:
            assert isinstance(codec.receive(message)[0], HungUp)
        else:
            assert violated(codec, message) is Violation.OUT_OF_ORDER


@pytest.mark.parametrize(
    ("message", "violation"),
    [
        (b"", Violation.BAD_FRAME),
        (sound(0)[:-1], Violation.BAD_FRAME),
        (sound(0) + b"\0\0", Violation.BAD_FRAME),
        (text("dtmf", digit="12"), Violation.BAD_FIELD),
        (text("dtmf"), Violation.BAD_FIELD),
        (text("mark", name=5), Violation.BAD_FIELD),
        (text("hello", ticket="again"), Violation.OUT_OF_ORDER),
        (json.dumps({"type": 5}), Violation.BAD_FIELD),
        (json.dumps([]), Violation.NOT_AN_OBJECT),
        ("{", Violation.NOT_JSON),
        (text("mark", name="x" * 9000), Violation.TOO_LARGE),
    ],
)
def test_what_is_malformed_ends_it_with_its_reason(message: str | bytes, violation: Violation) -> None:
    codec = talking()
    assert violated(codec, message) is violation
    assert violated(codec, sound(0)) is Violation.OUT_OF_ORDER


def test_a_second_ready_is_a_mistake_of_ours() -> None:
    with pytest.raises(RuntimeError, match="nobody to speak to"):
        talking().encode_ready("call-1")


@given(st.lists(st.one_of(st.text(), st.binary(max_size=700), st.integers(0, 2**32 - 1).map(sound)), max_size=8))
def test_whatever_comes_nothing_but_a_violation_is_raised(messages: list[str | bytes]) -> None:
    codec = talking()
    for message in messages:
        try:
            codec.receive(message)
        except ProtocolViolation as violation:
            assert violation.reason
