"""``aicc serve``: the house stays up until it is told to stop, then lets its calls end."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

import uvicorn
from rich.console import Console

from dialog.releases.content import name_of
from gateway.app import open_house
from gateway.commands.progress import Steps
from gateway.commands.server import RunningGateway, announce, withdraw
from gateway.house import House, Parts
from gateway.releases import released
from gateway.settings import GatewaySettings
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.carriers import open_carriers
from gateway.telephony.streams.settings import CarrierSettings
from gateway.telephony.upgrade import limit_unread, upgrades
from gateway.web import doors, web_app
from infra.config import load
from infra.errors import ConfigError
from infra.settings import DatabaseSettings
from infra.storage.runtime import open_storage

LARGEST_MESSAGE = 1 << 20
"""Bytes of a WebSocket message that the server takes; the codec's own limit is lower, so that it can say why."""

KEEP_ALIVE = 75
"""Seconds for which a connection without a request is kept: longer than clients (5 s) and load balancers (60 s) usually
do, so that it is they who close it, and no request is sent into a connection that is being closed."""

UNREAD_WITHIN = 10.0
"""Seconds for which a peer may leave what we sent unread before the kernel gives the connection up."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: a stop has to let calls end first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(data: Path, folders: Sequence[Path], console: Console) -> None:
    """Open the house, serve until SIGINT or SIGTERM, drain, close. Raises ``ConfigError`` when the port is taken."""
    settings = load(GatewaySettings)
    listening = _listen(settings)
    steps = Steps(console)
    folders = await _released(data, folders, settings.release, steps)
    async with open_house(data, folders, Parts.LEDGER | Parts.MEDIA | Parts.LANGUAGE_MODEL, steps) as house:
        await ingest_missing(house, steps)
        async with _served(house, listening) as server, _sip(house):
            url = f"http://{settings.host}:{listening.getsockname()[1]}"
            token = settings.api_token.get_secret_value() if settings.api_token else None
            _settle()
            announce(data, RunningGateway(url, token))
            try:
                _tell(console, url, house)
                await _until_told(server)
                assert house.switchboard is not None
                if house.switchboard.calls:
                    console.print(f"Letting {house.switchboard.calls} calls end …")
                await house.switchboard.drain(settings.drain_seconds)
            finally:
                withdraw(data)


async def _released(data: Path, folders: Sequence[Path], label: str, steps: Steps) -> Sequence[Path]:
    """The folders to serve: those given, or the releases of them that ``label`` points to."""
    if not label:
        return folders
    with steps.step(f"releases called {label}"):
        async with open_storage(load(DatabaseSettings), data) as database:
            return await released(database, folders, label, data)


async def ingest_missing(house: House, steps: Steps) -> None:
    """Bring every tenant's knowledge up to date, and what goes by it; what has not changed costs nothing."""
    await house.knowledge.prepare()
    for tenant in house.tenants.values():
        folder = tenant.folder / "knowledge"
        if folder.is_dir():
            name = f"knowledge of {tenant.id}"
            with steps.step(name):
                # What a release does not hold is not told, also when another folder brought it here before.
                alone, tell = name_of(tenant.folder) is not None, steps.counting(name)
                report = await house.knowledge.ingest(folder, tenant=tenant.id, alone=alone, progress=tell)
                for file, why in report.failed:
                    steps(name, f"{file} was not read: {why}")
        with steps.step(f"words of {tenant.id}"):
            await house.knowledge_changed(tenant.id)


@asynccontextmanager
async def _served(house: House, listening: socket.socket) -> AsyncIterator[uvicorn.Server]:
    assert house.switchboard is not None
    config = uvicorn.Config(
        web_app(house),
        ws=upgrades(*doors(house)),
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEEP_ALIVE,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]), name="http server")
    try:
        while not server.started and not running.done():
            await asyncio.sleep(0.01)
        yield server
    finally:
        server.should_exit = True
        await running


def _sip(house: House) -> AbstractAsyncContextManager[None]:
    """Calls by SIP, where they are switched on."""
    return nullcontext() if house.sip is None else house.sip.listening()


def _listen(settings: GatewaySettings) -> socket.socket:
    """The socket is opened first, so that a taken port is told before anything is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
            "choose another port with --port or AICC_GATEWAY_PORT"
        ) from error
    limit_unread(listening, UNREAD_WITHIN)
    return listening


def _settle() -> None:
    """Take what has been loaded until now out of the garbage collector's sight: it stays anyway, and looking through
    hundreds of thousands of objects again and again would hold up every call for that long.
    """
    gc.collect()
    gc.freeze()


async def _until_told(server: uvicorn.Server) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)  # told twice, we stop at once


def _tell(console: Console, url: str, house: House) -> None:
    console.print(f"\n[bold green]Ready.[/] {url}")
    for carrier in open_carriers(load(TelephonySettings), load(CarrierSettings)):
        if carrier.markup is not None:
            console.print(f"  voice webhook   {url}{carrier.prefix}/voice   (for your carrier's number, by HTTPS)")
        console.print(f"  media socket    {url.replace('http', 'ws', 1)}{carrier.media_path}")
    for address in [] if house.sip is None else house.sip.workers.addresses:
        console.print(f"  SIP             {address}")
    console.print(f"  web pages       {url}/call (a caller's)    {url}/desk    {url}/wall    {url}/calls")
    console.print(f"  interface       {url}/docs    health {url}/readyz    metrics {url}/metrics")
    for tenant in house.tenants.values():
        for line in tenant.lines:
            console.print(f"  line            {line.number} ({line.alias}): {tenant.id}, {line.language}")
    console.print("  call it         .venv/bin/aicc call RECORDING.wav --to LINE")
    console.print("  stop it         Ctrl-C")
    sys.stdout.flush()
