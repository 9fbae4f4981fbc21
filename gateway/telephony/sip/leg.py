"""A SIP call as a ``MediaLeg``: its sound, keys, marks and transfers, by way of the process that has it.

Refuses: how a call comes about (``door.py``, ``trunk.py``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, assert_never
from urllib.parse import quote

from gateway.telephony import metrics
from gateway.telephony.audience import Audience
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
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.headers import user_to_user
from gateway.telephony.sip.workers import CallEvent, SipWorker, WorkerGone
from gateway.telephony.transfer import (
    NotTransferred,
    TransferMethod,
    TransferOrder,
    TransferOutcome,
    Transferred,
    TransferUnclear,
)
from infra.audio import AudioFrame

PROTOCOL: Final = "sip"
USER_TO_USER: Final = "User-to-User"

GRACE: Final = 2.0
"""Seconds beyond a transfer's limit in which its process has to say that the limit is over."""

log = logging.getLogger(__name__)


class SipLeg:
    """See ``MediaLeg``. Whoever gets it must end it with ``hang_up``."""

    def __init__(self, worker: SipWorker, call: int, info: LegInfo, *, refer_confirms: bool) -> None:
        """``refer_confirms``: whether the success of a REFER means that the target has answered."""
        self.worker, self.call = worker, call
        self._info = info
        self._refer_confirms = refer_confirms
        self._audience = Audience(self.fail)
        self._loop = asyncio.get_running_loop()
        self._end: HungUp | None = None
        self._incomplete = False
        """Whether sound was dropped since the last mark: the next mark would vouch for it."""
        self._position = 0.0
        self._moving: asyncio.Future[wire.MoveEnded] | None = None
        worker.calls[call] = self.heard
        metrics.LEGS_OPEN.labels(PROTOCOL).inc()

    @property
    def info(self) -> LegInfo:
        """What is known of it."""
        return self._info

    @property
    def transfers(self) -> frozenset[TransferMethod]:
        """See ``MediaLeg``."""
        return frozenset({TransferMethod.REFER, TransferMethod.ATTENDED})

    # --- what the far end does ----------------------------------------------------------------------------------------
    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """See ``MediaLeg``."""
        self._audience.listen(hear)

    def heard(self, event: CallEvent) -> None:
        """Something of this call's, from its process."""
        if self._end is not None:
            return
        try:
            self._take(event)
        except BaseException:
            self.fail()
            raise

    def _take(self, event: CallEvent) -> None:
        match event:
            case wire.Sound(_, at, pcm):
                frame = AudioFrame(pcm, self._info.rate, at / self._info.rate)
                self._position = frame.until
                self._audience.tell(MediaReceived(frame))
            case wire.Key(_, digit):
                self._audience.tell(DtmfReceived(digit, self._position))
            case wire.Played(_, name):
                self._audience.tell(MarkPlayed(name))
            case wire.FarHold(_, held):
                self._audience.tell(HeldByFarEnd(held))
            case wire.MoveEnded():
                if self._moving is not None and not self._moving.done():
                    self._moving.set_result(event)
            case wire.Closed(_, reason, figures):
                log.info("call %s closed: %s %s", self._info.call_sid, reason, figures)
                if figures:
                    metrics.SIP_MOS.observe(figures["mos_estimate"])
                    metrics.FRAMES_DROPPED.labels(PROTOCOL).inc(figures["unsent_frames"])
                self._finish(HungUp(reason or "the far end hung up", closing_cause(reason)))
            case WorkerGone(reason):
                self._finish(HungUp(reason, HangUpCause.CONNECTION_LOST))
            case wire.Dialled() | wire.NotDialled() | wire.Ringing() | wire.Established():
                pass  # of the time before it was a leg
            case _:
                assert_never(event)

    # --- what we do ---------------------------------------------------------------------------------------------------
    def send(self, frame: AudioFrame) -> None:
        """See ``MediaLeg``."""
        if frame.rate != self._info.rate:
            raise ValueError(f"the leg carries {self._info.rate} Hz, not {frame.rate}: resample before sending")
        if self._end is None and frame.pcm and not self.worker.sound(self.call, frame.pcm):
            self._incomplete = True
            metrics.FRAMES_DROPPED.labels(PROTOCOL).inc()

    def mark(self, name: str) -> None:
        """See ``MediaLeg``."""
        if self._end is not None:
            return
        if self._incomplete:
            self._incomplete = False
            metrics.MARKS_WITHHELD.labels(PROTOCOL).inc()
            return
        self.worker.note(wire.Mark(self.call, name))

    def clear(self) -> None:
        """See ``MediaLeg``."""
        if self._end is None:
            self._incomplete = False
            self.worker.note(wire.Clear(self.call))

    def hold(self, held: bool) -> None:
        """Put the far end on hold by a re-INVITE, or take it back."""
        if self._end is None:
            self.worker.note(wire.Hold(self.call, held))

    async def hang_up(self, reason: str) -> None:
        """See ``MediaLeg``."""
        self._finish(HungUp(reason, HangUpCause.OURS))

    def fail(self) -> None:
        """End the leg because whoever heard or served it failed."""
        self._finish(HungUp("internal error", HangUpCause.FAULT))

    async def transfer(self, order: TransferOrder) -> TransferOutcome:
        """See ``MediaLeg``. One at a time; a second order meanwhile is refused."""
        command = self._command(order)
        if isinstance(command, NotTransferred):
            return command
        if self._end is not None or self._moving is not None:
            return NotTransferred("the call is over" if self._end is not None else "it is being transferred already")
        self._moving = self._loop.create_future()
        self.worker.note(command)
        try:
            async with asyncio.timeout(order.within + GRACE):
                ended = await self._moving
        except TimeoutError:
            return TransferUnclear(f"the SIP process said nothing for {order.within + GRACE:g} s")
        finally:
            self._moving = None
        return self._outcome(ended)

    def _command(self, order: TransferOrder) -> wire.Refer | wire.Replace | NotTransferred:
        if order.method is TransferMethod.REFER:
            return wire.Refer(self.call, refer_to(order), order.within)
        if order.method is not TransferMethod.ATTENDED:
            raise ValueError(f"this leg cannot be moved by {order.method}")
        answered = order.answered
        if not isinstance(answered, SipLeg):
            return NotTransferred("the consultation is no SIP call")
        if answered.worker is not self.worker:
            return NotTransferred("the consultation is in another process: call it with `beside` set to this leg")
        return wire.Replace(self.call, answered.call, order.within)

    def _outcome(self, ended: wire.MoveEnded) -> TransferOutcome:
        if ended.outcome == wire.Moved.DONE:
            return Transferred(confirmed=self._refer_confirms)
        if ended.outcome == wire.Moved.REFUSED:
            return NotTransferred(ended.reason, ended.status or None)
        return TransferUnclear(ended.reason)

    def _finish(self, end: HungUp) -> None:
        """Decide the end, once, and tell it."""
        if self._end is not None:
            return
        self._end = end
        self.worker.calls.pop(self.call, None)
        self.worker.note(wire.HangUp(self.call))
        if self._moving is not None and not self._moving.done():
            self._moving.set_result(wire.MoveEnded(self.call, int(wire.Moved.UNCLEAR), 0, end.reason))
        metrics.LEGS_OPEN.labels(PROTOCOL).dec()
        metrics.LEGS_ENDED.labels(PROTOCOL, end.cause.value).inc()
        log.info("leg %s ended: %s (%s)", self._info.leg_id, end.reason, end.cause.value)
        self._loop.call_soon(lambda: self._audience.tell(end))


def refer_to(order: TransferOrder) -> str:
    """The value of Refer-To (RFC 3515, section 2.1): the target with the headers that it shall be called with."""
    headers = {USER_TO_USER: user_to_user(order.handoff)} if order.handoff else {}
    headers |= order.headers
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in headers.items())
    joint = "&" if "?" in order.target else "?"
    return f"<{order.target}{joint}{query}>" if query else f"<{order.target}>"


def closing_cause(reason: str) -> HangUpCause:
    """What the stack's words for the end of a call mean. A BYE is a reset connection to it."""
    text = reason.lower()
    if "by user" in text:  # its process ends all calls because the gateway stops
        return HangUpCause.OURS
    if "rtp" in text:
        return HangUpCause.IDLE
    if "timed out" in text or "timeout" in text:
        return HangUpCause.CONNECTION_LOST
    return HangUpCause.FAR_END
