"""Contacts that are judged in tests: short logs, written as they would be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.analytics.quality.contact import Contact
from gateway.session.records import CallRecord, ContactEvent

MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)

Told = tuple[str, Mapping[str, Any]]


def contact(*told: Told | float, channel: str = "voice", language: str = "en", reason: str = "completed") -> Contact:
    """A contact of these events; a number between two of them is seconds that pass."""
    events: list[ContactEvent] = []
    at = MORNING
    for one in told:
        if isinstance(one, int | float):
            at += timedelta(seconds=one)
            continue
        kind, payload = one
        events.append(ContactEvent("shop", "c1", len(events) + 1, at, kind, dict(payload)))
    events.append(ContactEvent("shop", "c1", len(events) + 1, at, "call.ended", {"reason": reason}))
    record = CallRecord("shop", "c1", "line", language, "inbound", channel, None, None, MORNING, at, reason, "node", 1)
    return Contact(record, events)


DISCLOSED: Told = ("disclosure.heard", {"text": "Hello, this is the AI assistant", "reply": 1})


def turn(number: int, text: str, language: str = "en") -> Told:
    return "caller.turn", {"turn": number, "text": text, "language": language, "confidence": 0.9}


def decided(turn: int, reply: int, decision: str = "answer", cited: bool = True, expects: str = "speaking") -> Told:
    citations = [{"document": "delivery", "title": "Delivery"}] if cited else []
    return "reply.decided", {
        "turn": turn,
        "reply": reply,
        "decision": decision,
        "text": "Two days.",
        "language": "en",
        "citations": citations,
        "expects": expects,
    }


def heard(turn: int, reply: int, text: str = "Two days.", complete: bool = True) -> Told:
    return "reply.heard", {"turn": turn, "reply": reply, "text": text, "complete": complete}


def agent_said(text: str, seconds: float = 1.0, language: str = "en") -> Told:
    return "agent.turn", {"agent": "kim", "text": text, "language": language, "seconds": seconds}


def accepted(waited: float = 12.0) -> Told:
    return "handoff.accepted", {"handoff": "h", "agent": "kim", "queue": "orders", "waited": waited}
