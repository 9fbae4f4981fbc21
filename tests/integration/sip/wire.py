"""SIP by hand over UDP: for what no well-behaved client sends, and for how long an answer takes.

Refuses: being a stack. It sends what it is told to, again and again if it is told so, and collects what comes.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.integration.sip.programs import HOST

ANSWER_WITHIN = 20.0


@dataclass(slots=True)
class Wire(asyncio.DatagramProtocol):
    """A socket of ours and the gateway's address."""

    far: tuple[str, int]
    came: list[str] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.came.append(data.decode(errors="replace"))
        self._more.set()

    @property
    def port(self) -> int:
        """Ours."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def send(self, message: str | bytes) -> None:
        """Once."""
        assert self._transport is not None
        self._transport.sendto(message if isinstance(message, bytes) else message.encode(), self.far)

    async def more(self) -> None:
        """Wait until something has come."""
        self._more.clear()
        await self._more.wait()

    async def ping(self) -> float:
        """How many seconds the far end takes to answer OPTIONS."""
        dialog = Dialog(self)
        begun = time.perf_counter()
        self.send(dialog.request("OPTIONS"))
        await dialog.until("SIP/2.0 ")
        return time.perf_counter() - begun

    async def is_prompt(self, within: float = 1.0) -> bool:
        """Whether the far end answers OPTIONS at once: one time in five, for the machine may be busy."""
        for _ in range(5):
            if await self.ping() < within:
                return True
        return False


@dataclass(slots=True)
class Dialog:
    """The messages of one call of ours."""

    wire: Wire
    user: str = "aicc"
    sound: int = 9
    caller: str = "+15550199"
    call_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    tag: str = ""
    cseq: int = 1

    def invite(self) -> str:
        """The INVITE, with an offer of PCMU; the same each time."""
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\nm=audio {self.sound} RTP/AVP 0 101\r\n"
            "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
        )
        return self.request("INVITE", sdp)

    def request(self, method: str, body: str = "") -> str:
        """A request; its transaction is the same each time that it is made with this CSeq."""
        host, port = self.wire.far
        lines = [
            f"{method} sip:{self.user}@{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:{self.wire.port};branch=z9hG4bK{self.call_id[:12]}{method}{self.cseq};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.caller}@{HOST}:{self.wire.port}>;tag=ours",
            f"To: <sip:{self.user}@{host}:{port}>{f';tag={self.tag}' if self.tag else ''}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {method}",
            f"Contact: <sip:{self.caller}@{HOST}:{self.wire.port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", body])

    def answer(self, request: str, status: str) -> str:
        """The answer to a request of the far end's."""
        head = request.split("\r\n\r\n", 1)[0]
        kept = re.findall(r"^(?:Via|From|To|Call-ID|CSeq):.*$", head, re.MULTILINE)
        return "\r\n".join([f"SIP/2.0 {status}", *(line.rstrip() for line in kept), "Content-Length: 0", "", ""])

    async def until(self, start: str, count: int = 1, within: float = ANSWER_WITHIN) -> str:
        """The last of ``count`` messages of this call that begin with ``start``, as soon as so many have come."""
        try:
            async with asyncio.timeout(within):
                while len(found := self.of(start)) < count:
                    await self.wire.more()
        except TimeoutError:
            lines = [message.split("\r\n", 1)[0] for message in self.of("")]
            raise AssertionError(f"not {count} x {start!r} within {within:g} s, but {lines}") from None
        return found[-1]

    def of(self, start: str) -> list[str]:
        """What has come of this call and begins so."""
        return [message for message in self.wire.came if message.startswith(start) and self.call_id in message]


def tag_of(message: str) -> str:
    """The tag of its To."""
    found = re.search(r"^(?:To|t):.*?;tag=([^;\s]+)", message, re.MULTILINE | re.IGNORECASE)
    return "" if found is None else found[1]


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    """A socket of our own, to that port of this machine."""
    loop = asyncio.get_running_loop()
    transport, made = await loop.create_datagram_endpoint(lambda: Wire((HOST, port)), local_addr=(HOST, 0))
    try:
        yield made
    finally:
        transport.close()
