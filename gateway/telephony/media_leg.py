"""A call's sound over one media socket, as a ``MediaLeg``.

A frame takes the shortest way: from the socket through the codec to the listener, and from the session through the
codec to the socket, each in one go and without a task. Only what the far end does not take at once waits, in the
``SendQueue``.

Refuses: meaning. What a message says is the codec's; what a caller wants is the session's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from gateway.telephony import metrics
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import HangUpCause, HungUp, LegEvent, LegInfo, MediaReceived
from gateway.telephony.media_socket import NO_CLOSE, MediaSocket
from gateway.telephony.media_stream import PROTOCOL, MediaStreamCodec, StreamStarted
from gateway.telephony.patience import Patience
from gateway.telephony.send_queue import SendQueue
from gateway.telephony.settings import TelephonySettings
from infra.audio import AudioFrame

NORMAL: Final = 1000
POLICY: Final = 1008
INTERNAL: Final = 1011
RESTART: Final = 1012

UNHEARD: Final = 3000
"""Events that are kept until somebody listens: a minute of sound. Who is not there by then never comes."""

log = logging.getLogger(__name__)


class WebSocketLeg:
    """A ``MediaLeg``, and the owner of its socket. Whoever gets it must end it with ``hang_up``."""

    def __init__(
        self, socket: MediaSocket, codec: MediaStreamCodec, info: LegInfo, settings: TelephonySettings
    ) -> None:
        self._socket = socket
        self._codec = codec
        self._info = info
        self._max_ahead = settings.max_ahead
        self._queue = SendQueue(settings.send_queue)
        self._loop = asyncio.get_running_loop()
        self._end: HungUp | None = None
        self._tell: Callable[[LegEvent], None] = self._keep
        self._unheard: deque[LegEvent] = deque()
        self._is_listened_to = False
        self._paced_from: float | None = None
        """The loop's time when the first sound came, less the seconds that sound may run ahead."""
        self._patience = Patience(
            settings.idle_timeout, settings.send_timeout, lambda end: self._finish(end, POLICY, end.reason)
        )
        self._patience.writable(socket.is_writable)
        metrics.LEGS_OPEN.labels(PROTOCOL).inc()

    @property
    def info(self) -> LegInfo:
        """What is known of the leg."""
        return self._info

    # --- what the far end does ----------------------------------------------------------------------------------------
    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """Hear what the far end does; see ``MediaLeg``."""
        if self._is_listened_to:
            raise RuntimeError("a leg has one listener")
        self._is_listened_to = True
        self._loop.call_soon(self._catch_up, hear)

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
                    self._tell(event)
                elif isinstance(event, HungUp):
                    self._finish(event, NORMAL, "")
                elif not isinstance(event, StreamStarted):
                    self._tell(event)
        except ProtocolViolation as violation:
            self._break_off(violation)
        except BaseException:
            self.fail()
            raise

    def writable(self, yes: bool) -> None:
        """The far end takes what it is sent, or no longer does."""
        self._patience.writable(yes)
        self._write_waiting()

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
    def send(self, frame: AudioFrame) -> None:
        """Send sound, or queue it while the far end does not take it; see ``MediaLeg``."""
        if frame.rate != self._info.rate:
            raise ValueError(f"the leg carries {self._info.rate} Hz, not {frame.rate}: resample before sending")
        if self._end is not None or not frame.pcm:
            return
        message = self._codec.encode_media(frame.pcm)
        if self._socket.is_writable:
            self._socket.send(message)
        elif not self._queue.add_sound(message, frame.duration):
            metrics.FRAMES_DROPPED.labels(PROTOCOL).inc()

    def mark(self, name: str) -> None:
        """Send or queue a mark; see ``MediaLeg``."""
        if self._end is None:
            if not self._queue.add_mark(self._codec.encode_mark(name)):
                metrics.MARKS_WITHHELD.labels(PROTOCOL).inc()
            self._write_waiting()

    def clear(self) -> None:
        """Drop sound here and there; see ``MediaLeg``."""
        if self._end is None:
            self._queue.clear(self._codec.encode_clear())
            self._write_waiting()

    async def hang_up(self, reason: str) -> None:
        """End the leg; see ``MediaLeg``."""
        self._finish(HungUp(reason, HangUpCause.OURS), NORMAL, reason)

    def fail(self) -> None:
        """End the leg because whoever heard or served it failed."""
        self._finish(HungUp("internal error", HangUpCause.FAULT), INTERNAL, "internal error")

    def _write_waiting(self) -> None:
        while self._socket.is_writable and (message := self._queue.take()) is not None:
            self._socket.send(message)

    # --- events, until and after somebody listens ---------------------------------------------------------------------
    def _keep(self, event: LegEvent) -> None:
        self._unheard.append(event)
        if len(self._unheard) == UNHEARD:
            self.fail()

    def _catch_up(self, hear: Callable[[LegEvent], None]) -> None:
        self._tell = hear
        try:
            while self._unheard:
                hear(self._unheard.popleft())
        except BaseException:
            self.fail()
            raise

    def _ahead_of_time(self) -> ProtocolViolation:
        """The far end is held to real time: sound that is stamped or sent hours ahead would fill our disk."""
        reason = f"sound runs more than {self._max_ahead:g} s ahead of real time"
        return ProtocolViolation(Violation.AHEAD_OF_TIME, reason)

    # --- the end ------------------------------------------------------------------------------------------------------
    def _break_off(self, violation: ProtocolViolation) -> None:
        count_violation(violation, self._info.leg_id)
        self._finish(HungUp(str(violation), HangUpCause.VIOLATION), violation.close_code, violation.reason)

    def _finish(self, end: HungUp, close_code: int, reason: str) -> None:
        """Decide the end, once, and tell it."""
        if self._end is not None:
            return
        self._end = end
        self._queue.drop_all()
        self._patience.end()
        self._socket.close(close_code, reason)
        self._count_end(end)
        self._loop.call_soon(lambda: self._tell(end))

    def _count_end(self, end: HungUp) -> None:
        metrics.LEGS_OPEN.labels(PROTOCOL).dec()
        metrics.LEGS_ENDED.labels(PROTOCOL, end.cause.value).inc()
        counts, gaps = self._codec.counts, self._codec.gaps
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
                metrics.ODD_MESSAGES.labels(PROTOCOL, kind).inc(number)
        metrics.SOUND_FILLED.labels(PROTOCOL).inc(gaps.filled_seconds)
        log.info("leg %s ended: %s (%s)", self._info.leg_id, end.reason, end.cause.value)


def count_violation(violation: ProtocolViolation, leg_id: str) -> None:
    """A far end broke the protocol: one more, and a line in the log."""
    metrics.VIOLATIONS.labels(PROTOCOL, violation.violation.label).inc()
    log.info("media socket %s broke the protocol: %s", leg_id or "(not started)", violation)
