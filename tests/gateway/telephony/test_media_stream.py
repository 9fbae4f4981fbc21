from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.telephony import media_stream
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.media_stream import MediaStreamCodec, StreamEvent, StreamStarted, StreamState
from infra.audio import mulaw_decode, mulaw_encode
from tests.gateway.telephony import wire


def codec_at(state: StreamState) -> MediaStreamCodec:
    codec = MediaStreamCodec()
    for message in {
        StreamState.OPENED: [],
        StreamState.CONNECTED: [wire.connected()],
        StreamState.STREAMING: [wire.connected(), wire.start()],
        StreamState.OVER: [wire.connected(), wire.start(), wire.stop()],
    }[state]:
        codec.receive(wire.text(message))
    assert codec.state is state
    return codec


def feed(codec: MediaStreamCodec, *messages: dict[str, Any]) -> list[StreamEvent]:
    return [event for message in messages for event in codec.receive(wire.text(message))]


def test_a_whole_stream_becomes_the_events_of_a_leg() -> None:
    parameters = {"from": "+821012345678", "to": "15880000", "tenant": "한빛"}
    speech = bytes(range(160))
    events = feed(
        MediaStreamCodec(),
        wire.connected(),
        wire.start(**parameters),
        wire.media(1, speech),
        wire.dtmf("5", sequence=3),
        wire.mark("greeting", sequence=4),
        wire.stop(sequence=5),
    )
    started, sound, key, played, over = events
    info = LegInfo(wire.STREAM, wire.CALL, "+821012345678", "15880000", "media-stream", 8000, parameters)
    assert started == StreamStarted(info)
    assert isinstance(sound, MediaReceived)
    assert (sound.frame.pcm, sound.frame.rate, sound.frame.at) == (mulaw_decode(speech), 8000, 0.0)
    assert key == DtmfReceived("5", at=0.02)
    assert played == MarkPlayed("greeting")
    assert isinstance(over, HungUp)
    assert over.cause is HangUpCause.FAR_END


@pytest.mark.parametrize(
    ("state", "message", "reason"),
    [
        (StreamState.OPENED, wire.start(), "start before connected"),
        (StreamState.OPENED, wire.media(), "media before connected"),
        (StreamState.CONNECTED, wire.connected(), "a second connected"),
        (StreamState.CONNECTED, wire.media(), "media before start"),
        (StreamState.CONNECTED, wire.mark(), "mark before start"),
        (StreamState.CONNECTED, wire.stop(), "stop before start"),
        (StreamState.STREAMING, wire.start(), "a second start"),
        (StreamState.STREAMING, wire.connected(), "a second connected"),
        (StreamState.OVER, wire.media(), "media after the end"),
        (StreamState.OVER, wire.stop(), "stop after the end"),
    ],
)
def test_a_message_out_of_its_order_ends_the_stream(state: StreamState, message: dict[str, Any], reason: str) -> None:
    codec = codec_at(state)
    with pytest.raises(ProtocolViolation) as caught:
        codec.receive(wire.text(message))
    assert (caught.value.violation, caught.value.close_code) == (Violation.OUT_OF_ORDER, 1002)
    assert caught.value.reason == reason
    assert codec.state is StreamState.OVER


@pytest.mark.parametrize("message", [wire.media(), wire.dtmf(), wire.mark(), wire.stop()])
def test_a_message_of_another_stream_ends_the_stream(message: dict[str, Any]) -> None:
    with pytest.raises(ProtocolViolation) as caught:
        feed(codec_at(StreamState.STREAMING), wire.but(message, "streamSid", "MZother"))
    assert caught.value.violation is Violation.WRONG_STREAM


@pytest.mark.parametrize("state", list(StreamState))
def test_events_that_this_version_does_not_know_are_counted_and_passed_over(state: StreamState) -> None:
    codec = codec_at(state)
    assert codec.receive('{"event":"weather","streamSid":"MZother"}') == []
    assert codec.state is state
    assert codec.counts.unknown_events == 1


def test_gaps_and_repeats_of_sequence_numbers_are_counted_and_borne_with() -> None:
    codec = codec_at(StreamState.STREAMING)
    feed(codec, wire.mark(sequence=2), wire.mark(sequence=6), wire.mark(sequence=6), wire.mark(sequence=3))
    assert (codec.counts.sequence_gaps, codec.counts.sequence_repeats) == (3, 2)
    assert len(feed(codec, wire.mark(sequence=7))) == 1


def test_after_a_violation_nothing_is_taken_any_more() -> None:
    codec = codec_at(StreamState.STREAMING)
    with pytest.raises(ProtocolViolation):
        codec.receive("{")
    with pytest.raises(ProtocolViolation, match="media after the end"):
        feed(codec, wire.media())


def test_sound_for_the_caller_is_mu_law_and_bears_the_streams_id() -> None:
    codec = codec_at(StreamState.STREAMING)
    pcm = mulaw_decode(bytes(range(160)))
    message = json.loads(codec.encode_media(pcm))
    assert (message["event"], message["streamSid"]) == ("media", wire.STREAM)
    assert json.loads(codec.encode_mark("m"))["streamSid"] == wire.STREAM
    assert json.loads(codec.encode_clear()) == {"event": "clear", "streamSid": wire.STREAM}
    assert mulaw_decode(mulaw_encode(pcm)) == pcm


def test_there_is_nobody_to_speak_to_before_the_start() -> None:
    with pytest.raises(RuntimeError, match="has not started"):
        codec_at(StreamState.CONNECTED).encode_clear()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_GOOD = [wire.connected(), wire.start(), wire.media(), wire.dtmf(), wire.mark(), wire.stop()]
_PATHS = ["event", "streamSid", "sequenceNumber", "start", "media", "dtmf", "mark", "stop"] + [
    f"{part}.{name}"
    for part, names in {
        "start": ["streamSid", "accountSid", "callSid", "tracks", "customParameters", "mediaFormat"],
        "media": ["track", "chunk", "timestamp", "payload"],
        "dtmf": ["track", "digit"],
        "mark": ["name"],
    }.items()
    for name in names
]


@st.composite
def _spoilt(draw: st.DrawFn) -> str:
    """A good message with one field replaced by anything."""
    message = draw(st.sampled_from(_GOOD))
    path = draw(st.sampled_from([p for p in _PATHS if p.split(".")[0] in message]))
    return json.dumps(wire.but(message, path, draw(_JSON)))


_ANYTHING = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200),
    _JSON.map(json.dumps),
    _spoilt(),
    st.sampled_from(_GOOD).map(json.dumps),
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(list(StreamState)), st.lists(_ANYTHING, min_size=1, max_size=8))
def test_nothing_that_a_peer_can_send_raises_anything_but_a_violation(
    state: StreamState, messages: list[str | bytes]
) -> None:
    codec = codec_at(state)
    for message in messages:
        try:
            events = codec.receive(message)
        except ProtocolViolation as violation:
            assert violation.close_code in {1002, 1003, 1007, 1009}
            assert len(violation.reason.encode()) <= 123
            assert codec.state is StreamState.OVER
        else:
            assert all(not isinstance(event, StreamStarted) or event.info.leg_id for event in events)


_ODD_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.just(...),
    st.booleans(),
    st.integers(-1, 10**16),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.from_regex(r"\A[0-9]{1,18}\Z"),
    st.sampled_from(
        ["", "inbound", "inbound_track", "outbound", "+1", " 1", "1_0", "١", "²", "AAAA", "AA=A", "//8=", "\n"]
    ),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)
_ODD_PATHS = ["event", "streamSid", "sequenceNumber", "media"] + [
    f"media.{name}" for name in ("track", "chunk", "timestamp", "payload")
]


@st.composite
def _media(draw: st.DrawFn) -> str | bytes:
    """A media message, most often a usual one; else lost, late, stamped anyhow, spoilt, too long, or binary."""
    chunk = draw(st.sampled_from([1, 1, 2, 3, 9]))
    message = wire.media(chunk, draw(st.binary(min_size=1, max_size=200)), draw(st.none() | st.integers(0, 3000)))
    changes = draw(st.dictionaries(st.sampled_from(_ODD_PATHS), _ODD_VALUES, max_size=3) | st.just({}))
    for path, value in sorted(changes.items(), reverse=True):  # media itself comes last
        message = wire.but(message, path, value)
    text = wire.text(message) + draw(st.sampled_from(["", "", "", " ", "가", " " * 20_000, " " * 70_000]))
    return draw(st.sampled_from([text, text, text, text.encode()]))


@given(st.lists(_media(), min_size=1, max_size=6))
def test_media_mean_the_same_whether_read_the_short_way_or_like_all_other_messages(messages: list[str | bytes]) -> None:
    def outcome(codec: MediaStreamCodec, message: str | bytes) -> object:
        try:
            events: object = codec.receive(message)
        except ProtocolViolation as violation:
            events = (violation.violation, violation.reason)
        return events, codec.state, codec.counts, codec.gaps

    short, long = codec_at(StreamState.STREAMING), codec_at(StreamState.STREAMING)
    for message in messages:
        usual = outcome(short, message)
        with patch.object(media_stream, "read_usual_media", lambda message, stream_sid: None):
            assert outcome(long, message) == usual
