"""Whoever is forgotten is forgotten here too: a tenant's memory that reaches its due calls.

The memory knows a caller by the hash of their number; due calls have the number itself, for it is to be dialled. So
those of a caller are found by hashing each number that there is. A customer who is named without a telephone number
has no due calls here: nothing in a due call says whose customer its number is.

Refuses: letting go of a number that must not be called. Only its words go; that it must not be called is for its
owner's sake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dialog.memory.memory import Agreement, EarlierContact, Eraser, Erasure, Preferences, Remembered
from dialog.memory.store import MemoryStore
from dialog.memory.subject import Subjects
from dialog.memory.tenant import TenantMemory
from gateway.outbound.store import DueCalls

KIND = "due_calls"
"""Of which kind there was something, beside what a memory has."""


class MemoryWithDueCalls:
    """See ``MemoryStore``: the memory in ``store``, and the due calls of whoever is forgotten."""

    def __init__(self, store: MemoryStore, subjects: Subjects, calls: DueCalls) -> None:
        self._store = store
        self._subjects = subjects
        self._calls = calls

    async def recall(self, subject: str, since: datetime) -> Remembered:
        """See ``MemoryStore``."""
        return await self._store.recall(subject, since)

    async def agree(self, subject: str, agreement: Agreement) -> bool:
        """See ``MemoryStore``."""
        return await self._store.agree(subject, agreement)

    async def keep(
        self, subject: str, now: datetime, preferences: Preferences | None, contact: EarlierContact | None
    ) -> bool:
        """See ``MemoryStore``."""
        return await self._store.keep(subject, now, preferences, contact)

    async def rename(self, before: str, after: str) -> bool:
        """See ``MemoryStore``."""
        return await self._store.rename(before, after)

    async def forget(
        self, subject: str, now: datetime, by: Eraser, reference: str = "", *, also: Sequence[str] = ()
    ) -> Erasure:
        """See ``MemoryStore``. The due calls go first: what breaks off in between is done again by whoever asks."""
        gone = await self._calls.forget(await self._numbers([subject]))
        kinds = (*also, *((KIND,) if gone else ()))
        return await self._store.forget(subject, now, by, reference, also=kinds)

    async def left(self, subjects: Sequence[str]) -> int:
        """See ``MemoryStore``; a due call that goes when it is over is gone already."""
        return await self._store.left(subjects) + await self._calls.left(await self._numbers(subjects))

    async def sweep(self, before: datetime) -> int:
        """See ``MemoryStore``. How long due calls are kept is another matter: ``sweep.py``."""
        return await self._store.sweep(before)

    async def _numbers(self, subjects: Sequence[str]) -> list[str]:
        """The numbers in due calls by which one of the subjects is known, now or formerly."""
        wanted = set(subjects)
        numbers = await self._calls.numbers()
        return await asyncio.to_thread(self._of, wanted, numbers)

    def _of(self, wanted: set[str], numbers: Sequence[str]) -> list[str]:
        names = self._subjects
        return [number for number in numbers if not wanted.isdisjoint((names.number(number), names.former(number)))]


def reaching_due_calls(memory: TenantMemory, calls: DueCalls) -> TenantMemory:
    """The tenant's memory, whose forgetting reaches its due calls."""
    return replace(memory, store=MemoryWithDueCalls(memory.store, memory.subjects, calls))
