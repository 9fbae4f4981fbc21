"""What became of calls of our own is deleted after each tenant's own time, whatever becomes of another's."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from gateway.outbound.store import DueCalls
from gateway.outbound.sweep import Kept, keep_sweeping_calls
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.outbound.parlour import NOW


class Calls(DueCalls):
    """Due calls that remember until when they were swept."""

    def __init__(self, *, away: bool = False) -> None:
        self.swept: list[datetime] = []
        self._away = away

    async def sweep(self, before: datetime) -> int:
        self.swept.append(before)
        if self._away:
            raise DatabaseUnavailable("away")
        return 1


async def test_each_tenants_are_swept_after_its_own_time_and_one_that_fails_keeps_nobody_up() -> None:
    broken, well = Calls(away=True), Calls()
    kept = [Kept(broken, timedelta(days=1)), Kept(well, timedelta(days=90))]
    sweeping = asyncio.create_task(keep_sweeping_calls(kept, lambda: NOW, interval=0.0))
    while len(well.swept) < 2:
        await asyncio.sleep(0)
    sweeping.cancel()
    await asyncio.wait({sweeping})
    assert sweeping.cancelled()
    assert set(broken.swept) == {NOW - timedelta(days=1)}
    assert set(well.swept) == {NOW - timedelta(days=90)}
