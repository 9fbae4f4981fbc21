"""Carries what is due of one contact to one receiver, in order, until nothing is left or the receiver wants to wait.

A line whose receiver has no place free just now is put off (``places``), so that whoever does this work is free for
other receivers; whoever gives a place back calls the next one. A delivery is moved after it was sent: whoever dies in
between leaves it due, and it is sent again under the same id.

Refuses: to skip. What comes behind an event waits until that was taken or given up.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeAlias

from gateway.analytics.webhooks.delivery import Delivery, NotWanted, Outcome, State, step
from gateway.analytics.webhooks.endpoint import Endpoint
from gateway.analytics.webhooks.outbox import NO_SUBSCRIPTION, Line, Outbox
from gateway.analytics.webhooks.places import BACK_AFTER
from gateway.session.records import ContactEvent
from infra.telemetry.metrics import metrics

AT_ONCE, IN_A_ROW = 20, 5
"""Deliveries of one contact that are read at once, and how often, after which others come first."""

ERASED = "the log has no such event any more"

_SENT = metrics.counter(
    "aicc_webhook_attempts", "Attempts to tell a receiver of an event, by what came of them", ["outcome"]
)


class Later(Protocol):
    """Has a line's work done, not before a time; now without one."""

    def __call__(self, line: Line, at: datetime | None = None) -> Awaitable[bool]:
        """Whether it does not wait to be done already."""


Hurry: TypeAlias = Callable[[Line], Awaitable[None]]
"""Has a line's work done now, whatever it waits for."""


class Courier:
    """One tenant's. ``endpoints`` are its receivers, by the names of their subscriptions."""

    def __init__(
        self,
        outbox: Outbox,
        endpoints: Mapping[str, Endpoint],
        later: Later,
        hurry: Hurry,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._endpoints = endpoints
        self._later = later
        self._hurry = hurry
        self._now = now
        self._chance = chance

    async def carry(self, line: Line) -> None:
        """Tell what is due. Raises the storage's errors: then whoever asked asks again."""
        endpoint = self._endpoints.get(line.subscription)
        if endpoint is None:
            await self._carry_all(line, None)
            return
        if not endpoint.places.take(line):
            await self._later(line, self._now() + BACK_AFTER)
            return
        try:
            await self._carry_all(line, endpoint)
        finally:
            endpoint.places.free()
        waiting = endpoint.places.called()
        if waiting is not None:
            await self._hurry(waiting)

    async def _carry_all(self, line: Line, endpoint: Endpoint | None) -> None:
        for _ in range(IN_A_ROW):
            found = await self._outbox.due(line, AT_ONCE)
            for due, event in found:
                wait = await self._carry(endpoint, due, event)
                if wait is not None:
                    await self._later(line, wait)
                    return
            if not found:
                return
        await self._later(line)

    async def _carry(self, endpoint: Endpoint | None, due: Delivery, event: ContactEvent | None) -> datetime | None:
        """Tell of one event; until when its line has to wait, if it does."""
        if due.next_at > self._now():
            return due.next_at
        rest = None if endpoint is None else endpoint.rests()
        if rest is not None:
            return self._now() + rest
        after = step(due, await _tell(endpoint, event), self._now(), self._chance())
        await self._outbox.move(after)
        _SENT.labels("failed" if after.state is State.DUE else after.state.value).inc()
        return after.next_at if after.state is State.DUE else None


async def _tell(endpoint: Endpoint | None, event: ContactEvent | None) -> Outcome:
    if endpoint is None:
        return NotWanted(NO_SUBSCRIPTION)
    return NotWanted(ERASED) if event is None else await endpoint.tell(event)
