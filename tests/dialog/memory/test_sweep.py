from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from dialog.memory.memory import Agreement
from dialog.memory.store import VolatileMemory
from dialog.memory.subject import Subjects
from dialog.memory.sweep import keep_forgetting
from dialog.memory.tenant import TenantMemory
from infra.telemetry.metrics import metrics
from tests.dialog.memory.surroundings import POLICY, Down
from tests.dialog.surroundings import StoppedClock

NOW = StoppedClock().now("UTC")
SUBJECT = f"number:{'f' * 64}"


class Swept(VolatileMemory):
    """Says when it was swept; the first time it may fail."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.fails = fails
        self.swept = asyncio.Event()

    async def sweep(self, before: object) -> int:
        if self.fails:
            self.fails = False
            raise Down("not now")
        count = await super().sweep(before)  # type: ignore[arg-type]
        self.swept.set()
        return count


async def test_each_tenant_is_swept_of_what_is_too_old_for_it_though_another_fails() -> None:
    broken, month, year = Swept(fails=True), Swept(), Swept()
    for store in (month, year):
        await store.agree(SUBJECT, Agreement(True, NOW - timedelta(days=40), "ko:1"))
    subjects = Subjects(b"k" * 32, "shop")
    memories = [
        TenantMemory(store, subjects, replace(POLICY, keep=timedelta(days=days)))
        for store, days in ((broken, 30), (month, 30), (year, 365))
    ]
    before = metrics.value("aicc_memory_swept_total")
    task = asyncio.create_task(keep_forgetting(memories, now=lambda: NOW, interval=0.0))
    async with asyncio.timeout(5):
        for store in (broken, month, year):
            await store.swept.wait()
    task.cancel()
    await asyncio.wait({task})
    assert await month.left([SUBJECT]) == 0
    assert await year.left([SUBJECT]) == 1
    assert metrics.value("aicc_memory_swept_total") == before + 1
