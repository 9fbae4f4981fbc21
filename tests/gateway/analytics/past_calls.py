"""Calls that are over, written by the real ledger into a real database."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from gateway.session.ledger import CallLog
from gateway.session.store import ContactLog
from infra.storage.database import Database
from tests.sealed_numbers import numbers

MORNING = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
"""When the first call begins; each event is a second later than the one before."""


@asynccontextmanager
async def ledger(database: Database) -> AsyncIterator[ContactLog]:
    moments: Iterator[int] = count()
    node = f"n{uuid.uuid4().hex[:8]}"
    log = ContactLog(database, node, numbers, clock=lambda: MORNING + timedelta(seconds=next(moments)))
    await log.start()
    try:
        yield log
    finally:
        await log.close()


async def new_tenant(database: Database) -> str:
    tenant = f"t{uuid.uuid4().hex[:8]}"
    await database.enter_tenant(tenant)
    return tenant


def past_call(
    log: ContactLog,
    tenant: str,
    call: str,
    *events: tuple[str, Mapping[str, Any]],
    caller: str | None = "+821012345678",
    language: str = "ko",
) -> CallLog:
    """A call with these events between its offer and its end; durable when ``acknowledged``."""
    opened = log.open_call(
        tenant=tenant, call_id=call, line="+827080001000", language=language, caller=caller, called="+827080001000"
    )
    for kind, payload in events:
        opened.append(kind, payload)
    opened.end("completed")
    return opened


def said(text: str) -> tuple[str, dict[str, Any]]:
    return "caller.turn", {"turn": 1, "text": text, "confidence": 0.9}


def answered(text: str, confidence: float = 0.8) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("reply.decided", {"turn": 1, "reply": 1, "text": text, "decision": "answer", "confidence": confidence}),
        ("reply.heard", {"turn": 1, "reply": 1, "text": text, "complete": True}),
    ]


def handed_over(queue: str, agent: str, disposition: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("handoff.queued", {"handoff": "h1", "reason": "caller_asked", "queue": queue, "skills": [], "summary": {}}),
        ("handoff.accepted", {"handoff": "h1", "agent": agent, "waited": 12.5}),
        ("agent.joined", {"agent": agent, "role": "agent"}),
        ("agent.turn", {"agent": agent, "text": "안녕하세요, 상담원입니다", "confidence": 0.9}),
        ("wrap_up.done", {"agent": agent, "disposition": disposition, "note": "", "seconds": 20}),
    ]
