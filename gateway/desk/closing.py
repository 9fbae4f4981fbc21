"""The end of an agent's work on a call: the case is filed in the call's record, then the floor lets the agent go.

The record comes first: what an agent wrote is durable before anybody acts on it being done. Where the floor could not
be told then, the same case that is filed again is not written a second time.

Refuses: what a case looks like (``wrap_up.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialog.assist.wrap_up import Difference, WrapUp
from gateway.access.identity import Identity
from gateway.desk.desk import Desk
from gateway.desk.floor.agent_state import AgentState, Routing
from gateway.desk.floor.errors import NotYours, WrongState
from gateway.session.errors import NotAcknowledged
from gateway.session.records import EventKind

MOST_FILED = 1_000
"""Cases that were written and whose floor could not be told; of more the oldest is forgotten, and written once more."""


class Closing:
    """All tenants'."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._filed: dict[str, tuple[WrapUp, Difference]] = {}

    async def prefilled(self, who: Identity, item: str) -> dict[str, Any]:
        """What an agent begins with. Raises ``NotYours``."""
        call, _ = await self._mine(who, item)
        return dict(await self._desk.tenants[who.tenant].wrap_ups.prefilled(item, call))

    async def file(self, who: Identity, item: str, filed: WrapUp) -> dict[str, Any]:
        """File a case, and be free. Raises ``NotYours``, ``WrapUpRefused``, the floor's and the ledger's errors."""
        desk, (call, me) = self._desk, await self._mine(who, item)
        if me.routing is not Routing.WRAP_UP:
            raise WrongState(f"call {call} is not over yet; hang up, transfer it or give it back first")
        now = desk.now()

        async def write(kind: EventKind, payload: Mapping[str, object]) -> None:
            record = desk.witness.record(call)
            if record is not None:
                record.append(kind, payload)
                await record.acknowledged()
            elif not await desk.ledger.append_late(who.tenant, call, kind, payload, key=item):
                raise NotAcknowledged("the call is still being closed: file it again in a minute")

        written, changed = self._filed.get(item, (None, None))
        if changed is None or written != filed:
            seconds = max(0.0, (now - me.since).total_seconds())
            changed = await desk.tenants[who.tenant].wrap_ups.file(item, call, who.user, filed, seconds, write)
            self._remember(item, filed, changed)
        async with desk.floors.open(who.tenant) as floor:
            floor.wrapped_up(item, who.user, now)
        self._filed.pop(item, None)
        await desk.assistance.forget(who.tenant, call)
        return {"kept": changed.kept, "unedited": changed.unedited}

    def _remember(self, item: str, filed: WrapUp, changed: Difference) -> None:
        self._filed[item] = filed, changed
        if len(self._filed) > MOST_FILED:
            del self._filed[next(iter(self._filed))]

    async def _mine(self, who: Identity, item: str) -> tuple[str, AgentState]:
        """The call of an item that somebody talks about or wraps up, also when it has gone on without them."""
        me = (await self._desk.floors.snapshot(who.tenant)).agents.get(who.user)
        handoff = await self._desk.ledger.handoff(who.tenant, item)
        if me is None or me.item != item or handoff is None:
            raise NotYours("this call is not yours to wrap up, or not any more")
        return handoff.call_id, me
