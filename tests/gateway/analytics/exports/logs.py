"""Logs of calls and floors as they might have been written, at times that a test chooses."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from infra.storage.database import Connection, Database

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the calls of the tests begin: 18:00 in Seoul."""

_tenants = itertools.count(1)

Step = tuple[float, str, dict[str, Any]]
"""Seconds since the call's beginning, kind, payload."""


async def new_tenant(database: Database) -> str:
    tenant = f"export{os.getpid()}-{next(_tenants)}"
    await database.enter_tenant(tenant)
    return tenant


async def write_call(
    database: Database,
    tenant: str,
    call: str,
    steps: list[Step],
    *,
    began: datetime = NINE,
    language: str = "ko",
    direction: str = "inbound",
) -> None:
    """A call with its log; ``call.offered`` stands before the steps, and a ``call.ended`` among them ends it."""
    ends = [(began + timedelta(seconds=at), told["reason"]) for at, kind, told in steps if kind == "call.ended"]
    ended_at, reason = ends[0] if ends else (None, None)
    async with database.tenant(tenant) as connection:
        await connection.execute(
            "INSERT INTO calls (tenant, call_id, line, language, direction, channel, caller, called, started_at,"
            " ended_at, end_reason, node, epoch)"
            " VALUES (%s, %s, 'main', %s, %s, 'voice', '+821012345678', NULL, %s, %s, %s, 'n', 1)",
            (tenant, call, language, direction, began, ended_at, reason),
        )
        await add_steps(connection, tenant, call, [(0.0, "call.offered", {"language": language}), *steps], began=began)


async def add_steps(
    connection: Connection, tenant: str, call: str, steps: list[Step], *, began: datetime = NINE, after: int = 0
) -> None:
    """Events behind the ``after``\\ th of a call, in the transaction of ``connection``."""
    for seq, (at, kind, told) in enumerate(steps, after + 1):
        await connection.execute(
            "INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload) VALUES (%s, %s, %s, %s, %s, %s)",
            (tenant, call, seq, began + timedelta(seconds=at), kind, Jsonb(told)),
        )


async def write_floor(database: Database, tenant: str, events: list[Step], *, began: datetime = NINE) -> None:
    """Events of a tenant's floor; the subject is the payload's item, offer or agent, by the kind. Items are entered."""
    async with database.tenant(tenant) as connection:
        await connection.execute("INSERT INTO floors (tenant) VALUES (%s) ON CONFLICT DO NOTHING", (tenant,))
        for seq, (at, kind, told) in enumerate(events, 1):
            moment = began + timedelta(seconds=at)
            if kind == "item.queued":
                await connection.execute(
                    "INSERT INTO work_items (tenant, item, call, node, queue, language, skills, priority, state,"
                    " reason, enqueued_at, eligible_at, queue_since, since, attempts, asked, overflowed_from)"
                    " VALUES (%s, %s, %s, 'n', %s, 'ko', '{}', 0, 'queued', '', %s, %s, %s, %s, 0, '{}', '[]')",
                    (tenant, told["item"], told["call"], told["queue"], moment, moment, moment, moment),
                )
            await connection.execute(
                "INSERT INTO floor_events (tenant, seq, at, kind, subject, payload) VALUES (%s, %s, %s, %s, %s, %s)",
                (tenant, seq, moment, kind, told[kind.partition(".")[0]], Jsonb(told)),
            )


def turn(at: float, number: int, text: str, *, silent: bool = False) -> Step:
    return (at, "caller.turn", {"turn": number, "text": text, "language": "ko", "confidence": 0.9, "silent": silent})


def words(at: float, start: float, end: float) -> Step:
    heard = [{"text": "가", "start": start, "end": start + 0.2}, {"text": "나", "start": end - 0.2, "end": end}]
    return (at, "transcript.final", {"text": "가 나", "words": heard, "language": "ko"})


def reply(at: float, number: int, text: str, decision: str, until: float, *, complete: bool = True) -> list[Step]:
    decided = {
        "reply": number,
        "turn": number,
        "decision": decision,
        "text": text,
        "language": "ko",
        "citations": [{"passage": "p1", "document": "delivery.md"}] if decision == "answer" else [],
        "confidence": 0.87,
        "signals": {"best": 0.9},
        "timings": {"retrieve": 0.02},
        "expects": "speaking",
        "release": "r1",
        "model": "",
    }
    started = {"reply": number, "turn": number, "latency": 0.4, "stages": {"dialog": 0.1, "total": 0.4}}
    return [
        (at, "reply.decided", decided),
        (at + 0.1, "reply.started", started),
        (until, "reply.heard", {"reply": number, "turn": number, "text": text, "complete": complete}),
    ]


def bot_call(answer: str = "이틀 안에 도착합니다", *, end: float = 20.0, complete: bool = True) -> list[Step]:
    """Greeting 1 s to 4 s, a question spoken from 5 s to 7 s, an answer heard from 8 s to 12 s."""
    return [
        (1.0, "call.answered", {"protocol": "test"}),
        *reply(0.9, 1, "안녕하세요", "converse", 4.0),
        words(7.2, 4.0, 6.0),
        turn(7.5, 1, "배송이 언제 오나요"),
        *reply(7.9, 2, answer, "answer", 12.0, complete=complete),
        (end, "call.ended", {"reason": "caller_hung_up"}),
    ]


def person_call() -> list[Step]:
    """Answered at 1 s, queued at 10 s, with Mina from 30 s to 90 s, held from 50 s to 60 s, wrapped up in 15 s."""
    return [
        (1.0, "call.answered", {"protocol": "test"}),
        turn(5.0, 1, "상담원 연결해 주세요"),
        *reply(6.0, 1, "연결해 드리겠습니다", "escalate", 8.0),
        (8.0, "escalation.decided", {"turn": 1, "reason": "caller_asked", "queue": "general"}),
        (10.0, "handoff.queued", {"handoff": "h1", "reason": "caller_asked", "queue": "general"}),
        (28.0, "handoff.accepted", {"handoff": "h1", "agent": "mina", "queue": "billing", "waited": 18.0}),
        (30.0, "agent.joined", {"agent": "mina", "name": "Mina", "role": "agent", "mode": "talk"}),
        (33.0, "agent.turn", {"agent": "mina", "text": "무엇을 도와드릴까요", "confidence": 0.9, "language": "ko"}),
        (50.0, "call.held", {"by": "mina"}),
        (60.0, "call.resumed", {"by": "mina"}),
        (90.0, "call.ended", {"reason": "caller_hung_up"}),
        (90.5, "agent.left", {"agent": "mina", "why": "the call is over"}),
        (105.0, "wrap_up.done", {"agent": "mina", "disposition": "refunded", "seconds": 15.0, "unedited": False}),
    ]
