"""What both legs on an AudioHook session have in common: answers go out at once, and only the client closes.

A client that closes its session to reconnect comes again with another that says which it continues: then the leg goes
on over that one (``resume``). Between the two the far end is on hold; it has ``RETURNS_WITHIN`` seconds.

Refuses: sound, either way.
"""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from typing import Final

from gateway.telephony import metrics
from gateway.telephony.codec import MediaCodec, WireEvent
from gateway.telephony.entrance import OwnedSocket
from gateway.telephony.errors import ProtocolViolation
from gateway.telephony.genesys.hook import (
    Answer,
    FarEndError,
    Hook,
    HookState,
    LanguageAsked,
    Reconnecting,
)
from gateway.telephony.leg import HangUpCause, HeldByFarEnd, HungUp, LegInfo
from gateway.telephony.media_leg import NORMAL, RESTART, LegSocket, SocketLeg
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transferor import Transferor

LEAVE_WITHIN: Final = 3.0
"""Seconds that they have to close a session that we are done with."""

CLOSES_WITHIN: Final = 2.0
"""Seconds that the client has to close the socket once it was told that its session is closed."""

RETURNS_WITHIN: Final = 10.0
"""Seconds that the client has to come again once it has closed a session to reconnect."""

FAILURES: Final = frozenset({"failed", "shut_down", "connection_lost", "protocol_broken"})
"""Reasons of ours to hang up that are no good end: the flow in Genesys goes its way for errors."""

ERROR_CODES: Final = frozenset({400, 405, 408, 409, 413, 415, 429, 500, 503})
"""What Genesys may hold against us."""

log = logging.getLogger(__name__)


class HookLeg(SocketLeg):
    """A ``MediaLeg`` over a session; see ``SocketLeg``."""

    def __init__(
        self,
        socket: OwnedSocket,
        codec: MediaCodec,
        hook: Hook,
        info: LegInfo,
        settings: TelephonySettings,
        transferor: Transferor | None = None,
    ) -> None:
        super().__init__(ClosedByClient(socket, hook), codec, info, settings, transferor)
        self._line, self._hook = socket, hook
        self._leaving: str | None = None
        """Why we hang up, once we do."""
        self._away: asyncio.TimerHandle | None = None
        """Rings when the client should have come again; none while it is there."""
        self._heard_until = 0.0, 0.0
        """The call's media time when the client left, and the loop's."""

    @property
    def _is_open(self) -> bool:
        """Whether anything may still be said."""
        return self._end is None and self._leaving is None

    @abstractmethod
    def _leave(self, reason: str, *, failed: bool) -> str | None:
        """The words that ask them to close; none where they were asked already."""

    async def hang_up(self, reason: str) -> None:
        """Ask Genesys to close the session; see ``MediaLeg``."""
        if self._is_open:
            self._leaving = reason
            self._drop_all()
            if (words := self._leave(reason, failed=reason in FAILURES)) is not None:
                self._write(words)
            if self._away is None:
                await self._closed_by_them()
        await super().hang_up(reason)

    async def _closed_by_them(self) -> None:
        try:
            async with asyncio.timeout(LEAVE_WITHIN):
                await self.ended()
        except TimeoutError:
            log.info("leg %s: nobody closed the session within %g s", self._info.leg_id, LEAVE_WITHIN)

    def _take(self, event: WireEvent) -> None:
        match event:
            case Answer(text):
                self._write(text)
            case FarEndError(code, message):
                kind = f"error_{code}" if code in ERROR_CODES else "error_other"
                metrics.ODD_MESSAGES.labels(self._codec.protocol, kind).inc()
                log.warning("leg %s: Genesys reports an error: %d %s", self._info.leg_id, code, message[:200])
            case Reconnecting():
                self._leave_alone()
                self._away = self._loop.call_later(RETURNS_WITHIN, self._not_back)
                self._audience.tell(HeldByFarEnd(held=True))
            case LanguageAsked(language):
                log.info("leg %s: Genesys says that it goes on in %s", self._info.leg_id, language[:40])
            case _:
                super()._take(event)

    def resume(self, socket: OwnedSocket, codec: MediaCodec, hook: Hook) -> None:
        """Go on over another session, which continues this leg's; what Genesys had not played of ours is lost."""
        was_there = self._away is None
        if was_there:
            self._leave_alone()
        else:
            self._away.cancel()  # type: ignore[union-attr]
            self._away = None
        heard, since = self._heard_until
        hook.goes_on(heard + self._loop.time() - since)
        self._line, self._hook, self._codec = socket, hook, codec
        self._socket = ClosedByClient(socket, hook)
        self._write = socket.send_text if codec.is_text else socket.send
        self._patience.heard_at = self._loop.time()
        self._patience.writable(socket.is_writable)
        log.info("leg %s goes on in session %s", self._info.leg_id, hook.session)
        if not was_there:
            self._audience.tell(HeldByFarEnd(held=False))

    def _leave_alone(self) -> None:
        """Have nothing more to do with the session's socket: what still comes by it is no news of the call's."""
        self._heard_until = self._hook.position, self._loop.time()
        Departed(self._line, self._hook)
        self._write = _unheard

    def _not_back(self) -> None:
        end = HungUp(f"they did not come again within {RETURNS_WITHIN:g} s", HangUpCause.CONNECTION_LOST)
        self._finish(end, NORMAL, "")

    def _make_room(self) -> None:
        """What is sent is little and seldom: a far end that takes nothing is given up before it adds up."""

    def _flow(self, go_on: bool) -> None:
        """Their wire has no word for it."""

    def _finish(self, end: HungUp, close_code: int, reason: str) -> None:
        if self._away is not None:
            self._away.cancel()
        if self._leaving is not None and end.cause is HangUpCause.FAR_END:
            end = HungUp(self._leaving, HangUpCause.OURS)  # they close, but it was we who hung up
        super()._finish(end, close_code, reason)


def _unheard(_message: str | bytes) -> None:
    """Nobody is there who could hear it."""


class Departed:
    """Owns the socket of a session that another one continues, until its client has closed it."""

    def __init__(self, socket: OwnedSocket, hook: Hook) -> None:
        self._socket = socket
        self._hook = hook
        socket.owner = self
        asyncio.get_running_loop().call_later(LEAVE_WITHIN, socket.close, NORMAL, "another session continues this one")

    def received(self, message: str | bytes) -> None:
        """A last message: it is answered, and that is all."""
        try:
            for event in self._hook.receive(message):
                if isinstance(event, Answer):
                    self._socket.send_text(event.text)
        except ProtocolViolation as violation:
            self._socket.close(violation.close_code, violation.reason)

    def writable(self, yes: bool) -> None:
        """Hardly anything is written."""

    def closed(self, code: int) -> None:
        """As it should be."""

    def broken(self, code: int) -> None:
        """It is done with anyhow."""

    def shut_down(self) -> None:
        """The server stops."""
        self._socket.close(RESTART, "this server is shutting down")


class ClosedByClient:
    """The socket of ``hook``'s session, which is left to the client to close; see ``LegSocket``. A client that was told
    that all is over and does not close is closed all the same."""

    def __init__(self, socket: LegSocket, hook: Hook) -> None:
        self.send = socket.send
        self.send_text = socket.send_text
        self._socket = socket
        self._hook = hook

    @property
    def is_writable(self) -> bool:
        """Whether the far end takes what it is sent."""
        return self._socket.is_writable

    def close(self, code: int, reason: str) -> None:
        """Close it: after a while where the client is about to, at once where something went wrong."""
        if self._hook.state is HookState.OVER:
            asyncio.get_running_loop().call_later(CLOSES_WITHIN, self._socket.close, code, reason)
        else:
            self._socket.close(code, reason)
