"""A session on a socket that is none, in virtual time: what a leg writes is kept with when it did."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from gateway.telephony.genesys.connector import ConnectorCodec, ConnectorLeg
from gateway.telephony.genesys.messages import Channel, Media, Opened
from gateway.telephony.genesys.monitor import MonitorCodec, MonitorLeg
from gateway.telephony.leg import HungUp, LegEvent, LegInfo
from gateway.telephony.settings import TelephonySettings
from tests.gateway.telephony.genesys.hooks import CONVERSATION, SESSION, Client

INFO = LegInfo(SESSION, CONVERSATION, "+8210", "+8270", "genesys", 8000)


class Socket:
    """A ``LegSocket``."""

    is_writable = True

    def __init__(self) -> None:
        self.sent: list[tuple[float, str | bytes]] = []
        self.closed: tuple[int, str] | None = None

    def send(self, message: str | bytes) -> None:
        self.sent.append((asyncio.get_running_loop().time(), message))

    def send_text(self, text: str | bytes) -> None:
        self.send(text.decode() if isinstance(text, bytes) else text)

    def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (code, reason)


class Scene:
    """A leg whose session is open, Genesys on the other side, and what the leg's listener was told."""

    def __init__(self, kind: type[ConnectorLeg] | type[MonitorLeg], settings: TelephonySettings | None = None) -> None:
        self.client, self.socket = Client(), Socket()
        self.heard: list[LegEvent] = []
        media = (Channel.EXTERNAL,) if kind is ConnectorLeg else (Channel.EXTERNAL, Channel.INTERNAL)
        codec = ConnectorCodec(SESSION) if kind is ConnectorLeg else MonitorCodec(SESSION)
        codec.receive(self.client.opens())
        self.client.heard(codec.hook.say(Opened(Media(media))))
        self.leg: Any = kind(self.socket, codec, INFO, settings or TelephonySettings())  # type: ignore[arg-type]
        self.leg.listen(self.heard.append)

    def says(self, kind: str, /, **parameters: Any) -> None:
        """Genesys says something."""
        self.leg.received(self.client.says(kind, **parameters))

    def told(self) -> list[dict[str, Any]]:
        """What Genesys was told in words since it was last asked for, each message in its place."""
        texts = [message for _, message in self.socket.sent if isinstance(message, str)]
        seen = self.client.server_seq - 1
        return [self.client.heard(text) for text in texts[seen:]]

    @property
    def sound(self) -> list[bytes]:
        """What Genesys was given to play."""
        return [message for _, message in self.socket.sent if isinstance(message, bytes)]

    @property
    def end(self) -> HungUp | None:
        """How the leg ended; it is the last that it told."""
        last = self.heard[-1] if self.heard else None
        return last if isinstance(last, HungUp) else None


def kinds(told: list[dict[str, Any]]) -> list[str]:
    """The types of messages."""
    return [json.loads(json.dumps(one))["type"] for one in told]
