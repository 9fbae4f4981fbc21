"""AudioSocket's own TCP server: connections of Asterisk's, whose frames go the way of every other leg.

A connection shows a UUID; it is let in if that was announced, and closed without a word if not, for the wire has none.
Asterisk plays what comes as it comes, so the leg keeps the time and sends little ahead (``PacedLeg``).

Refuses: meaning (``audiosocket.py``), and connections beyond a limit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, cast

from gateway.telephony import metrics
from gateway.telephony.asterisk.announcement import Announcements
from gateway.telephony.asterisk.audiosocket import PROTOCOL, AudioSocketCodec, Deframer
from gateway.telephony.asterisk.returning import Returning
from gateway.telephony.codec import Introduced, Opening
from gateway.telephony.entrance import Entrance, Taken, TurnedAway, turned_away
from gateway.telephony.leg import Admission, LegInfo, MediaLeg
from gateway.telephony.media_leg import POLICY
from gateway.telephony.media_socket import NO_CLOSE, SocketOwner
from gateway.telephony.paced_leg import PacedLeg
from gateway.telephony.settings import TelephonySettings

CLOSE_WITHIN: Final = 1.0
"""Seconds that the far end has to take what is written before its connection is dropped."""
CLOSED: Final = 1000
"""A connection that ends in good order has no code; this is what WebSockets call it."""

log = logging.getLogger(__name__)


class AudioSocketServer:
    """Takes connections, and their calls to ``on_leg``, which serves one call and returns when it is over."""

    def __init__(
        self,
        settings: TelephonySettings,
        admission: Admission,
        on_leg: Callable[[MediaLeg], Awaitable[None]],
        announcements: Announcements,
        returning: Returning,
        most: int,
    ) -> None:
        self._settings = settings
        self._admission = admission
        self._on_leg = on_leg
        self._announcements = announcements
        self._returning = returning
        self._most = most
        self._open: set[AudioSocketConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Take connections from now on; where. Raises ``OSError`` when it cannot listen there."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: AudioSocketConnection(self.welcome, self._open.discard), host, port
        )
        return cast("tuple[str, int]", self._server.sockets[0].getsockname()[:2])

    async def close(self) -> None:
        """End every leg, and wait for its call; seconds at most."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._open):
            connection.owner.shut_down()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settings.send_timeout)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def welcome(self, connection: AudioSocketConnection) -> SocketOwner | None:
        """A connection's first owner; none when it has no place here."""
        if len(self._open) >= self._most:
            metrics.CALLS_REFUSED.labels(PROTOCOL, "busy").inc()
            log.warning("an AudioSocket connection was refused: %d are open", self._most)
            return None
        if refusal := self._admission.room():
            metrics.CALLS_REFUSED.labels(PROTOCOL, refusal.reason.value).inc()
            return None
        self._open.add(connection)
        codec = AudioSocketCodec()
        return Entrance(connection, self._tasks, codec, self._settings, partial(self._meet, codec), PacedLeg)

    async def _meet(self, codec: AudioSocketCodec, opening: Opening) -> Taken | TurnedAway:
        """Admit the call; it waits for nothing, see ``Entrance``."""
        assert isinstance(opening, Introduced), "an AudioSocket connection shows a UUID"
        announced = self._announcements.come(opening.ticket)
        if announced is None:
            metrics.SIGNATURES_REFUSED.labels(PROTOCOL).inc()
            log.info("an AudioSocket connection shows a UUID that nobody has announced")
            return TurnedAway(POLICY, "the call was not announced, or too long ago")
        who = announced.who
        info = LegInfo(
            leg_id=opening.ticket,
            call_sid=who.call or opening.ticket,
            ani=who.ani,
            dnis=who.dnis,
            protocol=PROTOCOL,
            rate=codec.begin(announced.sound),
            headers=who.headers,
        )
        if refusal := self._admission.admit(info.offer):
            return turned_away(refusal, PROTOCOL)
        transferor = self._returning.transferor(info.call_sid, lambda: codec.encode_end("transfer"))
        return Taken(info, self._on_leg, transferor=transferor)


class AudioSocketConnection(asyncio.Protocol):
    """One connection of Asterisk's; see ``LegSocket``."""

    def __init__(
        self,
        welcome: Callable[[AudioSocketConnection], SocketOwner | None],
        gone: Callable[[AudioSocketConnection], None],
    ) -> None:
        self.owner: SocketOwner
        self.is_writable = True
        self._welcome = welcome
        self._gone = gone
        self._frames = Deframer()
        self._transport: asyncio.Transport
        self._dropping: asyncio.TimerHandle | None = None
        self._is_over = False

    def send(self, message: str | bytes) -> None:
        """Write a frame, now; it is written whole, for Asterisk reads a header in one go."""
        assert isinstance(message, bytes), "AudioSocket has no text"
        if self._dropping is None:
            self._transport.write(message)

    send_text = send

    def close(self, code: int, reason: str) -> None:
        """Close when what was written has been taken, or after ``CLOSE_WITHIN``; the wire can tell no code."""
        if self._dropping is None:
            self._transport.close()
            self._dropping = asyncio.get_running_loop().call_later(CLOSE_WITHIN, self._transport.abort)

    # --- what asyncio calls -------------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asterisk has connected."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=0)
        owner = self._welcome(self)
        if owner is None:
            self._is_over = True
            self._transport.abort()
        else:
            self.owner = owner

    def data_received(self, data: bytes) -> None:
        """Some bytes, cut anywhere."""
        for frame in self._frames.feed(data):
            if not self._is_over:
                self.owner.received(frame)

    def pause_writing(self) -> None:
        """Asterisk does not take what it is sent."""
        self.is_writable = False
        if not self._is_over:
            self.owner.writable(False)

    def resume_writing(self) -> None:
        """It takes it again."""
        self.is_writable = True
        if not self._is_over:
            self.owner.writable(True)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: closed, or broken.

        Asterisk hangs up by closing, and mostly has not read all our sound then: TCP tells that as a reset.
        """
        if self._dropping is not None:
            self._dropping.cancel()
        if not self._is_over:
            self._is_over = True
            hung_up = exc is None or isinstance(exc, ConnectionResetError | BrokenPipeError)
            self.owner.closed(CLOSED if hung_up else NO_CLOSE)
        self._gone(self)
