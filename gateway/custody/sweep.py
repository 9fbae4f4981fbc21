"""Lets go of what was kept long enough, and finishes erasures that were broken off, for all tenants of a node."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.custody.eraser import Eraser
from gateway.custody.retention import Retention
from infra.supervision import supervised
from infra.telemetry.metrics import metrics

INTERVAL = 600.0
"""Seconds between two sweeps."""

_GONE = metrics.counter("aicc_custody_let_go", "Contacts of which something was kept long enough", ["what"])
_FINISHED = metrics.counter("aicc_custody_erasures_finished", "Erasures that others had begun")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a tenant's contacts: who lets go of it, and when."""

    eraser: Eraser
    retention: Retention


async def keep_letting_go(kept: Iterable[Kept], interval: float = INTERVAL) -> None:
    """Sweep each tenant's again and again, until cancelled. What cannot be done now is done the next time."""
    every = tuple(kept)
    while True:
        for one in every:
            await sweep(one)
        await asyncio.sleep(interval)


async def sweep(kept: Kept) -> None:
    """Once, for one tenant."""
    finished = await supervised(kept.eraser.finish_begun(), "erasures that were begun could not be finished")
    _FINISHED.inc(finished or 0)
    gone = await supervised(kept.eraser.let_go(kept.retention), "what was kept long enough could not be let go of")
    for what, many in (gone or {}).items():
        _GONE.labels(what.value).inc(many)
