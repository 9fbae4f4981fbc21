"""The door of media sockets: who may open one, and what happens until its call is somebody's.

Signature and room are asked at the handshake, before anything is allocated: who has no place here gets an HTTP error.
Then the start message has to come in time and says whose call it is; it is admitted or closed, and its leg goes to
whoever serves calls. However that ends, the leg is ended with a code and a reason.

Refuses: sockets themselves (``media_socket.py``), and what is said on them (``media_stream.py``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from gateway.telephony import metrics, twilio
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.leg import Admission, LegInfo, MediaLeg, Refusal, RefusalReason
from gateway.telephony.media_leg import NORMAL, POLICY, RESTART, WebSocketLeg, count_violation
from gateway.telephony.media_socket import Handshake, MediaSocket, Rejection, SocketOwner
from gateway.telephony.media_stream import MediaStreamCodec, StreamStarted
from gateway.telephony.settings import TelephonySettings

PATH: Final = f"{twilio.PREFIX}/media"

RETRY_AFTER: Final = 5
"""Seconds after which a carrier that found no room may ask again."""

EARLY: Final = 100
"""Messages that may come in one go with the start: two seconds of sound."""

_TRY_LATER: Final = 1013

log = logging.getLogger(__name__)


class MediaDoor:
    """Lets media sockets in, and their calls to ``on_leg``, which serves one call and returns when it is over."""

    path: Final = PATH.encode()

    def __init__(
        self, settings: TelephonySettings, admission: Admission, on_leg: Callable[[MediaLeg], Awaitable[None]]
    ) -> None:
        self.settings = settings
        self.admission = admission
        self.on_leg = on_leg

    def judge(self, handshake: Handshake) -> Rejection | None:
        """Whether a socket may be opened: 403 without the carrier's signature, 503 when there is no room."""
        if not self._is_signed(handshake):
            metrics.SIGNATURES_REFUSED.labels("media").inc()
            log.info("media socket refused: its signature is wrong or missing")
            return Rejection(HTTPStatus.FORBIDDEN)
        refusal = self.admission.room()
        if refusal is not None:
            metrics.CALLS_REFUSED.labels("media", refusal.reason.value).inc()
            return Rejection(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER)})
        return None

    def welcome(self, socket: MediaSocket, tasks: set[asyncio.Task[None]]) -> SocketOwner:
        """An open socket's first owner. The task that serves its call is kept in ``tasks`` until it is over."""
        return _Entrance(self, socket, tasks)

    def _is_signed(self, handshake: Handshake) -> bool:
        token = self.settings.twilio_auth_token
        if token is None:
            return True
        claimed = handshake.headers.get(twilio.SIGNATURE_HEADER)
        # Behind a proxy that ends TLS nobody knows which scheme was called; a signature is as good over either.
        host = handshake.headers.get("host", "")
        bases = [self.settings.public_url] if self.settings.public_url else [f"http://{host}", f"https://{host}"]
        addresses = [twilio.socket_url(base, handshake.target) for base in bases]
        secret = token.get_secret_value()
        return any(twilio.signature_is_valid(secret, address, claimed=claimed) for address in addresses)


class _Entrance:
    """Owns a socket from its opening to its start message."""

    def __init__(self, door: MediaDoor, socket: MediaSocket, tasks: set[asyncio.Task[None]]) -> None:
        self._door = door
        self._socket = socket
        self._tasks = tasks
        self._codec = MediaStreamCodec()
        self._early: list[str | bytes] = []
        self._has_started = False
        self._is_over = False
        patience = door.settings.start_timeout
        self._timer = asyncio.get_running_loop().call_later(patience, self._start_is_late, patience)

    def received(self, message: str | bytes) -> None:
        """A message before the start, the start, or one right behind it."""
        if self._is_over:
            return
        try:
            if self._has_started:
                self._keep(message)
                return
            for event in self._codec.receive(message):
                if isinstance(event, StreamStarted):
                    self._started(event.info)
        except ProtocolViolation as violation:
            self._refuse(violation)

    def writable(self, yes: bool) -> None:
        """Nothing is sent before the start."""

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

    def _started(self, info: LegInfo) -> None:
        self._has_started = True
        self._timer.cancel()
        task = asyncio.get_running_loop().create_task(self._serve(info), name=f"leg {info.leg_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_report)

    def _keep(self, message: str | bytes) -> None:
        if len(self._early) == EARLY:
            raise ProtocolViolation(Violation.AHEAD_OF_TIME, f"more than {EARLY} messages came at once with the start")
        self._early.append(message)

    async def _serve(self, info: LegInfo) -> None:
        """Admit the call and have it served.

        Admission and the first steps of serving are one stretch without a pause, so that calls that start at the same
        moment do not all find the same last place free.
        """
        if self._is_over:
            return
        if refusal := self._door.admission.admit(info.offer):
            self._turn_away(refusal)
            return
        leg = WebSocketLeg(self._socket, self._codec, info, self._door.settings)
        self._socket.owner = leg
        for message in self._early:
            leg.received(message)
        try:
            await self._door.on_leg(leg)
        except BaseException:
            leg.fail()
            raise
        await leg.hang_up("the session is over")

    def _turn_away(self, refusal: Refusal) -> None:
        metrics.CALLS_REFUSED.labels("media", refusal.reason.value).inc()
        code = _TRY_LATER if refusal.reason is RefusalReason.BUSY else POLICY
        self._close(code, f"the call is not taken: {refusal.reason.value}")

    def _start_is_late(self, patience: float) -> None:
        self._refuse(ProtocolViolation(Violation.NO_START, f"no start message within {patience:g} s"))

    def _refuse(self, violation: ProtocolViolation) -> None:
        count_violation(violation, "")
        self._close(violation.close_code, violation.reason)

    def _close(self, code: int, reason: str) -> None:
        self._is_over = True
        self._timer.cancel()
        self._socket.close(code, reason)


def _report(task: asyncio.Task[None]) -> None:
    """A call whose serving failed is a mistake of ours; its leg has been ended."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s was not served to its end", task.get_name(), exc_info=error)
