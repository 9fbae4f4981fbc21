"""Settings of the SIP endpoint: where it listens, what sound it speaks, and by which trunks it calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from infra.config import Section

PORTS_EACH: Final = 2
"""Ports that a worker takes: UDP and TCP share one, TLS has the next (the stack knows no other way)."""

HEADERS_MOST: Final = 8
"""Further headers that may be read; the stack takes 16, and the rest are those that are always read."""

Transport = Literal["udp", "tcp", "tls"]
Codec = Literal["PCMU", "PCMA", "G722", "opus"]


def _words(value: object) -> object:
    """``PCMU, PCMA`` as words."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _table(value: object) -> object:
    """A table, which an environment variable holds as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else {}
    except ValueError as error:
        raise ValueError(f'write it as JSON, such as {{"pbx": {{"domain": "pbx.example"}}}}: {error}') from error


class SipTrunk(BaseModel):
    """A way out: whose proxy takes our calls, and who we are there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str = Field(
        pattern=r"^[A-Za-z0-9.\-\[\]:]+$", description="host or host:port that stands in the addresses of this trunk"
    )
    transport: Transport = Field(default="udp", description="how it is reached: udp, tcp or tls")
    proxy: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9.\-\[\]:]*$",
        description="host or host:port that requests go to, where that is not the domain itself",
    )
    user: str = Field(
        default="aicc", pattern=r"^[A-Za-z0-9+._\-]+$", description="who we are there: what we register as"
    )
    auth_user: str = Field(
        default="", pattern=r"^[^\s\"\\;<>]*$", description="name for digest authentication; empty: the user"
    )
    password: SecretStr = Field(default=SecretStr(""), description="password for digest authentication")
    register_seconds: int = Field(
        default=0, ge=0, le=86400, description="how long a registration shall last; 0: we do not register there"
    )
    refer_confirms: bool | None = Field(
        default=None, description="as the setting of that name, for calls to and from this trunk"
    )


class SipSettings(Section):
    """The SIP endpoint. Without an address to listen on it is not opened."""

    section: ClassVar[str] = "sip"

    udp: str = Field(default="", description="host:port for SIP by UDP, such as 127.0.0.1:5060; empty: none")
    tcp: str = Field(default="", description="host:port for SIP by TCP; where UDP is on, the same address")
    tls: str = Field(default="", description="host:port for SIP by TLS; where UDP or TCP is on, the port after theirs")
    workers: int = Field(
        default=1,
        ge=1,
        le=32,
        description="processes that share the calls; each listens two ports above the one before",
    )
    max_calls: int = Field(
        default=150, ge=1, le=255, description="calls that one of them takes at once (the stack can number 255)"
    )
    rtp_ports: str = Field(
        default="20000-27999",
        pattern=r"^\d{4,5}-\d{4,5}$",
        description="UDP ports for sound, divided among the processes; a call takes two",
    )
    codecs: Annotated[tuple[Codec, ...], BeforeValidator(_words)] = Field(
        default=("G722", "PCMU", "PCMA", "opus"), min_length=1, description="codecs, the best liked first"
    )
    srtp: Literal["off", "optional", "required"] = Field(
        default="off", description="encrypted sound (SDES, RFC 4568): never, when it is offered, or always"
    )
    tls_certificate: Path | None = Field(
        default=None, description="PEM file with our certificate, its chain and its key; needed for TLS"
    )
    tls_authorities: Path | None = Field(
        default=None, description="PEM file with the authorities that trunks' certificates are checked against"
    )
    headers: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field(
        default=(), max_length=HEADERS_MOST, description="further headers to read from an INVITE, such as X-Customer"
    )
    asserted_identity: bool = Field(
        default=True, description="whether P-Asserted-Identity says who calls, where it is there, instead of From"
    )
    refer_confirms: bool = Field(
        default=False,
        description="whether the final success of a REFER means that the target has answered; many only mean that they "
        "took the order",
    )
    rtp_timeout: int = Field(
        default=20, ge=0, le=600, description="seconds without sound from the far end that end a call; 0: none do"
    )
    answer_timeout: float = Field(
        default=5.0, gt=0, le=60, description="seconds from our answer until sound can flow, else the call is ended"
    )
    send_queue: float = Field(default=10.0, gt=0, le=300, description="seconds of sound that may wait to be sent")
    stuck_after: float = Field(
        default=15.0, gt=1, le=120, description="seconds without a sign of life that end a process and its calls"
    )
    trace: bool = Field(default=False, description="whether the SIP messages of each call are kept, for `aicc trace`")
    trunks: Annotated[dict[str, SipTrunk], BeforeValidator(_table)] = Field(
        default={},
        description="ways out by name, as tables [sip.trunks.NAME] or JSON; the first is taken for tel: targets",
    )

    @property
    def is_on(self) -> bool:
        """Whether there is anything to listen on."""
        return bool(self.transports)

    @property
    def transports(self) -> tuple[Transport, ...]:
        """The transports that are on."""
        addresses: tuple[tuple[Transport, str], ...] = (("udp", self.udp), ("tcp", self.tcp), ("tls", self.tls))
        return tuple(name for name, address in addresses if address)

    @property
    def base(self) -> tuple[str, int]:
        """Host and port of UDP and TCP of the first worker; TLS has the port after it."""
        plain = self.udp or self.tcp
        host, port = split_address(plain or self.tls)
        return host, port if plain else port - 1

    def address(self, worker: int, transport: Transport) -> tuple[str, int]:
        """Where a worker (they count from 0) listens."""
        host, port = self.base
        return host, port + PORTS_EACH * worker + (transport == "tls")

    def rtp_range(self, worker: int) -> tuple[int, int]:
        """A worker's share of the ports for sound: the first, which is even, and the last."""
        first, last = (int(part) for part in self.rtp_ports.split("-"))
        share = (last - first + 1) // self.workers // 2 * 2
        start = first + first % 2 + worker * share
        return start, start + share - 1

    @field_validator("udp", "tcp", "tls")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value:
            split_address(value)
        return value

    @field_validator("headers")
    @classmethod
    def _are_header_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not (name.replace("-", "").isalnum() and name.isascii() and len(name) < 64):
                raise ValueError(f"{name!r} is not a header's name")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> SipSettings:
        if not self.is_on:
            return self
        if self.udp and self.tcp and self.udp != self.tcp:
            raise ValueError("UDP and TCP have to be on the same address: the stack listens on one port for both")
        host, port = self.base
        if self.tls and split_address(self.tls) != (host, port + 1):
            raise ValueError(f"TLS has to be on {host}:{port + 1}: the stack puts it on the port after UDP and TCP")
        if self.tls and self.tls_certificate is None:
            raise ValueError("TLS needs AICC_SIP_TLS_CERTIFICATE, a PEM file with certificate and key")
        if any(trunk.transport not in self.transports for trunk in self.trunks.values()):
            raise ValueError("a trunk's transport has to be one that we listen on")
        if port + PORTS_EACH * self.workers > 65536:
            raise ValueError(
                f"{self.workers} processes need {PORTS_EACH} ports each from {port} on: choose a lower one"
            )
        low, high = (int(part) for part in self.rtp_ports.split("-"))
        if not 1024 <= low < high <= 65535:
            raise ValueError("the ports for sound are two numbers from 1024 to 65535, the lower one first")
        if (high - low) // self.workers < 2 * self.max_calls:
            raise ValueError(f"{self.workers} x {self.max_calls} calls need more ports for sound than {self.rtp_ports}")
        return self


def split_address(text: str) -> tuple[str, int]:
    """``127.0.0.1:5060`` or ``[::1]:5060`` as host and port. Raises ``ValueError``."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 1 < int(port) < 65535 or any(c.isspace() for c in host):
        raise ValueError(f"{text!r} is not host:port")
    return host, int(port)


def in_clear(settings: SipSettings) -> str:
    """The settings as JSON with passwords in clear, for a process of ours: for its private wire, and nothing else."""
    plain = settings.model_dump(mode="json")
    for name, trunk in settings.trunks.items():
        plain["trunks"][name]["password"] = trunk.password.get_secret_value()
    return json.dumps(plain)
