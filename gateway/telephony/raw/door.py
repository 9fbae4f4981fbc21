"""The doors of raw streams: who may open a socket, and whose call it becomes.

A ``Guard`` says who is let in: by what a request to open a socket shows, or, where a platform can only say it there, by
what the first message shows. Secrets go no further than here.

Refuses: what is said on the sockets (``codec.py``).
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Protocol

from pydantic import SecretStr

from gateway.telephony import metrics
from gateway.telephony.codec import LegStarted, Opening
from gateway.telephony.entrance import Entrance, LegMaker, Taken, TurnedAway, turned_away
from gateway.telephony.leg import Admission, LegInfo, MediaLeg
from gateway.telephony.media_leg import POLICY, WebSocketLeg
from gateway.telephony.media_socket import Handshake, MediaSocket, Rejection, SocketOwner
from gateway.telephony.paced_leg import PacedLeg
from gateway.telephony.raw.codec import RawCodec
from gateway.telephony.raw.dialects import Dialect
from gateway.telephony.raw.signatures import signed_by_vonage
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.shared_secret import TOKEN_PARAMETER, address_parameters, bearer, is_secret, secrets_shown
from gateway.telephony.streams.passes import PASS_PARAMETER, Passes
from gateway.telephony.transferor import Transferor

RETRY_AFTER: Final = 5

SECRETS: Final = frozenset({TOKEN_PARAMETER, PASS_PARAMETER})
"""Parameters that are taken out of a leg's."""

log = logging.getLogger(__name__)


class Guard(Protocol):
    """Who is let in."""

    def may_knock(self, handshake: Handshake) -> bool:
        """Whether a socket may be opened at all."""

    def may_enter(self, handshake: Handshake, info: LegInfo) -> bool:
        """Whether the call may come in that the first message tells of."""


class SharedToken:
    """For who shows a secret that both sides know: with the request, or else with the first message."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def may_knock(self, handshake: Handshake) -> bool:
        """Whoever shows nothing yet may do so inside."""
        shown = secrets_shown(handshake)
        return not shown or any(is_secret(secret, self._token) for secret in shown)

    def may_enter(self, handshake: Handshake, info: LegInfo) -> bool:
        """See ``Guard``."""
        shown = [*secrets_shown(handshake), info.parameters.get(TOKEN_PARAMETER, "")]
        return any(is_secret(secret, self._token) for secret in shown)


class WebhookPass:
    """For who shows the pass that our webhook gave to this very call."""

    def __init__(self, passes: Passes, platform: str) -> None:
        self._passes = passes
        self._platform = platform

    def may_knock(self, handshake: Handshake) -> bool:
        """The pass is in the first message."""
        return True

    def may_enter(self, handshake: Handshake, info: LegInfo) -> bool:
        """See ``Guard``."""
        shown = info.parameters.get(PASS_PARAMETER, "")
        return self._passes.holds(shown, self._platform, info.call_sid, time.time())


class VonageToken:
    """For Vonage, which signs its request to open a socket."""

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret

    def may_knock(self, handshake: Handshake) -> bool:
        """See ``Guard``."""
        return signed_by_vonage(bearer(handshake.headers.get("authorization", "")), self._secret, time.time())

    def may_enter(self, handshake: Handshake, info: LegInfo) -> bool:
        """It has shown it."""
        return True


class RawDoor:
    """Lets one platform's sockets in, and their calls to ``on_leg``, which serves one and returns when it is over."""

    def __init__(
        self,
        dialect: Dialect,
        guard: Guard,
        settings: TelephonySettings,
        admission: Admission,
        on_leg: Callable[[MediaLeg], Awaitable[None]],
        transferor: Callable[[RawCodec, LegInfo], Transferor | None] = lambda codec, info: None,
    ) -> None:
        self.path: Final = dialect.path.encode()
        self.subprotocol: Final = dialect.subprotocol
        self._dialect = dialect
        self._guard = guard
        self._settings = settings
        self._admission = admission
        self._on_leg = on_leg
        self._transferor = transferor

    def judge(self, handshake: Handshake) -> Rejection | None:
        """Whether a socket may be opened: 403 for who shows the wrong thing, 503 when there is no room."""
        if not self._guard.may_knock(handshake):
            self._count_refused()
            return Rejection(HTTPStatus.FORBIDDEN)
        if refusal := self._admission.room():
            metrics.CALLS_REFUSED.labels(self._dialect.name, refusal.reason.value).inc()
            return Rejection(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER)})
        return None

    def welcome(self, socket: MediaSocket, tasks: set[asyncio.Task[None]]) -> SocketOwner:
        """An open socket's first owner. The task that serves its call is kept in ``tasks`` until it is over."""
        codec = RawCodec(self._dialect, address_parameters(socket.handshake))
        pace = self._dialect.pace
        make_leg: LegMaker = WebSocketLeg if pace is None else partial(PacedLeg, pace=pace)
        meet = partial(self._meet, codec, socket.handshake)
        return Entrance(socket, tasks, codec, self._settings, meet, make_leg)

    async def _meet(self, codec: RawCodec, handshake: Handshake, opening: Opening) -> Taken | TurnedAway:
        """Admit the call; it waits for nothing, see ``Entrance``."""
        assert isinstance(opening, LegStarted), "a raw stream says itself whose call it is"
        if not self._guard.may_enter(handshake, opening.info):
            self._count_refused()
            return TurnedAway(POLICY, "the secret is wrong or missing")
        info = _named(opening.info)
        if refusal := self._admission.admit(info.offer):
            return turned_away(refusal, self._dialect.name)
        return Taken(info, self._on_leg, transferor=self._transferor(codec, info))

    def _count_refused(self) -> None:
        metrics.SIGNATURES_REFUSED.labels(self._dialect.name).inc()
        log.info("a socket of %s was refused: its secret is wrong or missing", self._dialect.name)


def _named(info: LegInfo) -> LegInfo:
    """The leg with names of its own where the platform gave it none, and without secrets."""
    leg = info.leg_id or uuid.uuid4().hex
    return replace(info, leg_id=leg, call_sid=info.call_sid or leg, parameters=_without_secrets(info.parameters))


def _without_secrets(parameters: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({name: value for name, value in parameters.items() if name not in SECRETS})
