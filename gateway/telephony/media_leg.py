"""A call's sound over one media socket, as a ``MediaLeg``.

A frame takes the shortest way: from the socket through the codec to the listener, and from the session through the
codec to the socket, each in one go and without a task. Only what the far end does not take at once waits, in the
``SendQueue``.

``SocketLeg`` is what all legs on a socket have in common; ``WebSocketLeg`` is the one whose far end plays by itself
what it is sent. Where nobody out there does, we keep the time (``paced_leg.py``).

Refuses: meaning. What a message says is the codec's; what a caller wants is the session's.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Protocol

from gateway.telephony import metrics
from gateway.telephony.audience import Audience
from gateway.telephony.codec import FlowControl, MediaCodec, Message, WireEvent
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import (
    DtmfReceived,
    HangUpCause,
    HeldByFarEnd,
    HungUp,
    LegEvent,
    LegInfo,
    MarkPlayed,
    MediaReceived,
)
from gateway.telephony.media_socket import NO_CLOSE
from gateway.telephony.patience import Patience
from gateway.telephony.send_queue import SendQueue
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transfer import (
    NotTransferred,
    TransferMethod,
    TransferOrder,
    TransferOutcome,
    TransferUnclear,
)
from gateway.telephony.transferor import Transferor
from infra.audio import AudioFrame

NORMAL: Final = 1000
POLICY: Final = 1008
INTERNAL: Final = 1011
RESTART: Final = 1012

log = logging.getLogger(__name__)


class LegSocket(Protocol):
    """What a leg needs of its socket; see ``MediaSocket``."""

    @property
    def is_writable(self) -> bool:
        """Whether the far end takes what it is sent."""

    def send(self, message: str | bytes) -> None:
        """Write a message, now."""

    def send_text(self, text: str | bytes) -> None:
        """Write a message that is text, now."""

    def close(self, code: int, reason: str) -> None:
        """Close, with a code of RFC 6455, section 7.4, where the socket can tell it."""


class SocketLeg(ABC):
    """What every ``MediaLeg`` on a socket does, whatever becomes of sound for its far end; the owner of its socket.

    Whoever gets it must end it with ``hang_up``.
    """

    def __init__(
        self,
        socket: LegSocket,
        codec: MediaCodec,
        info: LegInfo,
        settings: TelephonySettings,
        transferor: Transferor | None = None,
    ) -> None:
        self._socket = socket
        self._write: Callable[[str | bytes], None] = socket.send_text if codec.is_text else socket.send
        self._codec = codec
        self._info = info
        self._transferor = transferor
        self._max_ahead = settings.max_ahead
        self._loop = asyncio.get_running_loop()
        self._end: HungUp | None = None
        self._over = asyncio.Event()
        self._audience = Audience(self.fail)
        self._paced_from: float | None = None
        """The loop's time when the first sound came, less the seconds that sound may run ahead."""
        self._patience = Patience(
            settings.idle_timeout, settings.send_timeout, lambda end: self._finish(end, POLICY, end.reason)
        )
        self._patience.writable(socket.is_writable)
        metrics.LEGS_OPEN.labels(self._codec.protocol).inc()

    @property
    def info(self) -> LegInfo:
        """What is known of the leg."""
        return self._info

    @property
    def transfers(self) -> frozenset[TransferMethod]:
        """See ``MediaLeg``: the transferor's, if the door knew of one."""
        return frozenset() if self._transferor is None else self._transferor.methods

    async def transfer(self, order: TransferOrder) -> TransferOutcome:
        """See ``MediaLeg``."""
        transferor = self._transferor
        if transferor is None or order.method not in transferor.methods:
            raise ValueError(f"this leg cannot be moved by {order.method}")
        if self._end is not None:
            return NotTransferred(f"the leg has ended: {self._end.reason}")
        try:
            async with asyncio.timeout(order.within):
                return await transferor.transfer(order, self)
        except TimeoutError:
            return TransferUnclear(f"no answer came within {order.within:g} s")

    def say(self, message: str | bytes) -> None:
        """Write a message past all that waits; for the ``Transferor``."""
        if self._end is None:
            self._write(message)

    async def ended(self) -> HungUp:
        """Wait until the leg has ended; for the ``Transferor``."""
        await self._over.wait()
        assert self._end is not None
        return self._end

    # --- what the far end does ----------------------------------------------------------------------------------------
    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """Hear what the far end does; see ``MediaLeg``."""
        self._audience.listen(hear)

    def received(self, message: str | bytes) -> None:
        """A message of the socket's."""
        if self._end is not None:
            return
        now = self._patience.heard_at = self._loop.time()
        try:
            for event in self._codec.receive(message):
                if isinstance(event, MediaReceived):
                    if self._paced_from is None:
                        self._paced_from = now - self._max_ahead
                    if event.frame.until > now - self._paced_from:
                        raise self._ahead_of_time()
                    self._audience.tell(event)
                elif isinstance(event, HungUp):
                    self._finish(event, NORMAL, "")
                elif isinstance(event, DtmfReceived | MarkPlayed | HeldByFarEnd):
                    self._audience.tell(event)
                elif isinstance(event, FlowControl):
                    self._flow(event.go_on)
                elif isinstance(event, WireEvent):
                    self._take(event)
        except ProtocolViolation as violation:
            self._break_off(violation)
        except BaseException:
            self.fail()
            raise

    def writable(self, yes: bool) -> None:
        """The far end takes what it is sent, or no longer does."""
        self._patience.writable(yes)
        self._make_room()

    def closed(self, code: int) -> None:
        """The far end closed the socket, or is gone (RFC 6455, section 7.4.1)."""
        if code in (1000, 1001):
            end = HungUp(f"the far end closed the socket ({code})", HangUpCause.FAR_END)
        else:
            gone = " without a close" if code == NO_CLOSE else ""
            end = HungUp(f"the connection was lost{gone} ({code})", HangUpCause.CONNECTION_LOST)
        self._finish(end, NORMAL, "")

    def broken(self, code: int) -> None:
        """The far end broke the framing."""
        self._break_off(ProtocolViolation(Violation.BROKEN_FRAMING, f"the socket broke off ({code})"))

    def shut_down(self) -> None:
        """The server stops."""
        end = HungUp("this server is shutting down", HangUpCause.OURS)
        self._finish(end, RESTART, end.reason)

    # --- what we do ---------------------------------------------------------------------------------------------------
    async def hang_up(self, reason: str) -> None:
        """End the leg; see ``MediaLeg``."""
        self._finish(HungUp(reason, HangUpCause.OURS), NORMAL, reason)

    def fail(self) -> None:
        """End the leg because whoever heard or served it failed."""
        self._finish(HungUp("internal error", HangUpCause.FAULT), INTERNAL, "internal error")

    def _write_all(self, message: Message) -> None:
        if isinstance(message, tuple):
            for part in message:
                self._write(part)
        else:
            self._write(message)

    def _wrong_rate(self, frame: AudioFrame) -> ValueError:
        return ValueError(f"the leg carries {self._info.rate} Hz, not {frame.rate}: resample before sending")

    # --- what becomes of sound for the far end ------------------------------------------------------------------------
    @abstractmethod
    def send(self, frame: AudioFrame) -> None:
        """See ``MediaLeg``."""

    @abstractmethod
    def mark(self, name: str) -> None:
        """See ``MediaLeg``."""

    @abstractmethod
    def clear(self) -> None:
        """See ``MediaLeg``."""

    @abstractmethod
    def _make_room(self) -> None:
        """The socket can be written to, or no longer."""

    @abstractmethod
    def _drop_all(self) -> None:
        """The leg is over: nothing that waits is sent any more."""

    @abstractmethod
    def _flow(self, go_on: bool) -> None:
        """The far end says that it has room for sound, or none."""

    def _take(self, event: WireEvent) -> None:
        """What this wire alone knows of; a leg that was made for no wire alone is not told such things."""
        raise TypeError(f"a {type(self).__name__} does not understand {type(event).__name__}")

    def _ahead_of_time(self) -> ProtocolViolation:
        """The far end is held to real time: sound that is stamped or sent hours ahead would fill our disk."""
        reason = f"sound runs more than {self._max_ahead:g} s ahead of real time"
        return ProtocolViolation(Violation.AHEAD_OF_TIME, reason)

    # --- the end ------------------------------------------------------------------------------------------------------
    def _break_off(self, violation: ProtocolViolation) -> None:
        count_violation(violation, self._codec.protocol, self._info.leg_id)
        self._finish(HungUp(str(violation), HangUpCause.VIOLATION), violation.close_code, violation.reason)

    def _finish(self, end: HungUp, close_code: int, reason: str) -> None:
        """Decide the end, once, and tell it."""
        if self._end is not None:
            return
        self._end = end
        self._over.set()
        self._drop_all()
        self._patience.end()
        if (last_word := self._codec.encode_end(end.reason)) is not None:
            self._write(last_word)
        self._socket.close(close_code, reason)
        self._count_end(end)
        self._loop.call_soon(lambda: self._audience.tell(end))

    def _count_end(self, end: HungUp) -> None:
        protocol, counts, gaps = self._codec.protocol, self._codec.counts, self._codec.gaps
        metrics.LEGS_OPEN.labels(protocol).dec()
        metrics.LEGS_ENDED.labels(protocol, end.cause.value).inc()
        odd = {
            "unknown_event": counts.unknown_events,
            "sequence_gap": counts.sequence_gaps,
            "sequence_repeat": counts.sequence_repeats,
            "lost_chunk": gaps.lost_chunks,
            "late_chunk": gaps.late_chunks,
            "time_jump": gaps.jumps,
        }
        for kind, number in odd.items():
            if number:
                metrics.ODD_MESSAGES.labels(protocol, kind).inc(number)
        metrics.SOUND_FILLED.labels(protocol).inc(gaps.filled_seconds)
        log.info("leg %s ended: %s (%s)", self._info.leg_id, end.reason, end.cause.value)


class WebSocketLeg(SocketLeg):
    """A leg whose far end plays what it is sent, in its own time, and tells when marks are reached."""

    def __init__(
        self,
        socket: LegSocket,
        codec: MediaCodec,
        info: LegInfo,
        settings: TelephonySettings,
        transferor: Transferor | None = None,
    ) -> None:
        super().__init__(socket, codec, info, settings, transferor)
        self._queue = SendQueue(settings.send_queue)
        self._has_room = True
        """What the far end last said of it on the wire; most never say anything."""

    def send(self, frame: AudioFrame) -> None:
        """Send sound, or queue it while the far end does not take it; see ``MediaLeg``."""
        if frame.rate != self._info.rate:
            raise self._wrong_rate(frame)
        if self._end is not None or not frame.pcm:
            return
        message = self._codec.encode_media(frame.pcm)
        if self._socket.is_writable and self._has_room:
            self._write_all(message)
        elif not self._queue.add_sound(message, frame.duration):
            metrics.FRAMES_DROPPED.labels(self._codec.protocol).inc()

    def mark(self, name: str) -> None:
        """Send or queue a mark; see ``MediaLeg``."""
        if self._end is None and (message := self._codec.encode_mark(name)) is not None:
            if not self._queue.add_mark(message):
                metrics.MARKS_WITHHELD.labels(self._codec.protocol).inc()
            self._make_room()

    def clear(self) -> None:
        """Drop sound here and there; see ``MediaLeg``."""
        if self._end is None:
            self._queue.clear(self._codec.encode_clear())
            self._has_room = True  # what filled the far end is gone with it
            self._make_room()

    def _make_room(self) -> None:
        while self._has_room and self._socket.is_writable and (message := self._queue.take()) is not None:
            self._write_all(message)

    def _flow(self, go_on: bool) -> None:
        self._has_room = go_on
        self._make_room()

    def _drop_all(self) -> None:
        self._queue.drop_all()


def count_violation(violation: ProtocolViolation, protocol: str, leg_id: str) -> None:
    """A far end broke the protocol: one more, and a line in the log."""
    metrics.VIOLATIONS.labels(protocol, violation.violation.label).inc()
    log.info("media socket %s broke the protocol: %s", leg_id or "(not started)", violation)
