"""A carrier's REST API on a real socket, as far as placing calls needs it: orders, lookups, refusals, and silence.

What orders to a number meet is told before (``meets``); what becomes of a call is played by whoever asked for it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import socket
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from gateway.telephony.streams.signatures import TWILIO_HEADER, signature

ACCOUNT = "AC0123456789"
TOKEN = "open sesame"


class Meets(Enum):
    """What an order meets."""

    TAKEN = auto()
    TAKEN_AND_SILENT = auto()
    """The call is made, and the answer never comes."""
    SILENT = auto()
    """Nothing is made, and no answer comes."""
    TAKEN_AND_GARBLED = auto()
    TAKEN_AND_DRIPPING = auto()
    """The call is made, and the answer comes a byte at a time, without end."""
    TAKEN_AND_FLOODING = auto()
    """The call is made, and the answer comes fast, without end."""
    REFUSED = auto()
    BUSY_CARRIER = auto()
    BROKEN = auto()


@dataclass
class PlacedCall:
    """A call at the carrier."""

    sid: str
    order: dict[str, str]
    made: datetime
    status: str = "queued"

    def resource(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "to": self.order["To"],
            "from": self.order["From"],
            "status": self.status,
            "date_created": format_datetime(self.made),
        }


Play = Callable[["CarrierServer", PlacedCall], Awaitable[None]]


async def nothing(carrier: CarrierServer, call: PlacedCall) -> None:
    """The call just rings."""


@dataclass
class CarrierServer:
    """The carrier: ``calls`` that were made, in order. ``play`` is what becomes of each; ``public`` is the address that
    it believes us to have, which ``inner`` stands behind."""

    play: Play = nothing
    url: str = ""
    public: str = ""
    inner: str = ""
    meets: defaultdict[str, deque[Meets]] = field(default_factory=lambda: defaultdict(deque))
    calls: list[PlacedCall] = field(default_factory=list)
    orders: int = 0
    given: int = 0
    """Bytes of answers without end."""
    plays: set[asyncio.Task[None]] = field(default_factory=set)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> FastAPI:
        app = FastAPI()
        path = "/2010-04-01/Accounts/{account}/Calls"
        app.add_api_route(f"{path}.json", self._order, methods=["POST"], response_model=None)
        app.add_api_route(f"{path}.json", self._list, methods=["GET"], response_model=None)
        app.add_api_route(f"{path}/{{sid}}.json", self._one, methods=["GET"], response_model=None)
        return app

    async def _order(self, account: str, request: Request) -> Response:
        self.orders += 1
        if not self._may(account, request):
            return _refusal(401, "Authenticate")
        order = dict(parse_qsl((await request.body()).decode()))
        waiting = self.meets[order["To"]]
        meets = waiting.popleft() if waiting else Meets.TAKEN
        if meets is Meets.REFUSED:
            return _refusal(400, f"The 'To' number {order['To']} is not a valid phone number.")
        if meets is Meets.BUSY_CARRIER:
            return _refusal(429, "Too Many Requests")
        if meets is Meets.BROKEN:
            return PlainTextResponse("bad gateway", status_code=502)
        if meets is not Meets.SILENT:
            made = datetime.now(UTC).replace(microsecond=0)
            call = PlacedCall(f"CA{secrets.token_hex(16)}", order, made)
            self.calls.append(call)
            self._spawn(call)
        if meets in {Meets.SILENT, Meets.TAKEN_AND_SILENT}:
            await self.closing.wait()
        if meets in _WITHOUT_END:
            return StreamingResponse(self._without_end(*_WITHOUT_END[meets]), status_code=201)
        if meets is Meets.TAKEN_AND_GARBLED:
            return PlainTextResponse("<html>", status_code=201)
        return JSONResponse(call.resource(), status_code=201)

    async def _without_end(self, piece: bytes, pause: float) -> AsyncIterator[bytes]:
        while not self.closing.is_set():
            self.given += len(piece)
            yield piece
            await asyncio.sleep(pause)

    async def _list(self, account: str, request: Request) -> Response:
        if not self._may(account, request):
            return _refusal(401, "Authenticate")
        to, line = request.query_params.get("To"), request.query_params.get("From")
        found = [call for call in reversed(self.calls) if (call.order["To"], call.order["From"]) == (to, line)]
        return JSONResponse({"calls": [call.resource() for call in found]})

    async def _one(self, account: str, sid: str, request: Request) -> Response:
        if not self._may(account, request):
            return _refusal(401, "Authenticate")
        found = next((call for call in self.calls if call.sid == sid), None)
        return _refusal(404, "not found") if found is None else JSONResponse(found.resource())

    def _may(self, account: str, request: Request) -> bool:
        shown = request.headers.get("authorization", "")
        return shown == "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode() and account == ACCOUNT

    def _spawn(self, call: PlacedCall) -> None:
        task = asyncio.create_task(self.play(self, call))
        self.plays.add(task)

    def to(self, number: str) -> list[PlacedCall]:
        """The calls to a number, in order."""
        return [call for call in self.calls if call.order["To"] == number]

    # --- what the carrier does with a call ---------------------------------------------------------------------
    async def fetch(self, call: PlacedCall, **more: str) -> httpx.Response:
        """The callee has answered: fetch the order's voice webhook, signed."""
        call.status = "in-progress"
        return await self._post(call, call.order["Url"], more)

    async def report(self, call: PlacedCall, status: str) -> httpx.Response:
        """Tell the order's status webhook, signed."""
        call.status = status
        return await self._post(call, call.order["StatusCallback"], {})

    async def _post(self, call: PlacedCall, url: str, more: dict[str, str]) -> httpx.Response:
        form = {
            "CallSid": call.sid,
            "From": call.order["From"],
            "To": call.order["To"],
            "CallStatus": call.status,
            "Direction": "outbound-api",
            **more,
        }
        headers = {TWILIO_HEADER: signature(TOKEN, url, form.items())}
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            return await client.post(self.reach(url), data=form, headers=headers)

    def reach(self, url: str) -> str:
        """Where an address of ours really is."""
        return url.replace(self.public, self.inner, 1) if self.public else url


_WITHOUT_END = {Meets.TAKEN_AND_DRIPPING: (b" ", 0.05), Meets.TAKEN_AND_FLOODING: (b" " * 65536, 0.0)}
"""The pieces of answers without end, and the pauses between them."""


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"status": status, "message": message}, status_code=status)


@contextlib.asynccontextmanager
async def carrier(play: Play = nothing) -> AsyncIterator[CarrierServer]:
    """The carrier, on a port of its own."""
    server_side = CarrierServer(play)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(server_side.app(), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.005)
    server_side.url = "http://{}:{}".format(*listening.getsockname())
    try:
        yield server_side
        for task in server_side.plays:  # a play that failed is a test that failed
            if task.done():
                task.result()
    finally:
        server_side.closing.set()
        for task in server_side.plays:
            task.cancel()
        await asyncio.gather(*server_side.plays, return_exceptions=True)
        server.should_exit = True
        await serving
