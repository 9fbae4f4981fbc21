"""Looks again and again after what is due: tells the queue of new deliveries, and mends what others left undone.

New deliveries are entered by the log's transactions, which must not wait for a queue: so they are looked for. Whoever
was told of a delivery may be gone; what is overdue is told of once more.

Refuses: to send anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.analytics.webhooks.courier import Later
from gateway.analytics.webhooks.delivery import State
from gateway.analytics.webhooks.outbox import Outbox
from infra.supervision import supervised
from infra.telemetry.metrics import metrics

if TYPE_CHECKING:
    from infra.storage.job_queue import JobQueue

AT_ONCE = 1_000
"""Deliveries of a tenant in one look."""

OVERDUE_AFTER = timedelta(minutes=5)

MEND_EVERY = 30.0
"""Seconds between two looks for what was left undone."""

SWEEP_EVERY = 3600.0

_WAITING = metrics.gauge("aicc_webhook_deliveries", "Deliveries that are due, and that were given up", ["state"])


async def tell_of_new(outbox: Outbox, later: Later) -> int:
    """Put what is new into the queue; how much that was."""
    found = await outbox.new(AT_ONCE)
    for line in dict.fromkeys(line for line, _ in found):
        await later(line)
    if found:
        await outbox.told(found)
    return len(found)


async def keep_telling(rounds: Sequence[tuple[Outbox, Later]], interval: float) -> None:
    """Look for new deliveries of all tenants again and again, until cancelled."""
    while True:
        more = False
        for outbox, later in rounds:
            found = await supervised(tell_of_new(outbox, later), f"{outbox.tenant}: new events cannot be looked for")
            more = more or found == AT_ONCE
        await asyncio.sleep(0 if more else interval)


async def mend(jobs: JobQueue, rounds: Sequence[tuple[Outbox, Later]], now: datetime) -> None:
    """Put back what a process that died had begun, and tell once more of what is overdue."""
    await jobs.recover()
    counted = dict.fromkeys((State.DUE, State.DEAD), 0)
    for outbox, later in rounds:
        for line in await outbox.overdue(now - OVERDUE_AFTER, AT_ONCE):
            await later(line)
        for _, state, count in await outbox.counts():
            counted[state] += count
    for state, count in counted.items():
        _WAITING.labels(state.value).set(count)


async def keep_mending(
    jobs: JobQueue, rounds: Sequence[tuple[Outbox, Later]], now: Callable[[], datetime], interval: float = MEND_EVERY
) -> None:
    """Mend again and again, until cancelled."""
    while True:
        await supervised(mend(jobs, rounds, now()), "webhooks cannot be looked after")
        await asyncio.sleep(interval)


async def keep_sweeping(
    outboxes: Sequence[Outbox],
    keep: timedelta,
    keep_dead: timedelta,
    now: Callable[[], datetime],
    interval: float = SWEEP_EVERY,
) -> None:
    """Forget deliveries that were remembered for long enough, until cancelled."""
    while True:
        for outbox in outboxes:
            sweeping = outbox.sweep(now() - keep, now() - keep_dead)
            await supervised(sweeping, f"{outbox.tenant}: old deliveries cannot be forgotten")
        await asyncio.sleep(interval)
