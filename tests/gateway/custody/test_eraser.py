"""Erasing wherever something is kept, in order, over a real PostgreSQL."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from gateway.access.postgres import PostgresAccess
from gateway.custody.eraser import ERASED, HELD, LET_GO, MOST_HELD, Eraser
from gateway.custody.erasure import AskedBy, is_genuine
from gateway.custody.errors import ContactHeld, HoldRefused
from gateway.custody.retention import Retention
from gateway.custody.scan import scan_tables
from infra.errors import AiccError
from infra.storage.database import Database
from tests.gateway.custody.archive import NEEDLE, NODE, NOW, Archive, open_archive
from tests.postgres import until


@pytest.fixture
async def archive(database: Database) -> Archive:
    return await open_archive(database)


async def test_key_recording_and_words_go_and_the_receipt_says_so(archive: Archive) -> None:
    call = await archive.call()
    receipt = await archive.eraser.erase(call, AskedBy.CALLER, "asked on the phone", "anna")
    assert (archive.rack.keys, archive.shelf.files) == (set(), set())
    assert await scan_tables(archive.database, archive.tenant, [NEEDLE]) == []
    assert (receipt.gone["keys"], receipt.gone["recordings"], receipt.gone["events"]) == (1, 1, 8)
    (kept,) = await archive.store.receipts(call)
    assert is_genuine(kept)
    assert archive.book.deeds == [("contact.erasing", call), ("contact.erased", call)]
    assert archive.book.kept[-1].details["receipt"] == kept["digest"]
    assert {entry.actor for entry in archive.book.kept} == {"anna"}


async def test_a_second_erasure_finds_nothing_and_says_so(archive: Archive) -> None:
    call = await archive.call()
    await archive.eraser.erase(call, AskedBy.CALLER, "", "anna")
    again = await archive.eraser.erase(call, AskedBy.CALLER, "", "anna")
    assert not any(again.gone.values())


class Broken(AiccError):
    """The disk is away."""

    code = "broken_for_the_test"


@dataclass
class BrokenShelf:
    """Fails until it is mended."""

    inner: Archive
    is_broken: bool = True

    async def delete(self, tenant: str, contact: str, on: date) -> int:
        if self.is_broken:
            raise Broken("the disk is away")
        return await self.inner.shelf.delete(tenant, contact, on)


async def test_what_was_broken_off_is_finished_by_the_sweep(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    call, other = await archive.call(), await archive.call()
    shelf = BrokenShelf(archive)
    eraser = archive.eraser
    monkeypatch.setattr(eraser, "_recordings", shelf)
    for one in (call, other):
        with pytest.raises(Broken):
            await eraser.erase(one, AskedBy.CALLER, "asked", "anna")
    assert await eraser.finish_begun() == 0
    assert archive.rack.keys == set()  # what was sealed is unreadable already
    shelf.is_broken = False
    assert await eraser.finish_begun() == 2
    assert archive.shelf.files == set()
    assert await archive.store.begun() == []
    assert [receipt["asked_by"] for receipt in await archive.store.receipts()] == ["caller", "caller"]


async def test_what_was_kept_long_enough_goes_class_by_class(archive: Archive) -> None:
    keep = Retention(recording_days=10, words_days=20, record_days=30)
    call, held = await archive.call(), await archive.call()
    await archive.eraser.hold(held, "a lawsuit", "anna")

    async def after(days: int) -> dict[str, int]:
        archive.now = NOW + timedelta(days=days)
        gone = await archive.eraser.let_go(keep)
        return {what.value: many for what, many in gone.items() if many}

    assert await after(9) == {}
    assert await after(11) == {"recording": 1}
    assert await after(12) == {}
    assert await after(21) == {"words": 1}
    assert await after(22) == {}
    assert await after(31) == {"record": 1}
    tombstones = await archive.run("SELECT contact, erased_by FROM analytics.tombstone")
    assert tombstones == [(call, "retention")]  # it outlives the contact
    assert [row[0] for row in await archive.run("SELECT call_id FROM calls")] == [held]
    assert archive.rack.keys == {(archive.tenant, held)}
    (receipt,) = await archive.store.receipts()
    assert (receipt["contact"], receipt["asked_by"]) == (call, "retention")


async def test_what_a_sweep_let_go_of_stands_in_the_audit_and_that_it_found_nothing_does_not(archive: Archive) -> None:
    await archive.call()
    keep = Retention(recording_days=10, words_days=None, record_days=None)
    for days in (9, 11, 12):
        archive.now = NOW + timedelta(days=days)
        await archive.eraser.let_go(keep)
    (line,) = [entry for entry in archive.book.kept if entry.what == LET_GO]
    assert (line.actor, line.details) == ("system", {"recording": "1", "words": "0", "record": "0"})


async def test_several_contacts_are_held_and_one_that_cannot_be_keeps_no_other(archive: Archive) -> None:
    first, erasing, last = await archive.call(), await archive.call(), await archive.call()
    await archive.store.begin(erasing, AskedBy.CALLER, "asked", NOW)
    held = await archive.eraser.hold_all([first, erasing, last, first], "a lawsuit", "anna")
    assert list(held.holds.values()) == [first, last]
    assert list(held.refused) == [erasing]
    assert {hold.hold for hold in await archive.store.holds()} == set(held.holds)
    for contacts in ([], ["c"] * (MOST_HELD + 1)):
        with pytest.raises(HoldRefused, match=str(MOST_HELD)):
            await archive.eraser.hold_all(contacts, "a lawsuit", "anna")


async def test_a_reason_that_names_somebody_is_kept_without_them(archive: Archive) -> None:
    call, held = await archive.call(), await archive.call()
    receipt = await archive.eraser.erase(call, AskedBy.CALLER, "asked from 010-1234-5678", "anna")
    await archive.eraser.hold(held, "lawsuit of card 4111 1111 1111 1111", "anna")
    assert receipt.erasure.why == "asked from [phone]"
    assert [hold.why for hold in await archive.store.holds()] == ["lawsuit of card [card]"]


async def test_a_hold_and_its_release_stand_in_the_audit(archive: Archive) -> None:
    call = await archive.call()
    hold = await archive.eraser.hold(call, "a lawsuit", "anna")
    with pytest.raises(ContactHeld):
        await archive.eraser.erase(call, AskedBy.API, "", "ben")
    assert await archive.eraser.release(hold, "it was settled", "ben") == call
    with pytest.raises(HoldRefused):
        await archive.eraser.release(hold, "once more", "ben")
    deeds = [(entry.actor, entry.what, entry.why) for entry in archive.book.kept]
    assert deeds[0] == ("anna", "contact.held", "a lawsuit")
    assert ("ben", "contact.released", "it was settled") in deeds


async def test_nothing_goes_that_the_audit_does_not_take(archive: Archive) -> None:
    call = await archive.call()

    async def refuse(_: object) -> None:
        raise Broken("the audit is away")

    eraser = archive.eraser
    archive.book.record = refuse  # type: ignore[method-assign]
    with pytest.raises(Broken):
        await eraser.erase(call, AskedBy.CALLER, "", "anna")
    assert archive.rack.keys == {(archive.tenant, call)}
    assert archive.shelf.files


async def test_what_the_audit_does_not_take_is_not_done(archive: Archive) -> None:
    """What goes with its line in one transaction: a hold, and the end of an erasure."""
    call, wanted = await archive.call(), await archive.call()

    async def refuse(*_: object) -> None:
        raise Broken("the audit is away")

    archive.book.record_with = refuse  # type: ignore[method-assign]
    with pytest.raises(Broken):
        await archive.eraser.hold(wanted, "a lawsuit", "anna")
    assert await archive.store.holds() == []
    with pytest.raises(Broken):
        await archive.eraser.erase(call, AskedBy.CALLER, "asked", "anna")
    assert await archive.store.receipts(call) == []
    assert [one.contact for one in await archive.store.begun()] == [call]


KILLED = """
import asyncio, os, signal, sys
from gateway.access.postgres import PostgresAccess
from gateway.custody.erasure import AskedBy
from gateway.custody.eraser import ERASED, Eraser
from gateway.custody.store import CustodyStore
from infra.storage.database import Database
from tests.gateway.custody.archive import NOW, Rack, Shelf

url, tenant, call, where = sys.argv[1:]

class Dying(PostgresAccess):
    async def record_with(self, connection, entry):
        last = entry.what == ERASED
        if last and where == "before its line":
            os.kill(os.getpid(), signal.SIGKILL)
        await super().record_with(connection, entry)
        if last and where == "behind its line":
            os.kill(os.getpid(), signal.SIGKILL)

async def main():
    database = Database(url)
    await database.open()
    eraser = Eraser(CustodyStore(database, tenant), Shelf(), Rack(), Dying(database), "n", now=lambda: NOW)
    await eraser.erase(call, AskedBy.CALLER, "asked", "anna")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.parametrize("where", ["before its line", "behind its line", "behind the commit"])
async def test_whoever_is_killed_leaves_no_erasure_without_its_line(
    where: str, archive: Archive, database_url: str
) -> None:
    call, audit = await archive.call(), PostgresAccess(archive.database)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, database_url, archive.tenant, call, where
    )
    assert await asyncio.wait_for(child.wait(), 60) == -signal.SIGKILL
    done = where == "behind the commit"
    assert len(await audit.entries(archive.tenant, what=ERASED)) == int(done)

    async def is_free() -> bool:  # the dead process's transaction ends a moment after it
        held = "SELECT 1 FROM calls WHERE call_id = %(call)s FOR UPDATE SKIP LOCKED"
        return bool(await archive.run(held, call=call))

    await until(is_free)
    eraser = Eraser(archive.store, archive.shelf, archive.rack, audit, NODE, now=lambda: NOW)
    assert await eraser.finish_begun() == int(not done)
    (receipt,) = await archive.store.receipts(call)
    (line,) = await audit.entries(archive.tenant, what=ERASED)
    assert (line.entry.whose, line.entry.details["receipt"]) == (call, receipt["digest"])


async def test_a_hold_and_its_line_come_together(archive: Archive) -> None:
    call, audit = await archive.call(), PostgresAccess(archive.database)
    eraser = Eraser(archive.store, archive.shelf, archive.rack, audit, NODE, now=lambda: NOW)
    hold = await eraser.hold(call, "a lawsuit", "anna")
    (line,) = await audit.entries(archive.tenant, what=HELD)
    assert (line.entry.whose, line.entry.details) == (call, {"hold": hold})
