"""The door of a carrier's media sockets: who may open one, and whose call it becomes.

Signature and room are asked at the handshake, before anything is allocated: who has no place here gets an HTTP error.
A carrier that does not sign its sockets shows the pass that our voice webhook gave it, with the start message. That
says whose call it is; it is admitted or closed, and its leg goes to whoever serves calls.

Refuses: sockets themselves (``media_socket.py``), what happens before the leg (``entrance.py``), and what is said on
them (``codec.py``).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from gateway.telephony import metrics
from gateway.telephony.codec import LegStarted, Opening
from gateway.telephony.entrance import Entrance, Taken, TurnedAway, turned_away
from gateway.telephony.leg import Admission, LegInfo, MediaLeg
from gateway.telephony.media_leg import POLICY
from gateway.telephony.media_socket import Handshake, MediaSocket, Rejection, SocketOwner
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.carriers import Carrier, socket_url
from gateway.telephony.streams.codec import MediaStreamCodec
from gateway.telephony.streams.passes import PASS_PARAMETER
from gateway.telephony.streams.signatures import Claim

RETRY_AFTER: Final = 5
"""Seconds after which a carrier that found no room may ask again."""

log = logging.getLogger(__name__)


class MediaDoor:
    """Lets a carrier's sockets in, and their calls to ``on_leg``, which serves one and returns when it is over."""

    subprotocol: Final = None

    def __init__(
        self,
        carrier: Carrier,
        settings: TelephonySettings,
        admission: Admission,
        on_leg: Callable[[MediaLeg], Awaitable[None]],
    ) -> None:
        self.path: Final = carrier.media_path.encode()
        self.carrier = carrier
        self.settings = settings
        self.admission = admission
        self.on_leg = on_leg

    def judge(self, handshake: Handshake) -> Rejection | None:
        """Whether a socket may be opened: 403 without the carrier's signature, 503 when there is no room."""
        if self.carrier.passes is None and not self._is_signed(handshake):
            self._count_unsigned()
            return Rejection(HTTPStatus.FORBIDDEN)
        refusal = self.admission.room()
        if refusal is not None:
            metrics.CALLS_REFUSED.labels("media", refusal.reason.value).inc()
            return Rejection(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER)})
        return None

    def welcome(self, socket: MediaSocket, tasks: set[asyncio.Task[None]]) -> SocketOwner:
        """An open socket's first owner. The task that serves its call is kept in ``tasks`` until it is over."""
        return Entrance(socket, tasks, MediaStreamCodec(self.carrier.dialect), self.settings, self._meet)

    async def _meet(self, opening: Opening) -> Taken | TurnedAway:
        """Admit the call; it waits for nothing, see ``Entrance``."""
        assert isinstance(opening, LegStarted), "a media stream says itself whose call it is"
        info = opening.info
        if not self._has_pass(info):
            self._count_unsigned()
            return TurnedAway(POLICY, "the stream has no good pass of our voice webhook")
        if refusal := self.admission.admit(info.offer):
            return turned_away(refusal, "media")
        return Taken(info, self.on_leg, transferor=self.carrier.transferor(info))

    def _has_pass(self, info: LegInfo) -> bool:
        passes = self.carrier.passes
        shown = info.parameters.get(PASS_PARAMETER, "")
        return passes is None or passes.holds(shown, info.protocol, info.call_sid, time.time())

    def _is_signed(self, handshake: Handshake) -> bool:
        signer = self.carrier.signer
        if signer is None:
            return True
        # Behind a proxy that ends TLS nobody knows which scheme was called; a signature is as good over either.
        host = handshake.headers.get("host", "")
        bases = [self.settings.public_url] if self.settings.public_url else [f"http://{host}", f"https://{host}"]
        addresses = [socket_url(base, handshake.target) for base in bases]
        return any(signer.signed(Claim(address, headers=handshake.headers)) for address in addresses)

    def _count_unsigned(self) -> None:
        metrics.SIGNATURES_REFUSED.labels("media").inc()
        log.info("media socket of %s refused: its signature or pass is wrong or missing", self.carrier.dialect.name)
