from __future__ import annotations

import asyncio
from datetime import timedelta

from gateway.custody.erasure import AskedBy
from gateway.custody.retention import Retention
from gateway.custody.sweep import Kept, keep_letting_go, sweep
from infra.storage.database import Database
from infra.telemetry.metrics import metrics
from tests.gateway.custody.archive import NOW, open_archive

KEEP = Retention(recording_days=10, words_days=20, record_days=None)


async def test_a_sweep_finishes_what_was_begun_and_lets_go_of_what_is_due(database: Database) -> None:
    archive = await open_archive(database)
    begun, old = await archive.call(), await archive.call()
    await archive.store.begin(begun, AskedBy.CALLER, "asked", NOW)
    archive.now = NOW + timedelta(days=11)
    finished = metrics.value("aicc_custody_erasures_finished_total")
    let_go = metrics.value("aicc_custody_let_go_total", {"what": "recording"})
    await sweep(Kept(archive.eraser, KEEP))
    assert metrics.value("aicc_custody_erasures_finished_total") == finished + 1
    assert metrics.value("aicc_custody_let_go_total", {"what": "recording"}) == let_go + 1
    assert archive.shelf.files == set()
    assert archive.rack.keys == {(archive.tenant, old)}


async def test_a_tenant_that_cannot_be_swept_keeps_the_others_from_nothing(database: Database) -> None:
    broken, whole = await open_archive(database), await open_archive(database)
    await broken.call()
    call = await whole.call()
    for archive in (broken, whole):
        archive.now = NOW + timedelta(days=21)

    async def refuse(*_: object) -> int:
        raise OSError("the disk is away")

    broken.shelf.delete = refuse  # type: ignore[method-assign, assignment]
    kept = [Kept(archive.eraser, KEEP) for archive in (broken, whole)]
    sweeping = asyncio.create_task(keep_letting_go(kept, interval=3600.0))
    async with asyncio.timeout(30):
        while not await whole.store.receipts(call):
            await asyncio.sleep(0.05)
    sweeping.cancel()
    assert await broken.store.receipts() == []
