"""Deletes what became of calls of ours once it has been kept long enough, for all tenants of a node.

Refuses: calls that may still ring, or come to anything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialog.clock import utc_now
from gateway.outbound.store import DueCalls
from infra.supervision import supervised
from infra.telemetry.metrics import metrics

INTERVAL = 3600.0
"""Seconds between two sweeps."""

_SWEPT = metrics.counter("aicc_outbound_swept", "Calls of our own whose record was kept long enough")


@dataclass(frozen=True, slots=True)
class Kept:
    """The due calls of a tenant, and for how long it is kept what became of them."""

    calls: DueCalls
    keep: timedelta


async def keep_sweeping_calls(
    kept: Iterable[Kept], now: Callable[[], datetime] = utc_now, interval: float = INTERVAL
) -> None:
    """Sweep each tenant's again and again, until cancelled. A store that cannot be asked is asked the next time."""
    every = tuple(kept)
    while True:
        for one in every:
            work = one.calls.sweep(now() - one.keep)
            _SWEPT.inc(await supervised(work, "calls of our own that are long over could not be deleted") or 0)
        await asyncio.sleep(interval)
