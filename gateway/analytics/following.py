"""Work that stands behind the ledger: each event that this node has made durable is handed to it, in order.

Whoever is cut off follows again from then on; what one event does wrong is logged, and the next one is taken.

Refuses: holding up the ledger, and a place to keep what was missed; whoever needs it reads it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from gateway.session.errors import FollowerCutOff
from gateway.session.followers import Follower
from gateway.session.records import ContactEvent
from infra.supervision import ended, supervised

log = logging.getLogger(__name__)

Saw = Callable[[ContactEvent], Awaitable[None]]


class FollowedLedger(Protocol):
    """What following needs of the ledger."""

    def subscribe_node(self) -> Follower:
        """See ``gateway.session.ledger.Ledger``."""


async def follow_node(ledger: FollowedLedger, saw: Saw, what: str) -> None:
    """Hand every event to ``saw`` until cancelled, or until the ledger is closed. ``what`` names, in the log, what is
    not done with an event for which ``saw`` raises."""
    while True:
        async with ledger.subscribe_node() as follower:
            try:
                async for event in follower:
                    await supervised(saw(event), f"{what}: {event.kind} of call {event.call_id}")
            except FollowerCutOff as error:
                log.warning("%s: events were missed: %s", what, error)
                continue
            return


@asynccontextmanager
async def following(ledger: FollowedLedger, saw: Saw, what: str) -> AsyncIterator[None]:
    """``follow_node`` for as long as this is open."""
    task = asyncio.create_task(follow_node(ledger, saw, what), name=f"follow the node: {what}")
    try:
        yield
    finally:
        await ended(task)
