"""Settles contacts that are over: what the log of each comes to is kept as a row, and reports need not read the log.

A row stands only for as long as nothing is written into its contact's log; the transaction that writes takes it away
(migration 0020). So it does not matter to any figure whether, when or where contacts are settled, only to the time that
a report takes. Contacts are looked at in the order of their ends, and how far is remembered; after a while all are
looked at again, for rows may have gone and calls that were lost with their node end in the past.

Refuses: saying what a log comes to, which is the view ``analytics.live_contact``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from dialog.clock import utc_now
from infra.storage.database import Database
from infra.storage.errors import StatementTimedOut, ValueNotHeld
from infra.storage.queries import Query, load_queries
from infra.supervision import supervised
from infra.telemetry.metrics import metrics

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("settling.sql"))

INTERVAL = 30.0
"""Seconds between two rounds."""

AFTER = timedelta(minutes=10)
"""Contacts are settled so long after their end: most of what comes late (a wrap-up, a score) is there by then."""

LOOK_AGAIN = timedelta(minutes=15)
"""After this time a round looks at all contacts again. Of a million it takes the database some two seconds."""

LOOKED_AT = 2_000
"""Contacts that one statement looks at."""

AT_ONCE = 50
"""Contacts that are settled in one transaction. Who writes into the log of one of them waits for it: some 0.1 s."""

MOST = 5_000
"""Contacts of a tenant that one round settles: then it is another tenant's turn."""

_SETTLED = metrics.counter("aicc_contacts_settled", "Contacts that were worked out once, for reports")

_log = structlog.get_logger(__name__)

_FIRST = datetime.min.replace(tzinfo=UTC), ""
"""Before every contact: an end, and an id."""


class Settling:
    """One tenant's contacts."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant
        self._looked = _FIRST
        self._look_again = datetime.min.replace(tzinfo=UTC)

    async def sweep(self, now: datetime) -> int:
        """Settle what is due at ``now``; how many contacts that were. Raises ``StorageError``."""
        if now >= self._look_again:
            self._looked, self._look_again = _FIRST, now + LOOK_AGAIN
        done = 0
        while done < MOST and (page := await self._page(now - AFTER)):
            waiting = [call for _, call, due in page if due]
            for first in range(0, len(waiting), AT_ONCE):
                done += await self._settled(waiting[first : first + AT_ONCE])
            self._looked = page[-1][:2]
        return done

    async def _page(self, until: datetime) -> list[tuple[datetime, str, bool]]:
        """The next contacts that ended by then: when, which, and whether no row is kept of it."""
        after_at, after_id = self._looked
        asked = {"tenant": self._tenant, "until": until, "after_at": after_at, "after_id": after_id, "limit": LOOKED_AT}
        async with self._database.tenant(self._tenant) as connection:
            rows = await (await connection.execute(QUERIES["page"].sql, asked)).fetchall()
        return [(ended_at, call, due) for ended_at, call, due in rows]

    async def _settled(self, calls: Sequence[str]) -> int:
        """Settle these but for those that somebody holds; how many. What cannot be worked out stays as it is."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            done = await self._settle(calls)
        except (StatementTimedOut, ValueNotHeld) as error:
            if len(calls) > 1:  # because of one of them
                return sum([await self._settled([call]) for call in calls])
            _log.warning("a contact could not be settled", tenant=self._tenant, call_id=calls[0], error=str(error))
            return 0
        _SETTLED.inc(done)
        await asyncio.sleep(loop.time() - begun)  # the database is there for calls in the first place
        return done

    async def _settle(self, calls: Sequence[str]) -> int:
        asked = {"tenant": self._tenant, "calls": list(calls)}
        async with self._database.tenant(self._tenant) as connection:
            held = await (await connection.execute(QUERIES["hold"].sql, asked)).fetchall()
            asked["calls"] = [call for (call,) in held]
            return (await connection.execute(QUERIES["settle"].sql, asked)).rowcount


async def keep_settling(
    tenants: Iterable[Settling], now: Callable[[], datetime] = utc_now, interval: float = INTERVAL
) -> None:
    """Settle what is due, again and again, until cancelled. A tenant whose round fails is tried the next time."""
    every = tuple(tenants)
    while True:
        for settling in every:
            await supervised(settling.sweep(now()), "contacts could not be settled")
        await asyncio.sleep(interval)
