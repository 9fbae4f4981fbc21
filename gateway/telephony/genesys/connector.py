"""An Audio Connector: the bot on a call that Genesys has, as a codec and as a ``MediaLeg``.

The flow in Genesys waits while we talk with its caller, and goes on when the session is closed, with the output
variables that we asked for it with (``OUTPUTS``): also a transfer is such an end, after which the flow knows where to.

Refuses: who may come in (``door.py``), when sound is sent (``voice.py``), and what may come when (``hook.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, assert_never

from gateway.telephony import metrics
from gateway.telephony.codec import CodecEvent, MediaCodec, WireEvent
from gateway.telephony.entrance import OwnedSocket
from gateway.telephony.genesys.hook import Heard, Hook, HookCodec
from gateway.telephony.genesys.hook_leg import HookLeg
from gateway.telephony.genesys.messages import (
    RATE,
    BargeIn,
    BotTurn,
    Disconnect,
    DisconnectReason,
    Disposition,
    PlaybackCompleted,
    PlaybackStarted,
)
from gateway.telephony.genesys.voice import BotVoice, Played, SendBargeIn, SendSound, VoiceCommand
from gateway.telephony.leg import LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transfer import NotTransferred, TransferOrder
from gateway.telephony.transferor import ByWords
from infra.audio import AudioFrame, mulaw_encode

PROTOCOL: Final = "genesys-connector"
"""The name of this wire in ``LegInfo.protocol``, logs and metrics."""

RESULT, REASON, TARGET, HANDOFF = OUTPUTS = ("aicc_result", "aicc_reason", "aicc_target", "aicc_handoff")
"""Output variables of the flow: what came of it (``completed``, ``transfer`` or ``failed``), why in one word, and of a
transfer the destination's word and the id of the hand-off. Context and headers of the order are variables besides:
``summary`` is ``aicc_summary``, ``X-Queue`` is ``aicc_x_queue``."""

COMPLETED, TRANSFER, FAILED = "completed", "transfer", "failed"


class ConnectorCodec(HookCodec):
    """One session; see ``MediaCodec``."""

    is_text: Final = False

    def __init__(self, session: str) -> None:
        super().__init__(PROTOCOL, session)

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        """What a message means; see ``MediaCodec``. Whichever side is heard is the caller."""
        events = self.hook.receive(message)
        return [MediaReceived(event.frame) if isinstance(event, Heard) else event for event in events]

    def encode_media(self, pcm: bytes) -> bytes:
        """Sound for the caller; when it is sent is ``BotVoice``'s affair."""
        return mulaw_encode(pcm)

    def encode_mark(self, name: str) -> None:
        """Their wire knows no marks."""

    def encode_clear(self) -> str:
        """Have all sound thrown away that was not played yet."""
        return self.hook.say(BargeIn())

    def encode_end(self, reason: str) -> str | None:
        """Ask them to close a session that ends otherwise than by ``ConnectorLeg.hang_up``: something went wrong."""
        return self.encode_leave(FAILED, reason)

    def encode_leave(self, result: str, reason: str, **outputs: str) -> str | None:
        """Ask them to close; ``None`` where they were asked already, or have closed."""
        why = DisconnectReason.ERROR if result == FAILED else DisconnectReason.COMPLETED
        return self.hook.leave(Disconnect(why, reason, {RESULT: result, REASON: reason, **outputs}))

    def encode_transfer(self, order: TransferOrder) -> Sequence[str] | NotTransferred:
        """Have the flow move the call to the order's target, which is a word that the flow knows."""
        headers = {"aicc_" + name.lower().replace("-", "_"): value for name, value in order.headers.items()}
        context = {f"aicc_{name}": value for name, value in order.context.items()}
        outputs = {**headers, **context, TARGET: order.target, HANDOFF: order.handoff}
        words = self.encode_leave(TRANSFER, outputs.pop(REASON, TRANSFER), **outputs)
        return NotTransferred("the session is being closed") if words is None else (words,)


class ConnectorLeg(HookLeg):
    """A ``MediaLeg`` over it; one timer, and only while sound or marks wait."""

    def __init__(self, socket: OwnedSocket, codec: ConnectorCodec, info: LegInfo, settings: TelephonySettings) -> None:
        super().__init__(socket, codec, codec.hook, info, settings, ByWords(codec.encode_transfer))
        self._session = codec
        self._longest = settings.send_queue
        self._voice = BotVoice(self._longest)
        self._timer: asyncio.TimerHandle | None = None

    def send(self, frame: AudioFrame) -> None:
        """Send sound when its time has come; see ``MediaLeg``."""
        if frame.rate != RATE:
            raise self._wrong_rate(frame)
        if self._is_open and frame.pcm:
            self._do(self._voice.say(self._session.encode_media(frame.pcm), self._loop.time()))

    def mark(self, name: str) -> None:
        """Tell when all sound so far has been played, as far as can be known; see ``MediaLeg``."""
        if self._is_open:
            self._do(self._voice.mark(name, self._loop.time()))

    def clear(self) -> None:
        """Drop sound here and there; see ``MediaLeg``."""
        if self._is_open:
            self._do(self._voice.clear(self._loop.time()))

    def tell(self, text: str, understood: bool) -> None:
        """Tell Genesys in words what the bot says, and whether it understood the caller."""
        if self._is_open:
            disposition = Disposition.MATCH if understood else Disposition.NO_MATCH
            self._write(self._session.hook.say(BotTurn(disposition, text)))

    def _leave_alone(self) -> None:
        super()._leave_alone()
        self._do(self._voice.clear(self._loop.time()))  # marks come back; the rest of it nobody hears
        self._voice = BotVoice(self._longest)

    def resume(self, socket: OwnedSocket, codec: MediaCodec, hook: Hook) -> None:
        """See ``HookLeg``."""
        assert isinstance(codec, ConnectorCodec), "both came in by the same door"
        super().resume(socket, codec, hook)
        self._session = codec
        self._transferor = ByWords(codec.encode_transfer)

    def _leave(self, reason: str, *, failed: bool) -> str | None:
        return self._session.encode_leave(FAILED if failed else COMPLETED, reason)

    def _take(self, event: WireEvent) -> None:
        match event:
            case PlaybackStarted():
                self._voice.started(self._loop.time())
            case PlaybackCompleted():
                self._do(self._voice.completed(self._loop.time()))
            case _:
                super()._take(event)

    def _drop_all(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        metrics.FRAMES_DROPPED.labels(PROTOCOL).inc(self._voice.dropped)
        metrics.MARKS_WITHHELD.labels(PROTOCOL).inc(self._voice.withheld)
        self._voice = BotVoice(0.0)

    # --- time ---------------------------------------------------------------------------------------------------------
    def _do(self, commands: Sequence[VoiceCommand]) -> None:
        for command in commands:
            match command:
                case SendSound(sound):
                    self._write(sound)
                case SendBargeIn():
                    self._write(self._session.encode_clear())
                case Played(name):
                    self._loop.call_soon(self._played, name)
                case _:
                    assert_never(command)
        if self._timer is not None:
            self._timer.cancel()
        due = self._voice.deadline
        self._timer = None if due is None else self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._do(self._voice.tick(self._loop.time()))

    def _played(self, name: str) -> None:
        if self._end is None:
            try:
                self._audience.tell(MarkPlayed(name))
            except BaseException:
                self.fail()
                raise
