"""The gateway's side of our own softphone wire, without I/O: a browser's messages in, events of a leg out.

Subprotocol ``aicc.softphone.1``. Control is JSON text, sound is binary: PCM16, little-endian, mono, 16 kHz. From the
browser each frame of 20 ms has a counter before it (32 bits, little-endian), so that what was lost on the way is seen;
to the browser sound has any length and no counter, for the socket loses nothing.

==================  ============================================================================================
from the browser    ``hello`` with a ticket, first of all; then frames, ``dtmf`` with a ``digit``, ``mark`` with the
                    ``name`` of ours that was played, ``alive`` (of who only listens), ``bye``
to the browser      ``ready`` with the ``rate`` and the ``call``; frames, ``mark``, ``clear``, ``bye`` with a ``reason``
==================  ============================================================================================

Which message may come when is the table ``TRANSITIONS``; whatever is not in it is a violation. Unknown types of
messages are counted and passed over: the page may be newer than we are.

Refuses: sockets, clocks, patience, and what a ticket is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, assert_never

import orjson

from gateway.telephony.codec import CodecEvent, Introduced, WireCounts
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.json_fields import object_in
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, MarkPlayed, MediaReceived
from gateway.telephony.media_clock import GapCounts, MediaClock
from infra.audio import SAMPLE_WIDTH

PROTOCOL: Final = "softphone"
"""The name of this wire in ``LegInfo.protocol``, logs and metrics."""

SUBPROTOCOL: Final = "aicc.softphone.1"
RATE: Final = 16_000
FRAME_MS: Final = 20
FRAME_BYTES: Final = RATE * FRAME_MS // 1000 * SAMPLE_WIDTH
COUNTER_BYTES: Final = 4

MESSAGE_LIMIT: Final = 8 * 1024
"""Bytes of the longest control message."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: by what right the browser is here."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Sound:
    """20 ms of the microphone's sound; ``counter`` counts frames, also those that were not sent."""

    counter: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class MarkReached:
    """All sound before our mark has been played, or was cleared."""

    name: str


@dataclass(frozen=True, slots=True)
class Alive:
    """Somebody who only listens is still there."""


@dataclass(frozen=True, slots=True)
class Bye:
    """They hang up."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well formed message of a type that is not in this vocabulary."""


SoftphoneMessage = Hello | Sound | Key | MarkReached | Alive | Bye | Unknown


class SoftphoneState(Enum):
    """How far it has come."""

    OPENED = auto()
    INTRODUCED = auto()
    """The ticket is being looked at; ``encode_ready`` ends it."""
    TALKING = auto()
    OVER = auto()


TRANSITIONS: Final[Mapping[SoftphoneState, Mapping[type[SoftphoneMessage], SoftphoneState]]] = {
    SoftphoneState.OPENED: {Hello: SoftphoneState.INTRODUCED},
    SoftphoneState.INTRODUCED: {Bye: SoftphoneState.OVER},
    SoftphoneState.TALKING: {
        Sound: SoftphoneState.TALKING,
        Key: SoftphoneState.TALKING,
        MarkReached: SoftphoneState.TALKING,
        Alive: SoftphoneState.TALKING,
        Bye: SoftphoneState.OVER,
    },
    SoftphoneState.OVER: {},
}
"""Every message that is allowed, and the state it leads to. Unknown types are passed over in every state."""


class SoftphoneCodec:
    """One softphone; see ``MediaCodec``."""

    protocol: Final = PROTOCOL
    is_text: Final = False

    def __init__(self) -> None:
        self.state = SoftphoneState.OPENED
        self.counts = WireCounts()
        self._clock = MediaClock(RATE)

    @property
    def gaps(self) -> GapCounts:
        """What the way did to the browser's sound."""
        return self._clock.counts

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        """What a message means; see ``MediaCodec``."""
        try:
            read = read_message(message)
            if isinstance(read, Unknown):
                self.counts.unknown_events += 1
                return []
            following = TRANSITIONS[self.state].get(type(read))
            if following is None:
                raise ProtocolViolation(Violation.OUT_OF_ORDER, _out_of_order(self.state, read))
        except ProtocolViolation:
            self.state = SoftphoneState.OVER
            raise
        self.state = following
        return self._understand(read)

    def _understand(self, message: Hello | Sound | Key | MarkReached | Alive | Bye) -> Sequence[CodecEvent]:
        match message:
            case Sound(counter, pcm):
                return list(map(MediaReceived, self._clock.place(counter, counter * FRAME_MS, pcm)))
            case MarkReached(name):
                return [MarkPlayed(name)]
            case Key(digit):
                return [DtmfReceived(digit, at=self._clock.position)]
            case Alive():
                return []
            case Hello(ticket):
                return [Introduced(ticket)]
            case Bye():
                return [HungUp("they hung up", HangUpCause.FAR_END)]
            case _:
                assert_never(message)

    def encode_ready(self, call: str) -> str:
        """The ticket is good: talk. ``call`` is the name under which the page follows the call."""
        if self.state is not SoftphoneState.INTRODUCED:
            raise _nobody_yet()
        self.state = SoftphoneState.TALKING
        return _json({"type": "ready", "rate": RATE, "call": call})

    def encode_media(self, pcm: bytes) -> bytes:
        """Sound for the browser; see ``MediaCodec``."""
        self._require_talking()
        if len(pcm) % SAMPLE_WIDTH:
            raise ValueError("sound must be whole samples of 16 bits")
        return pcm

    def encode_mark(self, name: str) -> str:
        """Ask to be told when all sound before this has been played."""
        self._require_talking()
        return _json({"type": "mark", "name": name})

    def encode_clear(self) -> str:
        """Have all sound thrown away that was not played yet."""
        self._require_talking()
        return _json({"type": "clear"})

    def encode_end(self, reason: str) -> str:
        """Say goodbye, so that the page can tell a call's end from a lost connection."""
        return _json({"type": "bye", "reason": reason})

    def _require_talking(self) -> None:
        if self.state in (SoftphoneState.OPENED, SoftphoneState.INTRODUCED):
            raise _nobody_yet()


def read_message(message: str | bytes) -> SoftphoneMessage:
    """One message of a browser. Raises ``ProtocolViolation``, and nothing else, whatever it holds."""
    if isinstance(message, bytes):
        return _read_sound(message)
    fields = object_in(message, MESSAGE_LIMIT)
    match fields.values.get("type"):
        case "mark":
            return MarkReached(fields.text("name"))
        case "dtmf":
            return Key(fields.key("digit"))
        case "alive":
            return Alive()
        case "hello":
            return Hello(fields.text("ticket"))
        case "bye":
            return Bye()
        case str():
            return Unknown()
        case _:
            raise fields.wrong("type", "must be a string")


def _read_sound(message: bytes) -> Sound:
    if len(message) != COUNTER_BYTES + FRAME_BYTES:
        wanted = f"{COUNTER_BYTES} bytes of counter and {FRAME_BYTES} of sound"
        raise ProtocolViolation(Violation.BAD_FRAME, f"a binary message must be {wanted}")
    return Sound(int.from_bytes(message[:COUNTER_BYTES], "little"), message[COUNTER_BYTES:])


def _json(message: dict[str, object]) -> str:
    return orjson.dumps(message).decode()


def _nobody_yet() -> RuntimeError:
    return RuntimeError("the softphone was not let in yet: there is nobody to speak to")


def _out_of_order(state: SoftphoneState, message: SoftphoneMessage) -> str:
    name = type(message).__name__.lower()
    match state:
        case SoftphoneState.OPENED:
            return f"{name} before hello"
        case SoftphoneState.INTRODUCED:
            return f"{name} before ready"
        case SoftphoneState.TALKING:
            return f"a second {name}"
        case SoftphoneState.OVER:
            return f"{name} after the end"
        case _:
            assert_never(state)
