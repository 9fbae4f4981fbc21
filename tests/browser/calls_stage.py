"""A server that plays the gateway for past calls: some of them, the log of one, and a recording made of tones."""

from __future__ import annotations

import asyncio
import io
import math
import wave
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from tests.browser.wall_stage import HOSTILE

BEGUN = datetime(2026, 11, 20, 1, 15, tzinfo=UTC)
SECONDS = 64.0
RATE = 8_000


class Log:
    """Builds a call's events; ``at`` is seconds after the call began."""

    def __init__(self, call: str) -> None:
        self.call = call
        self.events: list[dict[str, Any]] = []

    def add(self, at: float, kind: str, /, **payload: Any) -> Log:
        moment = (BEGUN + timedelta(seconds=at)).isoformat()
        event = {"call": self.call, "seq": len(self.events) + 1, "at": moment, "kind": kind, "payload": payload}
        self.events.append(event)
        return self

    def heard(self, at: float, text: str, turn: int, confidence: float = 0.93) -> Log:
        """The caller said something; recognized words tell when (the media's clock is 0.5 s behind the log's)."""
        words = [{"start": at - 0.5, "end": at + 1.5}, {"start": at + 1.6, "end": at + 2.5}]
        self.add(at + 3.4, "transcript.final", text=text, words=words, language="ko", confidence=confidence)
        return self.add(at + 3.6, "caller.turn", turn=turn, text=text, language="ko", confidence=confidence)

    def said(self, at: float, number: int, text: str, heard: str | None = None, **decided: Any) -> Log:
        """The bot said something, and this of it was heard."""
        self.add(at - 0.2, "reply.decided", reply=number, text=text, language="ko", **decided)
        stages = {"endpointing": 0.41, "dialog": 0.12, "synthesis": 0.05, "playback": 0.02, "total": 0.6}
        self.add(at, "reply.started", reply=number, turn=decided.get("turn", 0), latency=0.6, stages=stages)
        whole = heard is None
        return self.add(at + 4, "reply.heard", reply=number, text=text if whole else heard, complete=whole)


def a_handed_over_call() -> list[dict[str, Any]]:
    log = Log("c1")
    log.add(0, "call.offered", line="+827080001000", language="ko", direction="inbound", caller="+821*****5678")
    log.add(0.2, "call.answered", protocol="media stream", rate=RATE)
    greeting = "안녕하세요, 한빛상점 음성 상담봇입니다. 통화는 녹음됩니다. 무엇을 도와드릴까요?"
    log.said(0.6, 1, greeting, decision="converse", confidence=1.0, signals={}, citations=[], release="r-2026-11-18")
    log.add(1.0, "recording.started", at=0.5)
    log.heard(6, "배송비가 얼마예요?", 1)
    log.add(9.6, "turn.understood", turn=1, intent="delivery", probability=0.998, in_scope=0.99, commands=["ask"])
    log.add(
        9.7, "retrieval.done", turn=1, query="배송비", passages=[{"id": "p1", "document": "delivery-fee", "score": 0.9}]
    )
    citation = {
        "document": "delivery-fee",
        "title": "배송비 안내",
        "passage": "delivery-fee#2",
        "quote": "5만 원 이상 주문은 배송비가 무료이며, 그 미만은 3,000원입니다.",
    }
    signals = {"retrieval": 0.94, "margin": 0.71, "recognition": 0.93, "scope": 0.98, "coverage": 0.88}
    log.said(
        10,
        2,
        "5만 원 이상 주문하시면 배송비가 무료이고, 그보다 적으면 3,000원입니다. 더 궁금하신 점이 있으신가요?",
        heard="5만 원 이상 주문하시면 배송비가 무료이고,",
        turn=1,
        decision="answer",
        confidence=0.91,
        signals=signals,
        citations=[citation],
        release="r-2026-11-18",
        model="",
    )
    log.add(13.2, "barge_in", reply=2, at=12.7, heard="5만 원 이상")
    log.heard(13, "그건 알겠고 주문이 일주일째 안 와요", 2, confidence=0.52)
    log.said(
        18, 3, "주문 번호를 말씀해 주시겠어요?", turn=2, decision="clarify", confidence=0.44, signals={"scope": 0.4}
    )
    log.add(20, "action.proposed", action="a1", name="look_up_order", arguments={"order": "2026••••"})
    log.add(20.2, "action.started", action="a1", key="k1")
    log.add(20.9, "action.failed", action="a1", error="the shop did not answer within 2 s", seconds=0.7)
    log.heard(22, "상담원 바꿔 주세요", 3)
    log.add(26, "escalation.decided", turn=3, reason="caller_asked", queue="orders", skills=["orders"])
    summary = {
        "wish": "늦어지는 배송 확인",
        "known": {"order": "2026••••"},
        "tried": ["주문 조회"],
        "promised": ["오늘 안에 연락"],
        "text": "고객은 일주일째 배송되지 않은 주문을 확인하고 싶어 합니다. 주문 조회는 실패했습니다.",
    }
    log.add(
        26.1, "handoff.queued", handoff="h1", reason="caller_asked", queue="orders", skills=["orders"], summary=summary
    )
    log.add(27, "handoff.offered", handoff="h1", agent="jiu")
    log.add(32, "handoff.declined", handoff="h1", agent="jiu", why="timeout")
    log.add(33, "handoff.offered", handoff="h1", agent="minji")
    log.add(36, "handoff.accepted", handoff="h1", agent="minji", waited=9.9)
    log.add(37, "agent.joined", agent="minji", name="김민지", role="agent", mode="talk")
    log.add(37, "control.changed", owner="agent", agent="minji", epoch=2, why="accepted")
    log.add(42, "agent.turn", agent="minji", text="안녕하세요, 김민지입니다. 배송이 늦어져 죄송합니다.", language="ko")
    log.add(44, "agent.joined", agent="sooah", name="Sooah Kim", role="supervisor", mode="listen")
    log.heard(45, "네, 오늘은 꼭 받고 싶어요", 4)
    log.add(50, "agent.mode", agent="sooah", mode="whisper")
    log.add(55, "agent.turn", agent="minji", text="택배사에 확인해서 오늘 안에 연락드리겠습니다.", language="ko")
    log.add(58, "agent.left", agent="sooah", why="left")
    log.add(62, "agent.left", agent="minji", why="hung up")
    log.add(62, "wrap_up.done", agent="minji", disposition="callback", note="", seconds=20)
    log.add(65, "call.ended", reason="caller_hung_up")
    log.add(65.2, "recording.stored", seconds=SECONDS, channels=2, rate=RATE, lost_frames=0)
    return log.events


def a_call(call: str, **changes: Any) -> dict[str, Any]:
    return {
        "call": call,
        "line": "+827080001000",
        "language": "ko",
        "direction": "inbound",
        "channel": "voice",
        "caller": "+821*****5678",
        "called": "+827080001000",
        "started_at": BEGUN.isoformat(),
        "ended_at": (BEGUN + timedelta(seconds=65)).isoformat(),
        "end_reason": "caller_hung_up",
        "seconds": 65.0,
        "turns": 4,
        "opening": "배송비가 얼마예요?",
        "confidence": 0.44,
        "queue": "orders",
        "reason": "caller_asked",
        "agents": ["김민지"],
        "disposition": "callback",
        "recorded": True,
        **changes,
    }


def some_calls() -> list[dict[str, Any]]:
    alone = {"queue": None, "reason": None, "agents": [], "disposition": None, "end_reason": "completed"}
    return [
        a_call("c1"),
        a_call(
            "c2",
            language="en",
            caller=None,
            opening="How much does gift wrapping cost, and can you wrap three things in one box for my sister?",
            confidence=0.88,
            seconds=41.0,
            recorded=False,
            **alone,
        ),
        a_call("c3", direction="outbound", called="+821*****0000", caller="+827080001000", opening=None, **alone),
        a_call("c4", ended_at=None, end_reason=None, seconds=None, confidence=None, queue=None, agents=[], reason=None),
    ]


def tones(seconds: float = SECONDS) -> bytes:
    """Two channels: the caller's tone while the caller speaks, ours while we do."""
    at = np.arange(int(seconds * RATE)) / RATE
    spoken = np.zeros((len(at), 2))
    for channel, stretches, pitch in (
        (0, ((5, 8), (12, 15), (21, 24), (44, 47)), 220),
        (1, ((0, 4), (9, 13), (17, 20), (38, 41), (51, 54)), 330),
    ):
        for begin, end in stretches:
            inside = (at >= begin) & (at < end)
            spoken[inside, channel] = np.sin(math.tau * pitch * at[inside]) * (0.35 + 0.25 * np.sin(at[inside] * 9))
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes((spoken * 32_000).astype("<i2").tobytes())
    return file.getvalue()


def a_judgement() -> dict[str, Any]:
    """How the call that was handed over was judged."""

    def criterion(name: str, english: str, korean: str, verdict: str, *events: int, **more: Any) -> dict[str, Any]:
        told = {"id": name, "check": name, "name": {"en": english, "ko": korean}, "verdict": verdict, "weight": 1}
        return {**told, "critical": False, "turns": [], "events": list(events), "note": "", **more}

    criteria = [
        criterion("waiting", "Connected within 20 seconds", "20초 안에 연결", "met", 30),
        criterion("silence", "No silence over ten seconds", "침묵 10초 이하", "missed", 38, note="13.0 s"),
        criterion("sources", "Answers name their source", "근거 있는 답변", "not_applicable", critical=True),
    ]
    return {
        "rubric": "agents",
        "name": {"en": "Agents' service", "ko": "상담원 응대"},
        "version": "2026-11",
        "score": 50.0,
        "passed": False,
        "passes_at": 75,
        "agents": ["minji"],
        "scored_at": (BEGUN + timedelta(minutes=10)).isoformat(),
        "criteria": criteria,
        "overrides": [],
        "appeals": [{"id": "a", "criterion": "silence", "by": "minji", "reason": HOSTILE, "at": "", "answer": None}],
    }


class CallsStage:
    """The server; what it was asked for it keeps. Searches and shapes of sounds are answered while ``quick`` is set."""

    def __init__(self) -> None:
        self.calls = some_calls()
        self.events = {"c1": a_handed_over_call()}
        self.recording = tones()
        self.searches: list[dict[str, str]] = []
        self.reveals: list[dict[str, str]] = []
        self.ranges: list[str | None] = []
        self.refuse: dict[str, tuple[int, str]] = {}
        self.judged: dict[str, Any] = {"rubrics": [a_judgement()], "may": {"override": True, "appeal": False}}
        self.decisions: list[dict[str, str]] = []
        self.quick = asyncio.Event()
        self.quick.set()

    @property
    def router(self) -> APIRouter:
        router = APIRouter()
        choices = {
            "queues": [{"id": "orders", "name": {"ko": "주문·배송·반품", "en": "Orders and delivery"}}],
            "dispositions": [{"id": "callback", "name": {"ko": "콜백 약속", "en": "Callback promised"}}],
            "languages": ["ko", "en"],
        }

        @router.get("/v1/calls")
        async def search(request: Request) -> Any:
            self.searches.append(dict(request.query_params))
            await self.quick.wait()
            if "search" in self.refuse:
                return self._refusal("search")
            behind = request.query_params.get("before") is not None
            page = [a_call("c9", opening="두 번째 쪽")] if behind else self.calls
            return {"calls": page, "next": None if behind else page[-1]["call"] if page else None, "choices": choices}

        @router.get("/v1/calls/{call}")
        def one(call: str) -> Any:
            found = [one for one in self.calls if one["call"] == call]
            return found[0] if found else JSONResponse({"code": "no_such_call", "message": "there is none"}, 404)

        @router.get("/v1/calls/{call}/events")
        def events(call: str, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
            return [event for event in self.events.get(call, []) if event["seq"] > after][:limit]

        @router.get("/v1/calls/{call}/waveform")
        async def waveform(call: str, points: int) -> dict[str, Any]:
            await self.quick.wait()
            samples = np.frombuffer(self.recording[44:], dtype="<i2").reshape(-1, 2).astype(int)
            stretch = -(-len(samples) // points)
            peaks = np.maximum.reduceat(np.abs(samples), np.arange(0, len(samples), stretch), axis=0) / 32_768
            return {"seconds": SECONDS, "channels": peaks.T.round(3).tolist()}

        @router.get("/v1/calls/{call}/recording")
        def recording(call: str, request: Request) -> Response:
            asked = request.headers.get("range")
            self.ranges.append(asked)
            return _piece(self.recording, asked)

        @router.get("/v1/calls/{call}/quality")
        def quality(call: str) -> Any:
            return self.judged if call == "c1" else {"rubrics": [], "may": {}}

        @router.post("/v1/calls/{call}/quality/{rubric}/overrides")
        async def override(call: str, rubric: str, request: Request) -> Any:
            body = await request.json()
            self.decisions.append({"call": call, "rubric": rubric, **body})
            if "override" in self.refuse:
                return self._refusal("override")
            judged = self.judged["rubrics"][0]
            [found] = [one for one in judged["criteria"] if one["id"] == body["criterion"]]
            judged["overrides"].append({**body, "before": found["verdict"], "by": "sooah", "at": ""})
            found["verdict"], judged["score"], judged["passed"] = body["verdict"], 100.0, True
            return self.judged

        @router.post("/v1/reveals")
        async def reveal(request: Request) -> Any:
            body = await request.json()
            self.reveals.append(body)
            return self._refusal("reveal") if "reveal" in self.refuse else {"value": "+82 10-1234-5678"}

        return router

    def _refusal(self, what: str) -> JSONResponse:
        status, code = self.refuse[what]
        return JSONResponse({"code": code, "message": f"{what} is refused"}, status)


def _piece(content: bytes, asked: str | None) -> Response:
    headers = {"accept-ranges": "bytes"}
    if asked is None:
        return Response(content, media_type="audio/wav", headers=headers)
    begin, _, end = asked.removeprefix("bytes=").partition("-")
    first, last = int(begin), min(int(end), len(content) - 1) if end else len(content) - 1
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers, "audio/wav")
