"""Asterisk's WebSocket channel without a socket: both control formats, sound, marks, flow, and what is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.asterisk.channel import FORMATS, LONGEST_MESSAGE, PROTOCOL, ChannelCodec, ChannelState
from gateway.telephony.asterisk.control import COMMAND_LIMIT
from gateway.telephony.codec import FlowControl, LegStarted
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import DtmfReceived, LegInfo, MarkPlayed, MediaReceived
from infra.audio import AudioFrame, mulaw_encode
from tests.gateway.telephony.asterisk.asterisk_wire import CHANNEL, UNIQUE, event, plain_start, start


def streaming(kind: str = "slin", frame: int = 320) -> ChannelCodec:
    codec = ChannelCodec()
    assert isinstance(codec.receive(start(kind, frame))[0], LegStarted)
    return codec


def said(message: object) -> list[dict[str, str] | bytes]:
    """What a message or several say: commands read, sound as it is."""
    parts = message if isinstance(message, tuple) else (message,)
    return [json.loads(part) if isinstance(part, str) else part for part in parts]


def test_a_call_in_json_from_start_to_hang_up() -> None:
    codec = ChannelCodec([("call", "a-1"), ("from", "+8210"), ("to", "1588"), ("token", "t"), ("x-queue", "vip")])
    opening = codec.receive(start("ulaw", 160))
    assert opening == [LegStarted(LegInfo(UNIQUE, "a-1", "+8210", "1588", PROTOCOL, 8000, headers={"x-queue": "vip"}))]
    first, second = codec.receive(b"\xff" * 160), codec.receive(b"\xff" * 80)
    assert first == [MediaReceived(AudioFrame(bytes(320), 8000, 0.0))]
    assert second == [MediaReceived(AudioFrame(bytes(160), 8000, 0.02))]
    assert codec.receive(event("DTMF_END", digit="#", duration_ms=120)) == [DtmfReceived("#", at=0.03)]
    assert codec.encode_media(bytes(320)) == mulaw_encode(bytes(320))
    assert said(codec.encode_mark("r1:3")) == [{"command": "MARK_MEDIA", "correlation_id": "1"}]
    assert codec.receive(event("MEDIA_MARK_PROCESSED", correlation_id="1")) == [MarkPlayed("r1:3")]
    assert said(codec.encode_end("over")) == [{"command": "HANGUP"}]


def test_a_call_in_plain_words() -> None:
    codec = ChannelCodec()
    [opening] = codec.receive(plain_start())
    assert isinstance(opening, LegStarted)
    assert (opening.info.leg_id, opening.info.rate, opening.info.call_sid) == (CHANNEL, 16_000, CHANNEL)
    assert codec.receive(f"DTMF_END digit:4 channel_id:{UNIQUE}") == [DtmfReceived("4", at=0.0)]
    assert codec.encode_mark("m") == "MARK_MEDIA 1"
    assert codec.receive("MEDIA_MARK_PROCESSED 1") == [MarkPlayed("m")]
    assert codec.encode_clear() == ("FLUSH_MEDIA", "MARK_MEDIA 2")
    assert codec.receive("MEDIA_XOFF") == [FlowControl(go_on=False)]
    assert codec.receive("MEDIA_XON") == [FlowControl(go_on=True)]
    assert codec.receive("QUEUE_DRAINED") == []
    assert codec.encode_end("over") == "HANGUP"


def test_channel_variables_say_whose_call_it_is_where_the_address_does_not() -> None:
    codec = ChannelCodec([("to", "1588")])
    [opening] = codec.receive(
        start(AICC_CALL="c-9", AICC_FROM="010", AICC_TO="other", AICC_USER_TO_USER="68;encoding=hex", SECRET="s")
    )
    assert isinstance(opening, LegStarted)
    info = opening.info
    assert (info.call_sid, info.ani, info.dnis) == ("c-9", "010", "1588")
    assert dict(info.headers) == {"user-to-user": "68;encoding=hex"}


def test_a_flush_takes_the_marks_with_it_and_its_own_mark_brings_them_back() -> None:
    codec = streaming()
    codec.encode_mark("a")
    codec.encode_mark("b")
    assert said(codec.encode_clear())[1] == {"command": "MARK_MEDIA", "correlation_id": "3"}
    codec.encode_mark("c")
    assert codec.receive(event("MEDIA_MARK_PROCESSED", correlation_id="1")) == [MarkPlayed("a")]
    assert codec.receive(event("MEDIA_MARK_PROCESSED", correlation_id="3")) == [MarkPlayed("b")]
    assert codec.receive(event("MEDIA_MARK_PROCESSED", correlation_id="4")) == [MarkPlayed("c")]


@pytest.mark.parametrize("name", ["0", "7", "-1", "m", "٣", "9" * 30])
def test_a_mark_that_is_none_of_ours_is_counted_and_borne_with(name: str) -> None:
    codec = streaming()
    codec.encode_mark("a")
    assert codec.receive(event("MEDIA_MARK_PROCESSED", correlation_id=name)) == []
    assert codec.counts.unknown_events == 1


def test_only_whole_frames_are_sent_and_the_rest_is_filled_up_before_a_mark() -> None:
    codec = streaming("ulaw", 160)
    assert codec.encode_media(bytes(100)) == ()
    frame = codec.encode_media(bytes(320))
    assert isinstance(frame, bytes)
    assert len(frame) == 160
    last, mark = said(codec.encode_mark("end"))
    assert isinstance(last, bytes)
    assert (len(last), last[50:]) == (160, b"\xff" * 110)
    assert mark == {"command": "MARK_MEDIA", "correlation_id": "1"}
    codec.encode_media(bytes(100))
    codec.encode_clear()
    assert codec.encode_mark("nothing waits") == '{"command":"MARK_MEDIA","correlation_id":"3"}'


def test_more_sound_than_asterisk_takes_at_once_is_sent_in_parts() -> None:
    codec = streaming()
    parts = codec.encode_media(bytes(200_000))
    assert isinstance(parts, tuple)
    assert all(len(part) <= LONGEST_MESSAGE and len(part) % 320 == 0 for part in parts)
    assert sum(map(len, parts)) == 200_000


def test_no_command_is_longer_than_asterisk_reads() -> None:
    codec = streaming()
    codec._last_mark = 10**15
    for message in (codec.encode_mark("x" * 500), codec.encode_clear()):
        for part in message if isinstance(message, tuple) else (message,):
            assert len(part) <= COMMAND_LIMIT


def test_what_is_newer_than_we_are_is_counted_and_borne_with() -> None:
    codec = streaming()
    assert codec.receive(event("HOLOGRAM")) == []
    assert codec.receive(event("STATUS", queue_length=3)) == []
    assert codec.counts.unknown_events == 1


@pytest.mark.parametrize(
    ("message", "violation"),
    [
        (start("opus", 160), Violation.UNSUPPORTED_MEDIA),
        (start("slin", 0), Violation.BAD_FIELD),
        (start("slin", 321), Violation.BAD_FIELD),
        (start("slin", 70_000), Violation.BAD_FIELD),
        (b"\xff" * 160, Violation.OUT_OF_ORDER),
        (event("DTMF_END", digit="1"), Violation.OUT_OF_ORDER),
        ("MEDIA_XOFF", Violation.OUT_OF_ORDER),
        ("", Violation.BAD_FIELD),
        ("{", Violation.NOT_JSON),
        ('{"event":5}', Violation.BAD_FIELD),
        ("MEDIA_START x:" + "y" * 70_000, Violation.TOO_LARGE),
    ],
)
def test_what_may_not_open_a_channel_ends_it(message: str | bytes, violation: Violation) -> None:
    codec = ChannelCodec()
    with pytest.raises(ProtocolViolation) as caught:
        codec.receive(message)
    assert caught.value.violation is violation
    assert codec.state is ChannelState.OVER
    with pytest.raises(ProtocolViolation):
        codec.receive(start())


@pytest.mark.parametrize(
    ("message", "violation"),
    [
        (start("slin", 320), Violation.OUT_OF_ORDER),
        (b"\0" * 3, Violation.PARTIAL_SAMPLE),
        (event("DTMF_END", digit="12"), Violation.BAD_FIELD),
        (event("MEDIA_MARK_PROCESSED"), Violation.BAD_FIELD),
    ],
)
def test_what_may_not_come_on_an_open_channel_ends_it(message: str | bytes, violation: Violation) -> None:
    codec = streaming()
    with pytest.raises(ProtocolViolation) as caught:
        codec.receive(message)
    assert caught.value.violation is violation


def test_nobody_is_spoken_to_before_the_start_and_half_a_sample_is_no_sound() -> None:
    codec = ChannelCodec()
    for encode in (lambda: codec.encode_media(bytes(320)), lambda: codec.encode_mark("m"), codec.encode_clear):
        with pytest.raises(RuntimeError, match="nobody to speak to"):
            encode()
    assert codec.encode_end("never began") is None
    with pytest.raises(ValueError, match="whole samples"):
        streaming().encode_media(b"\0")


@given(st.sampled_from(sorted(FORMATS)), st.lists(st.integers(1, 2000), min_size=1, max_size=20))
def test_all_sound_arrives_in_order_whatever_pieces_it_comes_in(kind: str, sizes: list[int]) -> None:
    format_ = FORMATS[kind]
    codec, frame = ChannelCodec(), format_.rate // 50 * format_.width
    codec.receive(start(kind, frame))
    pcm = b"".join(bytes([number % 256, 0]) * size for number, size in enumerate(sizes))
    sent, at = b"", 0
    for size in sizes:
        message = codec.encode_media(pcm[at : at + 2 * size])
        sent += b"".join(
            part for part in (message if isinstance(message, tuple) else (message,)) if isinstance(part, bytes)
        )
        at += 2 * size
        assert len(sent) % frame == 0
    last = codec.encode_mark("end")
    sent += last[0] if isinstance(last, tuple) and isinstance(last[0], bytes) else b""
    whole = format_.encode(pcm)
    assert sent[: len(whole)] == whole
    assert len(sent) - len(whole) < frame
    back = [event.frame.pcm for event in codec.receive(sent) if isinstance(event, MediaReceived)] if sent else []
    assert b"".join(back)[: len(pcm)] == format_.decode(whole)


@given(
    st.lists(
        st.one_of(
            st.text(max_size=80),
            st.binary(max_size=400),
            st.just(start()),
            st.builds(lambda name, value: f"{name} {value}", st.sampled_from(["DTMF_END", "MEDIA_START"]), st.text()),
            st.dictionaries(st.text(max_size=20), st.integers() | st.text() | st.none(), max_size=5).map(json.dumps),
        ),
        max_size=8,
    )
)
def test_whatever_comes_nothing_but_a_violation_is_raised(messages: list[str | bytes]) -> None:
    codec = ChannelCodec()
    for message in messages:
        try:
            codec.receive(message)
        except ProtocolViolation as violation:
            assert violation.reason
