"""A gateway that the desk's page talks to in tests: the desk's HTTP, events and softphone, with a state tests write.

It is honest where the real one is: numbers without gaps, epochs that are compared, an offer that one alone can take, a
feed that goes on behind ``Last-Event-ID`` and knows nothing of what was sent before, and a network that can be cut.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse, Response, StreamingResponse

from gateway.pages.site import pages_router
from tests.browser.desk_calls import AGENT, COLLEAGUES, DISPOSITIONS, PRESENCES, Call, Stream, moment, waiting

PASSWORD = "correct horse"
COOKIE = "aicc_session"
WISH = "배송이 늦어지는 이유를 알고 싶어요"


class Center:
    """The contact center of one test, with one agent."""

    def __init__(self) -> None:
        self.me: dict[str, Any] = {
            "agent": AGENT,
            "name": "김지은",
            "presence": "available",
            "reason": "",
            "routing": "idle",
            "since": moment(),
            "next_presence": None,
            "next_reason": "",
            "item": None,
            "until": None,
        }
        self.offer: dict[str, Any] | None = None
        self.item: dict[str, Any] | None = None
        self.calls: dict[str, Call] = {}
        self.queues = waiting()
        self.overheard: str | None = None
        self.floor = Stream()
        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.latencies: list[tuple[str, float]] = []
        self.search_results: list[dict[str, Any]] = []
        self.up = True
        self.heartbeats = 0
        self.signed_in = False
        self.sessions_end = False
        self.taken_by_another = False
        self.forgotten: set[str] = set()
        """Calls that are over for good: only their wrap-up is left."""
        self.barred: set[str] = set()
        """Calls that the agent may not see any more."""
        self.turned_away = 0
        self.sound_frames = 0
        self.sockets: set[WebSocket] = set()
        self.streams_opened: list[tuple[str, int]] = []
        self._numbers = itertools.count(1)
        self._connections: set[asyncio.Queue[Any]] = set()

    # What a test does to it

    def ring(
        self, call: Call, *, seconds: float = 20, wish: str = "배송이 늦어지는 이유를 알고 싶어요"
    ) -> dict[str, Any]:
        """A call rings at the agent's desk."""
        number = next(self._numbers)
        name = call.card["call"]
        self.calls[name] = call
        item = {
            "item": f"item-{number}",
            "call": name,
            "queue": call.card["queue"],
            "language": call.card["language"],
            "state": "offered",
            "agent": None,
            "offer": f"offer-{number}",
            "since": moment(),
        }
        self.offer = {
            "offer": f"offer-{number}",
            "item": item["item"],
            "agent": AGENT,
            "state": "pending",
            "made_at": moment(),
            "expires_at": moment(seconds),
            "ended_at": None,
            "reason": "",
            "card": {
                "queue": call.card["queue"],
                "language": call.card["language"],
                "caller": call.card["caller"],
                "reason": call.card["reason"],
                "waited": 42,
                "wish": wish,
            },
        }
        self._ringing = item
        self._event("offer.made", self.offer["offer"], self.offer)
        self._route("reserved")
        return self.offer

    def offer_ends(self, how: str) -> None:
        """What rang here ends without the agent."""
        if self.offer is not None:
            ended = {**self.offer, "state": how, "ended_at": moment()}
            self.offer = None
            self._event(f"offer.{how}", ended["offer"], ended)
        self._route("not_responding" if how == "timeout" else "idle")

    def connect(self, call: Call) -> None:
        """The agent is in this call, as after a page that was loaded again."""
        self.calls[call.card["call"]] = call
        call.card |= {"owner": "agent", "agent": AGENT}
        self.item = {
            "item": "item-0",
            "call": call.card["call"],
            "queue": call.card["queue"],
            "state": "connected",
            "agent": AGENT,
            "offer": None,
            "since": moment(),
        }
        self.me |= {"routing": "on_contact"}

    def overhear(self, call: Call | None) -> None:
        """The agent has a call on another platform, or has none any more."""
        if call is not None:
            self.calls[call.card["call"]] = call
            call.card |= {"owner": "agent", "agent": AGENT, "overheard": True}
        self.overheard = None if call is None else call.card["call"]
        self.floor.tell("overheard", {"call": self.overheard})

    def hang_up(self, reason: str = "caller_hung_up") -> None:
        """The call at hand ends, and the wrap-up begins."""
        assert self.item is not None
        self.calls[self.item["call"]].happens("call.ended", reason=reason)
        self._move("wrap_up")
        self._route("wrap_up", until=moment(90))

    def lose_network(self) -> None:
        """Every connection breaks, and no request is answered."""
        self.up = False
        for connection in self._connections:
            while not connection.empty():
                connection.get_nowait()
            connection.put_nowait(None)

    def restore_network(self) -> None:
        self.up = True

    # What it does itself

    def _event(self, kind: str, subject: str, payload: dict[str, Any]) -> None:
        self.floor.write(kind, {"at": moment(), "subject": subject, **payload})

    def _route(self, routing: str, *, until: str | None = None) -> None:
        self.me |= {"routing": routing, "since": moment(), "until": until}
        self._event("agent.routing", AGENT, self.me)

    def _move(self, state: str) -> None:
        assert self.item is not None
        self.item = {**self.item, "state": state, "since": moment()}
        self._event(f"item.{state}", self.item["item"], self.item)

    def accept(self, offer: str) -> dict[str, Any]:
        """The agent takes what rings. ``KeyError`` when it does not ring any more."""
        if self.offer is None or self.offer["offer"] != offer or self.taken_by_another:
            raise KeyError(offer)
        accepted, self.offer = {**self.offer, "state": "accepted", "ended_at": moment()}, None
        self._event("offer.accepted", offer, accepted)
        self.item = {**self._ringing, "agent": AGENT, "state": "offered"}
        self._move("accepted")
        self._route("on_contact")
        call = self.calls[self.item["call"]]
        call.happens("handoff.accepted", agent=AGENT, waited=42)
        call.change_hands("agent")
        return {"item": self.item["item"], "call": self.item["call"]}

    def connected(self, call: str) -> None:
        if self.item is not None and self.item["call"] == call and self.item["state"] == "accepted":
            self._move("connected")
            self.calls[call].happens("agent.joined", agent=AGENT, name=self.me["name"], role="agent")

    def finish(self) -> None:
        self._move("completed")
        self.item = None
        self.me |= {"presence": self.me["next_presence"] or self.me["presence"], "next_presence": None}
        self._route("idle")

    def snapshot(self) -> dict[str, Any]:
        return {
            "watermark": self.floor.last,
            "me": self.me,
            "offer": self.offer,
            "item": self.item,
            "overheard": self.overheard,
            "queues": self.queues,
            "agents": COLLEAGUES,
            "targets": [{"id": "support-desk", "name": "고객지원팀"}],
            "dispositions": DISPOSITIONS,
            "presences": PRESENCES,
        }

    async def follow(self, name: str, stream: Stream, request: Request, delay: float = 0.0) -> AsyncIterator[str]:
        """One connection to a feed, until somebody leaves or the network is cut."""
        after = int(request.headers.get("last-event-id") or request.query_params.get("after") or 0)
        self.streams_opened.append((name, after))
        queue: asyncio.Queue[tuple[int | None, str, Any] | None] = asyncio.Queue()
        for seq, kind, data in stream.events:
            if seq > after:
                queue.put_nowait((seq, kind, data))
        stream.onlookers.add(queue)
        self._connections.add(queue)
        try:
            yield ": here\n\n"
            while (news := await queue.get()) is not None:
                seq, kind, data = news
                if delay:
                    await asyncio.sleep(delay)
                number = "" if seq is None else f"id: {seq}\n"
                yield f"{number}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
        finally:
            self._connections.discard(queue)
            stream.onlookers.discard(queue)


def refused(status: int, code: str, message: str = "no") -> JSONResponse:
    """How the gateway says no."""
    return JSONResponse({"code": code, "message": message}, status)


def desk_routes(center: Center) -> APIRouter:
    """The desk's HTTP as the contract has it."""
    router = APIRouter()

    @router.get("/v1/desk/snapshot")
    async def snapshot() -> dict[str, Any]:
        return center.snapshot()

    @router.get("/v1/desk/feed")
    async def feed(request: Request) -> StreamingResponse:
        return StreamingResponse(center.follow("desk", center.floor, request), media_type="text/event-stream")

    @router.post("/v1/desk/presence")
    async def presence(body: dict[str, Any]) -> dict[str, Any]:
        center.commands.append(("presence", body))
        if center.me["routing"] in {"on_contact", "wrap_up"}:
            center.me |= {"next_presence": body["presence"], "next_reason": body.get("reason", "")}
        else:
            center.me |= {"presence": body["presence"], "reason": body.get("reason", ""), "routing": "idle"}
        center._event("agent.presence", AGENT, center.me)
        return {}

    @router.post("/v1/desk/offers/{offer}/{answer}")
    async def answer(offer: str, answer: str, request: Request) -> Any:
        center.commands.append((answer, await request.json()))
        if answer == "accept":
            try:
                return center.accept(offer)
            except KeyError:
                return refused(409, "offer_gone", "somebody else was quicker")
        center.offer_ends("rejected" if answer == "reject" else "device_error")
        return {}

    @router.post("/v1/desk/latency")
    async def latency(body: dict[str, Any]) -> dict[str, Any]:
        center.latencies.append((body["stage"], body["ms"]))
        return {}

    @router.post("/v1/desk/{word}")
    async def said(word: str) -> dict[str, Any]:
        if word == "heartbeat":
            center.heartbeats += 1
            return {"signed_on": center.me["presence"] != "offline"}
        center.commands.append((word, {}))
        return {}

    @router.get("/v1/desk/search")
    async def search(q: str, language: str = "") -> list[dict[str, Any]]:
        center.commands.append(("search", {"q": q, "language": language}))
        return center.search_results

    @router.get("/v1/desk/items/{item}/wrap-up")
    async def prefilled(item: str) -> dict[str, str]:
        assert center.item is not None
        return center.calls[center.item["call"]].wrap_up

    @router.post("/v1/desk/items/{item}/wrap-up")
    async def wrapped(item: str, body: dict[str, Any]) -> dict[str, Any]:
        center.commands.append(("wrap-up", body))
        center.finish()
        return {}

    return router


def call_routes(center: Center) -> APIRouter:
    """One call's HTTP as the contract has it."""
    router = APIRouter(prefix="/v1/desk/calls")

    def turned_away() -> JSONResponse:
        center.turned_away += 1
        return refused(403, "not_your_call", "somebody else has this call")

    @router.get("/{call}")
    async def card(call: str) -> Any:
        if call in center.barred:
            return turned_away()
        return refused(404, "no_such_call") if call in center.forgotten else center.calls[call].card

    @router.get("/{call}/feed")
    async def feed(call: str, request: Request) -> Response:
        if call in center.forgotten:
            return refused(404, "no_such_call")
        if call in center.barred:
            return turned_away()
        one = center.calls[call]
        return StreamingResponse(center.follow(call, one.stream, request, one.latency), media_type="text/event-stream")

    @router.post("/{call}/cards/{card}/{what}")
    async def card_used(call: str, card: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
        center.commands.append((f"card {what}", {"card": card, **body}))
        return {}

    @router.post("/{call}/actions")
    async def propose(call: str, body: dict[str, Any]) -> Any:
        center.commands.append(("propose", body))
        if center.calls[call].is_stale(body["epoch"]):
            return refused(409, "stale_epoch")
        return {"proposal": "p-1", "read_back": "주문 2026-1182의 반품을 접수합니다. 맞습니까?"}

    @router.post("/{call}/actions/{proposal}/{step}")
    async def step(call: str, proposal: str, step: str, body: dict[str, Any]) -> dict[str, Any]:
        center.commands.append((step, {"proposal": proposal, **body}))
        return {"status": "succeeded", "action": "register_return", "result": {"receipt": "R-77"}}

    @router.post("/{call}/{name}")
    async def command(call: str, name: str, body: dict[str, Any]) -> Any:
        center.commands.append((name, body))
        one = center.calls[call]
        if one.is_stale(body.get("epoch")):
            return refused(409, "stale_epoch", "hands have changed since")
        obey(center, one, name, body)
        return {}

    return router


def obey(center: Center, call: Call, name: str, body: dict[str, Any]) -> None:
    """What a command does to a call."""
    agent = next((party for party in call.card["parties"] if party["who"] == AGENT), {})
    caller = next((party for party in call.card["parties"] if party["role"] == "caller"), {})
    match name:
        case "mute" | "unmute":
            agent["muted"] = name == "mute"
        case "hold" | "resume":
            caller["held"] = name == "hold"
            call.happens("call.held" if name == "hold" else "call.resumed", by=AGENT)
        case "consult":
            call.card["consulting"] = {"target": body["target"], "state": "ringing"}
            caller["held"] = True
            call.happens("transfer.tried", target=body["target"], way="consult")
        case "stop-consulting":
            call.card["consulting"] = None
        case "take-over":
            call.change_hands("agent")
        case "return":
            call.change_hands("bot")
            center.finish()
        case "hang-up":
            center.hang_up("completed")
        case "transfer":
            call.happens("call.transferred", destination=body.get("queue") or body.get("agent") or body.get("target"))
            center._move("wrap_up")
            center._route("wrap_up", until=moment(90))


def people_routes(center: Center) -> APIRouter:
    """Who signs in, tickets, and the softphone's socket."""
    router = APIRouter()

    @router.get("/v1/sign-in/methods")
    async def methods(tenant: str = "") -> dict[str, Any]:
        return {"tenant": tenant, "methods": ["password", *(["oidc"] if tenant == "directory" else [])]}

    @router.post("/v1/sign-in")
    async def sign_in(body: dict[str, Any]) -> Response:
        if body["password"] != PASSWORD:
            return refused(401, "sign_in_failed")
        center.signed_in, center.sessions_end = True, False
        response = JSONResponse({})
        response.set_cookie(COOKIE, "x", httponly=True)
        return response

    @router.get("/v1/me")
    async def me() -> dict[str, Any]:
        return {"tenant": "hanbit", "user": AGENT, "name": "김지은", "roles": ["agent"], "locale": "ko"}

    @router.put("/v1/me/locale")
    async def locale(body: dict[str, Any]) -> dict[str, Any]:
        center.commands.append(("locale", body))
        return {}

    @router.post("/v1/sign-out")
    async def sign_out() -> Response:
        response = JSONResponse({})
        response.delete_cookie(COOKIE)
        return response

    @router.post("/v1/tickets")
    async def tickets(body: dict[str, Any]) -> dict[str, Any]:
        center.commands.append(("ticket", body))
        return {"ticket": f"ticket for {body['subject']}", "expires_in": 30}

    @router.websocket("/v1/softphone")
    async def softphone(socket: WebSocket) -> None:
        await socket.accept(subprotocol="aicc.softphone.1")
        hello = await socket.receive_json()
        call = hello["ticket"].removeprefix("ticket for ")
        await socket.send_json({"type": "ready", "rate": 16000, "call": call})
        center.connected(call)
        center.sockets.add(socket)
        try:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                center.sound_frames += "bytes" in message and message["bytes"] is not None
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            center.sockets.discard(socket)

    return router


def application(center: Center, embed_origins: tuple[str, ...] = ()) -> FastAPI:
    """The pages, and the stand-in behind them."""
    app = FastAPI()
    app.include_router(pages_router(embed_origins))
    for routes in (people_routes(center), call_routes(center), desk_routes(center)):
        app.include_router(routes)

    @app.middleware("http")
    async def gate(request: Request, follow: Any) -> Response:
        path = request.url.path
        if path.startswith("/v1") and not center.up:
            return Response("the network is down", 503)
        open_to_all = path.startswith("/v1/sign-in") or not path.startswith("/v1")
        if not open_to_all and (COOKIE not in request.cookies or center.sessions_end):
            return refused(401, "session_expired" if center.sessions_end else "not_signed_in")
        answer: Response = await follow(request)
        return answer

    return app


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The application's address, while it is served, sockets and all."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="critical", access_log=False, ws="websockets-sansio", lifespan="off"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.002)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await task
