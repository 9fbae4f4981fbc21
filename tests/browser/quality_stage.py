"""The real judgements behind the page: a week of made-up contacts in a real database, by the example's rubrics."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from playwright.async_api import BrowserContext

from gateway.access.answers import answer_errors
from gateway.access.identity import Role
from gateway.access.sign_in_api import sign_in_router
from gateway.access.viewings import Viewings
from gateway.analytics.quality.api import QualityRoom, quality_router
from gateway.analytics.quality.judgements import JudgementSearch
from gateway.analytics.quality.judgements_api import judgements_router
from gateway.analytics.quality.rubric import read_rubrics
from gateway.analytics.search import CallSearch
from gateway.pages.site import pages_router
from infra.storage.database import Database
from tests.browser.wall_stage import HOSTILE
from tests.gateway.access.people import Lobby, person
from tests.gateway.analytics.quality.judged_calls import JudgedCalls, Told, judged_calls
from tests.sealed_numbers import numbers
from tests.web import served

EXAMPLE = Path(__file__).parents[2] / "examples" / "hanbit-store"
SPAN = "from=2026-11-16&to=2026-11-22"
PEOPLE = {"minji": "김민지", "seojun": "박서준", "sooah": "Sooah Kim"}

WORDS: dict[str, dict[str, Any]] = {
    "ko": {
        "disclosure": "안녕하세요, 한빛상점 AI 상담원입니다. 통화는 녹음됩니다. 무엇을 도와드릴까요?",
        "wish": ("배송비가 얼마예요?", "주문이 일주일째 안 와요", "반품은 어떻게 하나요?"),
        "answer": "5만 원 이상 주문하시면 배송비가 무료이고, 그보다 적으면 3,000원입니다.",
        "person": "상담원 바꿔 주세요",
        "greeting": "안녕하세요, 한빛상점 상담원 {name}입니다.",
        "bare": "네, 말씀하세요.",
        "asked": "오늘은 꼭 받고 싶은데 가능할까요?",
        "reply": "택배사에 확인해 보니 오늘 저녁에 도착한다고 합니다.",
        "promise": "오늘 안 오면 무조건 환불해 드립니다.",
        "closing": "더 도와드릴 일이 있으신가요?",
        "thanks": "아니요, 감사합니다.",
    },
    "en": {
        "disclosure": "Hello, this is the AI assistant of Hanbit Store. This call is recorded. How can I help you?",
        "wish": ("How much is delivery?", "My order has not come for a week", "How do I send something back?"),
        "answer": "Delivery is free for orders over 50,000 won; for smaller ones it is 3,000 won.",
        "person": "Let me talk to a person",
        "greeting": "Hello, this is {name} of Hanbit Store.",
        "bare": "Yes, please go ahead.",
        "asked": "I really need it today, is that possible?",
        "reply": "I have checked with the carrier: it will be there this evening.",
        "promise": "If it does not come you get a guaranteed refund.",
        "closing": "Is there anything else I can help you with?",
        "thanks": "No, thank you.",
    },
}


def a_contact(
    agent: str,
    *,
    language: str = "ko",
    wish: int = 0,
    waited: float = 9.0,
    greeting: bool = True,
    silence: float = 1.0,
    reply: str = "reply",
    closing: bool = True,
    filed: float = 40.0,
) -> list[Told]:
    """A caller who asks something, then for a person; what the person misses is what the arguments say."""
    say, name = WORDS[language], PEOPLE[agent]
    talk = {"agent": agent, "language": language, "confidence": 0.9}

    def caller(number: int, text: str) -> dict[str, Any]:
        return {"turn": number, "text": text, "language": language, "confidence": 0.9}

    def said(text: str) -> dict[str, Any]:
        return {**talk, "text": text, "seconds": 3.0}

    citation = {"document": "delivery-fee", "title": "배송비 안내", "passage": "delivery-fee#2", "quote": say["answer"]}
    answer = {"reply": 2, "turn": 1, "text": say["answer"], "language": language, "decision": "answer"}
    handoff = {"handoff": "h1", "reason": "caller_asked", "queue": "orders", "skills": [], "summary": {}}
    return [
        (0.5, "consent.assumed", {"purpose": "recording"}),
        (0.1, "recording.started", {"at": 0.6}),
        (0.2, "reply.decided", {"reply": 1, "turn": 0, "text": say["disclosure"], "language": language}),
        (0.2, "reply.started", {"reply": 1, "turn": 0, "latency": 0.4}),
        (5.0, "disclosure.heard", {"reply": 1, "text": say["disclosure"]}),
        (0.1, "reply.heard", {"reply": 1, "text": say["disclosure"], "complete": True}),
        (3.0, "caller.turn", caller(1, say["wish"][wish])),
        (0.2, "reply.decided", {**answer, "citations": [citation], "confidence": 0.91}),
        (0.4, "reply.started", {"reply": 2, "turn": 1, "latency": 0.7}),
        (5.0, "reply.heard", {"reply": 2, "turn": 1, "text": say["answer"], "complete": True}),
        (2.0, "caller.turn", caller(2, say["person"])),
        (0.1, "escalation.decided", {"turn": 2, "reason": "caller_asked", "queue": "orders", "skills": []}),
        (0.1, "handoff.queued", handoff),
        (waited, "handoff.accepted", {"handoff": "h1", "agent": agent, "waited": waited}),
        (0.5, "agent.joined", {"agent": agent, "name": name, "role": "agent", "mode": "talk"}),
        (4.0, "agent.turn", said(say["greeting" if greeting else "bare"].format(name=name))),
        (4.0, "caller.turn", caller(3, say["asked"])),
        (3.0 + silence, "agent.turn", said(say[reply])),
        *([(4.0, "agent.turn", said(say["closing"]))] if closing else []),
        (3.0, "caller.turn", caller(4, say["thanks"])),
        (1.0, "agent.left", {"agent": agent, "why": "hung up"}),
        (0.2, "wrap_up.done", {"agent": agent, "disposition": "solved", "note": "", "seconds": filed}),
    ]


async def a_week(calls: JudgedCalls) -> None:
    """Ten contacts, all judged; two objections wait, one was answered."""
    day = 86_400.0
    for name, later, language, told in (
        ("c01", 3_600, "ko", a_contact("minji")),
        ("c02", 5_400, "ko", a_contact("seojun", wish=1, closing=False)),
        ("c03", day, "ko", a_contact("minji", wish=1, greeting=False, silence=13.4)),
        ("c04", 7_000, "en", a_contact("minji", language="en", wish=2)),
        ("c05", day, "ko", a_contact("seojun", waited=34, reply="promise")),
        ("c06", 2_900, "ko", a_contact("minji", waited=26, filed=150)),
        ("c07", day, "en", a_contact("seojun", language="en", wish=1, waited=41)),
        ("c08", 4_100, "ko", a_contact("minji", wish=2)),
        ("c09", day, "ko", a_contact("seojun", wish=2, silence=11.2)),
        ("c10", 6_300, "ko", a_contact("minji", wish=1, closing=False, silence=12.5)),
    ):
        await calls.call(name, told, language=language, later=later)
        assert await calls.judge() == 3
    await calls.appeal("c03", "agents", "silence", by="minji", reason="고객이 주문 번호를 찾고 있었습니다.")
    await calls.appeal("c05", "agents", "waiting", by="seojun", reason=HOSTILE)
    await calls.appeal("c06", "agents", "wrap-up", by="minji", reason="시스템이 멈췄습니다.")
    await calls.override("c06", "agents", "wrap-up", "met", by="sooah", reason="장애 기록을 확인했습니다.")


class Court:
    """Where the page is served, and who may see it. ``base`` is the address."""

    def __init__(self, base: str, calls: JudgedCalls, lobby: Lobby) -> None:
        self.base, self.calls = base, calls
        self._lobby = lobby

    async def sign_in(self, context: BrowserContext, *roles: Role, user: str = "") -> None:
        """As one of ``PEOPLE``, or as somebody else with these roles."""
        account = await self._lobby.store.account(self.calls.tenant, user) if user else None
        if account is None:
            account = person(*roles, tenant=self.calls.tenant)
            account = replace(account, identity=replace(account.identity, queues=()))
            await self._lobby.store.add_account(account)
        cookies = await self._lobby.cookies_of(account)
        await context.add_cookies([{"name": name, "value": value, "url": self.base} for name, value in cookies.items()])


async def _enter(lobby: Lobby, tenant: str) -> None:
    for user, name in PEOPLE.items():
        role = Role.SUPERVISOR if user == "sooah" else Role.AGENT
        account = person(role, tenant=tenant, name=name)
        identity = replace(account.identity, user=user, queues=())
        await lobby.store.add_account(replace(account, identity=identity, login=f"{user}@shop.example"))


@asynccontextmanager
async def a_court(database: Database) -> AsyncIterator[Court]:
    rubrics, app = read_rubrics(EXAMPLE), FastAPI()
    assert rubrics is not None
    answer_errors(app)
    async with judged_calls(database, rubrics) as calls:
        lobby = Lobby(tenants=(calls.tenant,))
        await _enter(lobby, calls.tenant)
        await a_week(calls)
        viewings, search = Viewings(lobby.store, lobby.clock), CallSearch(database, numbers)
        judgements = JudgementSearch(database)
        room = QualityRoom(calls.log, search, judgements, lobby.store, viewings, lambda _tenant: rubrics)
        routers = (
            quality_router(room, lobby.guard),
            judgements_router(room, lobby.guard),
            sign_in_router(lobby.entrance),
        )
        for router in (pages_router(), *routers):
            app.include_router(router)
        async with served(app) as base:
            yield Court(base, calls, lobby)
