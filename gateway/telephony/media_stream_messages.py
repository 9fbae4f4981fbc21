"""The words of the Media Streams wire: every message that either side may send, read and written.

One place for the vocabulary, two speakers: the gateway's codec (``media_stream.py``) reads what a carrier says and
writes what a carrier obeys; the far end (``caller.py``) does the reverse. Messages are JSON text; numbers travel as
strings.

Refuses: order. Whether a message may come now is the codec's question; here it is only whether it is well formed.
"""

from __future__ import annotations

import binascii
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, assert_never

import orjson

from gateway.telephony.errors import ProtocolViolation, Violation

MESSAGE_LIMIT: Final = 64 * 1024
"""Bytes of the largest message that is read: more than six seconds of sound in one go is nobody's phone call."""

ENCODING: Final = "audio/x-mulaw"
RATE: Final = 8000
CHANNELS: Final = 1
DIGITS: Final = frozenset("0123456789*#ABCD")

_TEXT_LIMIT: Final = 4096
"""Characters of the longest field that is read, save for the sound itself."""

_MOST_DIGITS: Final = 15

_SURELY_SHORT: Final = MESSAGE_LIMIT // 4
"""Characters that fit into a message whatever they are, for none has more than four bytes in UTF-8."""

_INBOUND: Final = frozenset({"inbound", "inbound_track"})


# --- what a carrier says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket is open; first message of all."""

    protocol: str = "Call"
    version: str = "1.0.0"


@dataclass(frozen=True, slots=True)
class Start:
    """The stream begins: whose call it is, in which format, and the parameters of the TwiML."""

    stream_sid: str
    sequence: int
    account_sid: str
    call_sid: str
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Media:
    """Sound of the caller: mu-law at 8 kHz. ``chunk`` counts from 1; ``timestamp`` is in ms since the stream began."""

    stream_sid: str
    sequence: int
    chunk: int
    timestamp: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Dtmf:
    """The caller pressed a key."""

    stream_sid: str
    sequence: int
    digit: str


@dataclass(frozen=True, slots=True)
class MarkReached:
    """All sound before our mark has been played, or was cleared."""

    stream_sid: str
    sequence: int
    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream is over."""

    stream_sid: str
    sequence: int
    account_sid: str
    call_sid: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well formed message with an event that is not in this vocabulary: a protocol may grow."""

    event: str


CarrierMessage = Connected | Start | Media | Dtmf | MarkReached | Stop | Unknown


# --- what a gateway says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Sound for the caller: mu-law at 8 kHz, any length."""

    stream_sid: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class SetMark:
    """Tell us when everything before this has been played."""

    stream_sid: str
    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Throw away what has not been played yet."""

    stream_sid: str


GatewayMessage = Play | SetMark | Clear


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Fields:
    """A JSON object of a peer's message, with readers that name the field when it is wrong."""

    of: str
    values: dict[str, Any]

    def object(self, name: str) -> _Fields:
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name, "must be an object")
        return _Fields(f"{self.of}{name}.", value)

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= _TEXT_LIMIT:
            raise self.wrong(name, f"must be a string of 1 to {_TEXT_LIMIT} characters")
        return value

    def number(self, name: str) -> int:
        """A whole number, not negative, below 2**53; as a string (as the protocol has it) or a JSON number."""
        value = self.values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MOST_DIGITS:
            return value
        raise self.wrong(name, f"must be a whole number, not negative, of at most {_MOST_DIGITS} digits")

    def sound(self, name: str) -> bytes:
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self.wrong(name, "must be a base64 string")
        try:
            return binascii.a2b_base64(value, strict_mode=True)
        except ValueError as error:
            raise ProtocolViolation(Violation.BAD_BASE64, f"{self.of}{name} is not base64") from error

    def wrong(self, name: str, what: str) -> ProtocolViolation:
        return ProtocolViolation(Violation.BAD_FIELD, f"{self.of}{name} {what}")


def read_usual_media(message: str | bytes, stream_sid: str) -> tuple[int, int, int, bytes] | None:
    """A media message of this stream in which nothing is odd: its sequence, chunk, timestamp and payload as in
    ``Media``. ``None`` for any other message: ``read_carrier_message`` finds out what it is, or what is wrong with it.

    Fifty of these a second and call: they are read in one go, without the readers and the dataclass of all others.
    """
    try:
        if isinstance(message, bytes) or len(message) > _SURELY_SHORT:
            return None
        values = orjson.loads(message)
        if values["event"] != "media" or values["streamSid"] != stream_sid:
            return None
        media = values["media"]
        sequence, chunk, timestamp = values["sequenceNumber"], media["chunk"], media["timestamp"]
        digits = sequence + chunk + timestamp
        if (
            not (digits.isdigit() and digits.isascii())
            or len(sequence) > _MOST_DIGITS
            or len(chunk) > _MOST_DIGITS
            or len(timestamp) > _MOST_DIGITS
            or media["track"] not in _INBOUND
        ):
            return None
        payload = binascii.a2b_base64(media["payload"], strict_mode=True)
        return (int(sequence), int(chunk), int(timestamp), payload) if payload else None
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def read_carrier_message(message: str | bytes) -> CarrierMessage:
    """One message of a carrier; ``str`` is a text frame of the socket, ``bytes`` a binary one, which is refused.

    Raises ``ProtocolViolation``, and nothing else, whatever the message holds.
    """
    fields = _Fields("", _object_in(message))
    match fields.values.get("event"):
        case "media":
            return _read_media(fields)
        case "mark":
            return MarkReached(*_stream(fields), name=fields.object("mark").text("name"))
        case "dtmf":
            return _read_dtmf(fields)
        case "connected":
            return Connected(protocol=fields.text("protocol"), version=fields.text("version"))
        case "start":
            return _read_start(fields)
        case "stop":
            stop = fields.object("stop")
            return Stop(*_stream(fields), account_sid=stop.text("accountSid"), call_sid=stop.text("callSid"))
        case str(event):
            return Unknown(event)
        case _:
            raise fields.wrong("event", "must be a string")


def read_gateway_message(message: str | bytes) -> GatewayMessage:
    """One message of a gateway, as the far end reads it. Raises ``ProtocolViolation``, an unknown event included."""
    fields = _Fields("", _object_in(message, limit=None))
    match fields.values.get("event"):
        case "media":
            return Play(fields.text("streamSid"), payload=_samples(fields.object("media")))
        case "mark":
            return SetMark(fields.text("streamSid"), name=fields.object("mark").text("name"))
        case "clear":
            return Clear(fields.text("streamSid"))
        case _:
            raise fields.wrong("event", "must be media, mark or clear")


def _object_in(message: str | bytes, limit: int | None = MESSAGE_LIMIT) -> dict[str, Any]:
    if isinstance(message, bytes):
        raise ProtocolViolation(Violation.NOT_TEXT, "messages are JSON text, not binary")
    if limit is not None and _longer_than(message, limit):
        raise ProtocolViolation(Violation.TOO_LARGE, f"a message may have {limit} bytes")
    try:
        values = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise ProtocolViolation(Violation.NOT_JSON, "the message is not JSON") from error
    if not isinstance(values, dict):
        raise ProtocolViolation(Violation.NOT_AN_OBJECT, "the message is JSON, but not an object")
    return values


def _longer_than(message: str, limit: int) -> bool:
    if message.isascii():
        return len(message) > limit
    return len(message) > limit or len(message.encode("utf-8", "surrogatepass")) > limit


def _stream(fields: _Fields) -> tuple[str, int]:
    return fields.text("streamSid"), fields.number("sequenceNumber")


def _read_media(fields: _Fields) -> Media:
    media = fields.object("media")
    _require_inbound(media)
    return Media(
        *_stream(fields),
        chunk=media.number("chunk"),
        timestamp=media.number("timestamp"),
        payload=_samples(media),
    )


def _samples(media: _Fields) -> bytes:
    payload = media.sound("payload")
    if not payload:  # mu-law has one byte a sample: only nothing is less than a whole one
        raise ProtocolViolation(Violation.PARTIAL_SAMPLE, "media.payload does not hold one whole sample")
    return payload


def _read_dtmf(fields: _Fields) -> Dtmf:
    dtmf = fields.object("dtmf")
    _require_inbound(dtmf)
    digit = dtmf.text("digit")
    if digit not in DIGITS:
        raise dtmf.wrong("digit", "must be one of 0-9 * # A-D")
    return Dtmf(*_stream(fields), digit=digit)


def _require_inbound(fields: _Fields) -> None:
    if fields.text("track") not in _INBOUND:
        raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, f"{fields.of}track must be inbound")


def _read_start(fields: _Fields) -> Start:
    start = fields.object("start")
    stream_sid, sequence = _stream(fields)
    if start.text("streamSid") != stream_sid:
        raise ProtocolViolation(Violation.WRONG_STREAM, "start.streamSid is not the message's streamSid")
    _require_format(start)
    return Start(
        stream_sid,
        sequence,
        account_sid=start.text("accountSid"),
        call_sid=start.text("callSid"),
        parameters=_read_parameters(start),
    )


def _require_format(start: _Fields) -> None:
    tracks = start.values.get("tracks")
    if not isinstance(tracks, list) or not tracks or any(track not in ("inbound", "inbound_track") for track in tracks):
        raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, "start.tracks must be [inbound]")
    media_format = start.object("mediaFormat")
    offered = (media_format.text("encoding"), media_format.number("sampleRate"), media_format.number("channels"))
    if offered != (ENCODING, RATE, CHANNELS):
        wanted = f"{ENCODING}, {RATE} Hz, {CHANNELS} channel"
        raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, f"start.mediaFormat must be {wanted}")


def _read_parameters(start: _Fields) -> Mapping[str, str]:
    if start.values.get("customParameters") is None:
        return MappingProxyType({})
    parameters = start.object("customParameters").values
    if not all(isinstance(value, str) for value in parameters.values()):
        raise start.wrong("customParameters", "must hold strings")
    return MappingProxyType(parameters)


# --- writing -------------------------------------------------------------------------------------------------------


def write_gateway_message(message: GatewayMessage) -> bytes:
    """What a gateway says, as JSON text in UTF-8."""
    match message:
        case Play(stream_sid, payload):
            return write_play(play_head(stream_sid), payload)
        case SetMark(stream_sid, name):
            return orjson.dumps({"event": "mark", "streamSid": stream_sid, "mark": {"name": name}})
        case Clear(stream_sid):
            return orjson.dumps({"event": "clear", "streamSid": stream_sid})
        case _:
            assert_never(message)


def play_head(stream_sid: str) -> bytes:
    """What all sound for one stream begins with; see ``write_play``."""
    return b'{"event":"media","streamSid":%b,"media":{"payload":"' % orjson.dumps(stream_sid)


def write_play(head: bytes, payload: bytes) -> bytes:
    """Sound for the stream of ``head``. Fifty of these a second and call: the one message put together by hand."""
    return head + binascii.b2a_base64(payload, newline=False) + b'"}}'


def write_carrier_message(message: CarrierMessage) -> str:
    """What a carrier says, as JSON text."""
    match message:
        case Media():
            body: dict[str, Any] = {
                "track": "inbound",
                "chunk": str(message.chunk),
                "timestamp": str(message.timestamp),
                "payload": b64encode(message.payload).decode("ascii"),
            }
            return _json(_envelope("media", message) | {"media": body})
        case Dtmf():
            return _json(_envelope("dtmf", message) | {"dtmf": {"track": "inbound_track", "digit": message.digit}})
        case MarkReached():
            return _json(_envelope("mark", message) | {"mark": {"name": message.name}})
        case Connected(protocol, version):
            return _json({"event": "connected", "protocol": protocol, "version": version})
        case Start():
            return _json(_envelope("start", message) | {"start": _start_body(message)})
        case Stop():
            body = {"accountSid": message.account_sid, "callSid": message.call_sid}
            return _json(_envelope("stop", message) | {"stop": body})
        case Unknown(event):
            return _json({"event": event})
        case _:
            assert_never(message)


def _envelope(event: str, message: Start | Media | Dtmf | MarkReached | Stop) -> dict[str, Any]:
    return {"event": event, "sequenceNumber": str(message.sequence), "streamSid": message.stream_sid}


def _start_body(start: Start) -> dict[str, Any]:
    return {
        "streamSid": start.stream_sid,
        "accountSid": start.account_sid,
        "callSid": start.call_sid,
        "tracks": ["inbound"],
        "customParameters": dict(start.parameters),
        "mediaFormat": {"encoding": ENCODING, "sampleRate": RATE, "channels": CHANNELS},
    }


def _json(message: dict[str, Any]) -> str:
    return orjson.dumps(message).decode("utf-8")
