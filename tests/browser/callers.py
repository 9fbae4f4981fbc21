"""A house for callers' pages, played by the test: real pages, tickets, sockets and sound; the call goes as told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from fastapi import FastAPI

from gateway.access.origins import Origins
from gateway.api.web_calls import WebCalls, web_calls_router
from gateway.pages.site import pages_router
from gateway.session.ledger import CallLog
from gateway.session.live import Live
from gateway.session.memory_log import MemoryContactLog
from gateway.session.tenant import Line, Tenant
from gateway.telephony.leg import DtmfReceived, HungUp, LegEvent, MarkPlayed, MediaLeg, MediaReceived
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.softphone import RATE
from gateway.telephony.softphone_door import SoftphoneDoor, Visit
from gateway.telephony.upgrade import upgrades
from infra.audio import AudioFrame
from tests.browser.chromium import PATIENCE
from tests.gateway.telephony.doors import Reception
from tests.web import served

SHOP = Tenant(
    id="shop",
    name={"ko": "한빛상점", "en": "Hanbit Store"},
    languages=("ko", "en"),
    lines=(
        Line(number="+827080001000", alias="shop-ko", language="ko", name="한빛상점 고객센터"),
        Line(number="+18005550100", alias="shop-en", language="en", name="Hanbit Store customer service"),
    ),
    folder=Path("shop"),
)

FRAME = 0.02


def tone(seconds: float, hertz: float = 440.0) -> list[AudioFrame]:
    """A tone, in frames."""
    wave = 12_000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)
    pcm = wave.astype("<i2").tobytes()
    size = int(FRAME * RATE) * 2
    return [AudioFrame(pcm[at : at + size], RATE, at / 2 / RATE) for at in range(0, len(pcm), size)]


@dataclass
class LiveCall:
    """A call that goes on: its leg, its record, what can be seen of it, and what came from the page."""

    leg: MediaLeg
    log: CallLog
    live: Live = field(default_factory=Live)
    events: list[LegEvent] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: LegEvent) -> None:
        self.events.append(event)
        if isinstance(event, HungUp):
            self.over.set()

    @property
    def sound(self) -> np.ndarray:
        """All that the page sent."""
        frames = [event.frame for event in self.events if isinstance(event, MediaReceived)]
        return np.frombuffer(b"".join(frame.pcm for frame in frames), "<i2").astype(float)

    @property
    def keys(self) -> str:
        """The keys that were pressed."""
        return "".join(event.digit for event in self.events if isinstance(event, DtmfReceived))

    @property
    def marks(self) -> list[str]:
        """The marks that came back."""
        return [event.name for event in self.events if isinstance(event, MarkPlayed)]

    async def play(self, seconds: float) -> None:
        """Speak to the page, in real time and a little ahead, as a session does."""
        begun = asyncio.get_running_loop().time()
        for number, frame in enumerate(tone(seconds)):
            self.leg.send(frame)
            await asyncio.sleep(max(0.0, begun + number * FRAME - 0.12 - asyncio.get_running_loop().time()))


class CallersHouse:
    """Takes the pages' calls, and lets the test say how they go."""

    def __init__(self) -> None:
        self.address = ""
        self.reception = Reception()
        self.ledger = MemoryContactLog()
        self.calls = WebCalls([SHOP])
        self.going: dict[str, LiveCall] = {}
        self._arrived: asyncio.Queue[LiveCall] = asyncio.Queue()

    async def serve(self, leg: MediaLeg) -> None:
        """One call, until it is over."""
        name = leg.info.call_sid
        log = self.ledger.open_call(tenant="shop", call_id=name, line=leg.info.dnis, language="en", caller=None)
        call = self.going[name] = LiveCall(leg, log)
        leg.listen(call.hear)
        self._arrived.put_nowait(call)
        await call.over.wait()
        log.end("caller_hung_up")
        call.live.close()
        del self.going[name]

    async def arrived(self) -> LiveCall:
        """The next call that comes."""
        async with asyncio.timeout(PATIENCE):
            return await self._arrived.get()


async def nobody_else(leg: MediaLeg, visit: Visit) -> None:
    """No people of the house come to this one."""
    raise AssertionError(f"{visit.user} should not have come")


@asynccontextmanager
async def callers_house(**settings: object) -> AsyncIterator[CallersHouse]:
    """The house, open."""
    house = CallersHouse()
    configured = TelephonySettings.model_validate(settings)
    app = FastAPI()
    app.include_router(pages_router())
    app.include_router(web_calls_router(house.calls, house.ledger, house.going.get, configured.web_calls, Origins()))
    door = SoftphoneDoor(configured, house.calls, house.reception, house.serve, nobody_else)
    await house.ledger.start()
    async with served(app, ws=upgrades(door)) as house.address:
        yield house
    await house.ledger.close()
