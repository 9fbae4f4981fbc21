"""Erasing wherever something is kept, in order, over a real PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from gateway.custody.erasure import AskedBy, is_genuine
from gateway.custody.errors import ContactHeld, HoldRefused
from gateway.custody.retention import Retention
from gateway.custody.scan import scan_tables
from infra.errors import AiccError
from infra.storage.database import Database
from tests.gateway.custody.archive import NEEDLE, NOW, Archive, open_archive


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
