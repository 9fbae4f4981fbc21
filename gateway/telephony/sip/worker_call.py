"""One call inside a worker: its sound, between the stack's buffers and the wire to the gateway.

``pump`` is called at every tick and never waits. What the stack has received goes to the gateway; what waits to be sent
goes to the stack; marks that have been reached are told. A re-INVITE may put other buffers in place of the stack's,
with another codec: the call goes on at its own rate.

Refuses: what happens to the call (``worker.py``).
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict

from baresip import AudioInfo, AudioNotActive, AudioRestarted, Call, CallState

from gateway.telephony.sip.arrival_clock import ArrivalClock
from gateway.telephony.sip.call_sound import Received, Sent, leg_rate
from gateway.telephony.sip.transmission import Transmission
from gateway.telephony.sip.worker_link import WorkerLink
from gateway.telephony.sip.worker_messages import Closed, Established, Played
from infra.audio import SAMPLE_WIDTH


class WorkerCall:
    """A call of the stack's, and the sound of it."""

    def __init__(self, stack: Call, link: WorkerLink, send_queue: float) -> None:
        """``send_queue``: seconds of sound that may wait to be sent."""
        self.stack = stack
        self.number = stack.handle
        self.is_moving = False
        """Whether a transfer is under way; its end is told before the call's."""
        self.closed: Closed | None = None
        """What is told of the end of the call, once it has ended."""
        self._link = link
        self._send_queue = send_queue
        self._rate = 0
        """Of the sound on the wire, in Hz; 0 until sound flows."""
        self._sends = 0, 0
        """Rate and channels of what the stack takes."""
        self._clock = ArrivalClock(1)
        self._read_size = 0
        self._received: Received | None = None
        self._sent: Sent | None = None
        self._transmission: Transmission | None = None

    def send(self, pcm: bytes) -> None:
        """Sound for the far end."""
        if self._sent is not None and self._transmission is not None:
            self._transmission.add(self._sent.convert(pcm))
            self._feed()

    def mark(self, name: str) -> None:
        """Tell when what was sent so far has been played. Where nothing can be sent, it is told at once."""
        if self._transmission is None:
            self._link.note(Played(self.number, name))
        else:
            self._transmission.mark(name)
            self._feed()

    def clear(self) -> None:
        """Throw away what has not been played."""
        if self._transmission is None:
            return
        buffered = 0
        with suppress(AudioNotActive, AudioRestarted):  # then nothing waits there
            if buffered := self.stack.audio.info().tx_buffered:
                self.stack.audio.flush_tx()
        self._tell(self._transmission.clear(buffered, time.monotonic()))

    def pump(self, now: float) -> None:
        """Carry what there is to carry."""
        try:
            if self._received is None and not self._begin():
                return
            audio, received = self.stack.audio, self._received
            while received is not None and (pcm := audio.read(self._read_size)):
                for at, stretch in self._clock.place(received.convert(pcm), now):
                    self._link.sound(self.number, stretch, at)
                if len(pcm) < self._read_size:
                    break
        except AudioNotActive:
            return
        except AudioRestarted:
            self._received = None  # looked at again at the next tick
        self._feed()

    def figures(self) -> dict[str, float]:
        """The last figures about the sound: the stack's, and how many frames found no room."""
        stats = self.stack.final_stats
        if stats is None:
            return {}
        known = {name: float(value) for name, value in asdict(stats).items() if value is not None}
        unsent = 0 if self._transmission is None else self._transmission.dropped
        return {**known, "mos_estimate": stats.mos_estimate, "unsent_frames": unsent}

    def _begin(self) -> bool:
        """Fit the sound to what was negotiated; false while there is none."""
        if self.stack.state is not CallState.ESTABLISHED:
            return False
        info = self.stack.audio.info()
        if not info.rx_ready:
            return False
        first = not self._rate
        if first:
            self._rate = leg_rate(info.rx_sample_rate)
            self._clock = ArrivalClock(self._rate)
        self._received = Received(info.rx_sample_rate, info.rx_channels, self._rate)
        self._read_size = SAMPLE_WIDTH * info.rx_sample_rate * info.rx_channels // 25  # 40 ms
        self._fit_transmission(info)
        if first:
            self._link.note(Established(self.number, self._rate))
        return True

    def _fit_transmission(self, info: AudioInfo) -> None:
        """Where the format of what is sent changes, what waited in the old one is lost, and its marks come back."""
        wanted = info.tx_sample_rate, info.tx_channels
        if not info.tx_ready or wanted == self._sends:
            return
        if self._transmission is not None:
            self._tell(self._transmission.clear(0, 0.0))
        self._sends = wanted
        self._sent = Sent(info.tx_sample_rate, info.tx_channels, self._rate)
        self._transmission = Transmission(self._sent.bytes_per_second, self._send_queue)

    def _feed(self) -> None:
        """Give the stack what it has room for, and tell the marks that have been reached."""
        transmission = self._transmission
        if transmission is None or not transmission.is_busy:
            return
        try:
            audio = self.stack.audio
            buffered = audio.info().tx_buffered
            now = time.monotonic()
            while pcm := transmission.next(buffered, now):
                taken = audio.write(pcm)
                transmission.wrote(taken)
                buffered += taken
                if taken < len(pcm):
                    break
        except (AudioNotActive, AudioRestarted):
            return
        self._tell(transmission.played(buffered))

    def _tell(self, marks: list[str]) -> None:
        for name in marks:
            self._link.note(Played(self.number, name))
