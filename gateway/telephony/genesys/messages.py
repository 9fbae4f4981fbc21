"""The words of AudioHook v2, both directions, every field checked. Pure.

A client's message (Genesys Cloud is the client) is JSON text with an envelope and the parameters of its type; sound is
binary. The types marked C come from an Audio Connector alone, which plays what it is sent.

======================  ================================================================================================
from the client         ``open``, ``ping``, ``paused``, ``resumed``, ``discarded``, ``update``, ``error``, ``close``;
                        C: ``dtmf``, ``playback_started``, ``playback_completed``
to the client           ``opened``, ``pong``, ``updated``, ``closed``, ``disconnect``, ``event``
======================  ================================================================================================

Refuses: which message may come when, and what it means; see ``hook.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, assert_never

import orjson

from gateway.telephony.codec import WireEvent
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.json_fields import TEXT_LIMIT, Fields, object_in

VERSION: Final = "2"
RATE: Final = 8000
"""Hz; the protocol knows no other."""

MESSAGE_LIMIT: Final = 65_535
"""Bytes of the longest text message."""
MOST_VARIABLES: Final = 100
MOST_CONTINUED: Final = 16
MOST_MEDIA: Final = 16
LONGEST_VALUE: Final = 1000
"""Characters of an output variable; what is longer is cut."""

NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""The conversation of a connection probe: Genesys tries whether we answer, and there is no call."""

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_SECONDS: Final = re.compile(r"PT([0-9]{1,7}(?:\.[0-9]{1,9})?)S", re.ASCII)


class Channel(StrEnum):
    """A side of the conversation."""

    EXTERNAL = "external"
    """The customer."""
    INTERNAL = "internal"
    """The agent, or whatever else Genesys lets the customer hear."""


@dataclass(frozen=True, slots=True)
class Media:
    """Sound as it is offered and chosen: PCMU, 8 kHz, these channels interleaved in this order."""

    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Participant:
    """Whose sound it is: their id, number and name, and the number dialled; empty where Genesys does not say."""

    id: str
    ani: str
    name: str
    dnis: str


@dataclass(frozen=True, slots=True)
class Open:
    """The first message: what of whom is to be heard. ``media`` are those offered that we can hear; ``configuration``
    is the integration's own, ``variables`` are the flow's."""

    organization: str
    conversation: str
    participant: Participant
    media: tuple[Media, ...]
    language: str = ""
    asks_languages: bool = False
    configuration: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    continues: tuple[str, ...] = ()
    """Sessions that this one goes on with."""

    @property
    def is_probe(self) -> bool:
        """Whether there is no call behind it."""
        return self.conversation == NOBODY


@dataclass(frozen=True, slots=True)
class Ping:
    """They want a pong at once; ``rtt`` is how long the last one took, in seconds."""

    rtt: float | None


@dataclass(frozen=True, slots=True)
class Paused:
    """No sound comes until ``Resumed``."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Sound comes again; from ``start`` on so many seconds of it never came."""

    start: float
    discarded: float


@dataclass(frozen=True, slots=True)
class Discarded:
    """From ``start`` on so many seconds of sound never come."""

    start: float
    discarded: float


@dataclass(frozen=True, slots=True)
class Update:
    """The conversation goes on in another language (a tag of BCP 47)."""

    language: str


@dataclass(frozen=True, slots=True)
class Error:
    """We did something wrong, in their view: ``code`` is like a status of HTTP."""

    code: int
    message: str


class CloseReason(StrEnum):
    """Why they close."""

    END = "end"
    ERROR = "error"
    DISCONNECT = "disconnect"
    """Because we asked for it."""
    RECONNECT = "reconnect"
    """They will come again, and go on."""


@dataclass(frozen=True, slots=True)
class Close:
    """The session is over; it waits for our ``closed``."""

    reason: CloseReason


@dataclass(frozen=True, slots=True)
class Dtmf:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackStarted(WireEvent):
    """They begin to play what we sent."""


@dataclass(frozen=True, slots=True)
class PlaybackCompleted(WireEvent):
    """They have played all that had come."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well formed message of a type that is not in this vocabulary."""


Body = (
    Open
    | Ping
    | Paused
    | Resumed
    | Discarded
    | Update
    | Error
    | Close
    | Dtmf
    | PlaybackStarted
    | PlaybackCompleted
    | Unknown
)


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A message in its envelope: of which session, its number, and how many of ours they have had."""

    session: str
    seq: int
    server_seq: int
    position: float
    """Seconds of their stream that were before it."""
    body: Body


def read_client_message(message: str) -> ClientMessage:
    """One text message of the client. Raises ``ProtocolViolation``, and nothing else, whatever it holds."""
    fields = object_in(message, MESSAGE_LIMIT)
    if fields.values.get("version") != VERSION:
        raise fields.wrong("version", f'must be "{VERSION}"')
    kind = fields.text("type")
    return ClientMessage(
        session=_uuid(fields, "id"),
        seq=fields.number("seq"),
        server_seq=fields.number("serverseq"),
        position=_seconds(fields, "position"),
        body=_body(kind, fields.object("parameters")),
    )


def _body(kind: str, fields: Fields) -> Body:
    match kind:
        case "open":
            return _open(fields)
        case "ping":
            return Ping(_seconds(fields, "rtt") if "rtt" in fields.values else None)
        case "paused":
            return Paused()
        case "resumed":
            return Resumed(_seconds(fields, "start"), _seconds(fields, "discarded"))
        case "discarded":
            return Discarded(_seconds(fields, "start"), _seconds(fields, "discarded"))
        case "update":
            return Update(_optional(fields, "language"))
        case "error":
            return Error(fields.number("code"), _optional(fields, "message"))
        case "close":
            return Close(_close_reason(fields))
        case "dtmf":
            return Dtmf(fields.key("digit"))
        case "playback_started":
            return PlaybackStarted()
        case "playback_completed":
            return PlaybackCompleted()
        case _:
            return Unknown()


def _open(fields: Fields) -> Open:
    participant = fields.object("participant")
    return Open(
        organization=_uuid(fields, "organizationId"),
        conversation=_uuid(fields, "conversationId"),
        participant=Participant(
            id=_uuid(participant, "id"),
            ani=_optional(participant, "ani"),
            name=_optional(participant, "aniName"),
            dnis=_optional(participant, "dnis"),
        ),
        media=_media(fields),
        language=_optional(fields, "language"),
        asks_languages=fields.values.get("supportedLanguages") is True,
        configuration=_custom(fields),
        variables=_variables(fields),
        continues=_continued(fields),
    )


def _media(fields: Fields) -> tuple[Media, ...]:
    """What is offered and can be heard: what is offered besides is passed over."""
    offered = []
    for number, one in enumerate(_list(fields, "media", MOST_MEDIA)):
        if not isinstance(one, dict):
            raise fields.wrong(f"media[{number}]", "must be an object")
        if (one.get("type"), one.get("format"), one.get("rate")) != ("audio", "PCMU", RATE):
            continue
        match one.get("channels"):
            case ["external"]:
                offered.append(Media((Channel.EXTERNAL,)))
            case ["internal"]:
                offered.append(Media((Channel.INTERNAL,)))
            case ["external", "internal"]:
                offered.append(Media((Channel.EXTERNAL, Channel.INTERNAL)))
            case _:
                pass
    return tuple(offered)


def _custom(fields: Fields) -> Mapping[str, Any]:
    return {} if fields.values.get("customConfig") is None else fields.object("customConfig").values


def _variables(fields: Fields) -> Mapping[str, str]:
    if fields.values.get("inputVariables") is None:
        return {}
    variables = fields.object("inputVariables").values
    if len(variables) > MOST_VARIABLES:
        raise fields.wrong("inputVariables", f"may be {MOST_VARIABLES} at most")
    if not all(isinstance(value, str) and len(value) <= TEXT_LIMIT for value in variables.values()):
        raise fields.wrong("inputVariables", f"must be strings of at most {TEXT_LIMIT} characters")
    return variables


def _continued(fields: Fields) -> tuple[str, ...]:
    if fields.values.get("continuedSessions") is None:
        return ()
    sessions = _list(fields, "continuedSessions", MOST_CONTINUED)
    if not all(isinstance(one, dict) and _UUID.fullmatch(str(one.get("id"))) for one in sessions):
        raise fields.wrong("continuedSessions", "must be objects with the id of a session")
    return tuple(str(one["id"]).lower() for one in sessions)


def _close_reason(fields: Fields) -> CloseReason:
    try:
        return CloseReason(fields.text("reason"))
    except ValueError as error:
        raise fields.wrong("reason", f"must be one of {', '.join(CloseReason)}") from error


def _list(fields: Fields, name: str, most: int) -> Sequence[Any]:
    value = fields.values.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise fields.wrong(name, f"must be a list of at most {most}")
    return value


def _optional(fields: Fields, name: str) -> str:
    """A string that may be empty or missing."""
    return "" if fields.values.get(name) in (None, "") else fields.text(name)


def _uuid(fields: Fields, name: str) -> str:
    value = fields.text(name)
    if not _UUID.fullmatch(value):
        raise fields.wrong(name, "must be a UUID")
    return value.lower()


def _seconds(fields: Fields, name: str) -> float:
    found = _SECONDS.fullmatch(fields.text(name))
    if found is None:
        raise fields.wrong(name, "must be seconds such as PT1.5S")
    return float(found[1])


# --- to the client ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Opened:
    """We hear this of what was offered; ``None``: nothing, for it is a probe that offers nothing."""

    media: Media | None
    languages: tuple[str, ...] | None = None
    """The languages that we speak, if that was asked."""


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping."""


@dataclass(frozen=True, slots=True)
class Updated:
    """We have taken note of the language."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The answer to a close."""


class DisconnectReason(StrEnum):
    """Why we want the session to be closed."""

    COMPLETED = "completed"
    UNAUTHORIZED = "unauthorized"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close, please: only the client closes. The flow gets ``variables`` (Connector alone)."""

    reason: DisconnectReason
    info: str = ""
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class BargeIn:
    """Throw away what is not played yet."""


class Disposition(StrEnum):
    """What the bot made of a caller's turn."""

    NO_INPUT = "no_input"
    NO_MATCH = "no_match"
    MATCH = "match"


@dataclass(frozen=True, slots=True)
class BotTurn:
    """What the bot says, in words."""

    disposition: Disposition
    text: str


ServerMessage = Opened | Pong | Updated | Closed | Disconnect | BargeIn | BotTurn


def write_server_message(message: ServerMessage, *, session: str, seq: int, client_seq: int) -> str:
    """``message`` as text, in its envelope."""
    kind, parameters = _parameters(message)
    envelope = {
        "version": VERSION,
        "id": session,
        "type": kind,
        "seq": seq,
        "clientseq": client_seq,
        "parameters": parameters,
    }
    return orjson.dumps(envelope).decode()


def _parameters(message: ServerMessage) -> tuple[str, dict[str, Any]]:
    match message:
        case Opened(media, languages):
            chosen = [] if media is None else [_written(media)]
            spoken = {} if languages is None else {"supportedLanguages": list(languages)}
            return "opened", {"startPaused": False, "media": chosen, **spoken}
        case Pong():
            return "pong", {}
        case Updated():
            return "updated", {}
        case Closed():
            return "closed", {}
        case Disconnect(reason, info, variables):
            out = {name: value[:LONGEST_VALUE] for name, value in variables.items()}
            told = {"info": info[:LONGEST_VALUE]} if info else {}
            return "disconnect", {"reason": reason, **told, **({"outputVariables": out} if out else {})}
        case BargeIn():
            return "event", {"entities": [{"type": "barge_in", "data": {}}]}
        case BotTurn(disposition, text):
            data = {"disposition": disposition, "text": text[:TEXT_LIMIT]}
            return "event", {"entities": [{"type": "bot_turn_response", "data": data}]}
        case _:
            assert_never(message)


def _written(media: Media) -> dict[str, Any]:
    return {"type": "audio", "format": "PCMU", "channels": list(media.channels), "rate": RATE}


def check_sound(sound: bytes, media: Media, limit: int) -> None:
    """Raise ``ProtocolViolation`` for sound that is not whole samples of all channels, or more than ``limit`` bytes."""
    if len(sound) > limit:
        raise ProtocolViolation(Violation.TOO_LARGE, f"a message of sound may have {limit} bytes")
    if len(sound) % len(media.channels):
        raise ProtocolViolation(Violation.PARTIAL_SAMPLE, "sound must be whole samples of all channels")
