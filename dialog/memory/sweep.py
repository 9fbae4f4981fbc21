"""Deletes what is no longer to be remembered, day after day, for all tenants of a node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from dialog.clock import utc_now
from dialog.memory.tenant import TenantMemory
from infra.errors import AiccError
from infra.telemetry.metrics import metrics

INTERVAL = 3600.0
"""Seconds between two sweeps. Nothing depends on it: what has expired is not read, either."""

_SWEPT = metrics.counter("aicc_memory_swept", "Subjects and contacts that were remembered long enough")

_log = structlog.get_logger(__name__)


async def keep_forgetting(
    memories: Iterable[TenantMemory], now: Callable[[], datetime] = utc_now, interval: float = INTERVAL
) -> None:
    """Sweep each memory of what is older than its tenant wants, again and again, until cancelled. One that cannot be
    asked is asked the next time."""
    every = tuple(memories)
    while True:
        for memory in every:
            try:
                _SWEPT.inc(await memory.store.sweep(now() - memory.policy.keep))
            except AiccError as error:
                _log.warning("what was remembered long enough could not be deleted", error=str(error))
        await asyncio.sleep(interval)
