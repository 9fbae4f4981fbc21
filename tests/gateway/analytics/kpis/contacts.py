"""Contacts whose every moment is known, written into a real database: what figures come out is known by heart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from infra.storage.database import Database

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""Noon in Seoul, on a Friday."""

Event = tuple[float, str, Mapping[str, Any]]
"""Seconds after the contact began, kind, payload."""


class Contacts:
    """Collects contacts of a tenant; ``write`` writes them all at once."""

    def __init__(self, database: Database, tenant: str) -> None:
        self.tenant = tenant
        self._database = database
        self._calls: list[tuple[Any, ...]] = []
        self._events: list[tuple[Any, ...]] = []
        self._remembered: list[tuple[Any, ...]] = []

    def add(
        self,
        contact: str,
        events: Iterable[Event],
        *,
        begun: datetime = NOON,
        seconds: float | None = 60,
        end: str = "caller_hung_up",
        line: str = "+827080001000",
        language: str = "ko",
        direction: str = "inbound",
        caller: str | None = "+821012345678",
    ) -> None:
        """A contact that was answered at once; it is going on where ``seconds`` is none."""
        ended = None if seconds is None else begun + timedelta(seconds=seconds)
        reason = None if seconds is None else end
        numbers = (caller, line)
        self._calls.append(
            (self.tenant, contact, line, language, direction, "voice", *numbers, begun, ended, reason, "n1", 1)
        )
        happened: list[Event] = [(0, "call.answered", {}), *sorted(events, key=lambda event: event[0])]
        if seconds is not None:
            happened.append((seconds, "call.ended", {"reason": end}))
        for seq, (at, kind, payload) in enumerate(happened, 1):
            self._events.append((contact, seq, begun + timedelta(seconds=at), kind, Jsonb(dict(payload))))

    def remember(self, contact: str, customer: str, about: str, begun: datetime) -> None:
        """That a contact was a known customer's, and about what."""
        subject = f"customer:{customer * 64}"
        self._remembered.append(
            (self.tenant, subject, contact, begun, "voice", "ko", about, Jsonb({}), [], None, False)
        )

    async def write(self) -> None:
        async with self._database.tenant(self.tenant) as connection, connection.cursor() as cursor:
            await cursor.executemany(f"INSERT INTO calls VALUES ({', '.join(['%s'] * 13)})", self._calls)
            columns = list(zip(*self._events, strict=True)) or [()] * 5
            await cursor.execute(
                "INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)"
                " SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::jsonb[])",
                (self.tenant, *map(list, columns)),
            )
            for row in self._remembered:
                await cursor.execute(
                    "INSERT INTO memory_agreements VALUES (%s, %s, true, %s, 'w', '', %s) ON CONFLICT DO NOTHING",
                    (row[0], row[1], NOON, NOON),
                )
            marks = ", ".join(["%s"] * 11)
            await cursor.executemany(f"INSERT INTO memory_contacts VALUES ({marks})", self._remembered)


def queued(at: float, queue: str = "orders", reason: str = "caller_asked") -> Event:
    return at, "handoff.queued", {"handoff": "h1", "reason": reason, "queue": queue, "skills": [], "summary": {}}


def taken(at: float, until: float, agent: str = "minji", wrap_up: float | None = None) -> list[Event]:
    """An agent talks with the caller, and closes the case."""
    events: list[Event] = [
        (at, "handoff.accepted", {"handoff": "h1", "agent": agent, "waited": 0}),
        (at, "agent.joined", {"agent": agent, "name": agent.title(), "role": "agent", "mode": "talk"}),
        (until, "agent.left", {"agent": agent, "why": "hung up"}),
    ]
    if wrap_up is not None:
        closed = {"agent": agent, "disposition": "solved", "note": "", "seconds": wrap_up, "unedited": True}
        events.append((until, "wrap_up.done", closed))
    return events


def abandoned(at: float) -> Event:
    return at, "handoff.abandoned", {"handoff": "h1", "waited": 0}


def asked(
    at: float, text: str = "배송이 언제 오나요", start: float | None = None, end: float | None = None
) -> list[Event]:
    """The caller said something, from ``start`` to ``end`` (seconds after the answer), known at ``at``."""
    words = [] if start is None else [{"start": start, "end": end}]
    return [
        (at, "transcript.final", {"text": text, "words": words, "language": "ko", "confidence": 0.9}),
        (at, "caller.turn", {"turn": 1, "text": text, "language": "ko", "confidence": 0.9}),
    ]


def understood(at: float, intent: str | None) -> Event:
    """What a turn was taken to be about."""
    return at, "turn.understood", {"turn": 1, "commands": [], "intent": intent}


def agent_said(at: float, start: float | None, end: float | None = None, agent: str = "minji") -> list[Event]:
    """An agent said something, from ``start`` to ``end`` (seconds after the answer), known at ``at``."""
    words = [] if start is None else [{"start": start, "end": end}]
    return [(at, "agent.turn", {"agent": agent, "text": "확인해 보겠습니다", "language": "ko", "words": words})]


def told(at: float, until: float, reply: int = 1, complete: bool = True, decision: str = "answer") -> list[Event]:
    """The bot said something."""
    decided = {"turn": 1, "reply": reply, "text": "내일 도착합니다.", "decision": decision, "confidence": 0.9}
    heard = {"reply": reply, "text": "내일 도착합니다.", "complete": complete}
    return [
        (at, "reply.decided", decided),
        (at, "reply.started", {"reply": reply, "turn": 1, "latency": 0.5}),
        (until, "reply.heard", heard),
    ]
