"""Where memory is kept: the contract, and a store that forgets with the process.

Whatever is kept hangs on an agreement: without one nothing is written, with its end everything goes. The postgres twin
is ``dialog.memory.postgres``; both pass the same tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from dialog.memory.memory import (
    MOST_CONTACTS,
    Agreement,
    EarlierContact,
    Eraser,
    Erasure,
    Preferences,
    Remembered,
)


class MemoryStore(Protocol):
    """The memory of one tenant, by subject (see ``dialog.memory.subject``). Every method may raise ``AiccError``."""

    async def recall(self, subject: str, since: datetime) -> Remembered:
        """What is remembered of a subject whose latest contact was at ``since`` or later; of contacts the same."""

    async def agree(self, subject: str, agreement: Agreement) -> bool:
        """Let an answer stand; a no takes with it whatever there was. False, and nothing stands, where the subject was
        forgotten after it was given."""

    async def keep(
        self, subject: str, now: datetime, preferences: Preferences | None, contact: EarlierContact | None
    ) -> bool:
        """Remember what a contact brought, if the subject agrees; whether it does. What a contact came to is written
        once: the first word stands."""

    async def rename(self, before: str, after: str) -> bool:
        """Keep under ``after`` what is kept under ``before``: the same subject, once named otherwise. Of two answers
        the later one stands: a yes for what is kept under both, a no for nothing. What was agreed to before ``after``
        was forgotten goes. Whether there was anything."""

    async def forget(
        self, subject: str, now: datetime, by: Eraser, reference: str = "", *, also: Sequence[str] = ()
    ) -> Erasure:
        """Delete all that there is of a subject, and leave only that it was done; ``also`` of which kinds there was
        something elsewhere."""

    async def left(self, subjects: Sequence[str]) -> int:
        """How many of these subjects anything is there of."""

    async def sweep(self, before: datetime) -> int:
        """Delete what was last used before that time; how many subjects and contacts."""


@dataclass(slots=True)
class _Kept:
    agreement: Agreement
    used_at: datetime
    preferences: Preferences | None = None
    contacts: dict[str, EarlierContact] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        there = {"agreement": True, "preferences": self.preferences is not None, "contacts": bool(self.contacts)}
        return tuple(kind for kind, is_there in there.items() if is_there)


class VolatileMemory:
    """The memory of one tenant in this process."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._erasures: dict[str, tuple[Erasure, ...]] = {}

    async def recall(self, subject: str, since: datetime) -> Remembered:
        """See ``MemoryStore``."""
        erasures = self._erasures.get(subject, ())
        kept = self._kept.get(subject)
        if kept is None or kept.used_at < since:
            return Remembered(erasures=erasures)
        latest = sorted(kept.contacts.values(), key=lambda one: (one.at, one.contact), reverse=True)
        contacts = tuple(contact for contact in latest if contact.at >= since)[:MOST_CONTACTS]
        return Remembered(kept.agreement, kept.preferences, contacts, erasures)

    async def agree(self, subject: str, agreement: Agreement) -> bool:
        """See ``MemoryStore``."""
        if any(erasure.at >= agreement.at for erasure in self._erasures.get(subject, ())):
            return False
        kept = self._kept.get(subject)
        if kept is None or not agreement.agreed:
            self._kept[subject] = _Kept(agreement, agreement.at)
        else:
            kept.agreement, kept.used_at = agreement, agreement.at
        return True

    async def keep(
        self, subject: str, now: datetime, preferences: Preferences | None, contact: EarlierContact | None
    ) -> bool:
        """See ``MemoryStore``."""
        kept = self._kept.get(subject)
        if kept is None or not kept.agreement.agreed:
            return False
        kept.used_at = now
        kept.preferences = preferences or kept.preferences
        if contact is not None:
            kept.contacts.setdefault(contact.contact, contact)
        return True

    async def rename(self, before: str, after: str) -> bool:
        """See ``MemoryStore``."""
        old, new = self._kept.pop(before, None), self._kept.get(after)
        if old is None:
            return False
        if any(erasure.at >= old.agreement.at for erasure in self._erasures.get(after, ())):
            return True
        if new is None:
            self._kept[after] = old
            return True
        new.agreement = max(new.agreement, old.agreement, key=lambda one: one.at)
        new.used_at = max(new.used_at, old.used_at)
        yes = new.agreement.agreed
        new.preferences = (new.preferences or old.preferences) if yes else None
        new.contacts = {**old.contacts, **new.contacts} if yes else {}
        return True

    async def forget(
        self, subject: str, now: datetime, by: Eraser, reference: str = "", *, also: Sequence[str] = ()
    ) -> Erasure:
        """See ``MemoryStore``."""
        kept = self._kept.pop(subject, None)
        erasure = Erasure(now, by, (*(() if kept is None else kept.kinds), *also), reference)
        self._erasures[subject] = (erasure, *self._erasures.get(subject, ()))
        return erasure

    async def left(self, subjects: Sequence[str]) -> int:
        """See ``MemoryStore``."""
        return len(self._kept.keys() & set(subjects))

    async def sweep(self, before: datetime) -> int:
        """See ``MemoryStore``."""
        gone = [subject for subject, kept in self._kept.items() if kept.used_at < before]
        for subject in gone:
            del self._kept[subject]
        count = len(gone)
        for subject, kept in self._kept.items():
            fresh = {name: contact for name, contact in kept.contacts.items() if contact.at >= before}
            count += len(kept.contacts) - len(fresh)
            self._kept[subject] = replace(kept, contacts=fresh)
        return count
