"""Erases contacts wherever something of them is kept, and gives a receipt.

The order makes it safe to be killed in between: that it was begun is durable before anything goes, the contact's key
goes first (from then on nothing that was sealed with it can be read by anybody), then its recording, and last, in one
transaction, the words in all tables, the erasure's own end and its line in the audit. What was begun and not finished
is finished by the sweep; each step may be done again.

Refuses: contacts under a legal hold, and those of which something is still to come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from dialog.clock import utc_now
from dialog.privacy.detector import redact_any
from gateway.access.audit import AuditEntry, AuditLog
from gateway.custody.erasure import AskedBy, Erasure, Receipt
from gateway.custody.errors import CustodyError, HoldRefused
from gateway.custody.hold import Hold
from gateway.custody.retention import DataClass, Retention
from gateway.custody.store import CustodyStore
from infra.storage.database import Connection
from infra.supervision import supervised

ERASING = "contact.erasing"
ERASED = "contact.erased"
HELD = "contact.held"
RELEASED = "contact.released"
LET_GO = "retention.let_go"
"""What a sweep let go of, where it was anything; the details count contacts by class."""

SYSTEM = "system"
"""The actor of what nobody asked for."""

AT_ONCE = 100
"""Contacts that one sweep deals with before others get their turn."""

MOST_HELD = 200
"""Contacts of one caller that are put under a hold at once."""


class RecordingShelf(Protocol):
    """Where recordings lie."""

    async def delete(self, tenant: str, contact: str, on: date) -> int:
        """Delete a contact's recording of that day; how many files there were."""
        ...


class KeyRack(Protocol):
    """Where contacts' keys hang."""

    async def shred(self, tenant: str, subject: str) -> bool:
        """Make a contact's key unreadable for good; false when there is none."""
        ...


class JoinedAudit(AuditLog, Protocol):
    """The audit, where the contacts are."""

    async def record_with(self, connection: Connection, entry: AuditEntry) -> None:
        """Keep an entry in the very transaction of what it tells of: neither stands without the other."""


@dataclass(frozen=True, slots=True)
class Held:
    """What came of holding contacts: each hold with its contact, and why some are under none, by contact."""

    holds: Mapping[str, str]
    refused: Mapping[str, str]


class Eraser:
    """One tenant's. ``node`` names the process among all, as the ledger does."""

    def __init__(
        self,
        store: CustodyStore,
        recordings: RecordingShelf,
        keys: KeyRack,
        audit: JoinedAudit,
        node: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._node = node
        self._store = store
        self._recordings = recordings
        self._keys = keys
        self._audit = audit
        self._now = now

    async def erase(self, contact: str, asked_by: AskedBy, why: str, actor: str) -> Receipt:
        """Erase a contact, or finish what was begun. Raises ``ContactUnknown``, ``ContactHeld``, ``ContactGoingOn`` and
        the stores' errors; then it may be asked for again."""
        await self._audit.record(self._entry(ERASING, contact, actor, why))
        erasure, started_at = await self._store.begin(contact, asked_by, redact_any(why), self._now())
        return await self._finish(erasure, started_at, actor)

    async def finish_begun(self) -> int:
        """Finish what others began and did not finish; how many. One that cannot be is left for the next time."""
        work = (self._erase_if_possible(one.contact, one.asked_by, one.why) for one in await self._store.begun())
        return sum([await finished for finished in work])

    async def let_go(self, retention: Retention) -> dict[DataClass, int]:
        """Let go of what was kept long enough, at most ``AT_ONCE`` contacts of each class; how many of each."""
        now, gone = self._now(), dict.fromkeys(DataClass, 0)
        if (before := retention.ended_before(DataClass.RECORDING, now)) is not None:
            for contact in await self._store.recordings_due(self._node, before, AT_ONCE):
                gone[DataClass.RECORDING] += await self._let_go_of_recording(contact)
        if (before := retention.ended_before(DataClass.WORDS, now)) is not None:
            for contact in await self._store.words_due(before, AT_ONCE):
                why = "kept for as long as the tenant wants"
                gone[DataClass.WORDS] += await self._erase_if_possible(contact, AskedBy.RETENTION, why)
        if (before := retention.ended_before(DataClass.RECORD, now)) is not None:
            gone[DataClass.RECORD] = await self._store.drop_records(before, AT_ONCE)
        if any(gone.values()):
            told = {what.value: str(many) for what, many in gone.items()}
            await self._audit.record(self._entry(LET_GO, "", SYSTEM, "", **told))
        return gone

    async def hold(self, contact: str, why: str, actor: str) -> str:
        """Put a contact under a legal hold; its name. Raises ``ContactUnknown`` and ``HoldRefused``."""

        async def witness(connection: Connection, hold: Hold) -> None:
            await self._audit.record_with(connection, self._entry(HELD, contact, actor, why, hold=hold.hold))

        return (await self._store.place_hold(contact, redact_any(why), actor, self._now(), witness)).hold

    async def hold_all(self, contacts: Sequence[str], why: str, actor: str) -> Held:
        """Put several contacts under a legal hold each; one that cannot be keeps no other. Raises ``HoldRefused`` for
        none, and for more than ``MOST_HELD``."""
        if not 0 < len(contacts) <= MOST_HELD:
            raise HoldRefused(f"{len(contacts)} contacts are to be held: at least one, and at most {MOST_HELD} at once")
        holds, refused = dict[str, str](), dict[str, str]()
        for contact in dict.fromkeys(contacts):
            try:
                holds[await self.hold(contact, why, actor)] = contact
            except CustodyError as error:
                refused[contact] = str(error)
        return Held(holds, refused)

    async def release(self, hold: str, why: str, actor: str) -> str:
        """Release a legal hold; its contact. Raises ``HoldRefused``."""
        # what lets data go is in the audit before it takes effect
        await self._audit.record(self._entry(RELEASED, "", actor, why, hold=hold))
        return await self._store.release_hold(hold, actor, self._now())

    async def _let_go_of_recording(self, contact: str) -> bool:
        async def delete(on: date) -> int:
            return await self._recordings.delete(self._store.tenant, contact, on)

        work = self._store.let_go_of_recording(contact, delete, self._now())
        return bool(await supervised(work, f"the recording of contact {contact} could not be let go of"))

    async def _erase_if_possible(self, contact: str, asked_by: AskedBy, why: str) -> bool:
        """One contact among others, which must not be kept because of it."""
        work = self.erase(contact, asked_by, why, SYSTEM)
        return await supervised(work, f"contact {contact} could not be erased") is not None

    async def _finish(self, erasure: Erasure, started_at: datetime, actor: str) -> Receipt:
        tenant, contact = erasure.tenant, erasure.contact
        shredded = await self._keys.shred(tenant, contact)
        files = await self._recordings.delete(tenant, contact, started_at.date())

        async def witness(connection: Connection, receipt: Receipt) -> None:
            told = {"erasure": erasure.erasure, "receipt": str(receipt.plain()["digest"])}
            await self._audit.record_with(connection, self._entry(ERASED, contact, actor, erasure.why, **told))

        gone = {"keys": int(shredded), "recordings": files}
        return await self._store.finish(erasure, gone, self._now(), witness)

    def _entry(self, what: str, contact: str, actor: str, why: str, **details: str) -> AuditEntry:
        return AuditEntry(self._store.tenant, self._now(), actor, what, whose=contact, why=why, details=details)
