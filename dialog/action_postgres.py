"""A tenant's intents in PostgreSQL: see ``dialog.action_store`` for what is promised.

A move is one transaction: the intent's new state, its entry in the outbox, and the line of the audit that tells of it.
A tenant's moves come one after the other (a lock of its own until the commit), because each line of the audit is sealed
with the one before it. That also makes what a start asks (is the same under way? how often was it done?) certain.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from dialog.action import Confirmation, Failed, FailureKind, Outcome, Succeeded, Unknown
from dialog.action_audit import AuditEntry, append, entry_body
from dialog.action_intent import Intent, State, moved, state_after
from dialog.action_rules import Identity, Permission, Standing
from dialog.action_store import HEAD_START, UNRESOLVED_TWIN, too_often
from dialog.errors import IntentMoved
from infra.storage.database import Connection, Database
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("action_queries.sql"))


class PostgresActionStore:
    """The intents of ``tenant``, which must be in the directory of tenants."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def enter(self, intent: Intent, now: datetime) -> Intent:
        """See ``ActionStore``."""
        async with self._moving() as move:
            if await move.one("enter_intent", **_entered(intent)) is not None:
                await move.note(intent, now)
                return intent
            return await move.read(intent.id)

    async def withdraw(self, intent_id: str, why: str, now: datetime) -> Intent:
        """See ``ActionStore``."""
        async with self._moving() as move:
            before = await move.read(intent_id)
            return await move.make(before, moved(before, State.WITHDRAWN), now, more={"why": why})

    async def confirm(self, intent_id: str, confirmation: Confirmation, now: datetime) -> Intent:
        """See ``ActionStore``."""
        async with self._moving() as move:
            before = await move.read(intent_id)
            confirmed = replace(moved(before, State.CONFIRMED), confirmation=confirmation)
            return await move.make(before, confirmed, now, due=now + HEAD_START)

    async def start(self, intent_id: str, now: datetime, until: datetime, per_call: int | None) -> Permission:
        """See ``ActionStore``."""
        async with self._moving() as move:
            before = await move.read(intent_id)
            started = replace(moved(before, State.STARTED), started_at=now)
            about = {"intent": intent_id, "digest": before.digest, "call_id": before.call_id, "action": before.action}
            if await move.value("is_twin_unresolved", **about):
                return UNRESOLVED_TWIN
            if per_call is not None and await move.value("count_spent", **about) >= per_call:
                return too_often(before, per_call)
            await move.make(before, started, now, due=until)
            return Permission(True)

    async def settle(self, intent_id: str, outcome: Outcome, now: datetime, look_at: datetime | None = None) -> Intent:
        """See ``ActionStore``."""
        to = state_after(outcome)
        due = look_at if to is State.UNKNOWN else None
        async with self._moving() as move:
            before = await move.read(intent_id)
            if before.state is to is State.UNKNOWN:
                await move.look_again(intent_id, due)
                return before
            return await move.make(before, replace(moved(before, to), outcome=outcome), now, due=due)

    async def compensate(self, intent_id: str, now: datetime) -> Intent:
        """See ``ActionStore``."""
        async with self._moving() as move:
            before = await move.read(intent_id)
            return await move.make(before, moved(before, State.COMPENSATED), now)

    async def get(self, intent_id: str) -> Intent | None:
        """See ``ActionStore``."""
        found = await self._read("read_intent", intent=intent_id)
        return _intent(found[0]) if found else None

    async def steps(self, parent: str) -> Sequence[Intent]:
        """See ``ActionStore``."""
        return [_intent(row) for row in await self._read("read_steps", parent=parent)]

    async def due(self, now: datetime, again_at: datetime, limit: int) -> Sequence[Intent]:
        """See ``ActionStore``."""
        return [_intent(row) for row in await self._read("claim_due", now=now, again_at=again_at, limit=limit)]

    async def audit(self, after: int, limit: int) -> Sequence[AuditEntry]:
        """See ``ActionStore``."""
        return [_line(row) for row in await self._read("read_audit", after=after, limit=limit)]

    async def _read(self, query: str, **arguments: Any) -> list[tuple[Any, ...]]:
        async with self._database.tenant(self._tenant) as connection:
            cursor = await connection.execute(QUERIES[query].sql, {"tenant": self._tenant, **arguments})
            return await cursor.fetchall()

    @asynccontextmanager
    async def _moving(self) -> AsyncIterator[_Move]:
        async with self._database.tenant(self._tenant) as connection:
            move = _Move(connection, self._tenant)
            await move.one("lock_audit")
            yield move


class _Move:
    """One transaction that moves intents of a tenant."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection = connection
        self._tenant = tenant

    async def one(self, query: str, **arguments: Any) -> tuple[Any, ...] | None:
        """The first row of a query that gives rows."""
        cursor = await self._connection.execute(QUERIES[query].sql, {"tenant": self._tenant, **arguments})
        return await cursor.fetchone()

    async def value(self, query: str, **arguments: Any) -> Any:
        """The one value of a query."""
        row = await self.one(query, **arguments)
        assert row is not None, "the query gives one row whatever there is"
        return row[0]

    async def read(self, intent_id: str) -> Intent:
        """An intent as it stands. Raises ``IntentMoved`` when there is none."""
        row = await self.one("read_intent", intent=intent_id)
        if row is None:
            raise IntentMoved(f"intent {intent_id} was never entered; enter it first")
        return _intent(row)

    async def make(
        self,
        before: Intent,
        after: Intent,
        now: datetime,
        *,
        due: datetime | None = None,
        more: Mapping[str, object] | None = None,
    ) -> Intent:
        """Write a move down: the new state, the outbox, the line of the audit."""
        row = await self.one("move_intent", before=before.state.value, **_moved(after))
        if row is None:
            raise IntentMoved(f"intent {before.id} was {before.state} a moment ago and is not any more; read it anew")
        await self.look_again(after.id, due)
        await self.note(after, now, more)
        return after

    async def look_again(self, intent_id: str, due: datetime | None) -> None:
        """Put an intent into the outbox for that time, or take it out."""
        arguments = {"tenant": self._tenant, "intent": intent_id, "due_at": due}
        query = "take_from_outbox" if due is None else "keep_in_outbox"
        await self._connection.execute(QUERIES[query].sql, arguments)

    async def note(self, intent: Intent, now: datetime, more: Mapping[str, object] | None = None) -> None:
        """Append the line that tells of a move."""
        row = await self.one("last_line")
        line = append(None if row is None else _line(row), now, intent.id, {**entry_body(intent), **(more or {})})
        arguments = {"tenant": self._tenant, **asdict(line), "body": orjson.dumps(line.body).decode()}
        await self._connection.execute(QUERIES["append_line"].sql, arguments)


def _entered(intent: Intent) -> dict[str, Any]:
    standing = {**asdict(intent.standing), "identity": intent.standing.identity.name.lower()}
    return {
        "intent": intent.id,
        "call_id": intent.call_id,
        "turn": intent.turn,
        "action": intent.action,
        "arguments": orjson.dumps(dict(intent.arguments)).decode(),
        "digest": intent.digest,
        "release": intent.release,
        "expires_at": intent.expires_at,
        "evidence": list(intent.evidence),
        "standing": orjson.dumps(standing).decode(),
        "parent": intent.parent,
        "state": intent.state.value,
    }


def _moved(intent: Intent) -> dict[str, Any]:
    confirmation = None if intent.confirmation is None else orjson.dumps(asdict(intent.confirmation)).decode()
    return {
        "intent": intent.id,
        "state": intent.state.value,
        "confirmation": confirmation,
        "outcome": None if intent.outcome is None else orjson.dumps(_packed(intent.outcome)).decode(),
        "started_at": intent.started_at,
    }


def _intent(row: tuple[Any, ...]) -> Intent:
    standing, confirmation, outcome = row[9], row[12], row[13]
    return Intent(
        id=row[0],
        call_id=row[1],
        turn=row[2],
        action=row[3],
        arguments=row[4],
        digest=row[5],
        release=row[6],
        expires_at=row[7],
        evidence=tuple(row[8]),
        standing=Standing(**{**standing, "identity": Identity[standing["identity"].upper()]}),
        parent=row[10],
        state=State(row[11]),
        confirmation=None if confirmation is None else _confirmation(confirmation),
        outcome=None if outcome is None else _unpacked(outcome),
        started_at=row[14],
    )


def _confirmation(stored: dict[str, Any]) -> Confirmation:
    return Confirmation(**{**stored, "at": datetime.fromisoformat(stored["at"])})


def _line(row: tuple[Any, ...]) -> AuditEntry:
    number, at, intent, body, previous, digest = row
    return AuditEntry(number, at, intent, body, previous, digest)


def _packed(outcome: Outcome) -> dict[str, object]:
    return {"is": type(outcome).__name__, **asdict(outcome)}


def _unpacked(stored: dict[str, Any]) -> Outcome:
    match stored["is"]:
        case "Succeeded":
            return Succeeded(stored["result"], stored["attempts"])
        case "Failed":
            return Failed(FailureKind(stored["kind"]), stored["detail"], stored["attempts"])
        case _:
            return Unknown(stored["detail"], stored["attempts"])
