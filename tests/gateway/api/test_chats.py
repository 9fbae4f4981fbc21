from __future__ import annotations

from typing import Any

import pytest

from dialog.reply import Decision, Expectation
from gateway.api import chats
from gateway.desk.handoff import HandoffDesk
from gateway.session.memory_log import MemoryContactLog
from gateway.session.text import TextSession
from tests.gateway.http import client
from tests.gateway.session.stage import Mind, reply


class House:
    def __init__(self) -> None:
        self.ledger = MemoryContactLog()
        self.opened = 0
        self.now = 0.0
        self.chats = chats.Chats(self.open, lambda: self.now)

    def open(self, tenant: str, language: str) -> TextSession:
        if (tenant, language) != ("shop", "en"):
            raise KeyError(tenant)
        self.opened += 1
        log = self.ledger.open_call(tenant=tenant, call_id=f"chat-{self.opened}", line="chat", language=language)
        bye = reply("Bye", Decision.CONVERSE, Expectation.NOTHING)
        return TextSession(Mind([[reply("Two days")], [bye]]), HandoffDesk(self.ledger), log, language)

    async def __aenter__(self) -> House:
        await self.ledger.start()
        self.http = client(chats.chats_router(self.chats))
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.http.aclose()

    async def post(self, path: str, **body: str) -> Any:
        return await self.http.post(f"/v1/tenants/shop/{path}", json=body)


async def test_a_single_question_is_answered_and_its_record_closed() -> None:
    async with House() as house:
        answer = (await house.post("ask", text="how long", language="en")).json()
        assert answer == {"answer": "Two days", "citations": [], "confidence": 0.9, "decision": "answer"}
        [call] = await house.ledger.calls("shop")
        assert call.end_reason == "completed"


async def test_a_conversation_goes_turn_by_turn_to_its_end() -> None:
    async with House() as house:
        begun = (await house.post("chats", language="en")).json()
        turns = f"chats/{begun['chat']}/turns"
        assert (await house.post(turns, text="how long")).json()["over"] is False
        assert (await house.post(turns, text="bye")).json()["over"] is True
        assert (await house.post(turns, text="again")).status_code == 404


async def test_who_is_not_served_is_told_so() -> None:
    async with House() as house:
        assert (await house.post("ask", text="x", language="fi")).status_code == 404
        assert (await house.post("chats", language="fi")).status_code == 404
        assert (await house.post("ask", text="x" * 2001, language="en")).status_code == 422


async def test_open_conversations_are_bounded_and_forgotten_ones_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "MOST_OPEN", 1)
    async with House() as house:
        await house.post("chats", language="en")
        assert (await house.post("chats", language="en")).status_code == 503
        house.now = chats.IDLE_SECONDS + 1
        assert (await house.post("chats", language="en")).status_code == 201
        await house.chats.close_idle(everything=True)
        assert sorted(call.end_reason or "" for call in await house.ledger.calls("shop")) == ["no_input", "shut_down"]
