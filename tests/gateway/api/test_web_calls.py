"""Calls from the web page: who may, tickets that are good once, and a view for whoever has the key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from gateway.access.origins import Origins
from gateway.api.web_calls import TICKET_SECONDS, WebCall, WebCalls, caller_view, web_calls_router
from gateway.session.ledger import CallLog
from gateway.session.live import Live
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import ContactEvent, EventKind
from gateway.session.tenant import Line, Tenant
from gateway.telephony.softphone_door import VisitorKind

SHOP = Tenant(
    id="shop",
    name={"ko": "상점", "en": "Shop"},
    languages=("ko", "en"),
    lines=(
        Line(number="+8270", alias="shop-ko", language="ko", name="상점 고객센터"),
        Line(number="+1800", alias="shop-en", language="en"),
    ),
    folder=Path("shop"),
)


@dataclass
class Going:
    """A call that goes on."""

    live: Live = field(default_factory=Live)


class Node:
    """What is around the router: the calls, their ledger, who goes on."""

    def __init__(self) -> None:
        self.now = 100.0
        self.calls = WebCalls([SHOP], lambda: self.now)
        self.ledger = MemoryContactLog()
        self.going: dict[str, Going] = {}

    def http(self, who: Literal["off", "local", "anyone"] = "local", address: str = "127.0.0.1") -> AsyncClient:
        app = FastAPI()
        app.include_router(web_calls_router(self.calls, self.ledger, self.going.get, who, Origins()))
        return AsyncClient(transport=ASGITransport(app, client=(address, 5)), base_url="http://house.example")


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    node = Node()
    await node.ledger.start()
    yield node
    await node.ledger.close()


async def test_a_page_is_shown_the_lines_and_given_a_ticket_that_is_good_once(node: Node) -> None:
    async with node.http() as http:
        lines = (await http.get("/v1/web-calls/lines")).json()["lines"]
        assert [(line["line"], line["name"], line["language"]) for line in lines] == [
            ("+8270", "상점 고객센터", "ko"),
            ("+1800", "Shop", "en"),
        ]
        given = (await http.post("/v1/web-calls", json={"line": "shop-en"})).json()
    visit = await node.calls.redeem(given["ticket"])
    assert visit is not None
    assert (visit.kind, visit.tenant, visit.call, visit.dnis) == (VisitorKind.CALLER, "shop", given["call"], "+1800")
    assert await node.calls.redeem(given["ticket"]) is None
    assert await node.calls.redeem("") is None


async def test_a_ticket_is_not_good_for_ever(node: Node) -> None:
    call = node.calls.invite("shop-ko")
    assert call is not None
    node.now += TICKET_SECONDS + 1
    assert await node.calls.redeem(call.ticket) is None


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("off", "127.0.0.1", 403),
        ("local", "192.0.2.7", 403),
        ("local", "::1", 200),
        ("local", "unix socket", 403),
        ("anyone", "192.0.2.7", 200),
    ],
)
async def test_who_may_call_is_a_setting(
    node: Node, who: Literal["off", "local", "anyone"], address: str, status: int
) -> None:
    async with node.http(who, address) as http:
        assert (await http.get("/v1/web-calls/lines")).status_code == status
        assert (await http.post("/v1/web-calls", json={"line": "shop-ko"})).status_code == status


async def test_a_foreign_page_cannot_call_and_nobody_can_call_without_end(node: Node) -> None:
    async with node.http() as http:

        async def ask(line: str, origin: str) -> tuple[int, str]:
            answer = await http.post("/v1/web-calls", json={"line": line}, headers={"origin": origin})
            return answer.status_code, answer.json().get("detail", {}).get("code", "")

        assert await ask("shop-ko", "http://evil.example") == (403, "foreign_origin")
        own = "http://house.example"
        assert await ask("nowhere", own) == (404, "no_such_line")
        assert [await ask("shop-ko", own) for _ in range(9)] == [(200, "")] * 9
        assert await ask("shop-ko", own) == (429, "too_many_calls")


async def test_the_oldest_call_is_forgotten(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.api.web_calls.MOST_CALLS", 1)
    first, second = node.calls.invite("shop-ko"), node.calls.invite("shop-ko")
    assert first is not None
    assert second is not None
    assert node.calls.find(first.id, first.key) is None
    assert node.calls.find(second.id, second.key) is second


async def made(node: Node, *events: tuple[EventKind, Mapping[str, Any]]) -> tuple[WebCall, CallLog]:
    """A call of a page in which that happened."""
    call = node.calls.invite("shop-en")
    assert call is not None
    log = node.ledger.open_call(tenant="shop", call_id=call.id, line="+1800", language="en", caller=None)
    for kind, payload in events:
        log.append(kind, payload)
    return call, log


def told(text: str) -> list[tuple[str, str, Any]]:
    """Kind, number and data of server-sent events, but heartbeats."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if lines.get("event", "heartbeat") != "heartbeat":
            found.append((lines["event"], lines.get("id", ""), json.loads(lines["data"])))
    return found


async def test_the_callers_view_is_what_they_said_and_heard_and_no_thought_of_ours(node: Node) -> None:
    call, log = await made(
        node,
        (EventKind.CALLER_TURN, {"turn": 1, "text": "where is it", "language": "en", "confidence": 0.4}),
        (EventKind.REPLY_DECIDED, {"turn": 1, "text": "It is on its way, and more.", "signals": {"secret": 1}}),
        (EventKind.REPLY_HEARD, {"reply": 2, "text": "It is on its way", "complete": False, "seconds": 1.0}),
    )
    log.end("completed")
    await log.acknowledged()
    async with node.http() as http:
        answer = await http.get(f"/v1/web-calls/{call.id}/feed", params={"key": call.key})
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = told(answer.text)
        assert [(kind, data.get("text")) for kind, _, data in events] == [
            ("caller.turn", "where is it"),
            ("reply.heard", "It is on its way"),
            ("state", None),
        ]
        assert "secret" not in answer.text
        assert "confidence" not in answer.text
        seen = events[0][1]
        again = await http.get(
            f"/v1/web-calls/{call.id}/feed", params={"key": call.key, "after": 0}, headers={"last-event-id": seen}
        )
        assert [kind for kind, _, _ in told(again.text)] == ["reply.heard", "state"]


async def test_without_the_key_or_the_call_there_is_nothing_to_see(node: Node) -> None:
    call, _ = await made(node)
    never_made = node.calls.invite("shop-en")
    assert never_made is not None
    async with node.http() as http:
        for name, key in ((call.id, "guess"), ("nobody", call.key), (never_made.id, never_made.key)):
            answer = await http.get(f"/v1/web-calls/{name}/feed", params={"key": key})
            assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "no_such_call")


async def test_partials_are_shown_while_they_last_and_the_feed_ends_with_the_call(node: Node) -> None:
    call, log = await made(node)
    going = node.going[call.id] = Going()
    async with node.http() as http:
        reading = asyncio.create_task(http.get(f"/v1/web-calls/{call.id}/feed", params={"key": call.key}))
        async with asyncio.timeout(20):
            while not going.live._onlookers:
                await asyncio.sleep(0.005)
        going.live.publish("partial", speaker="caller", utterance=1, text="wh")
        going.live.publish("card", text="what only an agent sees")
        async with asyncio.timeout(20):
            while any(onlooker._waiting for onlooker in going.live._onlookers):
                await asyncio.sleep(0.005)
        log.end("completed")
        async with asyncio.timeout(20):
            answer = await reading
    events = told(answer.text)
    assert ("partial", "", {"speaker": "caller", "utterance": 1, "text": "wh"}) in events
    assert events[-1][0] == "state"
    assert "only an agent" not in answer.text
    assert call.feeds == 0
    assert not going.live._onlookers


@pytest.mark.parametrize(
    ("kind", "payload", "state"),
    [
        (EventKind.HANDOFF_QUEUED, {"handoff": "h"}, "waiting"),
        (EventKind.AGENT_JOINED, {"mode": "talk"}, "person"),
        (EventKind.AGENT_JOINED, {"mode": "listen"}, None),
        (EventKind.AGENT_JOINED, {"mode": "whisper"}, None),
        (EventKind.CONTROL_CHANGED, {"owner": "agent"}, "person"),
        (EventKind.CONTROL_CHANGED, {"owner": "bot", "why": "given back"}, "bot"),
        (EventKind.CONTROL_CHANGED, {"owner": "bot", "why": "passed on"}, "waiting"),
        (EventKind.CONTROL_CHANGED, {"owner": "bot", "why": "lost"}, "waiting"),
        (EventKind.CALL_HELD, {"by": "a"}, "held"),
        (EventKind.CALL_RESUMED, {"by": "a"}, "person"),
        (EventKind.CALL_ENDED, {"reason": "completed"}, "ended"),
        (EventKind.REPLY_DECIDED, {"text": "not heard yet"}, None),
        (EventKind.CALLER_TURN, {"text": "", "silent": True}, None),
    ],
)
def test_whom_the_caller_speaks_with_is_told_and_who_only_listens_is_not(
    kind: EventKind, payload: dict[str, Any], state: str | None
) -> None:
    view = caller_view(ContactEvent("shop", "c1", 1, datetime.now(UTC), kind, payload))
    assert view == (None if state is None else ("state", {"state": state}))
