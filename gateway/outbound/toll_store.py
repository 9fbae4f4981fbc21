"""Keeps count of a tenant's calls to targets in PostgreSQL, and lets one begin only where the rules allow it.

A call is entered with all the seconds that it may last before it is dialled, and corrected when it is over: so that all
nodes together never go beyond the limits, whatever happens to one of them. A node that dies leaves its calls open until
they would have been over.

Refuses: deciding; ``toll.decide`` does.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.outbound.toll import Denied, Usage, decide, reachable
from gateway.session.destination import Destination
from gateway.session.ports import TollDenied, TollPermit
from gateway.session.tenant import Tenant
from infra.storage.database import Database
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("toll.sql"))

OVERHANG = timedelta(minutes=5)
"""Beyond its limit after which a call that nobody has ended is taken to be over."""


@dataclass(frozen=True, slots=True)
class _Permit:
    """See ``TollPermit``."""

    seconds: float
    gate: TollGate
    name: str

    async def used(self, seconds: float) -> None:
        """See ``TollPermit``."""
        await self.gate.over(self.name, seconds)


class TollGate:
    """A tenant's; the session's ``Toll``. ``now`` is the time of day, in UTC."""

    def __init__(self, database: Database, tenant: Tenant, now: Callable[[], datetime]) -> None:
        self._database = database
        self._tenant = tenant
        self._now = now

    def allows(self, destination: Destination) -> TollDenied | None:
        """See ``Toll``."""
        denied = reachable(destination, self._tenant.outbound)
        return None if denied is None else TollDenied(denied.why)

    async def begin(self, call: str, destination: Destination) -> TollPermit | TollDenied:
        """See ``Toll``. Raises the database's errors."""
        refused = self.allows(destination)
        if refused is not None:
            return refused
        assert self._tenant.outbound is not None and self._tenant.outbound.toll is not None, "else it is not reachable"
        now, toll_call = self._now(), uuid.uuid4().hex
        day = now.astimezone(ZoneInfo(self._tenant.time_zone)).date()
        about = {"tenant": self._tenant.id, "day": day, "now": now}
        async with self._database.tenant(self._tenant.id) as connection:
            await connection.execute(QUERIES["lock_toll"].sql, about)
            row = await (await connection.execute(QUERIES["usage"].sql, about)).fetchone()
            assert row is not None, "a sum is one row"
            allowed = decide(self._tenant.outbound.toll, Usage(int(row[0]), float(row[1])))
            if isinstance(allowed, Denied):
                return TollDenied(allowed.why)
            entered = {
                "id": toll_call,
                "call": call,
                "destination": str(destination),
                "seconds": allowed.seconds,
                "open_until": now + timedelta(seconds=allowed.seconds) + OVERHANG,
            }
            await connection.execute(QUERIES["begin"].sql, {**about, **entered})
        return _Permit(allowed.seconds, self, toll_call)

    async def over(self, toll_call: str, seconds: float) -> None:
        """A call has lasted so long. A second word on it changes nothing."""
        about = {"tenant": self._tenant.id, "id": toll_call, "seconds": max(0.0, seconds)}
        async with self._database.tenant(self._tenant.id) as connection:
            await connection.execute(QUERIES["end"].sql, about)
