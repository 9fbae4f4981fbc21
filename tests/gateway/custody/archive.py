"""A tenant of which something of everything is kept, with a needle in all of it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from gateway.access.audit import AuditEntry, KeptEntry
from gateway.custody.eraser import Eraser
from gateway.custody.store import CustodyStore
from infra.storage.database import Connection, Database

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
NEEDLE = "hedgehog-4417"
NUMBER = "+821055550001"
NODE = "n"

_names = (f"custody-{number}-{uuid.uuid4().hex[:8]}" for number in itertools.count())


@dataclass
class Shelf:
    """Recordings that are only counted."""

    files: set[tuple[str, str, date]] = field(default_factory=set)

    async def delete(self, tenant: str, contact: str, on: date) -> int:
        lay = (tenant, contact, on) in self.files
        self.files.discard((tenant, contact, on))
        return int(lay)


@dataclass
class Rack:
    """Keys that are only names."""

    keys: set[tuple[str, str]] = field(default_factory=set)

    async def shred(self, tenant: str, subject: str) -> bool:
        hung = (tenant, subject) in self.keys
        self.keys.discard((tenant, subject))
        return hung


@dataclass
class Book:
    """An audit in memory."""

    kept: list[AuditEntry] = field(default_factory=list)

    async def record(self, entry: AuditEntry) -> None:
        self.kept.append(entry)

    async def record_with(self, connection: Connection, entry: AuditEntry) -> None:
        await self.record(entry)

    async def entries(self, tenant: str, **_: Any) -> Sequence[KeptEntry]:
        return [KeptEntry(place, entry) for place, entry in enumerate(self.kept)]

    @property
    def deeds(self) -> list[tuple[str, str]]:
        return [(entry.what, entry.whose) for entry in self.kept]


@dataclass
class Archive:
    """The tenant's."""

    database: Database
    tenant: str
    store: CustodyStore
    shelf: Shelf
    rack: Rack
    book: Book
    now: datetime = NOW

    @property
    def eraser(self) -> Eraser:
        return Eraser(self.store, self.shelf, self.rack, self.book, NODE, now=lambda: self.now)

    async def run(self, statement: str, **arguments: Any) -> list[tuple[Any, ...]]:
        async with self.database.tenant(self.tenant) as connection:
            cursor = await connection.execute(statement.encode(), {"tenant": self.tenant, **arguments})
            return await cursor.fetchall() if cursor.description is not None else []

    async def event(self, call: str, seq: int, kind: str, payload: Mapping[str, Any], at: datetime = NOW) -> None:
        await self.run(
            "INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)"
            " VALUES (%(tenant)s, %(call)s, %(seq)s, %(at)s, %(kind)s, %(payload)s)",
            call=call, seq=seq, at=at, kind=kind, payload=Jsonb(payload),
        )  # fmt: skip

    async def call(
        self, *, ended: timedelta | None = timedelta(minutes=5), recorded: bool = True, outbound: bool = False
    ) -> str:
        """A call that began at ``NOW`` and lasted for ``ended``; with None it goes on. The needle is in all of it."""
        numbers = ("+8215", NUMBER) if outbound else (NUMBER, "+8215")
        call = uuid.uuid4().hex
        await self.run(
            "INSERT INTO calls (tenant, call_id, line, language, direction, channel, caller, called, started_at,"
            " ended_at, end_reason, node, epoch) VALUES (%(tenant)s, %(call)s, '+8215', 'ko', %(direction)s,"
            " 'voice', %(caller)s, %(called)s, %(at)s, %(ended)s, %(why)s, 'n', 1)",
            call=call, direction="outbound" if outbound else "inbound", caller=numbers[0], called=numbers[1], at=NOW,
            ended=None if ended is None else NOW + ended,
            why=None if ended is None else "completed",
        )  # fmt: skip
        said = [
            ("call.answered", {"ani": NUMBER, "headers": {"x-name": NEEDLE}, "protocol": "twilio", "rate": 8000}),
            ("caller.turn", {"turn": 1, "text": f"my dog is {NEEDLE}", "confidence": 0.75, "language": "en"}),
            ("transcript.final", {"text": NEEDLE, "words": [{"text": NEEDLE}], "engine": "scripted"}),
            ("reply.decided", {"reply": 1, "turn": 1, "text": NEEDLE, "decision": "answer", "signals": {"match": 0.5}}),
            ("handoff.queued", {"queue": "orders", "reason": "caller_asked", "summary": {"wish": NEEDLE}}),
            ("wrap_up.done", {"disposition": "solved", "note": NEEDLE, "summary": NEEDLE, "seconds": 12.5}),
            ("call.ended", {"reason": "completed"}),
        ]
        if recorded:
            said.insert(1, ("recording.started", {"at": 0.0}))
            self.shelf.files.add((self.tenant, call, NOW.date()))
        for seq, (kind, payload) in enumerate(said, start=1):
            await self.event(call, seq, kind, payload)
        self.rack.keys.add((self.tenant, call))
        return call

    async def handoff(self, call: str) -> None:
        await self.run(
            "INSERT INTO handoffs (tenant, handoff_id, call_id, reason, queue, skills, summary, state, created_at)"
            " VALUES (%(tenant)s, %(id)s, %(call)s, 'asked', 'orders', '{}', %(summary)s, 'ended', %(at)s)",
            id=uuid.uuid4().hex, call=call, summary=Jsonb({"wish": NEEDLE}), at=NOW,
        )  # fmt: skip

    async def action(self, call: str, state: str = "succeeded") -> None:
        await self.run(
            "INSERT INTO action_intents (tenant, intent, call_id, turn, action, arguments, digest, release, expires_at,"
            " evidence, standing, state, confirmation, outcome) VALUES (%(tenant)s, %(id)s, %(call)s, 1, 'refund',"
            " %(arguments)s, 'd', 'r', %(at)s, '{1}', %(standing)s, %(state)s, %(confirmation)s, %(outcome)s)",
            id=uuid.uuid4().hex, call=call, arguments=Jsonb({"name": NEEDLE}), at=NOW, state=state,
            standing=Jsonb({"handed_over": False, "identity": "code", "customer": NEEDLE}),
            confirmation=Jsonb({"proposal_id": "p", "turn": 1, "evidence": NEEDLE, "at": NOW.isoformat()}),
            outcome=Jsonb({"is": "Succeeded", "result": {"to": NEEDLE}, "attempts": 1}),
        )  # fmt: skip

    async def callback(self, call: str, state: str = "completed") -> None:
        """A place in a queue with a callback's number; and what the floor wrote of it."""
        callback = {"number": NUMBER, "note": NEEDLE}
        await self.run("INSERT INTO floors (tenant) VALUES (%(tenant)s) ON CONFLICT DO NOTHING")
        await self.run(
            "INSERT INTO work_items (tenant, item, call, node, queue, language, skills, priority, state, reason,"
            " enqueued_at, eligible_at, queue_since, since, attempts, asked, overflowed_from, callback) VALUES"
            " (%(tenant)s, %(item)s, %(call)s, 'n', 'orders', 'ko', '{}', 0, %(state)s, 'r', %(at)s, %(at)s, %(at)s,"
            " %(at)s, 0, '{}', '[]', %(callback)s)",
            item=f"item-{call}", call=call, state=state, at=NOW, callback=Jsonb(callback),
        )  # fmt: skip
        await self.run(
            "INSERT INTO floor_events (tenant, seq, at, kind, subject, payload) SELECT %(tenant)s,"
            " coalesce(max(seq), 0) + 1, %(at)s, 'item.completed', %(item)s, %(payload)s FROM floor_events"
            " WHERE tenant = %(tenant)s",
            item=f"item-{call}", at=NOW, payload=Jsonb({"item": f"item-{call}", "callback": callback}),
        )  # fmt: skip

    async def offer(self, call: str) -> None:
        """The place in the queue was offered to an agent; of a contact with a ``callback``."""
        made = {"tenant": self.tenant, "offer": f"offer-{call}", "item": f"item-{call}", "at": NOW}
        await self.run(
            "INSERT INTO offers (tenant, offer, item, agent, made_at, expires_at, state, reason)"
            " VALUES (%(tenant)s, %(offer)s, %(item)s, 'anna', %(at)s, %(at)s, 'accepted', '')", **made,
        )  # fmt: skip
        await self.run(
            "INSERT INTO floor_events (tenant, seq, at, kind, subject, payload) SELECT %(tenant)s,"
            " coalesce(max(seq), 0) + 1, %(at)s, 'offer.accepted', %(offer)s, %(payload)s FROM floor_events"
            " WHERE tenant = %(tenant)s",
            **made, payload=Jsonb({"offer": made["offer"], "item": made["item"]}),
        )  # fmt: skip

    async def toll(self, call: str) -> None:
        """Somebody outside was called for the caller."""
        await self.run(
            "INSERT INTO toll_calls (tenant, toll_call, call_id, destination, day, began_at, seconds)"
            " VALUES (%(tenant)s, %(id)s, %(call)s, '+8215', %(at)s, %(at)s, 1)",
            id=uuid.uuid4().hex, call=call, at=NOW,
        )  # fmt: skip

    async def telling(self, call: str) -> None:
        """Somebody is to be told of it."""
        await self.run(
            "INSERT INTO webhook_deliveries (tenant, subscription, contact, seq, kind, since, next_at)"
            " VALUES (%(tenant)s, 'crm', %(call)s, 1, 'call.ended', %(at)s, %(at)s)", call=call, at=NOW,
        )  # fmt: skip

    async def agreement(self, call: str) -> None:
        """A customer agreed in it to be remembered."""
        await self.run(
            "INSERT INTO memory_agreements (tenant, subject, agreed, at, wording, contact, used_at) VALUES"
            " (%(tenant)s, %(subject)s, true, %(at)s, 'w', %(call)s, %(at)s)",
            subject="customer:" + uuid.uuid4().hex * 2, call=call, at=NOW,
        )  # fmt: skip

    async def due_call(self, call: str, state: str = "done") -> None:
        await self.run(
            "INSERT INTO due_calls (tenant, due_call, key, number, language, purpose, details, contact, created_at,"
            " due_at, not_after, state, next_at) VALUES (%(tenant)s, %(id)s, %(id)s, %(number)s, 'ko', 'callback',"
            " %(details)s, %(call)s, %(at)s, %(at)s, %(late)s, %(state)s, %(at)s)",
            id=uuid.uuid4().hex, number=NUMBER, details=Jsonb({"about": NEEDLE}), call=call, at=NOW, state=state,
            late=NOW + timedelta(hours=1),
        )  # fmt: skip

    async def memory(self, call: str) -> None:
        subject = "customer:" + uuid.uuid4().hex * 2
        await self.run(
            "INSERT INTO memory_agreements (tenant, subject, agreed, at, wording, contact, used_at) VALUES"
            " (%(tenant)s, %(subject)s, true, %(at)s, 'w', '', %(at)s)", subject=subject, at=NOW,
        )  # fmt: skip
        await self.run(
            "INSERT INTO memory_contacts (tenant, subject, contact, at, channel, language, about, done, promised,"
            " unfinished) VALUES (%(tenant)s, %(subject)s, %(call)s, %(at)s, 'voice', 'ko', 'returns', %(done)s, '{}',"
            " false)", subject=subject, call=call, at=NOW, done=Jsonb([{"tried": NEEDLE}]),
        )  # fmt: skip

    async def opt_out(self, call: str) -> None:
        await self.run(
            "INSERT INTO call_opt_outs (tenant, number, at, contact, words) VALUES (%(tenant)s, %(number)s,"
            " %(at)s, %(call)s, %(words)s)",
            number=f"+8210{int(call[:8], 16) % 10**8:08}", at=NOW, call=call, words=NEEDLE,
        )  # fmt: skip


async def open_archive(database: Database) -> Archive:
    """An empty one, of a tenant of its own."""
    tenant = next(_names)
    await database.enter_tenant(tenant)
    return Archive(database, tenant, CustodyStore(database, tenant), Shelf(), Rack(), Book())
