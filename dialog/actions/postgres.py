"""A tenant's intents in PostgreSQL: see ``dialog.actions.store`` for what is promised.

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
from psycopg import AsyncCursor

from dialog.actions.action import Confirmation, Failed, FailureKind, Outcome, Succeeded, Unknown
from dialog.actions.audit import AuditEntry, append, entry_body
from dialog.actions.digests import UNKEYED, Digests
from dialog.actions.intent import Intent, State, moved, state_after
from dialog.actions.rules import Identity, Permission, Refusal, Standing
from dialog.actions.store import HEAD_START, UNRESOLVED_TWIN, too_often
from dialog.errors import IntentMoved
from infra.storage.database import Connection, Database
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

AT_ONCE = 1_000
"""Intents from before there was a key whose digests are put under it at once."""


class PostgresActionStore:
    """The intents of ``tenant``, which must be in the directory of tenants; ``digests`` are under the tenant's key."""

    def __init__(self, database: Database, tenant: str, digests: Digests = UNKEYED) -> None:
        self._database = database
        self._tenant = tenant
        self.digests = digests

    async def key_digests(self) -> int:
        """Put the digests of intents from before there was a key under it, many at once; how many there were. What was
        done stays done if it is broken off, and an intent means the same before and after."""
        done = 0
        while plain := await self._read("plain_digests", limit=AT_ONCE):
            rows = {"intents": [row[0] for row in plain], "plain": [row[1] for row in plain]}
            keyed = {**rows, "keyed": [self.digests.keyed(row[1]) for row in plain]}
            async with self._database.tenant(self._tenant) as connection:
                await connection.execute(QUERIES["key_digests"].sql, {"tenant": self._tenant, **keyed})
            done += len(plain)
        return done

    async def enter(self, intent: Intent, now: datetime) -> Intent:
        """See ``ActionStore``."""
        async with self._moving(intent.id) as move:
            return move.found or await move.enter(intent, now)

    async def withdraw(self, intent_id: str, why: str, now: datetime) -> Intent:
        """See ``ActionStore``."""
        async with self._moving(intent_id) as move:
            return await move.make(moved(move.before, State.WITHDRAWN), now, more={"why": why})

    async def confirm(self, intent_id: str, confirmation: Confirmation, now: datetime) -> Intent:
        """See ``ActionStore``."""
        async with self._moving(intent_id) as move:
            confirmed = replace(moved(move.before, State.CONFIRMED), confirmation=confirmation)
            return await move.make(confirmed, now, due=now + HEAD_START)

    async def start(self, intent_id: str, now: datetime, until: datetime, per_call: int | None) -> Permission:
        """See ``ActionStore``."""
        async with self._moving(intent_id) as move:
            started = replace(moved(move.before, State.STARTED), started_at=now)
            twin, spent = await move.others()
            if twin:
                return UNRESOLVED_TWIN
            if per_call is not None and spent >= per_call:
                return too_often(started, per_call)
            await move.make(started, now, due=until)
            return Permission(True)

    async def settle(self, intent_id: str, outcome: Outcome, now: datetime, look_at: datetime | None = None) -> Intent:
        """See ``ActionStore``."""
        to = state_after(outcome)
        due = look_at if to is State.UNKNOWN else None
        async with self._moving(intent_id) as move:
            if move.before.state is to is State.UNKNOWN:
                return await move.look_again(due)
            return await move.make(replace(moved(move.before, to), outcome=outcome), now, due=due)

    async def compensate(self, intent_id: str, now: datetime) -> Intent:
        """See ``ActionStore``."""
        async with self._moving(intent_id) as move:
            return await move.make(moved(move.before, State.COMPENSATED), now)

    async def get(self, intent_id: str) -> Intent | None:
        """See ``ActionStore``."""
        found = await self._read("read_intent", intent=intent_id)
        return _intent(found[0]) if found else None

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
    async def _moving(self, intent_id: str) -> AsyncIterator[_Move]:
        about = {"tenant": self._tenant, "intent": intent_id}
        async with self._database.tenant(self._tenant) as connection:
            async with connection.pipeline():  # all in one go, and each sees what was committed before the lock
                await connection.execute(QUERIES["lock_audit"].sql, about)
                found = await connection.execute(QUERIES["read_intent"].sql, about)
                last = await connection.execute(QUERIES["last_line"].sql, about)
            intent, line = await found.fetchone(), await last.fetchone()
            yield _Move(
                connection,
                about,
                None if intent is None else _intent(intent),
                None if line is None else _line(line),
            )


class _Move:
    """One transaction that moves an intent. ``found`` is the intent as it stands, if there is one."""

    def __init__(
        self, connection: Connection, about: Mapping[str, object], found: Intent | None, last: AuditEntry | None
    ) -> None:
        self._connection = connection
        self._about = about
        self._last = last
        self.found = found

    @property
    def before(self) -> Intent:
        """The intent as it stands. Raises ``IntentMoved`` when there is none."""
        if self.found is None:
            raise IntentMoved(f"intent {self._about['intent']} was never entered; enter it first")
        return self.found

    async def enter(self, intent: Intent, now: datetime) -> Intent:
        """Enter an intent that is not there."""
        async with self._connection.pipeline():
            await self._execute("enter_intent", **_entered(intent))
            await self._append(intent, now, {})
        return intent

    async def others(self) -> tuple[bool, int]:
        """Whether the same is unresolved elsewhere, and how often the action was carried out in the call."""
        before = self.before
        async with self._connection.pipeline():
            twin = await self._execute("is_twin_unresolved", digest=before.digest)
            spent = await self._execute("count_spent", call_id=before.call_id, action=before.action)
        (unresolved,), (times,) = await twin.fetchall() + await spent.fetchall()
        return bool(unresolved), int(times)

    async def make(
        self, after: Intent, now: datetime, *, due: datetime | None = None, more: Mapping[str, object] | None = None
    ) -> Intent:
        """Write a move down: the new state, the outbox, the line of the audit."""
        async with self._connection.pipeline():
            await self._execute("move_intent", **_moved(after))
            await self._keep(due)
            await self._append(after, now, more or {})
        return after

    async def look_again(self, due: datetime | None) -> Intent:
        """Only change when an intent is looked after; it is given back as it stands."""
        await self._keep(due)
        return self.before

    async def _keep(self, due: datetime | None) -> None:
        await self._execute("take_from_outbox" if due is None else "keep_in_outbox", due_at=due)

    async def _append(self, intent: Intent, now: datetime, more: Mapping[str, object]) -> None:
        line = append(self._last, now, intent.id, {**entry_body(intent), **more})
        await self._execute("append_line", **{**asdict(line), "body": orjson.dumps(line.body).decode()})

    async def _execute(self, query: str, **arguments: Any) -> AsyncCursor[tuple[Any, ...]]:
        return await self._connection.execute(QUERIES[query].sql, {**self._about, **arguments})


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
            named = stored.get("refusal")  # rows of before do not have it
            refusal = None if named is None else Refusal(named)
            return Failed(FailureKind(stored["kind"]), stored["detail"], stored["attempts"], refusal)
        case _:
            return Unknown(stored["detail"], stored["attempts"])
