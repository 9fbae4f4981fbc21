"""The real reports behind the page: two weeks of made-up contacts in a real database, and somebody signed in."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from playwright.async_api import BrowserContext

from gateway.access.answers import answer_errors
from gateway.access.identity import Role
from gateway.access.sign_in_api import sign_in_router
from gateway.analytics.api import Choices
from gateway.analytics.kpis.reports import Reports
from gateway.analytics.kpis.rules import Prices, Rules
from gateway.analytics.reports_api import ReportRoom, reports_router
from gateway.analytics.search import CallSearch
from gateway.analytics.topics.finding import TopicSearch
from gateway.pages.site import pages_router
from infra.storage.database import Database
from tests.gateway.access.people import Lobby, person
from tests.gateway.analytics.kpis.contacts import NOON, Contacts, Event, abandoned, queued, taken
from tests.gateway.analytics.past_calls import new_tenant
from tests.sealed_numbers import numbers
from tests.web import served

LINES = {"+827080001000": "한빛상점 고객센터", "+18005550100": "Hanbit Store customer service"}
CHOICES = Choices(
    {
        "general": {"ko": "일반 상담", "en": "General"},
        "orders": {"ko": "주문·배송·반품", "en": "Orders and delivery"},
        "billing": {"ko": "결제·환불", "en": "Billing and refunds"},
    },
    {"solved": {"ko": "해결", "en": "Solved"}},
    ("ko", "en"),
    LINES,
)
PEOPLE = (("minji", "김민지"), ("seojun", "박서준"), ("sooah", "Sooah Kim"))
WISHES = {
    "ko": (
        "배송이 언제 도착하나요",
        "주문한 물건 배송이 안 와요",
        "배송 조회 부탁드려요",
        "환불은 언제 되나요",
        "환불 신청하고 싶어요",
        "카드 환불이 안 들어왔어요",
        "영업 시간이 어떻게 되나요",
        "매장 영업 시간 알려 주세요",
        "선물 포장 되나요",
        "선물 포장 비용이 얼마예요",
    ),
    "en": (
        "where is my delivery",
        "my delivery has not come",
        "track my delivery please",
        "when do I get my refund",
        "I want a refund",
        "do you wrap gifts",
        "how much is gift wrapping",
        "what are your opening hours",
    ),
}
FROM, TO = "2026-11-09", "2026-11-22"
SPAN = f"from={FROM}&to={TO}"


def a_fortnight(contacts: Contacts, many: int = 420) -> None:
    """Contacts until two days after ``NOON``; the same ones each time."""
    dice = random.Random(7)
    for number in range(many):
        begun = NOON + timedelta(days=2) - timedelta(days=dice.random() * 13.4)
        begun = begun.replace(hour=dice.choice((0, 1, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 9)), minute=dice.randrange(60))
        language = "ko" if dice.random() < 0.75 else "en"
        line = list(LINES)[language == "en"]
        late = (begun - NOON).days > -5
        wishes = WISHES[language]
        wish = wishes[dice.randrange(3)] if late and dice.random() < 0.5 else dice.choice(wishes)
        events, seconds = _conversation(dice, wish, language)
        whose: dict[str, Any] = {"language": language, "line": line, "caller": f"+82105550{number % 290:04d}"}
        contacts.add(f"c{number:03d}", events, begun=begun, seconds=seconds, **whose)
        if dice.random() < 0.5:
            contacts.remember(f"c{number:03d}", dice.choice("abcdef0123456789"), wish, begun)


def _conversation(dice: random.Random, wish: str, language: str) -> tuple[list[Event], float]:
    """Greeting, wish, answer; and for three in ten a person."""
    answer = 8.5 + dice.random() * 2 + (6 if dice.random() < 0.12 else 0)
    over = dice.random() < 0.15
    words = {"start": 5.0 if not over else 3.2, "end": 7.5}
    events: list[Event] = [
        *_told(0.4, 4.0, 1, "converse"),
        (8, "transcript.final", {"text": wish, "words": [words], "language": language, "confidence": 0.9}),
        (8, "caller.turn", {"turn": 1, "text": wish, "language": language, "confidence": 0.9}),
        *_told(answer, answer + 6, 2, "answer", complete=dice.random() < 0.85),
    ]
    if dice.random() > 0.3:
        end = answer + 8 + dice.random() * 9
        if dice.random() < 0.4:
            events.append((end - 3, "survey.asked", {"question": "csat", "with": "bot"}))
            if dice.random() < 0.6:
                score = dice.choice((5, 5, 4, 4, 3, 2))
                events.append((end - 1, "survey.answered", {"question": "csat", "score": score, "by": "keys"}))
        return events, end
    queue = dice.choice(("general", "orders", "orders", "billing"))
    reason = dice.choice(("caller_asked", "caller_asked", "low_confidence", "no_answer", "action_failed"))
    events.append(queued(answer + 7, queue=queue, reason=reason))
    wait = dice.choice((4, 7, 9, 12, 15, 18, 26, 41))
    if dice.random() < 0.12:
        return [*events, abandoned(answer + 7 + wait)], answer + 8 + wait
    agent, name = dice.choice(PEOPLE)
    talk = 60 + dice.random() * 200
    joined = answer + 7 + wait
    events += _talk(joined, talk, agent, language)
    for event in taken(joined, joined + talk, agent=agent, wrap_up=15 + dice.random() * 40):
        payload = {**event[2], "name": name} if event[1] == "agent.joined" else dict(event[2])
        if event[1] == "wrap_up.done":
            payload["unedited"] = dice.random() < 0.6
        events.append((event[0], event[1], payload))
    return events, joined + talk


def _talk(joined: float, seconds: float, agent: str, language: str) -> list[Event]:
    """Agent and caller take turns; sometimes one is slow, and sometimes two speak at once."""
    events: list[Event] = []
    starts = (0.5, 6.5, 13 + seconds % 7, 25.5, 30)
    for begun in range(0, int(seconds) - 36, 36):
        for place, start in enumerate(starts):
            at = joined + begun + start
            kind, whose = ("transcript.final", {}) if place % 2 else ("agent.turn", {"agent": agent})
            said = {"text": "…", "language": language, "words": [{"start": at, "end": at + 5.5}]}
            events.append((at + 6, kind, {**said, **whose}))
    return events


def _told(at: float, until: float, reply: int, decision: str, complete: bool = True) -> list[Event]:
    decided: dict[str, Any] = {"turn": 1, "reply": reply, "text": "…", "decision": decision, "confidence": 0.9}
    return [
        (at - 0.2, "reply.decided", decided),
        (at, "reply.started", {"reply": reply, "turn": 1, "latency": 0.5}),
        (until, "reply.heard", {"reply": reply, "text": "…", "complete": complete}),
    ]


class Office:
    """Where the pages are served, and who may see them. ``base`` is the address, ``tenant`` whose contacts they are."""

    def __init__(self, base: str, tenant: str, lobby: Lobby) -> None:
        self.base = base
        self.tenant = tenant
        self._lobby = lobby

    async def sign_in(self, context: BrowserContext, *roles: Role) -> None:
        account = person(*(roles or (Role.ANALYST,)), tenant=self.tenant)
        account = replace(account, identity=replace(account.identity, queues=()))
        await self._lobby.store.add_account(account)
        cookies = await self._lobby.cookies_of(account)
        await context.add_cookies([{"name": name, "value": value, "url": self.base} for name, value in cookies.items()])


@asynccontextmanager
async def an_office(database: Database) -> AsyncIterator[Office]:
    tenant = await new_tenant(database)
    lobby, reports, app = Lobby(tenants=(tenant,)), Reports(database), FastAPI()
    answer_errors(app)
    goals = {"general": 20.0, "orders": 20.0, "billing": 30.0}
    prices = Prices(currency="KRW", per_line_minute=15, per_bot_minute=60, per_agent_minute=420)
    await reports.keep_rules(tenant, Rules(time_zone="Asia/Seoul", answer_within=goals, prices=prices))
    contacts = Contacts(database, tenant)
    a_fortnight(contacts)
    await contacts.write()
    topics = TopicSearch(reports, Path("no-model"))
    room = ReportRoom(reports, topics, CallSearch(database, numbers), lobby.store, lobby.clock, lambda _tenant: CHOICES)
    for router in (pages_router(), reports_router(room, lobby.guard), sign_in_router(lobby.entrance)):
        app.include_router(router)
    async with served(app) as base:
        yield Office(base, tenant, lobby)
