"""The telephone's doors behind a real HTTP server, for tests: webhooks and media sockets on one port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gateway.telephony.entrance import Door
from gateway.telephony.leg import Admission, CallOffer, HungUp, LegEvent, MediaLeg, Refusal
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.carriers import Carrier, twilio
from gateway.telephony.streams.door import MediaDoor
from gateway.telephony.streams.platform import Platform
from gateway.telephony.streams.webhooks import webhook_router
from gateway.telephony.transferor import Transferor
from gateway.telephony.upgrade import limit_unread, upgrades
from tests.gateway.telephony import wire

LoopFactory = Callable[[], asyncio.AbstractEventLoop]

ASYNCIO_ONLY: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop}
LOOPS: dict[str, LoopFactory] = {**ASYNCIO_ONLY, "uvloop": uvloop.new_event_loop}


class Reception:
    """Admission that says what it was told to say, and remembers who asked."""

    def __init__(self) -> None:
        self.full: Refusal | None = None
        self.refusal: Refusal | None = None
        self.offers: list[CallOffer] = []

    def room(self) -> Refusal | None:
        return self.full

    def admit(self, offer: CallOffer) -> Refusal | None:
        self.offers.append(offer)
        return self.refusal


@dataclass(frozen=True)
class Doors:
    """Where they are."""

    address: str
    server: uvicorn.Server

    @property
    def media(self) -> str:
        return f"ws://{self.address}/telephony/twilio/media"

    @property
    def voice(self) -> str:
        return f"http://{self.address}/telephony/twilio/voice"


@contextlib.asynccontextmanager
async def doors(
    on_leg: Callable[[MediaLeg], Awaitable[None]],
    admission: Admission | None = None,
    *routers: APIRouter,
    others: Sequence[Door] = (),
    transferor: Transferor | None = None,
    carrier: Carrier | None = None,
    unread: float = 20.0,
    **settings: Any,
) -> AsyncIterator[Doors]:
    """Open them; whoever serves calls is ``on_leg``. ``others`` are doors beside the carrier's, whose calls
    ``transferor`` moves. ``carrier`` is Twilio unless another one is given. ``unread``: seconds after which the system
    drops who takes nothing."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
    listening.bind(("127.0.0.1", 0))
    limit_unread(listening, unread)
    asked = admission or Reception()
    configured = TelephonySettings(**settings)
    calling = carrier or twilio(configured)
    if transferor is not None:
        platform = SimpleNamespace(transferor=lambda info: transferor, fetches=False)
        calling = replace(calling, platform=cast("Platform", platform))
    app = FastAPI()
    for router in (webhook_router(calling, configured, asked), *routers):
        app.include_router(router)
    config = uvicorn.Config(
        app,
        ws=upgrades(MediaDoor(calling, configured, asked, on_leg), *others),
        ws_max_size=1 << 20,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        while not server.started:
            await asyncio.sleep(0.005)
        yield Doors("{}:{}".format(*listening.getsockname()), server)
    finally:
        server.should_exit = True
        await serving


class OpenCall:
    """One call through the doors: its leg, what it told its listener, and the far end's own socket."""

    def __init__(self, leg: MediaLeg, far_end: ClientConnection) -> None:
        self.leg = leg
        self.far_end = far_end
        self.events: list[LegEvent] = []
        self._over = asyncio.Event()

    def listen(self) -> None:
        """Hear the leg from now on."""

        def hear(event: LegEvent) -> None:
            self.events.append(event)
            if isinstance(event, HungUp):
                self._over.set()

        self.leg.listen(hear)

    async def say(self, *messages: dict[str, Any] | str) -> None:
        """Have the far end send messages."""
        for message in messages:
            await self.far_end.send(message if isinstance(message, str) else wire.text(message))

    async def said(self, count: int) -> list[dict[str, Any]]:
        """The next ``count`` messages that come to the far end."""
        async with asyncio.timeout(20):
            return [json.loads(await self.far_end.recv()) for _ in range(count)]

    async def ended(self) -> HungUp:
        """How the leg ended; it is the last that it told."""
        async with asyncio.timeout(20):
            await self._over.wait()
        end = self.events[-1]
        assert isinstance(end, HungUp)
        return end

    async def closed_with(self) -> tuple[int | None, str | None]:
        """The code and reason that the far end's socket was closed with."""
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.far_end.recv()
        return self.far_end.close_code, self.far_end.close_reason


@contextlib.asynccontextmanager
async def open_call(transferor: Transferor | None = None, **settings: Any) -> AsyncIterator[OpenCall]:
    """A call that has started; nobody listens to it yet. ``transferor`` is who can move it."""
    legs: asyncio.Queue[MediaLeg] = asyncio.Queue()
    done = asyncio.Event()

    async def serve(leg: MediaLeg) -> None:
        legs.put_nowait(leg)
        await done.wait()

    # Small buffers of a fixed size: what the system takes in for a far end that does not read stays the same.
    near = socket.socket()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    async with contextlib.AsyncExitStack() as stack:
        opened = await stack.enter_async_context(doors(serve, transferor=transferor, **settings))
        near.setblocking(False)
        host, port = opened.address.split(":")
        await asyncio.get_running_loop().sock_connect(near, (host, int(port)))
        far_end = await stack.enter_async_context(connect(opened.media, proxy=None, sock=near))
        await far_end.send(wire.text(wire.connected()))
        await far_end.send(wire.text(wire.start()))
        async with asyncio.timeout(20):
            call = OpenCall(await legs.get(), far_end)
        try:
            yield call
        finally:
            done.set()
            far_end.transport.abort()  # a close in good order would wait for what nobody reads


async def nobody(leg: MediaLeg) -> None:
    """Serves no call."""
    raise AssertionError("no call should have come this far")


async def closed(far_end: ClientConnection) -> tuple[int | None, str | None]:
    """The code and reason that a socket is closed with, before anything is said on it."""
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(20):
            await far_end.recv()
    return far_end.close_code, far_end.close_reason


async def start(opened: Doors, **parameters: str) -> ClientConnection:
    """A far end that has said its first words."""
    far_end = await connect(opened.media, proxy=None)
    for message in (wire.connected(), wire.start(**parameters)):
        await far_end.send(wire.text(message))
    return far_end
