"""Settings of the doors for Asterisk."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from gateway.telephony.shared_secret import Token
from infra.config import Section


class AsteriskSettings(Section):
    """Whether Asterisk may bring calls by its WebSocket channel or by AudioSocket, and who that is."""

    section: ClassVar[str] = "asterisk"

    token: Token = Field(
        default=None,
        description="the secret that Asterisk's dial plan shows, of 16 characters or more; none: no call comes in from "
        "Asterisk at all",
    )
    audiosocket: str = Field(
        default="",
        pattern=r"^$|^[^\s]+:\d{1,5}$",
        description="address on which AudioSocket connections are taken, such as 127.0.0.1:9092; empty: none are. "
        "Their sound is not encrypted, so keep to a network of your own",
    )
    announced_for: float = Field(
        default=30.0, gt=0, le=600, description="seconds within which an announced AudioSocket call has to connect"
    )
    most_announced: int = Field(default=1000, ge=1, description="announced calls that may wait for their connection")
    most_connections: int = Field(default=1000, ge=1, description="AudioSocket connections that are open at once")

    @property
    def audiosocket_address(self) -> tuple[str, int] | None:
        """Host and port to listen on for AudioSocket; none where it is off."""
        host, _, port = self.audiosocket.rpartition(":")
        return (host.strip("[]"), int(port)) if host else None
