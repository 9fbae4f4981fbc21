"""Deletes what is no longer to be remembered, day after day, for all tenants of a node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

from dialog.clock import utc_now
from dialog.memory.tenant import TenantMemory
from infra.supervision import supervised
from infra.telemetry.metrics import metrics

INTERVAL = 3600.0
"""Seconds between two sweeps. Nothing depends on it: what has expired is not read, either."""

_SWEPT = metrics.counter("aicc_memory_swept", "Subjects and contacts that were remembered long enough")


async def keep_forgetting(
    memories: Iterable[TenantMemory], now: Callable[[], datetime] = utc_now, interval: float = INTERVAL
) -> None:
    """Sweep each memory of what is older than its tenant wants, again and again, until cancelled. One that cannot be
    asked is asked the next time."""
    every = tuple(memories)
    while True:
        for memory in every:
            work = memory.store.sweep(now() - memory.policy.keep)
            _SWEPT.inc(await supervised(work, "what was remembered long enough could not be deleted") or 0)
        await asyncio.sleep(interval)
