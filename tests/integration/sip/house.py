"""A real gateway process that listens for SIP, and what can be known of its calls from outside."""

from __future__ import annotations

import asyncio
import io
import os
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.commands.gateway_process import GatewayProcess, gateway_process
from tests.house import EXAMPLE, small_tenant
from tests.integration.sip.likeness import RATE, resampled
from tests.integration.sip.programs import HOST
from tests.ports import free_port

TENANT = "hanbit-store"
LINE = "+18005550100"
DOCUMENTS = ("en/services/gift-wrapping.md",)
QUESTION = EXAMPLE / "calls" / "gift-wrapping.wav"

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
"""Which of the processes that test at once this is: each has sound ports of its own."""

RTP_TIMEOUT = 6
"""Seconds of silence on the wire after which a call is given up here."""

PATIENCE = 40.0
"""Seconds: calls go at the pace of speech, and the machine may be busy."""

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SipHouse:
    """A gateway that listens at ``host`` on ``port`` (UDP and TCP) and the one after it (TLS)."""

    process: GatewayProcess
    host: str
    port: int
    authority: Path

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{self.host}:{self.port}"

    def uri(self, transport: str = "udp") -> str:
        """How its line is dialled."""
        port = self.port + (transport == "tls")
        return f"sip:{LINE}@{self.host}:{port}" + ("" if transport == "udp" else f";transport={transport}")

    async def calls(self) -> list[dict[str, Any]]:
        """The latest calls, the newest first."""
        found: list[dict[str, Any]] = await self.process.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls")
        return found

    async def events(self, call: str) -> list[Event]:
        """A call's record so far."""
        path = f"/v1/tenants/{TENANT}/calls/{call}/events"
        found: list[Event] = await self.process.gateway.ask("GET", path, params={"limit": 1000})
        return found

    async def call_of(self, sid: str, within: float = PATIENCE) -> str:
        """The call that has this Call-ID."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for record in await self.calls():
                        if any(event["payload"].get("call_sid") == sid for event in await self.events(record["call"])):
                            return str(record["call"])
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(f"no call {sid} within {within:g} s; {self.last_words}") from None

    async def call_from(self, caller: str, within: float = PATIENCE) -> str:
        """The latest call from somebody."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for record in await self.calls():
                        if record["caller"] == caller:
                            return str(record["call"])
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(f"no call from {caller} within {within:g} s; {self.last_words}") from None

    async def until(self, call: str, kind: str, count: int = 1, within: float = PATIENCE) -> list[Event]:
        """The call's events of a kind, once there are so many."""
        try:
            async with asyncio.timeout(within):
                while len(found := [event for event in await self.events(call) if event["kind"] == kind]) < count:
                    await asyncio.sleep(0.2)
        except TimeoutError:
            seen = [event["kind"] for event in await self.events(call)]
            raise AssertionError(f"not {count} x {kind} within {within:g} s, but {seen}; {self.last_words}") from None
        return found

    async def recording(self, call: str) -> tuple[np.ndarray, np.ndarray]:
        """What the caller said and what they were told, at 8 kHz, once it is stored."""
        await self.until(call, "recording.stored")
        async with self.process.gateway.client() as client:
            answer = await client.get(f"/v1/tenants/{TENANT}/calls/{call}/recording")
        sound, rate = soundfile.read(io.BytesIO(answer.content), dtype="int16", always_2d=True)
        caller, bot = (resampled(np.ascontiguousarray(side), rate, RATE) for side in sound.T)
        return caller, bot

    async def calls_in_progress(self) -> int:
        """How many calls go on."""
        async with self.process.gateway.client() as client:
            metrics = (await client.get("/metrics")).text
        found = re.search(r"^aicc_calls_in_progress (\S+)", metrics, re.MULTILINE)
        return int(float(found[1])) if found else 0

    async def has_calls(self, count: int, within: float = PATIENCE) -> None:
        """Wait until so many calls go on."""
        async with asyncio.timeout(within):
            while await self.calls_in_progress() != count:
                await asyncio.sleep(0.1)

    async def is_at_rest(self, within: float = PATIENCE) -> None:
        """Wait until no call goes on, and each record is closed."""
        async with asyncio.timeout(within):
            while await self.calls_in_progress() or any(call["ended_at"] is None for call in await self.calls()):
                await asyncio.sleep(0.2)

    @property
    def last_words(self) -> str:
        """What the gateway said last."""
        return self.process.output.read_text(errors="replace")[-2000:]


def new_caller() -> str:
    """A number that nobody has called from."""
    return f"+1555{uuid.uuid4().int % 10**7:07}"


def tenant(folder: Path) -> Path:
    """The example shop with one document; people answer at any time of the day that a test runs."""
    shop = small_tenant(folder, DOCUMENTS)
    described = yaml.safe_load((shop / "tenant.yaml").read_text())
    del described["hours"]
    (shop / "tenant.yaml").write_text(yaml.safe_dump(described, allow_unicode=True))
    return shop


def certificate(path: Path, host: str) -> Path:
    """A certificate for an address, signed by itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@asynccontextmanager
async def sip_house(place: Path, shop: Path, host: str = HOST, **settings: str) -> AsyncIterator[SipHouse]:
    """The gateway, its data in ``place``; ``settings`` are further environment variables."""
    port, rtp = free_port(beside=1), 30_000 + 1_000 * (WORKER % 30)
    authority = certificate(place / "sip.pem", host)
    environment = {
        "AICC_GATEWAY_NODE": "sip",
        "AICC_GATEWAY_MAX_LOOP_LAG": "5",  # whether a busy machine refuses calls is not what is tried here
        "AICC_GATEWAY_MAX_RECOGNITION_WAIT": "30",
        "AICC_SIP_UDP": f"{host}:{port}",
        "AICC_SIP_TCP": f"{host}:{port}",
        "AICC_SIP_TLS": f"{host}:{port + 1}",
        "AICC_SIP_TLS_CERTIFICATE": str(authority),
        "AICC_SIP_SRTP": "optional",
        "AICC_SIP_RTP_PORTS": f"{rtp}-{rtp + 999}",
        "AICC_SIP_MAX_CALLS": "100",
        "AICC_SIP_RTP_TIMEOUT": str(RTP_TIMEOUT),
        "AICC_SIP_TRACE": "1",
        **settings,
    }
    async with gateway_process(place / "data", [shop], environment) as process:
        yield SipHouse(process, host, port, authority)
