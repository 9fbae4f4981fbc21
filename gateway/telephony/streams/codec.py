"""The gateway's side of the media stream in any dialect, without I/O: a carrier's messages in, events of a leg out.

Which message may come when is the table ``TRANSITIONS``; whatever is not in it is a violation, and after a violation or
a stop the codec takes nothing more. What a message must look like is ``messages.py``; where its sound belongs in time
is ``media_clock.py``, put in order before that by ``reorder.py`` for a carrier that does not keep it.

Refuses: sockets, clocks and patience. That a start has not come in time, or that the line fell silent, is the driver's
to notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from itertools import islice
from types import MappingProxyType
from typing import Final, assert_never

from gateway.telephony.codec import LegStarted, WireCounts
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.media_clock import GapCounts, MediaClock
from gateway.telephony.streams.dialects import TWILIO, Dialect
from gateway.telephony.streams.encodings import PCMU
from gateway.telephony.streams.marks import AwaitedMarks
from gateway.telephony.streams.messages import (
    RATE,
    CarrierMessage,
    Clear,
    Cleared,
    Connected,
    Dtmf,
    MarkReached,
    Media,
    OfStream,
    SetMark,
    Start,
    Stop,
    Unknown,
    play_head,
    read_carrier_message,
    usual_media_reader,
    write_gateway_message,
    write_play,
)
from gateway.telephony.streams.reorder import Chunk, ReorderWindow
from infra.audio import AudioFrame

CALLER_PARAMETER: Final = "from"
DIALLED_PARAMETER: Final = "to"
"""Most streams' start messages do not say who calls whom: the webhook hands it over in these two parameters."""

HEADER_PARAMETER: Final = "header-"
"""What the names of parameters begin with in which the webhook hands over SIP headers."""


MOST_HEADERS: Final = 32
LONGEST_HEADER: Final = 1024
"""SIP headers that are kept, and characters of one: the rest are left out."""


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
        Cleared: StreamState.STREAMING,
        Stop: StreamState.OVER,
    },
    StreamState.OVER: {},
}
"""Every message that is allowed, and the state it leads to. Unknown events are passed over in every state; a carrier
that does not greet begins in ``CONNECTED``."""


StreamEvent = LegStarted | MediaReceived | DtmfReceived | MarkPlayed | HungUp


class MediaStreamCodec:
    """One stream; see ``MediaCodec``."""

    is_text: Final = True

    def __init__(self, dialect: Dialect = TWILIO) -> None:
        self.protocol: Final = dialect.name
        self._dialect = dialect
        self._read_usual_media = usual_media_reader(dialect)
        self._enter(StreamState.OPENED if dialect.greets else StreamState.CONNECTED)
        self._stream_sid = ""
        self._play_head = b""
        self._sequence = 0
        self._decode, self._encode = PCMU.decode, PCMU.encode
        self._clock = MediaClock(RATE)
        self._reorder: ReorderWindow | None = None
        self._marks = None if dialect.marks_survive_clear else AwaitedMarks()
        self.counts = WireCounts()

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
        try:
            if self._is_streaming and (usual := self._read_usual_media(message, self._stream_sid)) is not None:
                sequence, chunk, timestamp, payload = usual
                return self._sound(sequence, chunk, timestamp, payload)
            read = read_carrier_message(message, self._dialect)
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

    def _understand(self, message: Connected | Start | OfStream) -> list[StreamEvent]:
        if not isinstance(message, Connected | Start) and message.stream_sid not in ("", self._stream_sid):
            reason = f"{self._dialect.fields.stream} is not the one that was started"
            raise ProtocolViolation(Violation.WRONG_STREAM, reason)
        match message:
            case Connected():
                return []
            case Start():
                return self._begin(message)
            case Media(_, sequence, chunk, timestamp, payload):
                return self._sound(sequence, chunk, timestamp, payload)
            case MarkReached(_, sequence, name):
                self._follow(sequence)
                return self._mark_reached(name)
            case Cleared():
                return self._overtaken()
            case Dtmf(_, sequence, digit):
                self._follow(sequence)
                return [DtmfReceived(digit, at=self._clock.position)]
            case Stop(_, sequence):
                self._follow(sequence)
                rest = [] if self._reorder is None else self._placed(self._reorder.flush())
                return [*rest, HungUp("the carrier ended the stream", HangUpCause.FAR_END)]
            case _:
                assert_never(message)

    def _begin(self, start: Start) -> list[StreamEvent]:
        self._stream_sid, self._sequence = start.stream_sid, start.sequence or 0
        self._clock = MediaClock(start.rate)
        self._reorder = None if self._dialect.in_order else ReorderWindow(self._clock.counts)
        self._decode = start.encoding.decode
        self._encode = self._dialect.sent(start.encoding).encode
        self._play_head = play_head(start.stream_sid, self._dialect, start.rate)
        return [LegStarted(_leg_info(start, self._dialect.name))]

    def _sound(self, sequence: int | None, chunk: int, timestamp: int, payload: bytes) -> list[StreamEvent]:
        """What a ``Media`` of this stream becomes."""
        pcm = self._decode(payload)
        if self._reorder is not None:
            return self._placed(self._reorder.push(Chunk(chunk, timestamp, pcm)))
        self._follow(sequence)
        sound: list[StreamEvent] = list(map(MediaReceived, self._clock.place(chunk, timestamp, pcm)))
        if self._marks is not None and not self._dialect.events.cleared:
            return [*self._overtaken(), *sound]
        return sound

    def _placed(self, chunks: list[Chunk]) -> list[StreamEvent]:
        frames: list[AudioFrame] = []
        for chunk in chunks:
            frames += self._clock.place(chunk.number, chunk.timestamp, chunk.pcm)
        return list(map(MediaReceived, frames))

    def _mark_reached(self, name: str) -> list[StreamEvent]:
        is_news = self._marks is None or self._marks.came_back(name)
        return [MarkPlayed(name)] if is_news else []

    def _overtaken(self) -> list[StreamEvent]:
        """The marks that a clear of ours has overtaken, where the carrier does not send them back."""
        return [] if self._marks is None else list(map(MarkPlayed, self._marks.cleared()))

    def _follow(self, sequence: int | None) -> None:
        """Count what the sequence numbers say of messages lost or repeated."""
        if sequence is None or not self._dialect.in_order:
            return
        step = sequence - self._sequence
        if step <= 0:
            self.counts.sequence_repeats += 1
            return
        self.counts.sequence_gaps += step - 1
        self._sequence = sequence

    def encode_media(self, pcm: bytes) -> bytes:
        """Sound for the caller: linear PCM at the leg's rate, any length. Raises ``ValueError`` for half a sample."""
        if not self._play_head:
            raise _nobody_yet()
        return write_play(self._play_head, self._encode(pcm))

    def encode_mark(self, name: str) -> bytes:
        """Ask to be told when all sound before this has been played."""
        if not self._stream_sid:
            raise _nobody_yet()
        if self._marks is not None:
            self._marks.sent(name)
        return write_gateway_message(SetMark(self._stream_sid, name), self._dialect)

    def encode_clear(self) -> bytes:
        """Have all sound thrown away that was not played yet."""
        if not self._stream_sid:
            raise _nobody_yet()
        if self._marks is not None:
            self._marks.clear_sent()
        return write_gateway_message(Clear(self._stream_sid), self._dialect)

    def encode_end(self, reason: str) -> None:
        """Closing the socket says it."""


def _nobody_yet() -> RuntimeError:
    return RuntimeError("the stream has not started: there is nobody to speak to yet")


def _leg_info(start: Start, protocol: str) -> LegInfo:
    headers = (
        (name.removeprefix(HEADER_PARAMETER).lower(), value)
        for name, value in start.parameters.items()
        if name.startswith(HEADER_PARAMETER) and len(value) <= LONGEST_HEADER
    )
    return LegInfo(
        leg_id=start.stream_sid,
        call_sid=start.call_sid,
        ani=start.parameters.get(CALLER_PARAMETER) or start.ani,
        dnis=start.parameters.get(DIALLED_PARAMETER) or start.dnis,
        protocol=protocol,
        rate=start.rate,
        parameters=start.parameters,
        headers=MappingProxyType(dict(islice(headers, MOST_HEADERS))),
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
