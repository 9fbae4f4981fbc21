"""A leg whose far end keeps no time for us: sound is let go piece by piece, and marks are reached by our clock.

For wires without marks, and for those on which nothing that was sent can be taken back: see ``playout.py``. While the
socket takes nothing, nothing is let go; what was late then is played late, and no piece is skipped.

Refuses: saying that sound was heard. A mark says that it was sent, and that its time is over.
"""

from __future__ import annotations

import asyncio

from gateway.telephony import metrics
from gateway.telephony.codec import MediaCodec
from gateway.telephony.leg import LegInfo, MarkPlayed
from gateway.telephony.media_leg import LegSocket, SocketLeg
from gateway.telephony.playout import Pace, Playout
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transferor import Transferor
from infra.audio import AudioFrame


class PacedLeg(SocketLeg):
    """A ``MediaLeg`` that plays to its far end at the pace of sound; one timer, and only while something waits."""

    def __init__(
        self,
        socket: LegSocket,
        codec: MediaCodec,
        info: LegInfo,
        settings: TelephonySettings,
        transferor: Transferor | None = None,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(socket, codec, info, settings, transferor)
        self._playout = Playout(info.rate, pace or Pace(), settings.send_queue)
        self._timer: asyncio.TimerHandle | None = None
        self._has_room = True

    def send(self, frame: AudioFrame) -> None:
        """Let sound go when its time has come; see ``MediaLeg``."""
        if frame.rate != self._info.rate:
            raise self._wrong_rate(frame)
        if len(frame.pcm) % 2:
            raise ValueError("sound must be whole samples of 16 bits")
        if self._end is not None or not frame.pcm:
            return
        if not self._playout.add(frame.pcm):
            metrics.FRAMES_DROPPED.labels(self._codec.protocol).inc()
        self._make_room()

    def mark(self, name: str) -> None:
        """Tell when, by our clock, all sound so far has been played; see ``MediaLeg``."""
        if self._end is None:
            if not self._playout.mark(name, self._loop.time()):
                metrics.MARKS_WITHHELD.labels(self._codec.protocol).inc()
            self._look_again()

    def clear(self) -> None:
        """Drop the sound that waits, here and, where the wire has a word for it, there; see ``MediaLeg``."""
        if self._end is None:
            self._playout.clear(self._loop.time())
            if (message := self._codec.encode_clear()) is not None:
                self._write_all(message)
            self._look_again()

    def _make_room(self) -> None:
        now = self._loop.time()
        while self._may_write and (piece := self._playout.take(now)) is not None:
            self._write_all(self._codec.encode_media(piece))
        self._look_again()

    def _flow(self, go_on: bool) -> None:
        self._has_room = go_on
        self._make_room()

    @property
    def _may_write(self) -> bool:
        return self._has_room and self._socket.is_writable

    def _look_again(self) -> None:
        """Have the timer ring when there is something to do next; marks are told then, and never before."""
        if self._timer is not None:
            self._timer.cancel()
        due = self._playout.deadline if self._may_write else None
        self._timer = None if due is None else self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        try:
            for name in self._playout.marks_due(self._loop.time()):
                self._audience.tell(MarkPlayed(name))
        except BaseException:
            self.fail()
            raise
        if self._end is None:
            self._make_room()

    def _drop_all(self) -> None:
        self._playout.drop_all()
        if self._timer is not None:
            self._timer.cancel()
