"""AudioSocket without a socket: frames cut anywhere, a whole call, and what is wrong."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.asterisk.audiosocket import (
    RATES,
    AudioSocketCodec,
    AudioSocketState,
    Deframer,
    frame,
)
from gateway.telephony.codec import Introduced
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, MediaReceived
from infra.audio import AudioFrame
from tests.gateway.telephony.asterisk.asterisk_wire import audiosocket

CALL = uuid.UUID("40325ec2-5efd-4bd3-805f-53576e581d13")
PCM = b"\x07\x00" * 160


def streaming(sound: str = "slin") -> AudioSocketCodec:
    codec = AudioSocketCodec()
    assert codec.receive(b"\x01" + CALL.bytes) == [Introduced(str(CALL))]
    codec.begin(sound)
    return codec


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=700)), max_size=12), st.data())
def test_frames_come_out_whole_wherever_the_stream_was_cut(
    frames: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(audiosocket(kind, payload) for kind, payload in frames)
    deframer, out, at = Deframer(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        out += deframer.feed(stream[at : at + size])
        at += size
    assert out == [bytes([kind]) + payload for kind, payload in frames]


@given(st.integers(0, 255), st.binary(max_size=65_535))
def test_what_is_sent_is_what_is_read(kind: int, payload: bytes) -> None:
    assert frame(kind, payload) == audiosocket(kind, payload)
    assert Deframer().feed(frame(kind, payload)) == [bytes([kind]) + payload]


def test_a_call_from_its_uuid_to_its_end() -> None:
    codec = streaming()
    assert codec.receive(b"\x10" + PCM) == [MediaReceived(AudioFrame(PCM, 8000, 0.0))]
    assert codec.receive(b"\x10" + PCM) == [MediaReceived(AudioFrame(PCM, 8000, 0.02))]
    assert codec.receive(b"\x035") == [DtmfReceived("5", at=0.04)]
    assert codec.encode_media(PCM) == b"\x10\x01\x40" + PCM
    assert (codec.encode_mark("m"), codec.encode_clear()) == (None, None)
    assert codec.receive(b"\x00") == [HungUp("Asterisk hung up", HangUpCause.FAR_END)]
    assert codec.encode_end("over") == b"\x00\x00\x00"


@pytest.mark.parametrize("sound", sorted(RATES))
def test_sound_goes_both_ways_in_the_format_that_was_announced(sound: str) -> None:
    codec, (kind, rate) = streaming(sound), RATES[sound]
    assert codec.receive(bytes([kind]) + PCM) == [MediaReceived(AudioFrame(PCM, rate, 0.0))]
    encoded = codec.encode_media(PCM)
    assert isinstance(encoded, bytes)
    assert encoded[0] == kind


def test_an_error_of_asterisks_ends_the_call_as_one_that_was_lost() -> None:
    assert streaming().receive(b"\xff\x02") == [HungUp("Asterisk reported an error", HangUpCause.CONNECTION_LOST)]


def test_more_than_fits_into_a_frame_is_sent_in_several() -> None:
    parts = streaming().encode_media(bytes(200_000))
    assert isinstance(parts, tuple)
    payloads = [part[3:] for part in parts if isinstance(part, bytes)]
    assert b"".join(payloads) == bytes(200_000)
    assert all(len(payload) % 2 == 0 for payload in payloads)


def test_a_kind_that_is_newer_than_we_are_is_counted_and_borne_with() -> None:
    codec = streaming()
    assert codec.receive(b"\x42hello") == []
    assert codec.counts.unknown_events == 1


@pytest.mark.parametrize(
    ("message", "violation"),
    [
        (b"\x10" + PCM, Violation.OUT_OF_ORDER),
        (b"\x035", Violation.OUT_OF_ORDER),
        (b"\x00", Violation.OUT_OF_ORDER),
        (b"\x01" + bytes(15), Violation.BAD_FRAME),
        (b"", Violation.BAD_FRAME),
        ("text", Violation.BAD_FRAME),
    ],
)
def test_nothing_comes_before_the_uuid(message: str | bytes, violation: Violation) -> None:
    codec = AudioSocketCodec()
    with pytest.raises(ProtocolViolation) as caught:
        codec.receive(message)
    assert caught.value.violation is violation
    assert codec.state is AudioSocketState.OVER


@pytest.mark.parametrize(
    ("message", "violation"),
    [
        (b"\x12" + PCM, Violation.UNSUPPORTED_MEDIA),
        (b"\x10\x00", Violation.PARTIAL_SAMPLE),
        (b"\x03Z", Violation.BAD_FRAME),
        (b"\x0312", Violation.BAD_FRAME),
        (b"\x01" + CALL.bytes, Violation.OUT_OF_ORDER),
    ],
)
def test_what_may_not_come_in_a_call_ends_it(message: bytes, violation: Violation) -> None:
    codec = streaming()
    with pytest.raises(ProtocolViolation) as caught:
        codec.receive(message)
    assert caught.value.violation is violation
    with pytest.raises(ProtocolViolation):
        codec.receive(b"\x10" + PCM)


def test_nobody_is_spoken_to_before_the_call_is_known() -> None:
    codec = AudioSocketCodec()
    assert codec.encode_end("never began") is None
    with pytest.raises(RuntimeError, match="introduced"):
        codec.begin("slin")
    codec.receive(b"\x01" + CALL.bytes)
    with pytest.raises(RuntimeError, match="nobody to speak to"):
        codec.encode_media(PCM)
    with pytest.raises(ValueError, match="whole samples"):
        streaming().encode_media(b"\0")


@given(st.lists(st.binary(max_size=400), max_size=8))
def test_whatever_comes_nothing_but_a_violation_is_raised(stream: list[bytes]) -> None:
    codec, deframer = streaming(), Deframer()
    for data in stream:
        for message in deframer.feed(data):
            try:
                codec.receive(message)
            except ProtocolViolation as violation:
                assert violation.reason
