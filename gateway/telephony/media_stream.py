"""The gateway's side of the Media Streams protocol, without I/O: a carrier's messages in, events of a leg out.

Which message may come when is the table ``TRANSITIONS``; whatever is not in it is a violation, and after a violation or
a stop the codec takes nothing more. What a message must look like is ``media_stream_messages.py``; where its sound
belongs in time is ``media_clock.py``.

Refuses: sockets, clocks and patience. That a start has not come in time, or that the line fell silent, is the driver's
to notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, assert_never

from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.media_clock import GapCounts, MediaClock
from gateway.telephony.media_stream_messages import (
    RATE,
    CarrierMessage,
    Clear,
    Connected,
    Dtmf,
    MarkReached,
    Media,
    SetMark,
    Start,
    Stop,
    Unknown,
    play_head,
    read_carrier_message,
    read_usual_media,
    write_gateway_message,
    write_play,
)
from infra.audio import mulaw_decode, mulaw_encode

PROTOCOL: Final = "media-stream"
"""The name of this wire in ``LegInfo.protocol``, logs and metrics."""

CALLER_PARAMETER: Final = "from"
DIALLED_PARAMETER: Final = "to"
"""The stream's own start message does not say who calls whom: the webhook hands it over in these two parameters."""


class StreamState(Enum):
    """How far the stream has come."""

    OPENED = auto()
    CONNECTED = auto()
    STREAMING = auto()
    OVER = auto()


TRANSITIONS: Final[Mapping[StreamState, Mapping[type[CarrierMessage], StreamState]]] = {
    StreamState.OPENED: {Connected: StreamState.CONNECTED},
    StreamState.CONNECTED: {Start: StreamState.STREAMING},
    StreamState.STREAMING: {
        Media: StreamState.STREAMING,
        Dtmf: StreamState.STREAMING,
        MarkReached: StreamState.STREAMING,
        Stop: StreamState.OVER,
    },
    StreamState.OVER: {},
}
"""Every message that is allowed, and the state it leads to. Unknown events are passed over in every state."""


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The stream has begun; the leg is known."""

    info: LegInfo


StreamEvent = StreamStarted | MediaReceived | DtmfReceived | MarkPlayed | HungUp


@dataclass(slots=True)
class StreamCounts:
    """What was odd on the wire and was borne with."""

    unknown_events: int = 0
    sequence_gaps: int = 0
    """Messages that never came, by their sequence numbers."""
    sequence_repeats: int = 0
    """Messages whose sequence number was not above the one before."""


class MediaStreamCodec:
    """One stream. ``receive`` what comes from the socket; send what ``encode_*`` return."""

    def __init__(self) -> None:
        self._enter(StreamState.OPENED)
        self._stream_sid = ""
        self._play_head = b""
        self._sequence = 0
        self._clock = MediaClock(RATE)
        self.counts = StreamCounts()

    @property
    def state(self) -> StreamState:
        """How far the stream has come."""
        return self._state

    @property
    def gaps(self) -> GapCounts:
        """What the way did to the caller's sound."""
        return self._clock.counts

    def receive(self, message: str | bytes) -> list[StreamEvent]:
        """What a message means: usually one event, none for what is passed over.

        ``str`` is a text frame of the socket, ``bytes`` a binary one. Raises ``ProtocolViolation`` with the close code
        and reason that answer it, and nothing else, whatever the message holds; the codec is over then.
        """
        if self._is_streaming and (usual := read_usual_media(message, self._stream_sid)) is not None:
            sequence, chunk, timestamp, payload = usual
            return self._sound(sequence, chunk, timestamp, payload)
        try:
            read = read_carrier_message(message)
            if isinstance(read, Unknown):
                self.counts.unknown_events += 1
                return []
            following = self._allowed.get(type(read))
            if following is None:
                raise ProtocolViolation(Violation.OUT_OF_ORDER, _out_of_order(self._state, read))
            events = self._understand(read)
        except ProtocolViolation:
            self._enter(StreamState.OVER)
            raise
        if following is not self._state:
            self._enter(following)
        return events

    def _enter(self, state: StreamState) -> None:
        self._state, self._allowed = state, TRANSITIONS[state]
        self._is_streaming = Media in self._allowed

    def _understand(self, message: Connected | Start | Media | Dtmf | MarkReached | Stop) -> list[StreamEvent]:
        match message:
            case Media():
                self._require_stream(message)
                return self._sound(message.sequence, message.chunk, message.timestamp, message.payload)
            case MarkReached():
                self._check_stream(message)
                return [MarkPlayed(message.name)]
            case Dtmf():
                self._check_stream(message)
                return [DtmfReceived(message.digit, at=self._clock.position)]
            case Connected():
                return []
            case Start():
                self._stream_sid, self._sequence = message.stream_sid, message.sequence
                self._play_head = play_head(message.stream_sid)
                return [StreamStarted(_leg_info(message))]
            case Stop():
                self._check_stream(message)
                return [HungUp("the carrier ended the stream", HangUpCause.FAR_END)]
            case _:
                assert_never(message)

    def _sound(self, sequence: int, chunk: int, timestamp: int, payload: bytes) -> list[StreamEvent]:
        """What a ``Media`` of this stream becomes."""
        self._follow(sequence)
        return list(map(MediaReceived, self._clock.place(chunk, timestamp, mulaw_decode(payload))))

    def _check_stream(self, message: Dtmf | MarkReached | Stop) -> None:
        self._require_stream(message)
        self._follow(message.sequence)

    def _require_stream(self, message: Media | Dtmf | MarkReached | Stop) -> None:
        if message.stream_sid != self._stream_sid:
            raise ProtocolViolation(Violation.WRONG_STREAM, "streamSid is not the one that was started")

    def _follow(self, sequence: int) -> None:
        """Count what the sequence numbers say of messages lost or repeated."""
        step = sequence - self._sequence
        if step <= 0:
            self.counts.sequence_repeats += 1
            return
        self.counts.sequence_gaps += step - 1
        self._sequence = sequence

    def encode_media(self, pcm: bytes) -> bytes:
        """Sound for the caller: linear PCM at 8 kHz, any length. Raises ``ValueError`` for half a sample."""
        if not self._play_head:
            raise _nobody_yet()
        return write_play(self._play_head, mulaw_encode(pcm))

    def encode_mark(self, name: str) -> bytes:
        """Ask to be told when all sound before this has been played."""
        if not self._stream_sid:
            raise _nobody_yet()
        return write_gateway_message(SetMark(self._stream_sid, name))

    def encode_clear(self) -> bytes:
        """Have all sound thrown away that was not played yet."""
        if not self._stream_sid:
            raise _nobody_yet()
        return write_gateway_message(Clear(self._stream_sid))


def _nobody_yet() -> RuntimeError:
    return RuntimeError("the stream has not started: there is nobody to speak to yet")


def _leg_info(start: Start) -> LegInfo:
    return LegInfo(
        leg_id=start.stream_sid,
        call_sid=start.call_sid,
        ani=start.parameters.get(CALLER_PARAMETER, ""),
        dnis=start.parameters.get(DIALLED_PARAMETER, ""),
        protocol=PROTOCOL,
        rate=RATE,
        parameters=start.parameters,
    )


def _out_of_order(state: StreamState, message: CarrierMessage) -> str:
    name = "mark" if isinstance(message, MarkReached) else type(message).__name__.lower()
    match state:
        case StreamState.OPENED:
            return f"{name} before connected"
        case StreamState.CONNECTED:
            return f"{name} before start" if not isinstance(message, Connected) else "a second connected"
        case StreamState.STREAMING:
            return f"a second {name}"
        case StreamState.OVER:
            return f"{name} after the end"
        case _:
            assert_never(state)
