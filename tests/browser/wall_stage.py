"""A server that plays the gateway for the wallboard: it speaks the contract, and remembers what it was asked to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>'\"&{{7*7}}"


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def queue(name: str, ko: str, en: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": {"ko": ko, "en": en},
        "waiting": 0,
        "oldest_since": None,
        "estimate": {"seconds": None, "method": "place_by_handling_time", "sample": 3},
        "answering": 3,
        "answer_within": 20,
        "service_level": 0.91,
        "answered_today": 48,
        "abandoned_today": 2,
        **changes,
    }


def agent(name: str, shown: str, **changes: Any) -> dict[str, Any]:
    return {
        "agent": name,
        "name": shown,
        "presence": "available",
        "reason": "",
        "routing": "idle",
        "next_presence": None,
        "next_reason": "",
        "skills": {},
        "queues": [],
        "since": ago(100),
        "idle_since": ago(100),
        "item": None,
        **changes,
    }


def call(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "call": name,
        "owner": "bot",
        "language": "ko",
        "line": "한빛상점 고객센터",
        "queue": None,
        "since": ago(60),
        "confidence": [0.82, 0.9, 0.88],
        "falling": False,
        "agent": None,
        **changes,
    }


def a_busy_floor() -> dict[str, Any]:
    return {
        "watermark": 100,
        "queues": [
            queue("general", "일반 상담", "General", waiting=1, oldest_since=ago(7)),
            queue(
                "orders",
                "주문·배송·반품",
                "Orders and delivery",
                waiting=4,
                oldest_since=ago(96),
                estimate={"seconds": 140.0, "method": "place_by_handling_time", "sample": 37},
                service_level=0.72,
            ),
            queue("billing", "결제·환불", "Billing and refunds", answering=0, service_level=None, answered_today=0),
        ],
        "agents": [
            agent("minji", "김민지", routing="on_contact", since=ago(245), queues=["orders"], item="i1"),
            agent("seojun", "박서준", since=ago(31), queues=["general", "orders"]),
            agent("hana", "Hana Whitfield", routing="wrap_up", since=ago(52), next_presence="away", next_reason="meal"),
            agent("doyun", "이도윤", presence="away", reason="break", since=ago(660)),
            agent("jiu", "최지우", routing="not_responding", since=ago(18)),
            agent("yuna", "정유나", routing="reserved", since=ago(4)),
            agent("taeho", "오태호", presence="offline", since=ago(9000)),
        ],
        "targets": [{"id": "support", "name": "Support <b>team</b>"}],
        "calls": [
            call("c1", since=ago(312), confidence=[0.91, 0.84, 0.61, 0.48, 0.33], falling=True),
            call("c2", owner="agent", agent="minji", queue="orders", since=ago(530), confidence=[0.88, 0.52, 0.41]),
            call("c3", language="en", line="Hanbit Store customer service", since=ago(44), confidence=[0.93]),
            call("c4", since=ago(9), confidence=[], waiting=True),
        ],
    }


def empty_page() -> APIRouter:
    """A page with nothing on it, from which a test asks a module."""
    router = APIRouter()

    @router.get("/empty")
    def empty() -> HTMLResponse:
        return HTMLResponse('<!doctype html><link rel="icon" href="data:,"><title>empty</title>')

    return router


class WallStage:
    """The server. ``tell`` sends an event of the feed; ``asked`` is every command, in order, with its body."""

    def __init__(self, snapshot: dict[str, Any] | None = None) -> None:
        self.snapshot = a_busy_floor() if snapshot is None else snapshot
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuse: dict[str, tuple[int, str]] = {}
        self.epoch = 3
        self.heartbeats = 0
        self.streams: list[asyncio.Queue[bytes | None]] = []
        self.call_events: list[tuple[int, str, dict[str, Any]]] = []
        self.asked_after: list[str] = []
        self.parties = [
            {"who": "caller", "role": "caller", "mode": "talk", "muted": False, "held": False},
            {"who": "minji", "name": "김민지", "role": "agent", "mode": "talk", "muted": False},
            {"who": "sooah", "name": "Sooah Kim", "role": "supervisor", "mode": "listen", "muted": False},
        ]
        self._seq = self.snapshot["watermark"]
        self._reachable = asyncio.Event()
        self._reachable.set()

    def tell(self, kind: str, data: dict[str, Any], *, numbered: bool = True) -> int:
        """Tell all that listen; an agent's or item's event has a number, counts and calls have none."""
        number = ""
        if numbered:
            self._seq += 1
            number = f"id: {self._seq}\n"
        for stream in self.streams:
            stream.put_nowait(f"{number}event: {kind}\ndata: {json.dumps(data)}\n\n".encode())
        return self._seq

    def cut(self) -> None:
        """Let every feed end, as a network does; none comes about before ``mend``."""
        self._reachable.clear()
        for stream in self.streams:
            stream.put_nowait(None)
        self.streams.clear()

    def mend(self) -> None:
        """Let feeds come about again."""
        self._reachable.set()

    @property
    def router(self) -> APIRouter:
        router = APIRouter()

        @router.get("/v1/wall")
        def wall() -> Any:
            return self._refusal("wall") or {**self.snapshot, "watermark": self._seq}

        @router.get("/v1/desk/feed")
        async def feed(request: Request) -> StreamingResponse:
            self.asked_after.append(request.headers.get("last-event-id") or request.query_params["after"])
            await self._reachable.wait()
            return StreamingResponse(self._floor(), media_type="text/event-stream")

        @router.get("/v1/desk/calls/{name}/feed")
        async def call_feed(name: str) -> StreamingResponse:
            return StreamingResponse(self._call(), media_type="text/event-stream")

        @router.get("/v1/desk/calls/{name}")
        def card(name: str) -> dict[str, Any]:
            return {"call": name, "epoch": self.epoch, "owner": "bot", "parties": self.parties}

        @router.post("/v1/desk/calls/{name}/{command}")
        async def command(name: str, command: str, request: Request) -> Any:
            body = await request.json()
            self.asked.append((f"{name}/{command}", body))
            return self._refusal(command) or {"epoch": self.epoch}

        @router.post("/v1/desk/heartbeat")
        def heartbeat() -> dict[str, Any]:
            self.heartbeats += 1
            return {}

        @router.post("/v1/tickets")
        async def ticket(request: Request) -> dict[str, Any]:
            body = await request.json()
            self.asked.append(("tickets", body))
            return {"ticket": f"ticket-{len(self.asked)}", "expires_in": 30}

        return router

    def _refusal(self, what: str) -> JSONResponse | None:
        if what not in self.refuse:
            return None
        status, code = self.refuse[what]
        return JSONResponse({"code": code, "message": f"{what} is refused"}, status)

    async def _floor(self) -> AsyncIterator[bytes]:
        waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.streams.append(waiting)
        yield b"retry: 100\n\n"
        while (told := await waiting.get()) is not None:
            yield told

    async def _call(self) -> AsyncIterator[bytes]:
        yield b": connected\n\n"
        for seq, kind, data in self.call_events:
            yield f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()
        await asyncio.Event().wait()
