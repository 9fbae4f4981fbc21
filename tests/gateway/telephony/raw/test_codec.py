"""Raw streams without a socket: a call in every dialect, what each is told, and what is wrong in all of them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.codec import LegStarted, Message
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import DtmfReceived, MarkPlayed, MediaReceived
from gateway.telephony.raw.codec import MOST_PARAMETERS, SOUND_LIMIT, RawCodec, RawState
from gateway.telephony.raw.dialects import DIALECTS, FREESWITCH_STREAM, JAMBONZ, VONAGE
from gateway.telephony.transfer import TransferMethod, TransferOrder
from infra.audio import AudioFrame
from tests.gateway.telephony.raw.raw_wire import PLATFORMS, FarEnd

every = pytest.mark.parametrize("far_end", PLATFORMS.values(), ids=PLATFORMS)
PCM = b"\x07\x00" * 320


def opened(name: str, **more: Any) -> RawCodec:
    far_end = PLATFORMS[name]
    codec = RawCodec(far_end.dialect)
    assert isinstance(codec.receive(json.dumps({**far_end.opening, **more}))[0], LegStarted)
    return codec


def said(message: Message | None) -> list[Any]:
    parts = message if isinstance(message, tuple) else (message,)
    return [json.loads(part) if isinstance(part, str) else part for part in parts]


def violated(codec: RawCodec, message: str | bytes) -> Violation:
    with pytest.raises(ProtocolViolation) as caught:
        codec.receive(message)
    assert codec.state is RawState.OVER
    return caught.value.violation


@every
def test_whose_call_it_is_what_is_heard_and_which_keys_are_pressed(far_end: FarEnd) -> None:
    codec = RawCodec(far_end.dialect)
    [opening] = codec.receive(json.dumps(far_end.opening))
    assert isinstance(opening, LegStarted)
    info = opening.info
    assert (info.call_sid, info.ani, info.dnis, info.rate) == ("c-1", "8210", "1588", 16_000)
    assert info.protocol == codec.protocol == far_end.dialect.name
    assert codec.receive(PCM) == [MediaReceived(AudioFrame(PCM, 16_000, 0.0))]
    assert codec.receive(PCM) == [MediaReceived(AudioFrame(PCM, 16_000, 0.02))]
    assert codec.receive(json.dumps(far_end.key)) == [DtmfReceived("5", at=0.04)]
    assert codec.receive(b"") == []
    assert codec.receive('{"event":"hologram"}') == codec.receive("{}") == []
    assert codec.counts.unknown_events == 2


@every
def test_a_mark_comes_back_where_there_are_marks(far_end: FarEnd) -> None:
    codec = opened(far_end.dialect.name)
    if far_end.mark is None:
        assert codec.encode_mark("m") is None
        return
    assert codec.receive(json.dumps(far_end.mark)) == []  # one that nobody has asked for
    assert codec.encode_mark("m") is not None
    assert codec.receive(json.dumps(far_end.mark)) == [MarkPlayed("m")]
    assert codec.receive(json.dumps(far_end.mark)) == []


def test_vonage_is_told_by_actions_and_its_marks_are_over_when_it_has_cleared() -> None:
    codec = opened("vonage")
    assert said(codec.encode_mark("a")) == [{"action": "notify", "payload": {"mark": "a"}}]
    assert said(codec.encode_clear()) == [{"action": "clear"}]
    codec.encode_mark("b")
    assert codec.receive('{"event":"websocket:cleared"}') == [MarkPlayed("a")]
    assert codec.encode_end("over") is None


def test_vonage_gets_messages_of_exactly_20_ms() -> None:
    codec = opened("vonage")
    assert codec.encode_media(PCM) == PCM
    assert codec.encode_media(PCM[:100]) == ()
    assert codec.encode_media(PCM * 2) == (PCM, PCM)
    last, mark = said(codec.encode_mark("end"))
    assert (len(last), last.rstrip(b"\0")) == (640, PCM[:99])
    assert mark["action"] == "notify"


def test_jambonz_is_told_by_types_and_no_sample_of_ours_looks_like_a_mark() -> None:
    codec = opened("jambonz")
    assert said(codec.encode_mark("m")) == [{"type": "mark", "data": {"name": "m"}}]
    assert said(codec.encode_clear()) == [{"type": "killAudio"}]
    assert codec.receive('{"type":"mark","data":{"name":"m","event":"cleared"}}') == [MarkPlayed("m")]
    assert codec.encode_media(b"\x01\x00\xff\xff\xfe\xff") == b"\x01\x00\x00\x00\xfe\xff"
    assert codec.encode_media(PCM) == PCM
    assert said(codec.encode_end("over")) == [{"type": "disconnect"}]


def test_jambonz_tells_the_sip_headers_of_the_call() -> None:
    codec = RawCodec(JAMBONZ)
    [opening] = codec.receive(json.dumps(PLATFORMS["jambonz"].opening))
    assert isinstance(opening, LegStarted)
    assert dict(opening.info.headers) == {"x-queue": "vip", "diversion": "<sip:a@b>"}


def test_freeswitch_gets_sound_in_json_and_is_asked_to_move_the_call() -> None:
    for name, kind, field in (
        ("freeswitch-fork", "playAudio", "audioContent"),
        ("freeswitch-stream", "streamAudio", "audioData"),
    ):
        [told] = said(opened(name).encode_media(PCM))
        assert (told["type"], told["data"]["sampleRate"]) == (kind, 16_000)
        assert "raw" in told["data"].values()
        assert base64.b64decode(told["data"][field]) == PCM
    fork = opened("freeswitch-fork")
    assert said(fork.encode_clear()) == [{"type": "killAudio"}]
    order = TransferOrder(TransferMethod.PROVIDER, "queue-h1", "h1", within=5.0, context={"queue": "orders"})
    assert said(fork.encode_transfer(order)) == [
        {"type": "transfer", "data": {"target": "queue-h1", "handoff": "h1", "queue": "orders"}}
    ]
    assert opened("freeswitch-stream").encode_clear() is None


def test_what_the_address_says_counts_before_what_the_message_says() -> None:
    codec = RawCodec(FREESWITCH_STREAM, [("to", "+8215"), ("x-queue", "vip")])
    [opening] = codec.receive(json.dumps({"uuid": "c-1", "to": "other", "from": 8210, "due": "no", "deep": {"a": 1}}))
    assert isinstance(opening, LegStarted)
    info = opening.info
    assert (info.dnis, info.ani, info.rate, dict(info.headers)) == ("+8215", "8210", 8000, {"x-queue": "vip"})
    assert not {"due", "deep"} & info.parameters.keys()


def test_a_header_of_the_call_is_no_parameter_and_the_first_that_is_said_counts() -> None:
    codec = RawCodec(JAMBONZ, [("pass", "first")])
    [opening] = codec.receive(json.dumps({"pass": "second", "headers": {"pass": "third", "token": "x", "X-Q": "1"}}))
    assert isinstance(opening, LegStarted)
    assert dict(opening.info.parameters) == {"pass": "first"}
    assert dict(opening.info.headers) == {"x-q": "1"}


def test_parameters_stay_within_limits() -> None:
    codec = RawCodec(FREESWITCH_STREAM)
    [opening] = codec.receive(json.dumps({f"p{n}": "v" for n in range(100)} | {"long": "x" * 2000}))
    assert isinstance(opening, LegStarted)
    assert len(opening.info.parameters) == MOST_PARAMETERS
    assert "long" not in opening.info.parameters


@pytest.mark.parametrize(
    ("name", "change", "violation"),
    [
        ("vonage", {"event": "websocket:dtmf"}, Violation.OUT_OF_ORDER),
        ("vonage", {"content-type": "audio/opus"}, Violation.BAD_FIELD),
        ("vonage", {"content-type": "audio/l16;rate=11025"}, Violation.UNSUPPORTED_MEDIA),
        ("jambonz", {"sampleRate": "fast"}, Violation.BAD_FIELD),
        ("jambonz", {"sampleRate": 64000}, Violation.UNSUPPORTED_MEDIA),
        ("jambonz", {"mixType": "stereo"}, Violation.UNSUPPORTED_MEDIA),
    ],
)
def test_what_may_not_open_a_stream_ends_it(name: str, change: dict[str, Any], violation: Violation) -> None:
    far_end = PLATFORMS[name]
    assert violated(RawCodec(far_end.dialect), json.dumps({**far_end.opening, **change})) is violation


@every
def test_what_is_malformed_ends_any_stream(far_end: FarEnd) -> None:
    assert violated(RawCodec(far_end.dialect), PCM) is Violation.OUT_OF_ORDER
    name = far_end.dialect.name
    assert violated(opened(name), b"\0" * 3) is Violation.PARTIAL_SAMPLE
    assert violated(opened(name), bytes(SOUND_LIMIT + 2)) is Violation.TOO_LARGE
    assert violated(opened(name), "{") is Violation.NOT_JSON
    assert violated(opened(name), "[]") is Violation.NOT_AN_OBJECT
    codec = opened(name)
    violated(codec, json.dumps({**far_end.key, far_end.dialect.key.path[-1]: "55"}))
    assert violated(codec, PCM) is Violation.OUT_OF_ORDER


@every
def test_nobody_is_spoken_to_before_the_opening_and_half_a_sample_is_no_sound(far_end: FarEnd) -> None:
    codec = RawCodec(far_end.dialect)
    for encode in (lambda: codec.encode_media(PCM), lambda: codec.encode_mark("m"), codec.encode_clear):
        with pytest.raises(RuntimeError, match="nobody to speak to"):
            encode()
    assert codec.encode_end("never began") is None
    with pytest.raises(ValueError, match="whole samples"):
        opened(far_end.dialect.name).encode_media(b"\0")


@given(st.lists(st.integers(1, 1500), min_size=1, max_size=20))
def test_all_sound_goes_to_vonage_in_order_and_in_frames(sizes: list[int]) -> None:
    codec, pcm, sent = opened("vonage"), b"", b""
    for number, size in enumerate(sizes):
        piece = bytes([number % 255 + 1, 0]) * size
        pcm += piece
        parts = codec.encode_media(piece)
        for part in parts if isinstance(parts, tuple) else (parts,):
            assert isinstance(part, bytes)
            assert len(part) == 640
            sent += part
    last, *_ = said(codec.encode_mark("end"))
    sent += last if isinstance(last, bytes) else b""
    assert sent[: len(pcm)] == pcm


@given(
    st.sampled_from(DIALECTS),
    st.booleans(),
    st.lists(
        st.one_of(
            st.text(max_size=50),
            st.binary(max_size=700),
            st.dictionaries(
                st.sampled_from(["event", "type", "data", "digit", "dtmf", "sampleRate", "payload", "headers"]),
                st.one_of(
                    st.sampled_from(["dtmf", "mark", "websocket:dtmf", "websocket:notify", "websocket:cleared"]),
                    st.integers(),
                    st.none(),
                    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
                ),
                max_size=5,
            ).map(json.dumps),
        ),
        max_size=8,
    ),
)
def test_whatever_comes_nothing_but_a_violation_is_raised(
    dialect: Any, is_open: bool, messages: list[str | bytes]
) -> None:
    codec = opened(dialect.name) if is_open else RawCodec(dialect)
    for message in messages:
        try:
            codec.receive(message)
        except ProtocolViolation as violation:
            assert violation.reason


def test_the_table_is_what_makes_a_codec() -> None:
    assert RawCodec(VONAGE).protocol == "vonage"
