"""Looks after all floors by the clock: offers that nobody answered, calls that waited too long, callbacks, wrap-ups
that do not end, desks that have fallen silent, hand-offs that nobody made items of.

Whoever changes a floor also has it matched; the sweep is for what only time brings, and for what was missed because a
process was killed. Several nodes may sweep: a floor that another node holds is left to it. A store that cannot be asked
is asked the next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from dialog.clock import utc_now
from gateway.desk.floor.errors import FloorHeld
from gateway.desk.floor.store import SILENT_AFTER, FloorStore
from infra.errors import AiccError
from infra.telemetry.metrics import metrics

INTERVAL = 1.0
"""Seconds between two looks for what is due."""

ADOPT_EVERY = 5
"""Looks after which hand-offs are looked for: whoever queues one says so, so that this is for what was missed."""

_SWEPT = metrics.counter("aicc_floor_swept", "Floors on which time had brought something")
_LOST = metrics.counter("aicc_floor_desks_lost", "Agents' desks that fell silent")

_log = structlog.get_logger(__name__)


async def sweep(store: FloorStore, now: datetime, *, listened: bool = True) -> int:
    """Let happen what is due on all floors; on how many something was. Desks are lost for their silence only where
    somebody could have heard them (``listened``). Raises ``StorageError`` when nobody can tell what is due."""
    swept = 0
    for tenant in await store.due(now):
        try:
            silent = await store.silent(tenant, now) if listened else ()
            async with store.open(tenant, wait=False) as floor:
                for agent in silent:
                    floor.agent_lost(agent, now)
                floor.tick(now)
        except FloorHeld:
            continue
        except AiccError as error:
            _log.warning("a floor could not be looked after", tenant=tenant, error=str(error))
            continue
        swept += 1
        _SWEPT.inc()
        _LOST.inc(len(silent))
        if silent:
            _log.warning("agents' desks fell silent", tenant=tenant, agents=list(silent))
    return swept


async def adopt(store: FloorStore, tenants: Iterable[str], now: datetime) -> None:
    """Look for hand-offs of all tenants that are no items yet, and for items whose calls are over."""
    for tenant in tenants:
        try:
            await store.adopt(tenant, now)
        except AiccError as error:
            _log.warning("hand-offs could not be looked for", tenant=tenant, error=str(error))


async def keep_sweeping(
    store: FloorStore, tenants: Iterable[str], *, now: Callable[[], datetime] = utc_now, interval: float = INTERVAL
) -> None:
    """Sweep again and again, until cancelled; ``tenants`` are those whose hand-offs are looked for.

    Heartbeats that came while we or the store were away are stored nowhere: after each start and each failure desks
    have ``SILENT_AFTER`` to be heard of again.
    """
    everybody, looks, up_since = tuple(tenants), 0, now()
    while True:
        if looks % ADOPT_EVERY == 0:
            await adopt(store, everybody, now())
        try:
            await sweep(store, now(), listened=now() >= up_since + SILENT_AFTER)
        except AiccError as error:
            up_since = now()
            _log.warning("the floors could not be looked after", error=str(error))
        looks += 1
        await asyncio.sleep(interval)
