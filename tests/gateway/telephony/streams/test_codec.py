from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.telephony.codec import LegStarted
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.streams.codec import MediaStreamCodec, StreamEvent, StreamState
from gateway.telephony.streams.dialects import DIALECTS
from gateway.telephony.streams.messages import usual_media_reader
from infra.audio import alaw_decode, mulaw_decode, mulaw_encode
from tests.gateway.telephony import wire
from tests.gateway.telephony.streams.carrier_words import ANI, DNIS, SAMPLES, b64


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
    info = LegInfo(wire.STREAM, wire.CALL, "+821012345678", "15880000", "twilio", 8000, parameters)
    assert started == LegStarted(info)
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


@settings(max_examples=400)
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
            assert all(not isinstance(event, LegStarted) or event.info.leg_id for event in events)


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
        with patch.object(long, "_read_usual_media", lambda message, stream_sid: None):
            assert outcome(long, message) == usual


# --- every dialect ---------------------------------------------------------------------------------------------------

ALL = pytest.mark.parametrize("name", SAMPLES)


def started(name: str) -> MediaStreamCodec:
    codec = MediaStreamCodec(DIALECTS[name])
    feed(codec, *SAMPLES[name].opening)
    return codec


@ALL
def test_a_whole_stream_as_the_carrier_documents_it_becomes_the_events_of_a_leg(name: str) -> None:
    sample, dialect = SAMPLES[name], DIALECTS[name]
    codec = MediaStreamCodec(dialect)
    opened = feed(codec, *sample.opening)
    [begun] = opened
    assert isinstance(begun, LegStarted)
    info = begun.info
    assert (info.leg_id, info.call_sid, info.protocol, info.rate) == (sample.stream, sample.call, name, 8000)
    assert (info.ani, info.dnis) == (ANI, DNIS)
    codec.encode_mark("m")
    sound, more, key, mark, over = feed(codec, *sample.media, sample.key, sample.mark, sample.stop)
    assert isinstance(sound, MediaReceived)
    assert isinstance(more, MediaReceived)
    assert (sound.frame.pcm, sound.frame.at) == (dialect.heard.decode(sample.sound), 0.0)
    assert more.frame.at == sound.frame.duration
    assert (key, mark) == (DtmfReceived("5", at=more.frame.until), MarkPlayed("m"))
    assert isinstance(over, HungUp)
    assert over.cause is HangUpCause.FAR_END
    assert codec.counts.unknown_events == 0
    assert codec.gaps.lost_chunks == codec.gaps.late_chunks == 0


@ALL
def test_the_usual_sound_of_every_carrier_is_read_the_short_way(name: str) -> None:
    sample = SAMPLES[name]
    read = usual_media_reader(DIALECTS[name])
    usual = sample.media[0] | {DIALECTS[name].fields.stream: sample.stream}
    found = read(wire.text(usual), sample.stream)
    assert found is not None
    assert (found[0], found[1], found[3]) == (2, 1, sample.sound)


@pytest.mark.parametrize(
    ("name", "play", "mark", "clear"),
    [
        (
            "signalwire",
            {"event": "media", "streamSid": "S", "media": {"payload": "SOUND"}},
            {"event": "mark", "streamSid": "S", "mark": {"name": "m"}},
            {"event": "clear", "streamSid": "S"},
        ),
        (
            "telnyx",
            {"event": "media", "media": {"payload": "SOUND"}},
            {"event": "mark", "mark": {"name": "m"}},
            {"event": "clear"},
        ),
        (
            "plivo",
            {
                "event": "playAudio",
                "streamId": "S",
                "media": {"contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": "SOUND"},
            },
            {"event": "checkpoint", "streamId": "S", "name": "m"},
            {"event": "clearAudio", "streamId": "S"},
        ),
        (
            "exotel",
            {"event": "media", "stream_sid": "S", "media": {"payload": "SOUND"}},
            {"event": "mark", "stream_sid": "S", "mark": {"name": "m"}},
            {"event": "clear", "stream_sid": "S"},
        ),
    ],
)
def test_what_we_say_has_the_shape_that_the_carrier_documents(
    name: str, play: dict[str, Any], mark: dict[str, Any], clear: dict[str, Any]
) -> None:
    codec, sample = started(name), SAMPLES[name]
    pcm = DIALECTS[name].heard.decode(sample.sound)
    said = json.dumps([play, mark, clear]).replace('"S"', json.dumps(sample.stream)).replace("SOUND", b64(sample.sound))
    assert [json.loads(words) for words in (codec.encode_media(pcm), codec.encode_mark("m"), codec.encode_clear())] == (
        json.loads(said)
    )


def test_telnyxs_chunks_are_put_back_into_order_and_only_those_that_never_come_are_lost() -> None:
    codec, sample = started("telnyx"), SAMPLES["telnyx"]

    def chunk(number: int) -> dict[str, Any]:
        media = sample.media[0]["media"] | {
            "chunk": str(number),
            "timestamp": str(number * 20),
            "payload": b64(bytes([number]) * 160),
        }
        return sample.media[0] | {"sequence_number": str(number + 1), "media": media}

    order = [1, 3, 2, 5, 4, 6, 8, 9, 10, 11, 12, 13]
    frames = [event.frame for event in feed(codec, *map(chunk, order)) if isinstance(event, MediaReceived)]
    sounds = [mulaw_encode(frame.pcm)[0] for frame in frames]
    assert [sound for sound in sounds if sound != 0xFF] == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13]
    assert [frame.at for frame in frames] == pytest.approx([0.02 * number for number in range(13)])
    assert (codec.gaps.lost_chunks, codec.gaps.late_chunks, codec.gaps.filled_seconds) == (1, 0, pytest.approx(0.02))
    assert (codec.counts.sequence_gaps, codec.counts.sequence_repeats) == (0, 0)
    assert feed(codec, chunk(7)) == []
    assert codec.gaps.late_chunks == 1


def test_what_telnyx_still_held_is_told_before_the_end() -> None:
    codec, sample = started("telnyx"), SAMPLES["telnyx"]
    late = sample.media[0] | {"media": sample.media[0]["media"] | {"chunk": "3", "timestamp": "60"}}
    first, *rest = feed(codec, sample.media[0], late, sample.stop)
    assert [type(event) for event in (first, *rest)] == [MediaReceived, MediaReceived, MediaReceived, HungUp]


def test_telnyx_may_send_a_law_and_is_answered_in_mu_law() -> None:
    sample = SAMPLES["telnyx"]
    codec = MediaStreamCodec(DIALECTS["telnyx"])
    feed(codec, sample.opening[0], wire.but(sample.opening[1], "start.media_format.encoding", "PCMA"))
    [sound] = feed(codec, sample.media[0])
    assert isinstance(sound, MediaReceived)
    assert sound.frame.pcm == alaw_decode(sample.sound)
    played = json.loads(codec.encode_media(mulaw_decode(b"\x10")))["media"]["payload"]
    assert played == b64(b"\x10")


def test_plivos_marks_come_back_when_it_has_cleared() -> None:
    codec, sample = started("plivo"), SAMPLES["plivo"]
    for name in ("m", "n"):
        codec.encode_mark(name)
    assert feed(codec, sample.mark) == [MarkPlayed("m")]
    codec.encode_clear()
    codec.encode_mark("o")
    assert feed(codec, sample.media[0])[1:] == []
    assert feed(codec, sample.cleared) == [MarkPlayed("n")]
    assert feed(codec, sample.cleared, sample.mark) == []


def test_exotels_marks_come_back_with_its_next_words_after_a_clear() -> None:
    codec, sample = started("exotel"), SAMPLES["exotel"]
    codec.encode_mark("m")
    codec.encode_clear()
    assert [type(event) for event in feed(codec, *sample.media)] == [MarkPlayed, MediaReceived, MediaReceived]
    assert feed(codec, sample.mark) == []


def test_exotel_may_be_asked_for_wide_band() -> None:
    sample = SAMPLES["exotel"]
    codec = MediaStreamCodec(DIALECTS["exotel"])
    start = wire.but(sample.opening[1], "start.media_format.sample_rate", "16000")
    [begun] = feed(codec, sample.opening[0], start)
    assert isinstance(begun, LegStarted)
    assert begun.info.rate == 16000
    [sound] = feed(codec, sample.media[0])
    assert isinstance(sound, MediaReceived)
    assert (sound.frame.rate, sound.frame.duration) == (16000, 0.05)


@ALL
def test_a_carrier_that_speaks_another_encoding_is_refused(name: str) -> None:
    sample, dialect = SAMPLES[name], DIALECTS[name]
    *before, start = sample.opening
    for encoding, rate in (("OPUS", "8000"), (dialect.encoding, "11025")):
        codec = MediaStreamCodec(dialect)
        feed(codec, *before)
        changed = start
        for field, value in (("encoding", encoding), (dialect.fields.rate, rate)):
            changed = wire.but(changed, f"start.{dialect.fields.format}.{field}", value)
        with pytest.raises(ProtocolViolation) as caught:
            feed(codec, changed)
        assert caught.value.violation is Violation.UNSUPPORTED_MEDIA


def test_headers_of_the_network_are_parameters_with_a_name_of_their_own() -> None:
    codec = MediaStreamCodec()
    headers = {"header-User-to-User": "6834;encoding=hex", "header-x-queue": "vip"}
    feed(codec, wire.connected())
    [begun] = feed(codec, wire.start(**headers))
    assert isinstance(begun, LegStarted)
    assert dict(begun.info.headers) == {"user-to-user": "6834;encoding=hex", "x-queue": "vip"}


def test_only_so_many_headers_of_the_network_are_kept_and_none_that_is_long() -> None:
    codec = MediaStreamCodec()
    many = {f"header-x-{number}": "v" for number in range(40)}
    _, begun = (
        [*feed(codec, wire.connected()), None],
        feed(codec, wire.start(**{"header-x-long": "x" * 1025} | many))[0],
    )
    assert isinstance(begun, LegStarted)
    assert len(begun.info.headers) == 32
    assert "x-long" not in begun.info.headers


@st.composite
def _spoilt_in(draw: st.DrawFn) -> tuple[str, list[str | bytes]]:
    """A dialect, and its messages, some with a field replaced by anything, in any order."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    sample = SAMPLES[name]
    good = [
        *sample.opening,
        *sample.media,
        sample.key,
        sample.mark,
        sample.stop,
        *([sample.cleared] if sample.cleared else []),
    ]
    spoilt: list[str | bytes] = []
    for message in draw(st.lists(st.sampled_from(good), min_size=1, max_size=6)):
        fields = [f"{key}.{inner}" for key, value in message.items() if isinstance(value, dict) for inner in value]
        path = draw(st.sampled_from([*message, *fields]))
        spoilt.append(wire.text(wire.but(message, path, draw(_JSON)) if draw(st.booleans()) else message))
    return name, spoilt


@settings(max_examples=300)
@given(_spoilt_in(), st.booleans())
def test_nothing_that_a_carrier_can_send_raises_anything_but_a_violation(
    said: tuple[str, list[str | bytes]], begun: bool
) -> None:
    name, messages = said
    codec = started(name) if begun else MediaStreamCodec(DIALECTS[name])
    for message in messages:
        try:
            codec.receive(message)
        except ProtocolViolation as violation:
            assert violation.close_code in {1002, 1003, 1007, 1009}
            assert codec.state is StreamState.OVER


@given(st.sampled_from(sorted(SAMPLES)), st.lists(st.integers(1, 9), min_size=1, max_size=12), st.data())
def test_in_every_dialect_both_ways_of_reading_sound_mean_the_same(
    name: str, chunks: list[int], data: st.DataObject
) -> None:
    short, long = started(name), started(name)
    for chunk in chunks:
        media = wire.but(
            SAMPLES[name].media[0], "media.chunk", data.draw(st.sampled_from([chunk, str(chunk), -1, None]))
        )
        outcomes = []
        for codec in (short, long):
            with patch.object(long, "_read_usual_media", lambda message, stream_sid: None):
                try:
                    outcomes.append((codec.receive(wire.text(media)), codec.counts, codec.gaps))
                except ProtocolViolation as violation:
                    outcomes.append((str(violation), codec.counts, codec.gaps))
        assert outcomes[0] == outcomes[1]
