"""A tenant's due calls in PostgreSQL.

Every change is one transaction: the row is held, the machine says how it stands afterwards, and that is written with a
line of its history. An attempt is started only where, under a lock of its number, nothing speaks against calling it;
and that a number is never called twice at the same time is kept by an index, whatever else is believed. Numbers, and
what a call is about, lie sealed: the same number looks the same, and that is all that is seen of it. Why a call stands
as it does is kept without the number.

Refuses: deciding; ``due_call.step`` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from psycopg import AsyncCursor

from dialog.privacy.confided import Confided
from dialog.privacy.kinds import PersonalKind
from gateway.outbound.due_call import UNDER_WAY, DueCall, Event, OptedOut, Patience, Started, State, step
from infra.storage.database import Connection, Database
from infra.storage.queries import Query, load_queries
from infra.storage.sealed_words import SealedWords

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

SEALED = "sealed"
"""The one field of what a call is about, as it lies."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """Who must not be called: since when, in which contact it was said (none: another way), and in which words."""

    number: str
    at: datetime
    contact: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Move:
    """A change: the due call before and after. The same where the event meant nothing."""

    before: DueCall
    after: DueCall


class DueCalls:
    """The due calls of ``tenant``, which must be in the directory of tenants."""

    def __init__(self, database: Database, tenant: str, patience: Patience, words: SealedWords) -> None:
        self._database = database
        self.tenant = tenant
        self.patience = patience
        self._words = words

    async def enter(self, due: DueCall) -> DueCall | None:
        """Enter a call, or give back the one that was asked for under the same key. None: the number has opted out."""
        async with self._database.tenant(self.tenant) as connection:
            await self._execute(connection, "lock_number", number=self._words.seal(due.number))
            if await self._is_opted_out(connection, self._words.seal(due.number)):
                return None
            await self._execute(connection, "enter", **self._entered(due))
            found = await self._execute(connection, "read_by_key", key=due.key)
            row = await found.fetchone()
        assert row is not None, "it was entered, or was there"
        return self._due_call(row)

    async def get(self, due_id: str) -> DueCall | None:
        """One due call."""
        return next(iter(await self._read("read", id=due_id)), None)

    async def by_key(self, key: str) -> DueCall | None:
        """The due call that was asked for under ``key``."""
        return next(iter(await self._read("read_by_key", key=key)), None)

    async def latest(self, *, state: State | None = None, limit: int = 50) -> Sequence[DueCall]:
        """The latest due calls."""
        return await self._read("latest", state=None if state is None else state.value, limit=limit)

    async def history(self, due_id: str) -> Sequence[Mapping[str, Any]]:
        """How a call came to stand as it does: ``at``, ``state``, ``reason``."""
        async with self._database.tenant(self.tenant) as connection:
            row = await (await self._execute(connection, "history", id=due_id)).fetchone()
        return [] if row is None else list(row[0])

    async def happen(self, due_id: str, event: Event, now: datetime, *, ticket: str | None = None) -> Move | None:
        """Let something happen to a due call. None when there is none, or its latest attempt is not ``ticket``'s.

        Raises ``ConstraintBroken`` when an attempt would call a number that is being called.
        """
        async with self._database.tenant(self.tenant) as connection:
            barred = isinstance(event, Started) and await self._is_barred(connection, due_id)
            row = await (await self._execute(connection, "hold", id=due_id)).fetchone()
            if row is None:
                return None
            before = self._due_call(row)
            if ticket is not None and ticket != before.ticket:
                return None
            event = OptedOut() if barred else event
            after = step(before, event, now, self.patience)
            if after != before:
                await self._move(connection, after, now)
            return Move(before, after)

    async def opt_out(self, number: str, words: str, contact: str | None, now: datetime) -> int:
        """Never call ``number`` again; how many due calls that called off."""
        async with self._database.tenant(self.tenant) as connection:
            sealed = self._words.seal(number)
            await self._execute(connection, "lock_number", number=sealed)
            said = {"words": self._words.seal(words), "contact": contact}
            await self._execute(connection, "opt_out", number=sealed, now=now, **said)
            waiting = await (await self._execute(connection, "waiting_for_number", number=sealed)).fetchall()
            for row in waiting:
                await self._move(connection, step(self._due_call(row), OptedOut(), now, self.patience), now)
            return len(waiting)

    async def opt_in(self, number: str) -> bool:
        """``number`` may be called again; whether it might not before."""
        async with self._database.tenant(self.tenant) as connection:
            return (await self._execute(connection, "opt_in", number=self._words.seal(number))).rowcount > 0

    async def numbers(self) -> Sequence[str]:
        """All numbers of which there is anything, but that they must not be called."""
        async with self._database.tenant(self.tenant) as connection:
            return [self._words.unseal(row[0]) for row in await (await self._execute(connection, "numbers")).fetchall()]

    async def forget(self, numbers: Sequence[str]) -> int:
        """Delete what there is of numbers, but that they must not be called; how much that was. What is due is called
        off with it, and a call that is under way goes when it is over."""
        if not numbers:
            return 0
        gone, sealed = 0, sorted(map(self._words.seal, numbers))
        async with self._database.tenant(self.tenant) as connection:
            for number in sealed:  # always in the same order, so that no two wait for each other
                await self._execute(connection, "lock_number", number=number)
            for query in ("mark_forgotten", "forget", "forget_words"):
                gone += (await self._execute(connection, query, numbers=sealed)).rowcount
        return gone

    async def left(self, numbers: Sequence[str]) -> int:
        """How much there is of numbers, but that they must not be called, and what goes when it is over."""
        if not numbers:
            return 0
        async with self._database.tenant(self.tenant) as connection:
            sealed = [self._words.seal(number) for number in numbers]
            row = await (await self._execute(connection, "left", numbers=sealed)).fetchone()
        return int(row[0]) if row is not None else 0

    async def sweep(self, before: datetime) -> int:
        """Delete calls that were over before that time; how many."""
        async with self._database.tenant(self.tenant) as connection:
            return (await self._execute(connection, "sweep", before=before)).rowcount

    async def opted_out(self, limit: int = 100) -> Sequence[OptOut]:
        """The numbers that must not be called."""
        async with self._database.tenant(self.tenant) as connection:
            cursor = await self._execute(connection, "opted_out", limit=limit)
            rows = await cursor.fetchall()
        open_word = self._words.unseal
        return [OptOut(open_word(row[0]), row[1], row[2], open_word(row[3]) if row[3] else "") for row in rows]

    async def claim_under_way(self, now: datetime, again_at: datetime, limit: int) -> Sequence[DueCall]:
        """Calls under way of which nothing was heard in time."""
        return await self._read("claim_under_way", now=now, again_at=again_at, limit=limit)

    async def claim_due(self, now: datetime, again_at: datetime, limit: int) -> Sequence[DueCall]:
        """Calls that are due now."""
        return await self._read("claim_due", now=now, again_at=again_at, limit=limit)

    async def under_way(self) -> int:
        """How many calls ring or are about to, or were answered and are no conversation yet."""
        async with self._database.tenant(self.tenant) as connection:
            row = await (await self._execute(connection, "count_under_way")).fetchone()
        return int(row[0]) if row is not None else 0

    async def _is_barred(self, connection: Connection, due_id: str) -> bool:
        """Whether a due call's number has opted out; from here on until the commit it cannot. The number is locked
        before the call is held, as everywhere."""
        row = await (await self._execute(connection, "read", id=due_id)).fetchone()
        if row is None:
            return False
        number = self._words.seal(self._due_call(row).number)
        await self._execute(connection, "lock_number", number=number)
        return await self._is_opted_out(connection, number)

    async def _is_opted_out(self, connection: Connection, number: str) -> bool:
        row = await (await self._execute(connection, "is_opted_out", number=number)).fetchone()
        return row is not None and bool(row[0])

    async def _move(self, connection: Connection, after: DueCall, now: datetime) -> None:
        await self._execute(connection, "move", **_moved(after), now=now)
        if after.state not in UNDER_WAY:
            await self._execute(connection, "forget_over", id=after.id)

    async def _read(self, query: str, **arguments: Any) -> list[DueCall]:
        async with self._database.tenant(self.tenant) as connection:
            cursor = await self._execute(connection, query, **arguments)
            return [self._due_call(row) for row in await cursor.fetchall()]

    async def _execute(self, connection: Connection, query: str, **arguments: Any) -> AsyncCursor[tuple[Any, ...]]:
        return await connection.execute(QUERIES[query].sql, {"tenant": self.tenant, **arguments})

    def _entered(self, due: DueCall) -> dict[str, Any]:
        return {
            "id": due.id,
            "key": due.key,
            "number": self._words.seal(due.number),
            "language": due.language,
            "purpose": due.purpose,
            "details": orjson.dumps({SEALED: self._words.seal(orjson.dumps(dict(due.details)).decode())}).decode(),
            "contact": due.contact,
            "created_at": due.created_at,
            "due_at": due.due_at,
            "not_after": due.not_after,
            "state": due.state.value,
            "next_at": due.next_at,
        }

    def _due_call(self, row: tuple[Any, ...]) -> DueCall:
        return DueCall(
            id=row[0],
            key=row[1],
            number=self._words.unseal(row[2]),
            language=row[3],
            purpose=row[4],
            created_at=row[5],
            due_at=row[6],
            not_after=row[7],
            next_at=row[8],
            details=orjson.loads(self._words.unseal(row[9][SEALED])),
            contact=row[10],
            state=State(row[11]),
            attempts=row[12],
            ticket=row[13],
            provider_id=row[14],
            sent_at=row[15],
            call_id=row[16],
            reason=row[17],
        )


def _moved(due: DueCall) -> dict[str, Any]:
    """What can change."""
    return {
        "id": due.id,
        "state": due.state.value,
        "next_at": due.next_at,
        "attempts": due.attempts,
        "ticket": due.ticket,
        "provider_id": due.provider_id,
        "sent_at": due.sent_at,
        "call_id": due.call_id,
        "reason": _without_number(due),
    }


def _without_number(due: DueCall) -> str:
    """Why a call stands as it does. Carriers say whom they would not call."""
    confided = Confided(due.language)
    confided.confide(due.number, PersonalKind.PHONE)
    return confided.heed(due.reason)
