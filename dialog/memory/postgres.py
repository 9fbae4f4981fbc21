"""A tenant's memory in PostgreSQL: see ``dialog.memory.store`` for what is promised.

That nothing is kept without an agreement, and nothing after it, is kept by the tables themselves: every row refers to
the agreement and is deleted with it. Who agrees, keeps and forgets does so one after the other for each subject, so
that what is forgotten is not written again by a contact that is just ending.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from dialog.escalation import Tried
from dialog.memory.memory import (
    MOST_CONTACTS,
    Agreement,
    Deed,
    EarlierContact,
    Eraser,
    Erasure,
    Preferences,
    Promise,
    Remembered,
)
from dialog.reply import EscalationReason
from infra.storage.database import Connection, Database
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))
_DROPS = ("drop_preferences", "drop_contacts")
_RENAMES = ("rename_preferences", "rename_contacts")
_KINDS = ("agreement", "preferences", "contacts")

Row = tuple[Any, ...]


class PostgresMemory:
    """The memory of ``tenant``, which must be in the directory of tenants."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def recall(self, subject: str, since: datetime) -> Remembered:
        """See ``MemoryStore``."""
        about = {"tenant": self._tenant, "subject": subject, "since": since, "limit": MOST_CONTACTS}
        async with self._database.tenant(self._tenant) as connection:
            async with connection.pipeline():
                found = [await connection.execute(QUERIES[q].sql, about) for q in ("standing", "contacts", "erasures")]
            standing, contacts, erasures = [await cursor.fetchall() for cursor in found]
        forgotten = tuple(Erasure(row[0], Eraser(row[1]), tuple(row[2]), row[3]) for row in erasures)
        if not standing:
            return Remembered(erasures=forgotten)
        agreement, served = Agreement(*standing[0][:4]), standing[0][4:]
        preferences = None if served[0] is None else Preferences(*served)
        return Remembered(agreement, preferences, tuple(map(_contact, contacts)), forgotten)

    async def agree(self, subject: str, agreement: Agreement) -> bool:
        """See ``MemoryStore``."""
        async with self._of(subject) as one:
            stands = bool(await one.rows("agree", **asdict(agreement)))
            if stands and not agreement.agreed:
                for query in _DROPS:
                    await one.do(query)
            return stands

    async def keep(
        self, subject: str, now: datetime, preferences: Preferences | None, contact: EarlierContact | None
    ) -> bool:
        """See ``MemoryStore``."""
        async with self._of(subject) as one:
            if not await one.rows("use", now=now):
                return False
            if preferences is not None:
                await one.do("prefer", **asdict(preferences))
            if contact is not None:
                await one.do("enter_contact", **_columns(contact))
            return True

    async def rename(self, before: str, after: str) -> bool:
        """See ``MemoryStore``."""
        if not await self.left([before]):
            return False
        async with self._of(before, after) as one:
            [there] = await one.rows("kinds", subject=before)
            stands = await one.rows("rename_agreement", before=before)
            if stands:
                yes = bool(stands[0][0])
                for query in _RENAMES if yes else _DROPS:
                    await one.do(query, before=before)
            await one.do("forget", subject=before)
        return bool(there[0])

    async def forget(
        self, subject: str, now: datetime, by: Eraser, reference: str = "", *, also: Sequence[str] = ()
    ) -> Erasure:
        """See ``MemoryStore``."""
        async with self._of(subject) as one:
            [there] = await one.rows("kinds")
            kinds = (*(kind for kind, is_there in zip(_KINDS, there, strict=True) if is_there), *also)
            await one.do("forget")
            await one.do("enter_erasure", at=now, by=by.value, kinds=list(kinds), reference=reference)
        return Erasure(now, by, kinds, reference)

    async def left(self, subjects: Sequence[str]) -> int:
        """See ``MemoryStore``."""
        async with self._database.tenant(self._tenant) as connection:
            about = {"tenant": self._tenant, "subjects": list(subjects)}
            [[count]] = await (await connection.execute(QUERIES["left"].sql, about)).fetchall()
        return int(count)

    async def sweep(self, before: datetime) -> int:
        """See ``MemoryStore``."""
        about = {"tenant": self._tenant, "before": before}
        async with self._database.tenant(self._tenant) as connection:
            gone = [await connection.execute(QUERIES[q].sql, about) for q in ("sweep_subjects", "sweep_contacts")]
        return sum(cursor.rowcount for cursor in gone)

    @asynccontextmanager
    async def _of(self, *names: str) -> AsyncIterator[_OneSubject]:
        """A transaction about one subject, alone: by the last of its names, and with the others locked as well."""
        async with self._database.tenant(self._tenant) as connection:
            one = _OneSubject(connection, {"tenant": self._tenant, "subject": names[-1]})
            for name in sorted(names):  # always in the same order, so that no two wait for each other
                await one.do("lock_subject", subject=name)
            yield one


@dataclass(frozen=True, slots=True)
class _OneSubject:
    connection: Connection
    about: Mapping[str, object]

    async def rows(self, query: str, **values: object) -> list[Row]:
        """What a query gives."""
        return await (await self.connection.execute(QUERIES[query].sql, {**self.about, **values})).fetchall()

    async def do(self, query: str, **values: object) -> None:
        """Carry a statement out."""
        await self.connection.execute(QUERIES[query].sql, {**self.about, **values})


def _columns(contact: EarlierContact) -> dict[str, object]:
    return {
        **asdict(contact),
        "done": Jsonb([asdict(deed) for deed in contact.done]),
        "promised": [promise.value for promise in contact.promised],
        "reason": None if contact.reason is None else contact.reason.value,
    }


def _contact(row: Row) -> EarlierContact:
    contact, at, channel, language, about, done, promised, reason, unfinished = row
    return EarlierContact(
        contact,
        at,
        channel,
        language,
        about,
        tuple(Deed(Tried(deed["tried"]), deed["flow"], deed["outcome"]) for deed in done),
        tuple(map(Promise, promised)),
        None if reason is None else EscalationReason(reason),
        unfinished,
    )
