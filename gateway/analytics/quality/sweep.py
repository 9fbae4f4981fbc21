"""Judges every contact of a tenant once by each of its rubrics, some minutes after it is over.

What was judged stands in the contact's own log, and is asked for before anything is judged: a process that dies in
between loses nothing, and of two nodes that judge the same contact one is let in. How far a round has looked is only
remembered so that what no rubric applies to is not looked at in every round.

Refuses: judging a contact twice by the same rubric. One whose criteria have changed judges what comes from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialog.clock import utc_now
from gateway.analytics.quality.contact import Contact
from gateway.analytics.quality.rubric import Rubric, Rubrics
from gateway.analytics.quality.scoring import applies, scored
from gateway.analytics.whole_log import whole_log
from gateway.session.ledger import Ledger
from gateway.session.records import CallRecord, EventKind
from infra.storage.database import Database
from infra.storage.queries import Query, load_queries
from infra.supervision import supervised
from infra.telemetry.metrics import metrics

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

INTERVAL = 30.0
"""Seconds between two rounds."""

LOOKED_BACK = timedelta(days=3)
"""Contacts that ended longer ago are judged no more."""

LOOK_AGAIN = timedelta(hours=1)
"""After this time a round looks at all of the last days again: the end of a contact that was lost with its node becomes
known late, and lies in the past."""

PAGE = 50
"""Contacts that are asked for at once."""

_SCORED = metrics.counter("aicc_quality_scored", "Contacts that were judged by a rubric", ("passed",))

_RECORD = [field.name for field in fields(CallRecord)]

Place = tuple[datetime, str]
"""When a contact ended, and its id: how far a round has looked."""


class Scoring:
    """One tenant's contacts, judged by its ``rubrics``."""

    def __init__(self, database: Database, ledger: Ledger, tenant: str, rubrics: Rubrics) -> None:
        self._database = database
        self._ledger = ledger
        self._tenant = tenant
        self._rubrics = rubrics
        self._looked: dict[str, Place] = {}
        self._look_again = datetime.min.replace(tzinfo=UTC)

    async def sweep(self, now: datetime) -> int:
        """Judge what is due at ``now``; how many contacts that were. Raises ``StorageError``, the ledger's errors."""
        if now >= self._look_again:
            self._looked.clear()
            self._look_again = now + LOOK_AGAIN
        return sum([await self._by(rubric, now) for rubric in self._rubrics.rubrics])

    async def _by(self, rubric: Rubric, now: datetime) -> int:
        until = now - timedelta(seconds=self._rubrics.after_seconds)
        done = 0
        while page := await self._due(rubric, now - LOOKED_BACK, until):
            for record in page:
                done += await self._judge(rubric, record)
                assert record.ended_at is not None, "only contacts that are over are due"
                self._looked[rubric.id] = record.ended_at, record.call_id
        return done

    async def _due(self, rubric: Rubric, since: datetime, until: datetime) -> list[CallRecord]:
        after_at, after_id = self._looked.get(rubric.id, (since, ""))
        asked = {
            "tenant": self._tenant,
            "rubric": rubric.id,
            "channels": list(rubric.applies.channels),
            "since": since,
            "until": until,
            "after_at": after_at,
            "after_id": after_id,
            "limit": PAGE,
        }
        async with self._database.tenant(self._tenant) as connection:
            rows = await (await connection.execute(QUERIES["due"].sql, asked)).fetchall()
        return [CallRecord(**dict(zip(_RECORD, row, strict=True))) for row in rows]

    async def _judge(self, rubric: Rubric, record: CallRecord) -> bool:
        contact = Contact(record, await whole_log(self._ledger, self._tenant, record.call_id))
        if not contact.events or not applies(rubric, contact):
            return False
        found = await asyncio.to_thread(scored, rubric, contact)  # a long contact has many words to compare
        if not await self._ledger.append_late(
            self._tenant, record.call_id, EventKind.QUALITY_SCORED, found, key=rubric.id
        ):
            return False
        _SCORED.labels("none" if found["passed"] is None else str(found["passed"]).lower()).inc()
        return True


async def keep_scoring(
    tenants: Iterable[Scoring], now: Callable[[], datetime] = utc_now, interval: float = INTERVAL
) -> None:
    """Judge what is due, again and again, until cancelled. A tenant whose round fails is tried the next time."""
    every = tuple(tenants)
    while True:
        for scoring in every:
            await supervised(scoring.sweep(now()), "contacts could not be judged")
        await asyncio.sleep(interval)
