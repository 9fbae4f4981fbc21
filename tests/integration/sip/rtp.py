"""Sound over RTP, sent and received by the test itself: it decides which packets get lost, late or come from elsewhere.

PCMU, 20 ms, and keys as RFC 4733 events of payload type 101.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from infra.audio import mulaw_decode, mulaw_encode
from tests.integration.sip.programs import HOST

FRAME = 160
SECONDS = 0.02
HEADER = struct.Struct("!BBHII")
EVENT = struct.Struct("!BBH")
SILENCE = b"\xff" * FRAME
KEYS = "0123456789*#ABCD"
EVENTS_TYPE = 101

Way = Callable[[Sequence[bytes]], list[bytes]]
"""What a network does to packets."""


def losing(share: float, seed: int = 1) -> Way:
    """Loses packets, the same in each run."""
    chance = random.Random(seed)
    return lambda packets: [packet for packet in packets if chance.random() >= share]


def reordering(every: int = 5) -> Way:
    """Lets each n-th packet come after its successor."""
    held: list[bytes] = []
    count = 0

    def way(packets: Sequence[bytes]) -> list[bytes]:
        nonlocal count
        out: list[bytes] = []
        for packet in packets:
            count += 1
            if count % every == 0:
                held.append(packet)
                continue
            out += [packet, *held]
            held.clear()
        return out

    return way


@dataclass(slots=True)
class RtpEnd(asyncio.DatagramProtocol):
    """One end of a stream, on a port of its own. From ``begin`` on it sends, silence where it has nothing to say."""

    way: Way = list
    received: list[bytes] = field(default_factory=list)
    """The sound that came, packet by packet."""
    source: int = 0x5EED
    """The SSRC."""
    far: tuple[str, int] | None = None
    """Where sound comes from, and ours goes to."""
    _heard: asyncio.Event = field(default_factory=asyncio.Event)
    _transport: asyncio.DatagramTransport | None = None
    _ready: deque[tuple[bytes, int]] = field(default_factory=deque)
    _sending: asyncio.Task[None] | None = None
    _number: int = 1
    _time: int = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if len(data) > HEADER.size and data[1] & 0x7F == 0:
            self.far = self.far or addr
            self._heard.set()
            self.received.append(data[HEADER.size :])

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    async def begin(self, within: float = 20.0) -> None:
        """Send from the moment on when something is heard, at the pace of speech."""
        await asyncio.wait_for(self._heard.wait(), within)
        self.start()

    def start(self) -> None:
        """Send from now on, to ``far``."""
        self._sending = asyncio.create_task(self._send(), name="rtp")

    def say(self, pcm: np.ndarray) -> None:
        """Speak (16-bit, 8 kHz) after all that is to be said already."""
        code = mulaw_encode(pcm.astype("<i2").tobytes())
        code += b"\xff" * (-len(code) % FRAME)
        self._ready += [(code[at : at + FRAME], 0) for at in range(0, len(code), FRAME)]

    def press(self, key: str) -> None:
        """Press a key for 160 ms (RFC 4733, 2.5: one event, its duration growing, its end sent three times)."""
        number = KEYS.index(key)
        events = [EVENT.pack(number, 10, FRAME * count) for count in range(1, 9)]
        events += [EVENT.pack(number, 0x80 | 10, FRAME * 8)] * 3
        self._ready += [(event, 1 + (at == 0)) for at, event in enumerate(events)]

    async def said(self) -> None:
        """Wait until all was sent."""
        while self._ready:
            await asyncio.sleep(SECONDS)

    async def more_than(self, packets: int, within: float = 20.0) -> None:
        """Wait until more packets of sound came than so many."""
        async with asyncio.timeout(within):
            while len(self.received) <= packets:
                await asyncio.sleep(SECONDS)

    def stop(self) -> None:
        """Send nothing more, as a network that is gone."""
        if self._sending is not None:
            self._sending.cancel()

    def heard(self) -> np.ndarray:
        """All that came."""
        return np.frombuffer(b"".join(mulaw_decode(code) for code in self.received), "<i2")

    def packet(self, body: bytes, kind: int = 0, *, marked: bool = False) -> bytes:
        """The next packet of the stream."""
        head = HEADER.pack(0x80, kind | (0x80 if marked else 0), self._number & 0xFFFF, self._time, self.source)
        self._number += 1
        return head + body

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        begun, count, event_time = loop.time(), 0, 0
        assert self._transport is not None
        while True:
            body, event = self._ready.popleft() if self._ready else (SILENCE, 0)
            if event == 2:
                event_time = self._time
            if event:
                now, self._time = self._time, event_time
                packet = self.packet(body, EVENTS_TYPE, marked=event == 2)
                self._time = now
            else:
                packet = self.packet(body)
            self._time += FRAME
            for sent in self.way([packet]):
                self._transport.sendto(sent, self.far)
            count += 1
            await asyncio.sleep(max(0.0, begun + count * SECONDS - loop.time()))


@asynccontextmanager
async def rtp_end(way: Way = list) -> AsyncIterator[RtpEnd]:
    """One that listens; what it sends goes by ``way``."""
    loop = asyncio.get_running_loop()
    transport, end = await loop.create_datagram_endpoint(lambda: RtpEnd(way), local_addr=(HOST, 0))
    try:
        yield end
    finally:
        end.stop()
        transport.close()
