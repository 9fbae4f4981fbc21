"""AudioHook Monitor: what customer and agent say to each other on a call that Genesys has, as two legs.

The customer's leg has the socket; the agent's (``MonitorLeg.agent``) is told the other channel. Neither takes sound:
nobody out there would hear it, and Genesys ends a session on which any is sent (415).

Refuses: to be heard, and who may come in (``door.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from gateway.telephony.audience import Audience
from gateway.telephony.codec import CodecEvent, MediaCodec, WireEvent
from gateway.telephony.entrance import OwnedSocket
from gateway.telephony.genesys.hook import Heard, Hook, HookCodec
from gateway.telephony.genesys.hook_leg import HookLeg
from gateway.telephony.genesys.messages import Channel, Disconnect, DisconnectReason
from gateway.telephony.leg import HangUpCause, HungUp, LegEvent, LegInfo, MediaReceived
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transfer import TransferMethod, TransferOrder, TransferOutcome
from infra.audio import AudioFrame

PROTOCOL: Final = "genesys-monitor"
"""The name of this wire in ``LegInfo.protocol``, logs and metrics."""


class MonitorCodec(HookCodec):
    """One session; see ``MediaCodec``. The customer's sound is the leg's, the agent's stays ``Heard``."""

    is_text: Final = True

    def __init__(self, session: str) -> None:
        super().__init__(PROTOCOL, session)

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        """What a message means; see ``MediaCodec``."""
        return [
            MediaReceived(event.frame) if isinstance(event, Heard) and event.channel is Channel.EXTERNAL else event
            for event in self.hook.receive(message)
        ]

    def encode_media(self, pcm: bytes) -> tuple[()]:
        """On a monitored call nobody hears us: nothing is sent."""
        return ()

    def encode_mark(self, name: str) -> None:
        """There is nothing to be marked."""

    def encode_clear(self) -> None:
        """There is nothing to be cleared."""

    def encode_end(self, reason: str) -> str | None:
        """Ask them to close a session on which something went wrong."""
        return self.hook.leave(Disconnect(DisconnectReason.ERROR, reason))

    def encode_leave(self, reason: str, *, failed: bool) -> str | None:
        """Ask them to close; ``None`` where they were asked already, or have closed."""
        return self.hook.leave(Disconnect(DisconnectReason.ERROR if failed else DisconnectReason.COMPLETED, reason))


class MonitorLeg(HookLeg):
    """The customer's side; whoever has it ends both."""

    def __init__(self, socket: OwnedSocket, codec: MonitorCodec, info: LegInfo, settings: TelephonySettings) -> None:
        super().__init__(socket, codec, codec.hook, info, settings)
        self._monitor = codec
        self.agent = AgentSide(replace(info, leg_id=f"{info.leg_id}-agent"), self.fail)

    def send(self, frame: AudioFrame) -> None:
        """Nobody hears it: it is dropped."""

    def mark(self, name: str) -> None:
        """Nothing is played, so nothing is told of it."""

    def clear(self) -> None:
        """Nothing is played."""

    def resume(self, socket: OwnedSocket, codec: MediaCodec, hook: Hook) -> None:
        """See ``HookLeg``."""
        assert isinstance(codec, MonitorCodec), "both came in by the same door"
        super().resume(socket, codec, hook)
        self._monitor = codec

    def _leave(self, reason: str, *, failed: bool) -> str | None:
        return self._monitor.encode_leave(reason, failed=failed)

    def _take(self, event: WireEvent) -> None:
        if isinstance(event, Heard):
            self.agent.heard(event.frame)
        else:
            super()._take(event)

    def _drop_all(self) -> None:
        """Nothing waits."""

    def _finish(self, end: HungUp, close_code: int, reason: str) -> None:
        super()._finish(end, close_code, reason)
        self.agent.over(end)


class AgentSide:
    """The agent's side of it, as a ``MediaLeg`` that nobody can speak on."""

    def __init__(self, info: LegInfo, fail: Callable[[], None]) -> None:
        self._info = info
        self._audience = Audience(fail)
        self._end: HungUp | None = None

    @property
    def info(self) -> LegInfo:
        """What is known of the leg."""
        return self._info

    @property
    def transfers(self) -> frozenset[TransferMethod]:
        """See ``MediaLeg``: none."""
        return frozenset()

    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """Hear the agent; see ``MediaLeg``."""
        self._audience.listen(hear)

    def send(self, frame: AudioFrame) -> None:
        """Nobody hears it: it is dropped."""

    def mark(self, name: str) -> None:
        """Nothing is played, so nothing is told of it."""

    def clear(self) -> None:
        """Nothing is played."""

    async def hang_up(self, reason: str) -> None:
        """Listen to the agent no more; the customer's side stays open."""
        self.over(HungUp(reason, HangUpCause.OURS))

    async def transfer(self, order: TransferOrder) -> TransferOutcome:
        """See ``MediaLeg``."""
        raise ValueError(f"this leg cannot be moved by {order.method}")

    def heard(self, frame: AudioFrame) -> None:
        """For ``MonitorLeg``: the agent's sound."""
        if self._end is None:
            self._audience.tell(MediaReceived(frame))

    def over(self, end: HungUp) -> None:
        """For ``MonitorLeg``: the session is over."""
        if self._end is None:
            self._end = end
            asyncio.get_running_loop().call_soon(lambda: self._audience.tell(end))
