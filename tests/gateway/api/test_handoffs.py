from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from gateway.api.handoffs import PAGE, handoffs_router
from gateway.session.ledger import CallLog
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import EventKind, HandoffState

SUMMARY = {"wish": "a person", "known": {"order": "12345678"}, "tried": ["asked"], "promised": [], "text": "All of it."}


@asynccontextmanager
async def asking() -> AsyncIterator[tuple[httpx.AsyncClient, CallLog]]:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c1", line="+1800", language="ko", caller="+15550100", called="+1800")
    app = FastAPI()
    app.include_router(handoffs_router(ledger, ["other", "shop"]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        yield client, log
    await ledger.close()


async def test_a_hand_over_tells_whoever_answers_everything_and_the_same_each_time() -> None:
    async with asking() as (client, log):
        log.append(EventKind.REPLY_HEARD, {"text": "안녕하세요"})
        log.append(EventKind.CALLER_TURN, {"text": "a person please"})
        log.append(EventKind.CALLER_TURN, {"text": ""})
        log.append(EventKind.LANGUAGE_CHANGED, {"before": "ko", "after": "en"})
        log.append(EventKind.RECORDING_STARTED, {"at": 1.0})
        handoff = log.queue_handoff(
            reason="caller_asked", queue="general", summary=SUMMARY, state=HandoffState.TRANSFERRING
        )
        await log.acknowledged()
        path = f"/v1/handoffs/{handoff.handoff_id}"
        told = (await client.get(path)).json()
        assert told["summary"] == {"wish": "a person", "tried": ["asked"], "promised": [], "text": "All of it."}
        assert told["slots"] == {"order": "12345678"}
        assert [(line["speaker"], line["text"]) for line in told["transcript"]] == [
            ("bot", "안녕하세요"),
            ("caller", "a person please"),
        ]
        assert told["recording"] == {"state": "running", "url": None}
        assert (told["state"], told["reason"], told["queue"]) == ("transferring", "caller_asked", "general")
        assert (told["caller"], told["language"], told["call"]) == ("+15550100", "en", "c1")
        assert told["call_ended_at"] is None
        assert (await client.get(path)).json() == told


async def test_what_is_said_and_recorded_later_is_told_later_and_a_long_call_whole() -> None:
    async with asking() as (client, log):
        handoff = log.queue_handoff(reason="caller_asked", queue="general", summary=SUMMARY)
        for number in range(PAGE + 5):
            log.append(EventKind.AGENT_TURN, {"text": f"turn {number}"})
        log.append(EventKind.RECORDING_STORED, {"path": "/somewhere"})
        log.end("transferred")
        await log.acknowledged()
        told = (await client.get(f"/v1/handoffs/{handoff.handoff_id}")).json()
        assert len(told["transcript"]) == PAGE + 5
        assert told["recording"] == {"state": "stored", "url": "/v1/tenants/shop/calls/c1/recording"}
        assert told["call_ended_at"] is not None


async def test_an_id_that_is_none_is_not_found() -> None:
    async with asking() as (client, _):
        for handoff in ("nothing", "x" * 300):
            answer = await client.get(f"/v1/handoffs/{handoff}")
            assert answer.status_code == 404
