"""The trends of the calls that go on, kept by following what is decided in them.

Refuses: judging; see ``trend.py``.
"""

from __future__ import annotations

import asyncio

from gateway.desk.trend import Trend
from gateway.session.ledger import Ledger
from gateway.session.records import ContactEvent, EventKind
from infra.supervision import supervised

AGAIN_AFTER = 1.0
"""Seconds until a tenant is followed again whose events could not be had."""

MOST_CALLS = 2_000
"""Calls that are remembered; the oldest is let go."""

ANSWERS = frozenset({"answer", "clarify", "act", "escalate"})
"""Decisions of which a confidence says something."""


class Trends:
    """All calls' whose events this node sees."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._trends: dict[str, Trend] = {}

    def of(self, call: str) -> Trend:
        """How sure the bot was in a call."""
        return self._trends.get(call, Trend())

    async def follow(self, tenant: str) -> None:
        """Follow a tenant's calls until cancelled."""
        while True:
            await supervised(self._follow(tenant), f"the calls of {tenant} cannot be followed")
            await asyncio.sleep(AGAIN_AFTER)

    async def _follow(self, tenant: str) -> None:
        async with self._ledger.subscribe(tenant) as follower:
            async for event in follower:
                self.saw(event)

    def saw(self, event: ContactEvent) -> None:
        """Take in an event."""
        if event.kind == EventKind.REPLY_DECIDED and event.payload.get("decision") in ANSWERS:
            trend = self._trends.pop(event.call_id, Trend()).after(float(event.payload.get("confidence", 0.0)))
            self._trends[event.call_id] = trend
            if len(self._trends) > MOST_CALLS:
                del self._trends[next(iter(self._trends))]
        elif event.kind == EventKind.CALL_ENDED:
            self._trends.pop(event.call_id, None)
