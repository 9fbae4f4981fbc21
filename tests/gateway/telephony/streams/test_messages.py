from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.streams.dialects import DIALECTS, TWILIO, Dialect
from gateway.telephony.streams.messages import (
    MESSAGE_LIMIT,
    CarrierMessage,
    Clear,
    Cleared,
    Connected,
    Dtmf,
    GatewayMessage,
    MarkReached,
    Media,
    Play,
    SetMark,
    Start,
    Stop,
    Unknown,
    read_carrier_message,
    read_gateway_message,
    usual_media_reader,
    write_carrier_message,
    write_gateway_message,
)
from tests.gateway.telephony import wire


def violation_of(message: str | bytes) -> Violation:
    with pytest.raises(ProtocolViolation) as caught:
        read_carrier_message(message)
    return caught.value.violation


def test_every_message_of_a_carrier_is_understood() -> None:
    assert read_carrier_message(wire.text(wire.connected())) == Connected()
    start = read_carrier_message(wire.text(wire.start(to="1588", 이름="한빛")))
    assert start == Start(wire.STREAM, 1, wire.ACCOUNT, wire.CALL, {"to": "1588", "이름": "한빛"})
    assert read_carrier_message(wire.text(wire.media(3, b"\x00\x7f"))) == Media(wire.STREAM, 4, 3, 40, b"\x00\x7f")
    assert read_carrier_message(wire.text(wire.dtmf("#"))) == Dtmf(wire.STREAM, 2, "#")
    assert read_carrier_message(wire.text(wire.mark("말 1"))) == MarkReached(wire.STREAM, 2, "말 1")
    assert read_carrier_message(wire.text(wire.stop())) == Stop(wire.STREAM, 2)
    assert read_carrier_message('{"event":"speed"}') == Unknown("speed")


@pytest.mark.parametrize(
    ("message", "violation"),
    [
        ("", Violation.NOT_JSON),
        ("{", Violation.NOT_JSON),
        ("[" * 5000, Violation.NOT_JSON),
        ('{"event":"media"', Violation.NOT_JSON),
        ('"\ud800"', Violation.NOT_JSON),
        ("NaN", Violation.NOT_JSON),
        ("[]", Violation.NOT_AN_OBJECT),
        ("null", Violation.NOT_AN_OBJECT),
        ('"start"', Violation.NOT_AN_OBJECT),
        ("{}", Violation.BAD_FIELD),
        ('{"event":7}', Violation.BAD_FIELD),
        (b'{"event":"connected"}', Violation.NOT_TEXT),
        (b"", Violation.NOT_TEXT),
        (" " * (MESSAGE_LIMIT + 1), Violation.TOO_LARGE),
        ("가" * (MESSAGE_LIMIT // 3 + 1), Violation.TOO_LARGE),
    ],
)
def test_what_is_not_a_message_at_all_is_refused_by_kind(message: str | bytes, violation: Violation) -> None:
    assert violation_of(message) is violation


@pytest.mark.parametrize(
    ("message", "path", "value", "violation"),
    [
        (wire.start(), "sequenceNumber", "-1", Violation.BAD_FIELD),
        (wire.start(), "sequenceNumber", "１", Violation.BAD_FIELD),
        (wire.start(), "sequenceNumber", True, Violation.BAD_FIELD),
        (wire.start(), "sequenceNumber", "9" * 5000, Violation.BAD_FIELD),
        (wire.start(), "streamSid", "", Violation.BAD_FIELD),
        (wire.start(), "streamSid", "MZother", Violation.WRONG_STREAM),
        (wire.start(), "start", "now", Violation.BAD_FIELD),
        (wire.start(), "start.callSid", None, Violation.BAD_FIELD),
        (wire.start(), "start.customParameters", {"to": 7}, Violation.BAD_FIELD),
        (wire.start(), "start.tracks", ["inbound", "outbound"], Violation.UNSUPPORTED_MEDIA),
        (wire.start(), "start.tracks", [], Violation.UNSUPPORTED_MEDIA),
        (wire.start(), "start.tracks", [["inbound"]], Violation.UNSUPPORTED_MEDIA),
        (wire.start(), "start.mediaFormat", ..., Violation.BAD_FIELD),
        (wire.start(), "start.mediaFormat.encoding", "audio/x-l16", Violation.UNSUPPORTED_MEDIA),
        (wire.start(), "start.mediaFormat.sampleRate", 16000, Violation.UNSUPPORTED_MEDIA),
        (wire.start(), "start.mediaFormat.channels", 2, Violation.UNSUPPORTED_MEDIA),
        (wire.media(), "media.track", "outbound", Violation.UNSUPPORTED_MEDIA),
        (wire.media(), "media.chunk", "one", Violation.BAD_FIELD),
        (wire.media(), "media.timestamp", "0.5", Violation.BAD_FIELD),
        (wire.media(), "media.timestamp", 10**16, Violation.BAD_FIELD),
        (wire.media(), "media.payload", ..., Violation.BAD_FIELD),
        (wire.media(), "media.payload", "", Violation.PARTIAL_SAMPLE),
        (wire.media(), "media.payload", "/w", Violation.BAD_BASE64),
        (wire.media(), "media.payload", "/w==/w==", Violation.BAD_BASE64),
        (wire.media(), "media.payload", "/w==\n", Violation.BAD_BASE64),
        (wire.media(), "media.payload", "_w==", Violation.BAD_BASE64),
        (wire.media(), "media.payload", "가나다라", Violation.BAD_BASE64),
        (wire.dtmf(), "dtmf.digit", "E", Violation.BAD_FIELD),
        (wire.dtmf(), "dtmf.digit", "12", Violation.BAD_FIELD),
        (wire.dtmf(), "dtmf.track", "outbound", Violation.UNSUPPORTED_MEDIA),
        (wire.mark(), "mark", {}, Violation.BAD_FIELD),
        (wire.mark(), "mark.name", "m" * 5000, Violation.BAD_FIELD),
        (wire.stop(), "streamSid", 5, Violation.BAD_FIELD),
    ],
)
def test_every_field_is_checked(message: dict[str, Any], path: str, value: Any, violation: Violation) -> None:
    assert violation_of(wire.text(wire.but(message, path, value))) is violation


def test_the_reason_names_the_field_and_never_what_the_peer_wrote_into_it() -> None:
    with pytest.raises(ProtocolViolation) as caught:
        read_carrier_message(wire.text(wire.but(wire.media(), "media.chunk", "<script>")))
    assert caught.value.reason.startswith("media.chunk must be a whole number")
    assert "script" not in caught.value.reason


def test_numbers_are_taken_as_strings_or_as_numbers() -> None:
    message = wire.but(wire.but(wire.media(2), "media.chunk", 2), "sequenceNumber", 3)
    assert read_carrier_message(wire.text(message)) == Media(wire.STREAM, 3, 2, 20, b"\xff" * 160)


def test_the_usual_media_message_of_a_stream_is_read_at_once_and_nothing_else_is() -> None:
    read_usual_media, usual = usual_media_reader(TWILIO), wire.media(7, b"\x00\x7f")
    assert read_usual_media(wire.text(usual), wire.STREAM) == (8, 7, 120, b"\x00\x7f")
    assert read_usual_media(wire.text(usual), "MZother") is None
    assert read_usual_media(wire.text(usual).encode(), wire.STREAM) is None
    assert read_usual_media(wire.text(usual) + " " * MESSAGE_LIMIT, wire.STREAM) is None
    assert read_usual_media(wire.text(wire.mark()), wire.STREAM) is None
    assert read_usual_media(wire.text(wire.but(usual, "media.chunk", 7)), wire.STREAM) is None


def test_a_start_may_come_without_parameters() -> None:
    for value in (..., None):
        start = read_carrier_message(wire.text(wire.but(wire.start(), "start.customParameters", value)))
        assert isinstance(start, Start)
        assert dict(start.parameters) == {}


_sid = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)
_number = st.integers(0, 10**15 - 1)
_parameters = st.dictionaries(_sid, st.text("abc가", max_size=9), max_size=4)


def _carrier_messages(dialect: Dialect) -> st.SearchStrategy[CarrierMessage]:
    numbers = {"ani": _sid, "dnis": _sid} if dialect.says_numbers else {}
    rates, rest = st.sampled_from(sorted(dialect.rates)), [st.just(Connected())]
    if dialect.events.cleared:
        rest.append(st.builds(Cleared, _sid, _number))
    return st.one_of(
        st.builds(Start, _sid, _number, _sid, _sid, _parameters, st.just(dialect.heard), rates, **numbers),
        st.builds(Media, _sid, _number, _number, _number, st.binary(min_size=1, max_size=400)),
        st.builds(Dtmf, _sid, _number, st.sampled_from("0123456789*#ABCD")),
        st.builds(MarkReached, _sid, _number, _sid),
        st.builds(Stop, _sid, _number),
        *rest,
    )


def _gateway_messages(dialect: Dialect) -> st.SearchStrategy[GatewayMessage]:
    stream = _sid if dialect.addressed else st.just("")
    return st.one_of(
        st.builds(Play, stream, st.binary(min_size=1, max_size=400)),
        st.builds(SetMark, stream, _sid),
        st.builds(Clear, stream),
    )


ALL = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())


@ALL
@given(st.data())
def test_a_carriers_message_survives_the_wire(dialect: Dialect, data: st.DataObject) -> None:
    message = data.draw(_carrier_messages(dialect))
    assert read_carrier_message(write_carrier_message(message, dialect), dialect) == message


@ALL
@given(st.data())
def test_a_gateways_message_survives_the_wire(dialect: Dialect, data: st.DataObject) -> None:
    message = data.draw(_gateway_messages(dialect))
    assert read_gateway_message(write_gateway_message(message, dialect).decode(), dialect) == message


def test_what_a_gateway_says_has_the_shape_that_carriers_document() -> None:
    assert json.loads(write_gateway_message(Play('MZ"1', b"\xff\x00"))) == {
        "event": "media",
        "streamSid": 'MZ"1',
        "media": {"payload": "/wA="},
    }
    assert json.loads(write_gateway_message(SetMark("MZ1", "m"))) == {
        "event": "mark",
        "streamSid": "MZ1",
        "mark": {"name": "m"},
    }
    assert json.loads(write_gateway_message(Clear("MZ1"))) == {"event": "clear", "streamSid": "MZ1"}


@pytest.mark.parametrize("message", ["{}", '{"event":"hello","streamSid":"MZ1"}', '{"event":"media"}', b"sound", "["])
def test_a_carrier_does_not_understand_anything_else(message: str | bytes) -> None:
    with pytest.raises(ProtocolViolation):
        read_gateway_message(message)
