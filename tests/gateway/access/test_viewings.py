from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.audit import AuditEntry
from gateway.access.identity import Identity, Role
from gateway.access.store import VolatileAccess
from gateway.access.viewings import ANEW_AFTER, HEARD, OPENED, Viewings
from infra.storage.errors import DatabaseUnavailable

MINJI = Identity("shop", "u1", "Kim Minji", frozenset({Role.ANALYST}))
SEOJUN = Identity("shop", "u2", "Park Seojun", frozenset({Role.SUPERVISOR}))


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def deeds(audit: VolatileAccess) -> list[tuple[str, str, str]]:
    kept = [one.entry for one in await audit.entries("shop")]
    return [(entry.actor, entry.what, entry.whose) for entry in reversed(kept)]


async def test_a_viewing_is_written_once_for_each_person_deed_and_call() -> None:
    audit = VolatileAccess()
    viewings = Viewings(audit, Clock())
    for _ in range(3):
        await viewings.note(MINJI, OPENED, "c1")
    await viewings.note(MINJI, HEARD, "c1")
    await viewings.note(SEOJUN, OPENED, "c1")
    await viewings.note(MINJI, OPENED, "c2")
    assert await deeds(audit) == [
        ("u1", OPENED, "c1"),
        ("u1", HEARD, "c1"),
        ("u2", OPENED, "c1"),
        ("u1", OPENED, "c2"),
    ]


async def test_it_is_written_anew_after_a_while() -> None:
    audit, clock = VolatileAccess(), Clock()
    viewings = Viewings(audit, clock)
    await viewings.note(MINJI, HEARD, "c1")
    clock.now += ANEW_AFTER - timedelta(seconds=1)
    await viewings.note(MINJI, HEARD, "c1")
    assert len(await deeds(audit)) == 1
    clock.now += timedelta(seconds=1)
    await viewings.note(MINJI, HEARD, "c1")
    assert len(await deeds(audit)) == 2


async def test_what_is_remembered_is_bounded_and_what_was_forgotten_is_written_once_more() -> None:
    audit = VolatileAccess()
    viewings = Viewings(audit, Clock(), most=2)
    for call in ("c1", "c2", "c3", "c3", "c1"):
        await viewings.note(MINJI, OPENED, call)
    assert [whose for _, _, whose in await deeds(audit)] == ["c1", "c2", "c3", "c1"]


async def test_what_cannot_be_written_down_is_not_done_and_not_taken_for_done() -> None:
    class Away(VolatileAccess):
        async def record(self, entry: AuditEntry) -> None:
            raise DatabaseUnavailable("the database is away")

    viewings = Viewings(Away(), Clock())
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            await viewings.note(MINJI, HEARD, "c1")
