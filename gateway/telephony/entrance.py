"""What happens to a socket between its opening and its leg, whatever is spoken on it.

The first words have to come in time. They are taken to the door, which says whether they are let in and who serves
them; then a leg owns the socket. However that ends, the far end is told a code and a reason.

Refuses: who may come in (each door's own rule), sockets (``media_socket.py``) and what is said on them (the codecs).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.telephony import metrics
from gateway.telephony.codec import Introduced, LegStarted, MediaCodec, Opening
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import LegInfo, MediaLeg, Refusal, RefusalReason
from gateway.telephony.media_leg import NORMAL, POLICY, RESTART, LegSocket, SocketLeg, WebSocketLeg, count_violation
from gateway.telephony.media_socket import Handshake, MediaSocket, Rejection, SocketOwner
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transferor import Transferor

EARLY: Final = 100
"""Messages that may come in one go with the opening: two seconds of sound."""

TRY_LATER: Final = 1013

log = logging.getLogger(__name__)


class OwnedSocket(LegSocket, Protocol):
    """A socket that tells whoever owns it what happens."""

    owner: SocketOwner


LegMaker = Callable[[OwnedSocket, MediaCodec, LegInfo, TelephonySettings, Transferor | None], SocketLeg]


class Door(Protocol):
    """One path of the server's that opens sockets of one wire."""

    @property
    def path(self) -> bytes:
        """Where it is."""

    @property
    def subprotocol(self) -> str | None:
        """What the far end has to offer to speak (RFC 6455, section 1.9); ``None``: the path says it."""

    def judge(self, handshake: Handshake, /) -> Rejection | None:
        """Whether a socket may be opened; asked before anything is allocated."""

    def welcome(self, socket: MediaSocket, tasks: set[asyncio.Task[None]], /) -> SocketOwner:
        """An open socket's first owner. The task that serves its leg is kept in ``tasks`` until it is over."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A leg is let in: what is known of it, who serves it (and returns when it is over), a first word to it, and who
    can have its platform move the call elsewhere."""

    info: LegInfo
    serve: Callable[[MediaLeg], Awaitable[None]]
    greeting: str | bytes | None = None
    transferor: Transferor | None = None
    make_leg: LegMaker | None = None
    """What makes the leg, where it is not the door's own way."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """It is not: the socket is closed with a code (RFC 6455, section 7.4) and a reason."""

    code: int
    reason: str


def turned_away(refusal: Refusal, door: str) -> TurnedAway:
    """How a call that is not admitted at ``door`` is told so."""
    metrics.CALLS_REFUSED.labels(door, refusal.reason.value).inc()
    code = TRY_LATER if refusal.reason is RefusalReason.BUSY else POLICY
    return TurnedAway(code, f"the call is not taken: {refusal.reason.value}")


class Entrance:
    """Owns a socket from its opening to its leg."""

    def __init__(
        self,
        socket: OwnedSocket,
        tasks: set[asyncio.Task[None]],
        codec: MediaCodec,
        settings: TelephonySettings,
        meet: Callable[[Opening], Awaitable[Taken | TurnedAway]],
        make_leg: LegMaker = WebSocketLeg,
    ) -> None:
        """``meet`` decides about the first words. Where it does not wait, meeting and the first steps of serving are
        one stretch, so that legs that open at the same moment do not all find the same last place free.
        """
        self._make_leg = make_leg
        self._socket = socket
        self._tasks = tasks
        self._codec = codec
        self._settings = settings
        self._meet = meet
        self._early: list[str | bytes] = []
        self._has_opened = False
        self._is_over = False
        patience = settings.start_timeout
        self._timer = asyncio.get_running_loop().call_later(patience, self._opening_is_late, patience)

    def received(self, message: str | bytes) -> None:
        """A message before the opening, the opening, or one right behind it."""
        if self._is_over:
            return
        try:
            if self._has_opened:
                self._keep(message)
                return
            for event in self._codec.receive(message):
                if isinstance(event, LegStarted | Introduced):
                    self._opened(event)
        except ProtocolViolation as violation:
            self._refuse(violation)

    def writable(self, yes: bool) -> None:
        """Nothing is sent before the opening."""

    def closed(self, code: int) -> None:
        """The far end left: it is no call yet."""
        if not self._is_over:
            log.info("a media socket left before its start (%d)", code)
            self._close(NORMAL, "")

    def broken(self, code: int) -> None:
        """The framing is broken."""
        self._refuse(ProtocolViolation(Violation.BROKEN_FRAMING, f"the socket broke off ({code})"))

    def shut_down(self) -> None:
        """The server stops."""
        self._close(RESTART, "this server is shutting down")

    def _opened(self, opening: Opening) -> None:
        self._has_opened = True
        self._timer.cancel()
        name = opening.info.leg_id if isinstance(opening, LegStarted) else self._codec.protocol
        task = asyncio.get_running_loop().create_task(self._serve(opening), name=f"leg {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_report)

    def _keep(self, message: str | bytes) -> None:
        if len(self._early) == EARLY:
            raise ProtocolViolation(Violation.AHEAD_OF_TIME, f"more than {EARLY} messages came at once with the start")
        self._early.append(message)

    async def _serve(self, opening: Opening) -> None:
        """Have the door decide, and the leg served."""
        if self._is_over:
            return
        met = await self._meet(opening)
        if self._is_over:
            return
        if isinstance(met, TurnedAway):
            self._close(met.code, met.reason)
            return
        make_leg = met.make_leg or self._make_leg
        leg = make_leg(self._socket, self._codec, met.info, self._settings, met.transferor)
        self._socket.owner = leg
        if met.greeting is not None:
            self._socket.send(met.greeting)
        for message in self._early:
            leg.received(message)
        try:
            await met.serve(leg)
        except BaseException:
            leg.fail()
            raise
        await leg.hang_up("the session is over")

    def _opening_is_late(self, patience: float) -> None:
        self._refuse(ProtocolViolation(Violation.NO_START, f"no start message within {patience:g} s"))

    def _refuse(self, violation: ProtocolViolation) -> None:
        count_violation(violation, self._codec.protocol, "")
        self._close(violation.close_code, violation.reason)

    def _close(self, code: int, reason: str) -> None:
        self._is_over = True
        self._timer.cancel()
        self._socket.close(code, reason)


def _report(task: asyncio.Task[None]) -> None:
    """A leg whose serving failed is a mistake of ours; it has been ended."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s was not served to its end", task.get_name(), exc_info=error)
