"""The gateway's side of an AudioHook session, without I/O: the client's messages in, events and answers out. Pure.

Which message may come when is the table ``TRANSITIONS``; whatever is not in it is a violation. Every message of either
side has the number after its last one, and a wrong number is a violation: the protocol repairs nothing. Sound that the
client discarded, or that never came while it was paused, is a gap in media time (``media_clock.py``) and never glued
over.

Only the client closes a session: we ask for it (``disconnect``), and answer its ``close`` with ``closed``. One that it
closes to reconnect is continued by another; the call's media time goes on.

Refuses: sockets, clocks and patience, and what becomes of the sound: ``connector.py`` talks, ``monitor.py`` listens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, assert_never

from gateway.telephony.codec import CodecEvent, LegStarted, WireCounts, WireEvent
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.genesys.messages import (
    RATE,
    Body,
    Channel,
    ClientMessage,
    Close,
    Closed,
    CloseReason,
    Discarded,
    Disconnect,
    Dtmf,
    Error,
    Media,
    Open,
    Opened,
    Paused,
    Ping,
    PlaybackCompleted,
    PlaybackStarted,
    Pong,
    Resumed,
    ServerMessage,
    Unknown,
    Update,
    Updated,
    check_sound,
    read_client_message,
    write_server_message,
)
from gateway.telephony.leg import DtmfReceived, HangUpCause, HeldByFarEnd, HungUp, LegInfo
from gateway.telephony.media_clock import GapCounts, MediaClock
from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH, AudioFrame, mulaw_decode

SOUND_LIMIT: Final = 64_000
"""Bytes of the longest message of sound, either way."""

_FRAME: Final = round(RATE * FRAME_SECONDS) * SAMPLE_WIDTH


class HookState(Enum):
    """How far the session has come."""

    CONNECTED = auto()
    OPENING = auto()
    """They want to open it; ``opened`` or ``disconnect`` is due."""
    STREAMING = auto()
    PAUSED = auto()
    LEAVING = auto()
    """We asked them to close it; what still comes is not heard."""
    OVER = auto()
    """They have closed it, and were told so."""
    BROKEN = auto()
    """They broke the protocol."""


_TOLD_ANY_TIME: Final[tuple[type[Body], ...]] = (
    Ping,
    Update,
    Error,
    Discarded,
    Dtmf,
    PlaybackStarted,
    PlaybackCompleted,
)

TRANSITIONS: Final[Mapping[HookState, Mapping[type[Body], HookState]]] = {
    HookState.CONNECTED: {Open: HookState.OPENING},
    HookState.OPENING: {Ping: HookState.OPENING, Error: HookState.OPENING, Close: HookState.OVER},
    HookState.STREAMING: {
        **dict.fromkeys((*_TOLD_ANY_TIME, Resumed), HookState.STREAMING),
        Paused: HookState.PAUSED,
        Close: HookState.OVER,
    },
    HookState.PAUSED: {
        **dict.fromkeys((*_TOLD_ANY_TIME, Paused), HookState.PAUSED),
        Resumed: HookState.STREAMING,
        Close: HookState.OVER,
    },
    HookState.LEAVING: {
        **dict.fromkeys((*_TOLD_ANY_TIME, Paused, Resumed), HookState.LEAVING),
        Close: HookState.OVER,
    },
    HookState.OVER: {},
    HookState.BROKEN: {},
}
"""Every message that is allowed, and the state it leads to. Unknown types are passed over in every state."""


@dataclass(frozen=True, slots=True)
class Heard(WireEvent):
    """20 ms of one side (less at the end of a message that is no multiple of it)."""

    channel: Channel
    frame: AudioFrame


@dataclass(frozen=True, slots=True)
class Answer(WireEvent):
    """They are to be told this at once."""

    text: str


@dataclass(frozen=True, slots=True)
class LanguageAsked(WireEvent):
    """The conversation goes on in another language, they say."""

    language: str


@dataclass(frozen=True, slots=True)
class FarEndError(WireEvent):
    """They hold that we did something wrong."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Reconnecting(WireEvent):
    """They have closed the session, and come again with another that continues it."""


class Hook:
    """One session, which is known to be ``session`` since its request was signed. After a violation it is over."""

    def __init__(self, protocol: str, session: str) -> None:
        self.protocol = protocol
        self.state = HookState.CONNECTED
        self.open: Open | None = None
        """What they want to be heard, once they have said it."""
        self.counts = WireCounts()
        self.session = session.lower()
        self._has_left = False
        self._seq = 0
        self._client_seq = 0
        self._media: Media | None = None
        self._clocks: tuple[MediaClock, ...] = (MediaClock(RATE),)
        self._chunks = 0
        self._position = 0
        """Samples of their stream so far, with those that were discarded."""
        self._begins = 0.0

    @property
    def gaps(self) -> GapCounts:
        """What the way did to the sound; of two sides the same became of both."""
        return self._clocks[0].counts

    @property
    def position(self) -> float:
        """The call's media time up to which sound has arrived, in seconds."""
        return self._begins + self._clocks[0].position

    def goes_on(self, at: float) -> None:
        """The session continues another: its first sound is the call's ``at`` that media time."""
        self._begins = at

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        """What a message means; ``str`` is a text message of the socket, ``bytes`` a binary one.

        Raises ``ProtocolViolation``, and nothing else, whatever the message holds.
        """
        try:
            return self._sound(message) if isinstance(message, bytes) else self._text(message)
        except ProtocolViolation:
            self.state = HookState.BROKEN
            raise

    # --- what we say --------------------------------------------------------------------------------------------------
    def say(self, message: ServerMessage) -> str:
        """``message`` as text. What opens or leaves the session moves it on."""
        match message:
            case Opened(media):
                self._require(HookState.OPENING)
                self.state = HookState.STREAMING
                self._media = media
                self._clocks = tuple(MediaClock(RATE) for _ in (media.channels if media else ("",)))
            case _:
                pass
        self._seq += 1
        return write_server_message(message, session=self.session, seq=self._seq, client_seq=self._client_seq)

    def leave(self, message: Disconnect) -> str | None:
        """Ask them to close the session; ``None`` where that was done, or they have closed it."""
        if self._has_left or self.state is HookState.OVER:
            return None
        self._has_left = True
        self.state = HookState.LEAVING
        return self.say(message)

    def _require(self, state: HookState) -> None:
        if self.state is not state:
            raise RuntimeError(f"the session is {self.state.name.lower()}, not {state.name.lower()}")

    # --- what they say ------------------------------------------------------------------------------------------------
    def _text(self, text: str) -> Sequence[CodecEvent]:
        message = read_client_message(text)
        self._follow(message)
        if isinstance(message.body, Unknown):
            self.counts.unknown_events += 1
            return ()
        following = TRANSITIONS[self.state].get(type(message.body))
        if following is None:
            name = type(message.body).__name__.lower()
            raise ProtocolViolation(Violation.OUT_OF_ORDER, f"{name} while the session is {self.state.name.lower()}")
        before, self.state = self.state, following
        return self._understand(message.body, before)

    def _follow(self, message: ClientMessage) -> None:
        """Check what a message says of the messages before it."""
        if message.session != self.session:
            raise ProtocolViolation(Violation.WRONG_STREAM, "id is not the session that was signed for")
        if message.seq != self._client_seq + 1:
            raise ProtocolViolation(Violation.OUT_OF_ORDER, "seq is not the number after the last one")
        if message.server_seq > self._seq:
            raise ProtocolViolation(Violation.OUT_OF_ORDER, "serverseq is a number that we have not sent yet")
        self._client_seq = message.seq

    def _understand(
        self,
        body: Open
        | Ping
        | Paused
        | Resumed
        | Discarded
        | Update
        | Error
        | Close
        | Dtmf
        | PlaybackStarted
        | PlaybackCompleted,
        before: HookState,
    ) -> Sequence[CodecEvent]:
        match body:
            case Ping():
                return (Answer(self.say(Pong())),)
            case Open():
                self.open = body
                return (LegStarted(self._info(body)),)
            case Paused():
                return (HeldByFarEnd(held=True),) if before is HookState.STREAMING else ()
            case Resumed(start, discarded):
                self._skip(start, discarded)
                return (HeldByFarEnd(held=False),) if before is HookState.PAUSED else ()
            case Discarded(start, discarded):
                self._skip(start, discarded)
                return ()
            case Update(language):
                return (Answer(self.say(Updated())), LanguageAsked(language))
            case Error(code, message):
                return (FarEndError(code, message),)
            case Dtmf(digit):
                return () if before is HookState.LEAVING else (DtmfReceived(digit, at=self.position),)
            case PlaybackStarted() | PlaybackCompleted():
                return (body,)
            case Close(CloseReason.RECONNECT) if before is not HookState.LEAVING and self._media is not None:
                return (Answer(self.say(Closed())), Reconnecting())
            case Close(reason):
                return (Answer(self.say(Closed())), _over(reason))
            case _:
                assert_never(body)

    def _skip(self, start: float, discarded: float) -> None:
        """Of their stream so much never comes. Going back is no gap."""
        self._position = max(self._position, round((start + discarded) * RATE))

    def _sound(self, sound: bytes) -> Sequence[CodecEvent]:
        if self.state in (HookState.LEAVING, HookState.PAUSED):
            return ()  # sent before they knew
        if self.state is not HookState.STREAMING or self._media is None:
            raise ProtocolViolation(Violation.OUT_OF_ORDER, "sound before the session is open")
        check_sound(sound, self._media, SOUND_LIMIT)
        if not sound:
            return ()  # so Genesys' own client ends a stream
        sides = len(self._media.channels)
        stamp = self._position * 1000 // RATE
        events: list[CodecEvent] = []
        for side, (channel, clock) in enumerate(zip(self._media.channels, self._clocks, strict=True)):
            frames = clock.place(self._chunks, stamp, mulaw_decode(sound[side::sides]))
            events += (Heard(channel, piece) for frame in frames for piece in _pieces(frame, self._begins))
        self._chunks += 1
        self._position += len(sound) // sides
        return events

    def _info(self, opened: Open) -> LegInfo:
        return LegInfo(
            leg_id=self.session,
            call_sid=opened.conversation,
            ani=opened.participant.ani,
            dnis=opened.participant.dnis,
            protocol=self.protocol,
            rate=RATE,
        )


def _pieces(frame: AudioFrame, begins: float) -> list[AudioFrame]:
    """A frame in pieces of 20 ms; the session's time begins at ``begins`` of the call's."""
    pcm, at = frame.pcm, begins + frame.at
    return [
        AudioFrame(pcm[start : start + _FRAME], frame.rate, at + start / SAMPLE_WIDTH / frame.rate)
        for start in range(0, len(pcm), _FRAME)
    ]


def _over(reason: CloseReason) -> HungUp:
    if reason is CloseReason.ERROR:
        return HungUp("they ended the session because of an error", HangUpCause.CONNECTION_LOST)
    return HungUp(f"they closed the session ({reason})", HangUpCause.FAR_END)


class HookCodec:
    """What the wire formats of both integrations share: the session, and what was odd in it."""

    def __init__(self, protocol: str, session: str) -> None:
        self.hook = Hook(protocol, session)

    @property
    def protocol(self) -> str:
        """The name of this wire in ``LegInfo.protocol``, logs and metrics."""
        return self.hook.protocol

    @property
    def counts(self) -> WireCounts:
        """What was odd so far."""
        return self.hook.counts

    @property
    def gaps(self) -> GapCounts:
        """What the way did to the sound."""
        return self.hook.gaps
