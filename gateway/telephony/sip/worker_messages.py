"""What the gateway and a SIP worker say to each other, as bytes and back. Pure.

The wire is a stream socket between two processes of the same program. A message is its length and its kind, and then:

======  ==============================================================================================================
kind    body
======  ==============================================================================================================
SOUND   frames of linear PCM of any calls, each behind its call, its place in time and its length
NOTE    one of the notes below as JSON: its name, and its fields in order
======  ==============================================================================================================

Order is kept: sound that was sent before a mark or a ``Clear`` arrives before it.

Refuses: pickle, for a worker reads what strangers send, and who takes it over shall not have the gateway as well.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field, fields
from enum import IntEnum
from typing import Any, Final, get_type_hints

from gateway.telephony.sip.errors import WireBroken

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a message: over a second of sound of two hundred wideband calls."""

_HEAD: Final = struct.Struct("!IB")
_FRAME: Final = struct.Struct("!III")


class Kind(IntEnum):
    """What a message is."""

    SOUND = 0
    NOTE = 1


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound of a call: 16-bit linear PCM at the call's rate; ``at`` counts samples from the first that came. What we
    send needs no place."""

    call: int
    at: int
    pcm: bytes


# --- to the worker ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Start:
    """The first message: the settings as JSON (passwords in clear: the wire is ours), which worker this is, and the
    folder for traces (empty: none)."""

    settings: str
    worker: int
    traces: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer a call that came in."""

    call: int


@dataclass(frozen=True, slots=True)
class Reject:
    """Do not take it. The stack says 486 (RFC 3261, section 21.4.24) and knows no other word."""

    call: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a call."""

    call: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Tell when what was sent so far has been played."""

    call: int
    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Throw away what was not played yet; marks that wait come back at once."""

    call: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the far end on hold, or take it back."""

    call: int
    held: bool


@dataclass(frozen=True, slots=True)
class Refer:
    """Ask the far end to call ``target`` (RFC 3515), and tell what came of it within ``seconds``."""

    call: int
    target: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Replace:
    """Ask the far end to take our place in our call ``consultation`` (RFC 3891)."""

    call: int
    consultation: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Dial:
    """Call ``target`` by ``trunk``, as ``line``. The answer bears the ``ticket``, for the call has no number yet."""

    ticket: int
    trunk: str
    line: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    """End all calls, and then yourself."""


# --- from the worker --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Ready:
    """It listens."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot start: why, and what to do about it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Alive:
    """A sign of life of both its threads: the CPU seconds it has used, and how many frames of callers the gateway has
    not taken since the last one."""

    cpu: float
    unheard: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """Somebody calls: the address in From, the Call-ID, and the headers that were asked for."""

    call: int
    peer: str
    call_id: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Dialled:
    """An order to call has become a call."""

    ticket: int
    call: int
    call_id: str


@dataclass(frozen=True, slots=True)
class NotDialled:
    """An order to call did not get as far as the wire."""

    ticket: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """It rings at the far end."""

    call: int


@dataclass(frozen=True, slots=True)
class Established:
    """Sound flows, at ``rate`` Hz on this wire."""

    call: int
    rate: int


@dataclass(frozen=True, slots=True)
class Played:
    """All that was sent before the mark has gone out, or was thrown away."""

    call: int
    name: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key was pressed."""

    call: int
    digit: str


@dataclass(frozen=True, slots=True)
class FarHold:
    """The far end put us on hold, or took us back."""

    call: int
    held: bool


class Moved(IntEnum):
    """What came of a transfer."""

    DONE = 0
    REFUSED = 1
    UNCLEAR = 2


@dataclass(frozen=True, slots=True)
class MoveEnded:
    """What came of a transfer: a ``Moved``, the SIP status that was told (0: none) and words."""

    call: int
    outcome: int
    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A call is over. ``figures`` are the stack's last about its sound."""

    call: int
    reason: str
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Registration:
    """What a trunk's registrar said."""

    trunk: str
    registered: bool
    reason: str


Command = Start | Answer | Reject | HangUp | Mark | Clear | Hold | Refer | Replace | Dial | Stop
Report = (
    Ready
    | Failed
    | Alive
    | Incoming
    | Dialled
    | NotDialled
    | Ringing
    | Established
    | Played
    | Key
    | FarHold
    | MoveEnded
    | Closed
    | Registration
)
Note = Command | Report

_NOTES: Final[dict[str, type[Any]]] = {kind.__name__: kind for kind in (*Command.__args__, *Report.__args__)}
_TYPES: Final[dict[str, tuple[Any, ...]]] = {
    name: tuple(get_type_hints(kind)[one.name] for one in fields(kind)) for name, kind in _NOTES.items()
}


def encode_sound(frames: Iterable[Sound]) -> bytes:
    """Frames as one message."""
    body = b"".join(part for frame in frames for part in (_FRAME.pack(frame.call, frame.at, len(frame.pcm)), frame.pcm))
    return _HEAD.pack(len(body), Kind.SOUND) + body


def encode_note(note: Note) -> bytes:
    """A note as one message."""
    body = json.dumps([type(note).__name__, *astuple(note)], separators=(",", ":")).encode()
    return _HEAD.pack(len(body), Kind.NOTE) + body


class Splitter:
    """A stream of bytes becomes messages again, however it was cut."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Sound | Note]:
        """What ``data`` completes. Raises ``WireBroken``."""
        held = self._held
        held += data
        start = 0
        try:
            while len(held) - start >= _HEAD.size:
                length, kind = _HEAD.unpack_from(held, start)
                if length > LARGEST:
                    raise WireBroken(f"a message of {length} bytes is announced; {LARGEST} are the most")
                end = start + _HEAD.size + length
                if len(held) < end:
                    break
                body = bytes(memoryview(held)[start + _HEAD.size : end])
                start = end
                if kind == Kind.SOUND:
                    yield from _frames(body)
                elif kind == Kind.NOTE:
                    yield _note(body)
                else:
                    raise WireBroken(f"a message is of the unknown kind {kind}")
        finally:
            del held[:start]


def _frames(body: bytes) -> Iterator[Sound]:
    start = 0
    while start < len(body):
        if len(body) - start < _FRAME.size:
            raise WireBroken("a frame's head is cut off")
        call, at, length = _FRAME.unpack_from(body, start)
        start += _FRAME.size
        if len(body) - start < length:
            raise WireBroken("a frame is cut off")
        yield Sound(call, at, body[start : start + length])
        start += length


def _note(body: bytes) -> Note:
    try:
        name, *values = json.loads(body)
        kind, types = _NOTES[name], _TYPES[name]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireBroken(f"no note: {error!r}") from error
    if len(values) != len(types) or not all(map(_fits, values, types)):
        raise WireBroken(f"the fields of {name} do not fit")
    note: Note = kind(*values)
    return note


def _fits(value: object, wanted: object) -> bool:
    if wanted is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(wanted, type) and wanted in (str, bool):
        return isinstance(value, wanted)
    inner = float if wanted == dict[str, float] else str
    return isinstance(value, dict) and all(_fits(one, inner) for one in value.values())
