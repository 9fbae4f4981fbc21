"""The door of Asterisk's WebSocket channels: who may open one, and whose call it becomes.

Asterisk shows the secret in the address (``v(token=…)``) or as the password of its HTTP authentication
(``websocket_client.conf``). Both come with the handshake, so nothing is allocated for who has not got it.

Refuses: what is said on the socket (``channel.py``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Final

from pydantic import SecretStr

from gateway.telephony import metrics
from gateway.telephony.asterisk.channel import PROTOCOL, SUBPROTOCOL, ChannelCodec
from gateway.telephony.asterisk.returning import Returning
from gateway.telephony.codec import LegStarted, Opening
from gateway.telephony.entrance import Entrance, Taken, TurnedAway, turned_away
from gateway.telephony.leg import Admission, MediaLeg
from gateway.telephony.media_socket import Handshake, MediaSocket, Rejection, SocketOwner
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.shared_secret import address_parameters, is_secret, secrets_shown

PATH: Final = "/telephony/asterisk/media"
RETRY_AFTER: Final = 5

log = logging.getLogger(__name__)


class ChannelDoor:
    """Lets Asterisk's channels in, and their calls to ``on_leg``, which serves one call and returns when it is over."""

    path: Final = PATH.encode()
    subprotocol: Final = SUBPROTOCOL

    def __init__(
        self,
        settings: TelephonySettings,
        token: SecretStr,
        admission: Admission,
        on_leg: Callable[[MediaLeg], Awaitable[None]],
        returning: Returning,
    ) -> None:
        self._settings = settings
        self._token = token
        self._admission = admission
        self._on_leg = on_leg
        self._returning = returning

    def judge(self, handshake: Handshake) -> Rejection | None:
        """Whether a channel may be opened: 403 without the secret, 503 when there is no room."""
        if not any(is_secret(shown, self._token) for shown in secrets_shown(handshake)):
            metrics.SIGNATURES_REFUSED.labels(PROTOCOL).inc()
            log.info("a channel of Asterisk's was refused: it does not show the secret")
            return Rejection(HTTPStatus.FORBIDDEN)
        if refusal := self._admission.room():
            metrics.CALLS_REFUSED.labels(PROTOCOL, refusal.reason.value).inc()
            return Rejection(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER)})
        return None

    def welcome(self, socket: MediaSocket, tasks: set[asyncio.Task[None]]) -> SocketOwner:
        """An open socket's first owner. The task that serves its call is kept in ``tasks`` until it is over."""
        codec = ChannelCodec(address_parameters(socket.handshake))
        return Entrance(socket, tasks, codec, self._settings, partial(self._meet, codec))

    async def _meet(self, codec: ChannelCodec, opening: Opening) -> Taken | TurnedAway:
        """Admit the call; it waits for nothing, see ``Entrance``."""
        assert isinstance(opening, LegStarted), "a channel says itself whose call it is"
        info = opening.info
        if refusal := self._admission.admit(info.offer):
            return turned_away(refusal, PROTOCOL)
        transferor = self._returning.transferor(info.call_sid, lambda: codec.encode_end("transfer"))
        return Taken(info, self._on_leg, transferor=transferor)
