"""Holds, erasures and what is due to go, in PostgreSQL: see ``queries.sql``.

Whoever puts a contact under a hold and whoever erases it hold its record while they look, so that one of them comes
first and the other one sees it.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from psycopg.types.json import Jsonb

from gateway.custody.erasure import AskedBy, Erasure, Receipt
from gateway.custody.errors import ContactGoingOn, ContactHeld, ContactUnknown, HoldRefused, ReceiptUnknown
from gateway.custody.hold import Hold
from gateway.custody.retention import DataClass
from infra.storage.database import Connection, Database
from infra.storage.queries import Query, load_queries
from infra.storage.sealed_words import SealedWords

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

Row = tuple[Any, ...]

HoldWitness: TypeAlias = Callable[[Connection, Hold], Awaitable[None]]
ErasureWitness: TypeAlias = Callable[[Connection, Receipt], Awaitable[None]]
"""Whoever writes down what was done, in the very transaction that does it."""

_DUE = {
    DataClass.RECORDING: "recordings_due",
    DataClass.WORDS: "words_due",
    DataClass.RECORD: "records_due",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which receipts are looked for; nothing is asked of what is None. ``since`` and ``until`` bound the erasure's end
    (``until`` excluded); ``before`` is an erasure, the last of the page before."""

    since: datetime | None = None
    until: datetime | None = None
    asked_by: AskedBy | None = None
    before: str | None = None


ALL = Wanted()


class CustodyStore:
    """One tenant's; the tenant must be in the directory of tenants. Every method may raise ``StorageError``."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self.tenant = tenant

    async def place_hold(
        self, contact: str, why: str, by: str, now: datetime, witness: HoldWitness | None = None
    ) -> Hold:
        """Put a contact under a hold. Raises ``ContactUnknown``, and ``HoldRefused`` while it is being erased."""
        if not why.strip():
            raise HoldRefused("say why the contact is to be held: whoever releases it has to know")
        hold = Hold(uuid.uuid4().hex, contact, why.strip(), by, now)
        async with self._database.tenant(self.tenant) as connection:
            await self._hold(connection, contact)
            if await self._rows(connection, "open_erasure_of", call=contact):
                raise HoldRefused(f"contact {contact} is being erased already")
            placed = {"hold": hold.hold, "call": contact, "why": hold.why, "by": by, "at": now}
            await self._rows(connection, "place_hold", **placed)
            if witness is not None:
                await witness(connection, hold)
        return hold

    async def release_hold(self, hold: str, by: str, now: datetime) -> str:
        """Release a hold; the contact that it held. Raises ``HoldRefused`` when none of that name stands."""
        async with self._database.tenant(self.tenant) as connection:
            released = await self._rows(connection, "release_hold", hold=hold, by=by, at=now)
        if not released:
            raise HoldRefused(f"no hold {hold} stands; `aicc hold list` names those that do")
        contact: str = released[0][0]
        return contact

    async def holds(
        self, *, released: bool = False, contact: str | None = None, before: str | None = None, limit: int = 100
    ) -> Sequence[Hold]:
        """The latest holds: those that stand, or all; of one contact; those behind one, the last of the page before."""
        asked = {"released": released, "call": contact, "before": before, "limit": limit}
        async with self._database.tenant(self.tenant) as connection:
            return [Hold(*row) for row in await self._rows(connection, "holds", **asked)]

    async def begin(self, contact: str, asked_by: AskedBy, why: str, now: datetime) -> tuple[Erasure, datetime]:
        """Begin to erase a contact, or go on with what was begun; and when the contact began, by which its recording is
        found. Raises ``ContactUnknown``, ``ContactHeld`` and ``ContactGoingOn``."""
        async with self._database.tenant(self.tenant) as connection:
            started_at = await self._hold(connection, contact)
            if holds := await self._rows(connection, "holds_of", call=contact):
                raise ContactHeld(f"contact {contact} stands under a legal hold ({', '.join(row[0] for row in holds)})")
            if pending := await self._rows(connection, "still_to_come", call=contact):
                raise ContactGoingOn(f"contact {contact} cannot be erased yet: {'; '.join(row[0] for row in pending)}")
            begun = {"erasure": uuid.uuid4().hex, "call": contact, "asked_by": asked_by.value, "why": why, "at": now}
            await self._rows(connection, "begin_erasure", **begun)
            (row,) = await self._rows(connection, "open_erasure_of", call=contact)
        return self._erasure(row), started_at

    async def finish(
        self, erasure: Erasure, gone: Mapping[str, int], now: datetime, witness: ErasureWitness | None = None
    ) -> Receipt:
        """Take the words out of the tables and close the erasure, in one transaction. ``gone`` counts what went
        elsewhere."""
        async with self._database.tenant(self.tenant) as connection:
            await self._hold(connection, erasure.contact)
            ((changed,),) = await self._rows(connection, "erase_words", call=erasure.contact)
            receipt = Receipt(erasure, now, {**gone, **changed})
            told = {"erasure": erasure.erasure, "by": erasure.asked_by.value}
            tombstone = {"call": erasure.contact, "at": now, "payload": Jsonb(told)}
            await self._rows(connection, "append_tombstone", **tombstone)
            closed = {"erasure": erasure.erasure, "at": now, "receipt": Jsonb(receipt.plain())}
            await self._rows(connection, "finish_erasure", **closed)
            if witness is not None:
                await witness(connection, receipt)
        return receipt

    async def begun(self, limit: int = 100) -> Sequence[Erasure]:
        """Erasures that somebody began and nobody finished."""
        async with self._database.tenant(self.tenant) as connection:
            return [self._erasure(row) for row in await self._rows(connection, "open_erasures", limit=limit)]

    async def receipts(
        self, contact: str | None = None, limit: int = 100, *, wanted: Wanted = ALL
    ) -> Sequence[Mapping[str, object]]:
        """The latest receipts, of one contact or of all."""
        asked = {
            "call": contact,
            "since": wanted.since,
            "until": wanted.until,
            "by": None if wanted.asked_by is None else wanted.asked_by.value,
            "before": wanted.before,
            "limit": limit,
        }
        async with self._database.tenant(self.tenant) as connection:
            return [row[0] for row in await self._rows(connection, "receipts", **asked)]

    async def receipt(self, erasure: str) -> Mapping[str, object]:
        """The receipt of one erasure. Raises ``ReceiptUnknown``."""
        async with self._database.tenant(self.tenant) as connection:
            found = await self._rows(connection, "receipt", erasure=erasure)
        if not found:
            raise ReceiptUnknown(f"no erasure {erasure} was finished here")
        told: Mapping[str, object] = found[0][0]
        return told

    async def due(self, what: DataClass, ended_before: datetime, limit: int) -> Sequence[datetime]:
        """When those contacts ended of which a class is let go of if it is kept until ``ended_before`` and no longer,
        the earliest first; on whichever node a recording lies."""
        asked: dict[str, Any] = {"before": ended_before, "limit": limit}
        if what is DataClass.RECORDING:
            asked["node"] = None
        async with self._database.tenant(self.tenant) as connection:
            return [row[1] for row in await self._rows(connection, _DUE[what], **asked)]

    async def contacts_of(self, number: str, words: SealedWords) -> Sequence[str]:
        """The contacts of a customer's number (E.164), the oldest first: calls from it, and ours to it. ``words`` are
        what the tenant's numbers are sealed with; those that lie readable from before are found as well."""
        async with self._database.tenant(self.tenant) as connection:
            lies = [words.seal(number), number]
            return [row[0] for row in await self._rows(connection, "contacts_of_number", numbers=lies)]

    async def words_due(self, ended_before: datetime, limit: int) -> Sequence[str]:
        """Contacts whose words were kept long enough."""
        async with self._database.tenant(self.tenant) as connection:
            return [row[0] for row in await self._rows(connection, "words_due", before=ended_before, limit=limit)]

    async def recordings_due(self, node: str, ended_before: datetime, limit: int) -> Sequence[str]:
        """Contacts whose recordings a node made and that were kept long enough."""
        async with self._database.tenant(self.tenant) as connection:
            due = {"node": node, "before": ended_before, "limit": limit}
            return [row[0] for row in await self._rows(connection, "recordings_due", **due)]

    async def let_go_of_recording(self, contact: str, delete: Callable[[date], Awaitable[int]], now: datetime) -> bool:
        """Have a contact's recording deleted (``delete`` is given the day on which it began, and says how many files
        there were) and write it down, while nobody can put the contact under a hold; false when somebody has."""
        async with self._database.tenant(self.tenant) as connection:
            began = await self._hold(connection, contact)
            if await self._rows(connection, "holds_of", call=contact):
                return False
            await delete(began.date())
            await self._rows(connection, "append_recording_deleted", call=contact, at=now)
        return True

    async def drop_records(self, ended_before: datetime, limit: int) -> int:
        """Delete what is left of contacts without words that ended before a time; how many."""
        async with self._database.tenant(self.tenant) as connection:
            ((dropped,),) = await self._rows(connection, "drop_records", before=ended_before, limit=limit)
        return int(dropped)

    async def _hold(self, connection: Connection, contact: str) -> datetime:
        """Keep others from the contact until the transaction ends; when it began. Raises ``ContactUnknown``."""
        found = await self._rows(connection, "hold_contact", call=contact)
        if not found:
            raise ContactUnknown(f"there is no contact {contact} here")
        began: datetime = found[0][1]
        return began

    async def _rows(self, connection: Connection, query: str, **arguments: Any) -> list[Row]:
        cursor = await connection.execute(QUERIES[query].sql, {"tenant": self.tenant, **arguments})
        return await cursor.fetchall() if cursor.description is not None else []

    def _erasure(self, row: Row) -> Erasure:
        erasure, contact, asked_by, why, begun_at = row
        return Erasure(self.tenant, erasure, contact, AskedBy(asked_by), why, begun_at)
