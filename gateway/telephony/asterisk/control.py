"""The words of Asterisk's WebSocket channel (chan_websocket): its events read, its commands written, in both formats.

Control is text, and comes in the format that the dial string chose: JSON (``f(json)``, Asterisk 20.18, 22.8, 23.2 and
later) or plain words (``MEDIA_START key:value …``). Which one it is shows in the first character, and commands go back
in the same. Source: ``channels/chan_websocket.c`` of Asterisk.

Refuses: order, and sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import orjson

from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.json_fields import TEXT_LIMIT, Fields, object_in

MESSAGE_LIMIT: Final = 64 * 1024
"""Bytes of the longest event that is read; a start may carry many channel variables."""

COMMAND_LIMIT: Final = 128
"""Bytes of the longest command: Asterisk passes over what is longer, with a line in its log."""

MOST_VARIABLES: Final = 64


@dataclass(frozen=True, slots=True)
class MediaStart:
    """The channel is there; first event of all."""

    connection: str
    channel: str
    format: str
    frame_bytes: int
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class DtmfEnd:
    """The caller let go of a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class MarkProcessed:
    """All media before our mark has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """Asterisk's queue of our media is nearly full (``MEDIA_XOFF``), or has room again (``MEDIA_XON``)."""

    has_room: bool


@dataclass(frozen=True, slots=True)
class Unused:
    """An event of which nothing follows: of Asterisk's vocabulary (``known``), or newer than ours."""

    known: bool


ControlEvent = MediaStart | DtmfEnd | MarkProcessed | QueueState | Unused

_UNUSED: Final = frozenset({"MEDIA_BUFFERING_COMPLETED", "QUEUE_DRAINED", "STATUS", "ERROR"})


def is_json(message: str) -> bool:
    """Whether control is JSON here."""
    return message.lstrip()[:1] == "{"


def read_event(message: str) -> ControlEvent:
    """One event. Raises ``ProtocolViolation``, and nothing else, whatever the message holds."""
    fields = object_in(message, MESSAGE_LIMIT) if is_json(message) else _plain_fields(message)
    match fields.values.get("event"):
        case "DTMF_END":
            return DtmfEnd(fields.key("digit"))
        case "MEDIA_MARK_PROCESSED":
            return MarkProcessed(fields.text("correlation_id"))
        case "MEDIA_XOFF":
            return QueueState(has_room=False)
        case "MEDIA_XON":
            return QueueState(has_room=True)
        case "MEDIA_START":
            return _read_start(fields)
        case str(event):
            return Unused(event in _UNUSED)
        case _:
            raise fields.wrong("event", "must be a string")


def write_command(command: str, name: str = "", *, as_json: bool) -> str:
    """A command, with the name that its answer is to bear. Raises ``ValueError`` for one that Asterisk would not
    read."""
    if as_json:
        correlated = {"command": command, "correlation_id": name} if name else {"command": command}
        text = orjson.dumps(correlated).decode()
    else:
        text = f"{command} {name}".rstrip()
    if len(text) > COMMAND_LIMIT:
        raise ValueError(f"a command may have {COMMAND_LIMIT} bytes")
    return text


def _plain_fields(message: str) -> Fields:
    """``EVENT key:value key:value`` or ``EVENT name``, as the fields that JSON would have."""
    if len(message) > MESSAGE_LIMIT:
        raise ProtocolViolation(Violation.TOO_LARGE, f"a message may have {MESSAGE_LIMIT} bytes")
    event, *words = message.split()[: MOST_VARIABLES + 1] or [""]
    if not event:
        raise ProtocolViolation(Violation.BAD_FIELD, "the message is empty")
    values: dict[str, Any] = {"event": event}
    for word in words:
        key, colon, value = word.partition(":")
        if colon:
            values.setdefault(key, value)
        else:
            values.setdefault("correlation_id", word)
    values["event"] = event
    return Fields("", values)


def _read_start(fields: Fields) -> MediaStart:
    return MediaStart(
        connection=fields.text("connection_id"),
        channel=fields.text("channel_id") if "channel_id" in fields.values else fields.text("channel"),
        format=fields.text("format"),
        frame_bytes=fields.number("optimal_frame_size"),
        variables=_variables(fields),
    )


def _variables(fields: Fields) -> Mapping[str, str]:
    """The channel's variables that Asterisk is configured to tell, as far as they are texts within the limits."""
    values = fields.values.get("channel_variables")
    if not isinstance(values, dict):
        return MappingProxyType({})
    told = {
        name: value for name, value in values.items() if isinstance(value, str) and len(name) + len(value) <= TEXT_LIMIT
    }
    return MappingProxyType(dict([*told.items()][:MOST_VARIABLES]))
