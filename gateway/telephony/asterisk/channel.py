"""The gateway's side of Asterisk's WebSocket channel, without I/O; a leg for each ``Dial(WebSocket/…)``.

Sound is binary both ways, in the channel's own format and as many bytes at once as one likes up to 65,500; Asterisk
plays it at its own pace, from a queue of 20 s. It says when that is nearly full (``MEDIA_XOFF``) and when it has room
again. Of a message's sound it plays whole frames only and drops the rest, so what is not a whole frame waits here for
what follows, and is filled up with silence before a mark. (Its own buffering, ``START_MEDIA_BUFFERING``, would do the
same, but ends with every ``FLUSH_MEDIA``.)

A flush also throws away the marks that wait in Asterisk's queue. So each ``clear`` has a mark of its own right behind
it, and when one comes back, all before it are over, whatever became of them. Marks travel under short names, for a
command may have 128 bytes.

Sources: ``channels/chan_websocket.c`` of Asterisk, and what a running one sent. Refuses: sockets, and secrets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, assert_never

from gateway.telephony.asterisk.control import (
    ControlEvent,
    DtmfEnd,
    MarkProcessed,
    MediaStart,
    QueueState,
    Unused,
    is_json,
    read_event,
    write_command,
)
from gateway.telephony.codec import CodecEvent, FlowControl, LegStarted, Message, WireCounts
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.introduction import read_introduction, variables_said
from gateway.telephony.leg import DtmfReceived, LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.media_clock import GapCounts
from gateway.telephony.whole_frames import WholeFrames
from infra.audio import SAMPLE_WIDTH, AudioFrame, alaw_decode, alaw_encode, mulaw_decode, mulaw_encode

PROTOCOL: Final = "asterisk-websocket"
SUBPROTOCOL: Final = "media"

LONGEST_MESSAGE: Final = 65_500
"""Bytes of sound that Asterisk takes at once."""

MOST_MARKS: Final = 1024
"""Marks that may be on their way; of more the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of Asterisk's that is taken."""

    rate: int
    width: int
    """Bytes of a sample."""
    silence: bytes
    decode: Callable[[bytes], bytes]
    encode: Callable[[bytes], bytes]


def _linear(rate: int) -> Format:
    return Format(rate, SAMPLE_WIDTH, b"\0", bytes, bytes)


FORMATS: Final[Mapping[str, Format]] = {
    "ulaw": Format(8000, 1, b"\xff", mulaw_decode, mulaw_encode),
    "alaw": Format(8000, 1, b"\xd5", alaw_decode, alaw_encode),
    "slin": _linear(8000),
    "slin12": _linear(12_000),
    "slin16": _linear(16_000),
    "slin24": _linear(24_000),
    "slin32": _linear(32_000),
    "slin44": _linear(44_100),
    "slin48": _linear(48_000),
}
"""By Asterisk's names; linear ones are little-endian."""


class ChannelState(Enum):
    """How far the channel has come."""

    OPENED = auto()
    STREAMING = auto()
    OVER = auto()


_EVENT_NAMES: Final[Mapping[type[ControlEvent], str]] = {
    MediaStart: "start",
    DtmfEnd: "key",
    MarkProcessed: "mark",
    QueueState: "state of the queue",
}


class ChannelCodec:
    """One channel; see ``MediaCodec``. ``said``: what the socket's address says of the call."""

    protocol: Final = PROTOCOL
    is_text: Final = False

    def __init__(self, said: Sequence[tuple[str, str]] = ()) -> None:
        self.state = ChannelState.OPENED
        self.counts = WireCounts()
        self.gaps = GapCounts()
        self._said = said
        self._format = FORMATS["ulaw"]
        self._frames: WholeFrames | None = None
        self._as_json = False
        self._samples = 0
        self._marks: deque[tuple[int, str | None]] = deque(maxlen=MOST_MARKS)
        self._last_mark = 0

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        """What a message means; see ``MediaCodec``."""
        try:
            return self._sound(message) if isinstance(message, bytes) else self._understand(message)
        except ProtocolViolation:
            self.state = ChannelState.OVER
            raise

    def _sound(self, code: bytes) -> Sequence[CodecEvent]:
        self._require_state(ChannelState.STREAMING, "sound")
        if len(code) % self._format.width:
            raise ProtocolViolation(Violation.PARTIAL_SAMPLE, "sound must be whole samples")
        if not code:
            return []
        rate = self._format.rate
        frame = AudioFrame(self._format.decode(code), rate, self._samples / rate)
        self._samples += frame.samples
        return [MediaReceived(frame)]

    def _understand(self, text: str) -> Sequence[CodecEvent]:
        event = read_event(text)
        if isinstance(event, Unused):
            self.counts.unknown_events += not event.known
            return []
        opens = isinstance(event, MediaStart)
        self._require_state(ChannelState.OPENED if opens else ChannelState.STREAMING, _EVENT_NAMES[type(event)])
        return self._follow(event, text)

    def _follow(self, event: MediaStart | DtmfEnd | MarkProcessed | QueueState, text: str) -> Sequence[CodecEvent]:
        match event:
            case DtmfEnd(digit):
                return [DtmfReceived(digit, at=self._samples / self._format.rate)]
            case MarkProcessed(name):
                return self._marks_until(name)
            case QueueState(has_room):
                return [FlowControl(go_on=has_room)]
            case MediaStart():
                self._as_json = is_json(text)
                return [LegStarted(self._start(event))]
            case _:
                assert_never(event)

    def _start(self, start: MediaStart) -> LegInfo:
        taken = FORMATS.get(start.format)
        if taken is None:
            raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, f"the format must be one of {', '.join(FORMATS)}")
        if not 0 < start.frame_bytes <= LONGEST_MESSAGE or start.frame_bytes % taken.width:
            raise ProtocolViolation(Violation.BAD_FIELD, "optimal_frame_size must be a frame's bytes")
        self._format, self._frames = taken, WholeFrames(start.frame_bytes, taken.silence)
        self.state = ChannelState.STREAMING
        who = read_introduction([*self._said, *variables_said(start.variables)])
        return LegInfo(
            leg_id=start.channel,
            call_sid=who.call or start.channel,
            ani=who.ani,
            dnis=who.dnis,
            protocol=PROTOCOL,
            rate=taken.rate,
            headers=who.headers,
        )

    def _marks_until(self, name: str) -> Sequence[CodecEvent]:
        """The marks that are over when one has come back: it, and all before it."""
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 16 else 0
        if not 0 < number <= self._last_mark:
            self.counts.unknown_events += 1
            return []
        over: list[CodecEvent] = []
        while self._marks and self._marks[0][0] <= number:
            _, mark = self._marks.popleft()
            if mark is not None:
                over.append(MarkPlayed(mark))
        return over

    # --- what we say --------------------------------------------------------------------------------------------------
    def encode_media(self, pcm: bytes) -> Message:
        """Sound for the caller: whole frames of it; see ``MediaCodec``."""
        frames = self._require_channel()
        if len(pcm) % SAMPLE_WIDTH:
            raise ValueError("sound must be whole samples of 16 bits")
        whole = frames.add(self._format.encode(pcm))
        return whole if 0 < len(whole) <= LONGEST_MESSAGE else frames.cut(whole, LONGEST_MESSAGE)

    def encode_mark(self, name: str) -> Message:
        """A mark, and before it what waited for more sound."""
        last, mark = self._require_channel().fill_up(), self._mark(name)
        return (last, mark) if last else mark

    def encode_clear(self) -> Message:
        """A flush, and the mark that brings back those that went with it."""
        self._require_channel().clear()
        return (write_command("FLUSH_MEDIA", as_json=self._as_json), self._mark(None))

    def encode_end(self, reason: str) -> str | None:
        """Hang up the channel: the dial plan goes on behind its ``Dial``."""
        return None if self.state is ChannelState.OPENED else write_command("HANGUP", as_json=self._as_json)

    def _mark(self, name: str | None) -> str:
        self._last_mark += 1
        self._marks.append((self._last_mark, name))
        return write_command("MARK_MEDIA", str(self._last_mark), as_json=self._as_json)

    def _require_channel(self) -> WholeFrames:
        if self._frames is None:
            raise RuntimeError("the channel has not started: there is nobody to speak to yet")
        return self._frames

    def _require_state(self, state: ChannelState, what: str) -> None:
        """Whether ``what`` may come now. Raises ``ProtocolViolation``."""
        match self.state:
            case now if now is state:
                return
            case ChannelState.OPENED:
                reason = f"{what} before the start"
            case ChannelState.STREAMING:
                reason = f"a second {what}"
            case _:
                reason = f"{what} after the end"
        raise ProtocolViolation(Violation.OUT_OF_ORDER, reason)
