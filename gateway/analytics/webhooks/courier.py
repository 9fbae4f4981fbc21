"""Carries what is due of one contact to one receiver, in order, until nothing is left or the receiver wants to wait.

A delivery is moved after it was sent: whoever dies in between leaves it due, and it is sent again under the same id.

Refuses: to skip. What comes behind an event waits until that was taken or given up.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

from gateway.analytics.webhooks.delivery import Delivery, NotWanted, Outcome, State, step
from gateway.analytics.webhooks.endpoint import Endpoint
from gateway.analytics.webhooks.outbox import NO_SUBSCRIPTION, Line, Outbox
from infra.telemetry.metrics import metrics

IN_A_ROW = 100
"""Deliveries of one contact after which others come first."""

ERASED = "the log has no such event any more"

_SENT = metrics.counter(
    "aicc_webhook_attempts", "Attempts to tell a receiver of an event, by what came of them", ["outcome"]
)


class Later(Protocol):
    """Has a line's work done, not before a time; now without one."""

    def __call__(self, line: Line, at: datetime | None = None) -> Awaitable[bool]:
        """Whether it does not wait to be done already."""


class Courier:
    """One tenant's. ``endpoints`` are its receivers, by the names of their subscriptions."""

    def __init__(
        self,
        outbox: Outbox,
        endpoints: Mapping[str, Endpoint],
        later: Later,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._endpoints = endpoints
        self._later = later
        self._now = now
        self._chance = chance

    async def carry(self, line: Line) -> None:
        """Tell what is due. Raises the storage's errors: then whoever asked asks again."""
        for _ in range(IN_A_ROW):
            due = await self._outbox.head(line)
            if due is None:
                return
            if due.next_at > self._now():
                await self._later(line, due.next_at)
                return
            endpoint = self._endpoints.get(line.subscription)
            wait = None if endpoint is None else endpoint.rests()
            if wait is not None:
                await self._later(line, self._now() + wait)
                return
            after = step(due, await self._tell(due, endpoint), self._now(), self._chance())
            await self._outbox.move(after)
            _SENT.labels("failed" if after.state is State.DUE else after.state.value).inc()
            if after.state is State.DUE:
                await self._later(line, after.next_at)
                return
        await self._later(line)

    async def _tell(self, due: Delivery, endpoint: Endpoint | None) -> Outcome:
        if endpoint is None:
            return NotWanted(NO_SUBSCRIPTION)
        event = await self._outbox.event(due)
        return NotWanted(ERASED) if event is None else await endpoint.tell(event)
