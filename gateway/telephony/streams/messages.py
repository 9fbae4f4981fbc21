"""The words of the media stream: every message that either side may send, read and written in any dialect.

One place for the vocabulary, two speakers: the gateway's codec (``codec.py``) reads what a carrier says and writes what
a carrier obeys; the far end (``caller.py``) does the reverse. Messages are JSON text. Of a carrier's messages that is
read which we need, and what is read is checked.

Refuses: order. Whether a message may come now is the codec's question; here it is only whether it is well formed.
"""

from __future__ import annotations

import binascii
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, assert_never

import orjson

from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.json_fields import MOST_DIGITS, Fields, object_in
from gateway.telephony.streams.attached import read_attached, write_attached
from gateway.telephony.streams.dialects import TWILIO, Dialect
from gateway.telephony.streams.encodings import PCMU, Encoding

MESSAGE_LIMIT: Final = 64 * 1024
"""Bytes of the largest message that is read: more than six seconds of G.711 in one go is nobody's phone call."""

RATE: Final = 8000
"""The rate that all dialects speak at unless they are asked for another."""

_SURELY_SHORT: Final = MESSAGE_LIMIT // 4
"""Characters that fit into a message whatever they are, for none has more than four bytes in UTF-8."""

_INBOUND: Final = frozenset({"inbound", "inbound_track"})


# --- what a carrier says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket is open; the first message of all where there is one."""


@dataclass(frozen=True, slots=True)
class Start:
    """The stream begins: whose call it is, how its sound is encoded, and the parameters that were attached to it.

    ``ani`` and ``dnis`` are empty where the carrier does not say them here.
    """

    stream_sid: str
    sequence: int | None
    account_sid: str
    call_sid: str
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    encoding: Encoding = PCMU
    rate: int = RATE
    ani: str = ""
    dnis: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """Sound of the caller, as it is encoded. ``timestamp`` is in ms, from wherever the carrier counts."""

    stream_sid: str
    sequence: int | None
    chunk: int
    timestamp: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Dtmf:
    """The caller pressed a key."""

    stream_sid: str
    sequence: int | None
    digit: str


@dataclass(frozen=True, slots=True)
class MarkReached:
    """All sound before our mark has been played, or was cleared."""

    stream_sid: str
    sequence: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """Our clear has been obeyed; said by carriers that do not send back marks then."""

    stream_sid: str
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream is over."""

    stream_sid: str
    sequence: int | None
    account_sid: str = ""
    call_sid: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well formed message with an event that is not in this vocabulary: a protocol may grow."""

    event: str


OfStream = Media | Dtmf | MarkReached | Cleared | Stop
CarrierMessage = Connected | Start | OfStream | Unknown


# --- what a gateway says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Sound for the caller, as it is encoded, any length."""

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
"""``stream_sid`` is empty in dialects that do not name it."""


# --- reading a carrier ---------------------------------------------------------------------------------------------

UsualMedia = tuple[int, int, int, bytes]
"""Of a media message: its sequence, chunk, timestamp and payload as in ``Media``."""


def usual_media_reader(dialect: Dialect) -> Callable[[str | bytes, str], UsualMedia | None]:
    """The reader of media messages in which nothing is odd; ``None`` for any other message: ``read_carrier_message``
    finds out what it is, or what is wrong with it.

    Fifty of these a second and call: they are read in one go, without the readers and the dataclass of all others.
    """
    stream_name, sequence_name = dialect.fields.stream, dialect.fields.sequence
    textual, tracked = dialect.textual, dialect.tracked

    def read(message: str | bytes, stream_sid: str) -> UsualMedia | None:
        try:
            if isinstance(message, bytes) or len(message) > _SURELY_SHORT:
                return None
            values = orjson.loads(message)
            if values["event"] != "media" or values[stream_name] != stream_sid:
                return None
            media = values["media"]
            sequence, chunk, timestamp = values[sequence_name], media["chunk"], media["timestamp"]
            if not textual:
                sequence, chunk, timestamp = str(sequence), str(chunk), str(timestamp)
            digits = sequence + chunk + timestamp
            if (
                not (digits.isdigit() and digits.isascii())
                or len(sequence) > MOST_DIGITS
                or len(chunk) > MOST_DIGITS
                or len(timestamp) > MOST_DIGITS
                or (tracked and media["track"] not in _INBOUND)
            ):
                return None
            payload = binascii.a2b_base64(media["payload"], strict_mode=True)
            return (int(sequence), int(chunk), int(timestamp), payload) if payload else None
        except (KeyError, TypeError, AttributeError, ValueError):
            return None

    return read


def read_carrier_message(message: str | bytes, dialect: Dialect = TWILIO) -> CarrierMessage:
    """One message of a carrier; ``str`` is a text frame of the socket, ``bytes`` a binary one, which is refused.

    Raises ``ProtocolViolation``, and nothing else, whatever the message holds.
    """
    fields, events = object_in(message, MESSAGE_LIMIT), dialect.events
    match fields.values.get("event"):
        case "media":
            return _read_media(fields, dialect)
        case events.marked:
            place = fields if dialect.flat_marks else fields.object("mark")
            return MarkReached(*_stream(fields, dialect), name=place.text("name"))
        case "dtmf":
            dtmf = fields.object("dtmf")
            _require_inbound(dtmf)
            return Dtmf(*_stream(fields, dialect), digit=dtmf.key("digit"))
        case "connected":
            return Connected()
        case "start":
            return _read_start(fields, dialect)
        case "stop":
            return Stop(*_stream(fields, dialect))
        case events.cleared if events.cleared:
            return Cleared(*_stream(fields, dialect))
        case str(event):
            return Unknown(event)
        case _:
            raise fields.wrong("event", "must be a string")


def _stream(fields: Fields, dialect: Dialect) -> tuple[str, int | None]:
    """Of which stream a message is, and its number; each may be left out."""
    stream, sequence = dialect.fields.stream, dialect.fields.sequence
    return (
        fields.text(stream) if fields.values.get(stream) is not None else "",
        fields.number(sequence) if fields.values.get(sequence) is not None else None,
    )


def _read_media(fields: Fields, dialect: Dialect) -> Media:
    media = fields.object("media")
    _require_inbound(media)
    return Media(
        *_stream(fields, dialect),
        chunk=media.number("chunk"),
        timestamp=media.number("timestamp"),
        payload=_samples(media),
    )


def _samples(media: Fields) -> bytes:
    payload = media.sound("payload")
    if not payload:
        raise ProtocolViolation(Violation.PARTIAL_SAMPLE, "media.payload does not hold one whole sample")
    return payload


def _require_inbound(fields: Fields) -> None:
    if fields.values.get("track") is not None and fields.text("track") not in _INBOUND:
        raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, f"{fields.of}track must be inbound")


def _read_start(fields: Fields, dialect: Dialect) -> Start:
    start = fields.object("start")
    (outside, sequence), (within, _) = _stream(fields, dialect), _stream(start, dialect)
    if outside and within and outside != within:
        raise ProtocolViolation(Violation.WRONG_STREAM, "start names another stream than the message does")
    stream_sid = outside or within
    if not stream_sid:
        raise fields.wrong(dialect.fields.stream, "is missing")
    encoding, rate = _read_format(start, dialect)
    return Start(
        stream_sid,
        sequence,
        account_sid=_text_or_nothing(start, dialect.fields.account),
        call_sid=start.text(dialect.fields.call),
        parameters=_read_parameters(fields, start, dialect),
        encoding=encoding,
        rate=rate,
        ani=_text_or_nothing(start, "from"),
        dnis=_text_or_nothing(start, "to"),
    )


def _text_or_nothing(fields: Fields, name: str) -> str:
    return fields.text(name) if fields.values.get(name) else ""


def _read_format(start: Fields, dialect: Dialect) -> tuple[Encoding, int]:
    tracks = start.values.get("tracks", ["inbound"])
    if not isinstance(tracks, list) or not tracks or any(track not in ("inbound", "inbound_track") for track in tracks):
        raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, "start.tracks must be [inbound]")
    offered = start.object(dialect.fields.format)
    encoding = dialect.encodings.get(offered.text("encoding").lower())
    rate = offered.number(dialect.fields.rate)
    channels = offered.number("channels") if "channels" in offered.values else 1
    if encoding is None or rate not in dialect.rates or channels != 1:
        wanted = f"{' or '.join(dialect.encodings)}, {'/'.join(map(str, sorted(dialect.rates)))} Hz, 1 channel"
        raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, f"start.{dialect.fields.format} must be {wanted}")
    return encoding, rate


def _read_parameters(fields: Fields, start: Fields, dialect: Dialect) -> Mapping[str, str]:
    """What was attached to the stream: an object of strings, or a text that holds them (``attached.py``)."""
    name = dialect.fields.parameters
    of = start if start.values.get(name) is not None else fields
    held = of.values.get(name)
    if held is None:
        return MappingProxyType({})
    if isinstance(held, str):
        held = read_attached(held)
    if not isinstance(held, dict) or not all(isinstance(value, str) for value in held.values()):
        raise of.wrong(name, "must hold strings")
    return MappingProxyType(held)


# --- writing as a gateway ------------------------------------------------------------------------------------------


def write_gateway_message(message: GatewayMessage, dialect: Dialect = TWILIO) -> bytes:
    """What a gateway says, as JSON text in UTF-8."""
    if isinstance(message, Play):
        return write_play(play_head(message.stream_sid, dialect), message.payload)
    event = dialect.events.mark if isinstance(message, SetMark) else dialect.events.clear
    written: dict[str, Any] = {"event": event} | _address(message.stream_sid, dialect)
    match message:
        case SetMark(_, name):
            written |= {"name": name} if dialect.flat_marks else {"mark": {"name": name}}
        case Clear():
            pass
        case _:
            assert_never(message)
    return orjson.dumps(written)


def play_head(stream_sid: str, dialect: Dialect = TWILIO, rate: int = RATE) -> bytes:
    """What all sound for one stream begins with; see ``write_play``."""
    media: dict[str, Any] = {"payload": ""}
    if dialect.events.play != "media":  # such a message says what it holds
        media = {"contentType": dialect.encoding, dialect.fields.rate: rate} | media
    whole = orjson.dumps({"event": dialect.events.play} | _address(stream_sid, dialect) | {"media": media})
    return whole.removesuffix(_PLAY_TAIL)


def write_play(head: bytes, payload: bytes) -> bytes:
    """Sound for the stream of ``head``. Fifty of these a second and call: the one message put together by hand."""
    return head + binascii.b2a_base64(payload, newline=False) + _PLAY_TAIL


_PLAY_TAIL: Final = b'"}}'


def _address(stream_sid: str, dialect: Dialect) -> dict[str, str]:
    return {dialect.fields.stream: stream_sid} if dialect.addressed else {}


# --- being a carrier -----------------------------------------------------------------------------------------------


def read_gateway_message(message: str | bytes, dialect: Dialect = TWILIO) -> GatewayMessage:
    """One message of a gateway, as the far end reads it. Raises ``ProtocolViolation``, an unknown event included."""
    fields, events = object_in(message, None), dialect.events
    event = fields.values.get("event")
    if event not in (events.play, events.mark, events.clear):
        raise fields.wrong("event", f"must be {events.play}, {events.mark} or {events.clear}")
    stream_sid = fields.text(dialect.fields.stream) if dialect.addressed else ""
    if event == events.play:
        return Play(stream_sid, payload=_samples(fields.object("media")))
    if event == events.clear:
        return Clear(stream_sid)
    return SetMark(stream_sid, name=(fields if dialect.flat_marks else fields.object("mark")).text("name"))


def write_carrier_message(message: CarrierMessage, dialect: Dialect = TWILIO) -> str:
    """What a carrier says, as JSON text."""
    match message:
        case Media(_, _, chunk, timestamp, payload):
            track = {"track": "inbound"} if dialect.tracked else {}
            sound = {"timestamp": str(timestamp), "payload": b64encode(payload).decode("ascii")}
            media = track | {"chunk": _number(chunk, dialect)} | sound
            return _json(_envelope("media", message, dialect) | {"media": media})
        case Dtmf(_, _, digit):
            track = {"track": "inbound_track"} if dialect.tracked else {}
            return _json(_envelope("dtmf", message, dialect) | {"dtmf": track | {"digit": digit}})
        case MarkReached(_, _, name):
            mark = {"name": name} if dialect.flat_marks else {"mark": {"name": name}}
            return _json(_envelope(dialect.events.marked, message, dialect) | mark)
        case Cleared():
            return _json(_envelope(dialect.events.cleared, message, dialect))
        case Connected():
            return _json({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        case Start():
            return _json(_envelope("start", message, dialect) | _start(message, dialect))
        case Stop(_, _, account_sid, call_sid):
            body = {dialect.fields.account: account_sid, dialect.fields.call: call_sid}
            return _json(_envelope("stop", message, dialect) | {"stop": body})
        case Unknown(event):
            return _json({"event": event})
        case _:
            assert_never(message)


def _envelope(event: str, message: Start | OfStream, dialect: Dialect) -> dict[str, Any]:
    envelope: dict[str, Any] = {"event": event}
    if message.sequence is not None:
        envelope[dialect.fields.sequence] = _number(message.sequence, dialect)
    if dialect.in_envelope or not isinstance(message, Start):
        envelope[dialect.fields.stream] = message.stream_sid
    return envelope


def _start(start: Start, dialect: Dialect) -> dict[str, Any]:
    names = dialect.fields
    body: dict[str, Any] = {
        names.account: start.account_sid,
        names.call: start.call_sid,
        names.format: {"encoding": dialect.encoding, names.rate: start.rate},
    }
    if dialect.in_start:
        body[names.stream] = start.stream_sid
    if dialect.tracked:
        body["tracks"] = ["inbound"]
    if dialect.says_numbers:
        body |= {"from": start.ani, "to": start.dnis}
    if dialect.written_parameters:
        return {"start": body, names.parameters: write_attached(start.parameters)}
    return {"start": body | {names.parameters: dict(start.parameters)}}


def _number(number: int, dialect: Dialect) -> str | int:
    return str(number) if dialect.textual else number


def _json(message: dict[str, Any]) -> str:
    return orjson.dumps(message).decode("utf-8")
