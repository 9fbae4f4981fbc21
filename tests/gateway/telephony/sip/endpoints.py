"""Real SIP processes on this machine: ports that are free, and an endpoint that listens on them."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.telephony.leg import HungUp, LegEvent, MediaLeg, MediaReceived
from gateway.telephony.sip.opening import SipEndpoint
from gateway.telephony.sip.settings import PORTS_EACH, SipSettings
from infra.audio import AudioFrame
from tests import ports
from tests.gateway.telephony.sip.stand_in import Doorman

HOST = "127.0.0.1"

needs_the_stack = pytest.mark.skipif(
    importlib.util.find_spec("baresip") is None, reason="SIP is not installed: pip install 'aicc[sip]'"
)


def free_port(workers: int = 1) -> int:
    """A port from which on as many are free as ``workers`` need."""
    return ports.free_port(beside=PORTS_EACH * workers - 1)


def settings(port: int, **more: Any) -> SipSettings:
    """An endpoint on ``port`` that calls itself by its trunk ``self``."""
    address = f"{HOST}:{port}"
    trunks = {"self": {"domain": address}}
    return SipSettings.model_validate({"udp": address, "tcp": address, "trunks": trunks, **more})


class Party:
    """Whoever is at a leg: hears, and is told when it is over."""

    def __init__(self, leg: MediaLeg) -> None:
        self.leg = leg
        self.events: list[LegEvent] = []
        self.pcm = bytearray()
        self.end: asyncio.Future[HungUp] = asyncio.get_running_loop().create_future()
        leg.listen(self._hear)

    def _hear(self, event: LegEvent) -> None:
        if isinstance(event, MediaReceived):
            self.pcm += event.frame.pcm
            return
        self.events.append(event)
        if isinstance(event, HungUp):
            self.end.set_result(event)

    def say(self, pcm: bytes) -> None:
        self.leg.send(AudioFrame(pcm, self.leg.info.rate, 0.0))

    async def until(self, wanted: LegEvent, within: float = 20.0) -> None:
        """Wait for an event."""
        async with asyncio.timeout(within):
            while wanted not in self.events:
                await asyncio.sleep(0.005)


class Place:
    """An endpoint whose calls are served by whoever a test wants."""

    def __init__(self, endpoint: SipEndpoint, doorman: Doorman, parties: asyncio.Queue[Party]) -> None:
        self.endpoint, self.doorman, self.parties = endpoint, doorman, parties

    async def party(self, within: float = 20.0) -> Party:
        """The next call that came in."""
        return await asyncio.wait_for(self.parties.get(), within)


@asynccontextmanager
async def place(given: SipSettings, folder: Path) -> AsyncIterator[Place]:
    """An endpoint that listens. Each call that comes in is a party until it ends."""
    doorman, parties = Doorman(), asyncio.Queue[Party]()

    async def serve(leg: MediaLeg) -> None:
        party = Party(leg)
        parties.put_nowait(party)
        await party.end

    endpoint = SipEndpoint(given, doorman, serve, folder)
    async with endpoint.listening():
        yield Place(endpoint, doorman, parties)


async def eventually(holds: Callable[[], bool], within: float = 20.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.01)
