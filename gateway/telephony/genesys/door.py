"""The doors for Genesys Cloud: who may open an AudioHook socket, and whose call it becomes.

At the handshake the signature is asked for, and room. Then ``open`` says what call it is (``arrival.py``). A connection
probe is opened and becomes no call. Whoever is turned away after that is told so in the protocol's words, so that the
flow in Genesys goes on at once.

Refuses: what is said on the sockets (``connector.py``, ``monitor.py``), and which tenants have which lines.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from time import time
from typing import Final
from urllib.parse import urlsplit

from gateway.telephony import metrics
from gateway.telephony.codec import MediaCodec, Opening
from gateway.telephony.entrance import Entrance, LegMaker, OwnedSocket, Taken
from gateway.telephony.genesys.arrival import Lines, ServedLine, choice, leg_info, line_of
from gateway.telephony.genesys.connector import FAILED, REASON, RESULT, ConnectorCodec, ConnectorLeg
from gateway.telephony.genesys.connector import PROTOCOL as CONNECTOR
from gateway.telephony.genesys.hook import Hook, HookCodec
from gateway.telephony.genesys.hook_leg import HookLeg
from gateway.telephony.genesys.messages import Channel, Disconnect, DisconnectReason, Media, Open, Opened
from gateway.telephony.genesys.monitor import PROTOCOL as MONITOR
from gateway.telephony.genesys.monitor import MonitorCodec, MonitorLeg
from gateway.telephony.genesys.settings import GenesysKey, GenesysSettings
from gateway.telephony.genesys.signature import (
    KEY_HEADER,
    ORGANIZATION_HEADER,
    SESSION_HEADER,
    NonceMemory,
    NotSigned,
    Request,
    verify,
)
from gateway.telephony.leg import Admission, HungUp, LegInfo, MediaLeg, Refusal
from gateway.telephony.media_leg import SocketLeg
from gateway.telephony.media_socket import Handshake, MediaSocket, Rejection, SocketOwner
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transferor import Transferor

PREFIX: Final = "/telephony/genesys"

RETRY_AFTER: Final = 5
"""Seconds after which whoever found no room may ask again."""

log = logging.getLogger(__name__)


class Gate:
    """What both doors ask of whoever knocks. One for both: a nonce is good for one socket of either."""

    def __init__(
        self, settings: GenesysSettings, telephony: TelephonySettings, admission: Admission, lines: Lines
    ) -> None:
        self.telephony = telephony
        self.admission = admission
        self.lines = lines
        self._keys = settings.keys
        self._nonces = NonceMemory()

    def key(self, handshake: Handshake) -> GenesysKey:
        """The key that a handshake which was judged good is signed with."""
        return self._keys[handshake.headers.get(KEY_HEADER, "")]

    def judge(self, handshake: Handshake, door: str) -> Rejection | None:
        """Whether a socket may be opened: 401 without a good signature, 503 when there is no room."""
        try:
            self._check(handshake)
        except NotSigned as refused:
            metrics.SIGNATURES_REFUSED.labels(door).inc()
            log.info("an AudioHook socket was refused: %s", refused)
            return Rejection(HTTPStatus.UNAUTHORIZED)
        refusal = self.admission.room()
        if refusal is not None:
            metrics.CALLS_REFUSED.labels(door, refusal.reason.value).inc()
            return Rejection(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER)})
        return None

    def _check(self, handshake: Handshake) -> None:
        headers = {name.lower(): value for name, value in handshake.headers.items()}
        public = self.telephony.public_url
        authority = urlsplit(public).netloc if public else headers.get("host", "")
        signed = verify(Request(handshake.target, authority, headers), self._secret_of, self._nonces, time())
        organization = self._keys[signed.key].organization
        if organization and organization.lower() != signed.organization.lower():
            raise NotSigned("the key is another organization's")

    def _secret_of(self, key: str) -> bytes | None:
        known = self._keys.get(key)
        return None if known is None else known.key


class AudioHookDoor(ABC):
    """What both doors do with whoever comes in. ``wanted`` are the channels that it can do with, the best first."""

    subprotocol: Final = None
    path: bytes
    name: str
    wanted: Sequence[tuple[Channel, ...]]

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._known: dict[str, tuple[HookLeg, GenesysKey]] = {}
        """The legs that go on, by the session that each is in, and whose they are."""

    def judge(self, handshake: Handshake) -> Rejection | None:
        """Whether a socket may be opened."""
        return self._gate.judge(handshake, self.name)

    def welcome(self, socket: MediaSocket, tasks: set[asyncio.Task[None]]) -> SocketOwner:
        """An open socket's first owner. The task that serves its leg is kept in ``tasks`` until it is over."""
        codec = self._codec(socket.handshake.headers.get(SESSION_HEADER, ""))
        meet = partial(self._meet, codec.hook, socket.handshake)
        return Entrance(socket, tasks, codec, self._gate.telephony, meet, self._leg)

    @abstractmethod
    def _codec(self, session: str) -> ConnectorCodec | MonitorCodec:
        """What is spoken in a session."""

    @abstractmethod
    def _leg(
        self,
        socket: OwnedSocket,
        codec: MediaCodec,
        info: LegInfo,
        settings: TelephonySettings,
        _transferor: Transferor | None,
    ) -> SocketLeg:
        """The leg on a session."""

    @abstractmethod
    async def _serve(self, tenant: str, leg: MediaLeg) -> None:
        """Serve the call of a tenant's to its end."""

    @abstractmethod
    def _refused(self, info: LegInfo) -> Refusal | None:
        """Whether the call of a leg is taken, once it is known."""

    @abstractmethod
    def _told(self, why: str) -> dict[str, str]:
        """What a flow is told that waits for whoever is turned away."""

    async def _meet(self, hook: Hook, handshake: Handshake, _opening: Opening) -> Taken:
        """Admit the call; it waits for nothing, see ``Entrance``."""
        opened, key = hook.open, self._gate.key(handshake)
        assert opened is not None, "they have just said it"
        line = line_of(opened, key, self._gate.lines)
        info = leg_info(opened, "" if line is None else line.number, session=hook.session, protocol=hook.protocol)
        media = choice(opened.media, wanted=self.wanted)
        if opened.organization != handshake.headers.get(ORGANIZATION_HEADER, "").lower():
            return self._turn_away(hook, info, DisconnectReason.UNAUTHORIZED, "another_organization")
        if opened.is_probe:
            return Taken(info, until_over, hook.say(_opened(opened, media, line)))
        if line is None:
            return self._turn_away(hook, info, DisconnectReason.UNAUTHORIZED, "no_such_line")
        if media is None:
            return self._turn_away(hook, info, DisconnectReason.ERROR, "no_usable_media")
        if (again := self._continued(opened, key)) is not None:
            return Taken(
                again.info, _until_ended, hook.say(_opened(opened, media, line)), make_leg=self._resumed(again)
            )
        if refusal := self._refused(info):
            metrics.CALLS_REFUSED.labels(self.name, refusal.reason.value).inc()
            return self._turn_away(hook, info, DisconnectReason.ERROR, refusal.reason.value)
        return Taken(info, partial(self._serve_known, key), hook.say(_opened(opened, media, line)))

    async def _serve_known(self, key: GenesysKey, leg: MediaLeg) -> None:
        """Serve a call, which another session may continue meanwhile."""
        assert isinstance(leg, HookLeg), "made by this door"
        self._known[leg.info.leg_id] = leg, key
        try:
            await self._serve(key.tenant, leg)
        finally:
            self._forget(leg)

    def _forget(self, leg: HookLeg) -> tuple[HookLeg, GenesysKey] | None:
        """What was known of a leg, which is in that session no more."""
        sessions = [session for session, known in self._known.items() if known[0] is leg]
        return self._known.pop(sessions[0]) if sessions else None

    def _continued(self, opened: Open, key: GenesysKey) -> HookLeg | None:
        """The leg whose session a new one continues: of the same conversation, and opened by the same key."""
        for session in opened.continues:
            leg, its_key = self._known.get(session, (None, None))
            if leg is not None and its_key is key and leg.info.call_sid == opened.conversation:
                return leg
        return None

    def _resumed(self, again: HookLeg) -> LegMaker:
        """What makes a leg go on over the new session's socket."""

        def resume(
            socket: OwnedSocket, codec: MediaCodec, _info: LegInfo, _settings: TelephonySettings, _: Transferor | None
        ) -> SocketLeg:
            assert isinstance(codec, HookCodec), "made by this door"
            again.resume(socket, codec, codec.hook)
            known = self._forget(again)
            if known is not None:
                self._known[codec.hook.session] = known
            return again

        return resume

    def _turn_away(self, hook: Hook, info: LegInfo, reason: DisconnectReason, why: str) -> Taken:
        """The leg is there for nothing but to be told to go."""
        log.info("an AudioHook session for %s was turned away: %s", info.dnis or "no line of ours", why)
        return Taken(info, _nobody, hook.leave(Disconnect(reason, why, self._told(why))))


class ConnectorDoor(AudioHookDoor):
    """Lets Audio Connectors in, and their calls with whose tenant they are to ``on_leg``, which serves one call and
    returns when it is over."""

    path = f"{PREFIX}/connector".encode()
    name = CONNECTOR
    wanted = ((Channel.EXTERNAL,), (Channel.INTERNAL,))

    def __init__(self, gate: Gate, on_leg: Callable[[ConnectorLeg, str], Awaitable[None]]) -> None:
        super().__init__(gate)
        self._on_leg = on_leg

    def _codec(self, session: str) -> ConnectorCodec:
        return ConnectorCodec(session)

    def _leg(
        self,
        socket: OwnedSocket,
        codec: MediaCodec,
        info: LegInfo,
        settings: TelephonySettings,
        _transferor: Transferor | None,
    ) -> ConnectorLeg:
        assert isinstance(codec, ConnectorCodec), "made above"
        return ConnectorLeg(socket, codec, info, settings)

    async def _serve(self, tenant: str, leg: MediaLeg) -> None:
        assert isinstance(leg, ConnectorLeg), "made above"
        await self._on_leg(leg, tenant)

    def _refused(self, info: LegInfo) -> Refusal | None:
        return self._gate.admission.admit(info.offer)

    def _told(self, why: str) -> dict[str, str]:
        return {RESULT: FAILED, REASON: why}


class MonitorDoor(AudioHookDoor):
    """Lets Monitors in, and their calls to ``on_leg``."""

    path = f"{PREFIX}/monitor".encode()
    name = MONITOR
    wanted = ((Channel.EXTERNAL, Channel.INTERNAL), (Channel.EXTERNAL,))

    def __init__(self, gate: Gate, on_leg: Callable[[MonitorLeg], Awaitable[None]]) -> None:
        super().__init__(gate)
        self._on_leg = on_leg

    def _codec(self, session: str) -> MonitorCodec:
        return MonitorCodec(session)

    def _leg(
        self,
        socket: OwnedSocket,
        codec: MediaCodec,
        info: LegInfo,
        settings: TelephonySettings,
        _transferor: Transferor | None,
    ) -> MonitorLeg:
        assert isinstance(codec, MonitorCodec), "made above"
        return MonitorLeg(socket, codec, info, settings)

    async def _serve(self, tenant: str, leg: MediaLeg) -> None:
        assert isinstance(leg, MonitorLeg), "made above"
        await self._on_leg(leg)

    def _refused(self, info: LegInfo) -> Refusal | None:
        return self._gate.admission.room()

    def _told(self, why: str) -> dict[str, str]:
        return {}  # no flow waits


async def until_over(leg: MediaLeg) -> None:
    """Let a session be, until they close it."""
    over = asyncio.Event()
    leg.listen(lambda event: over.set() if isinstance(event, HungUp) else None)
    await over.wait()


async def _until_ended(leg: MediaLeg) -> None:
    """Somebody serves it already."""
    assert isinstance(leg, HookLeg), "made by this door"
    await leg.ended()


async def _nobody(leg: MediaLeg) -> None:
    """It was told to go."""


def _opened(opened: Open, media: Media | None, line: ServedLine | None) -> Opened:
    languages = line.languages if line is not None and opened.asks_languages else None
    return Opened(media, languages)
