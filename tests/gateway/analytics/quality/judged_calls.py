"""Calls that are over and judged, written by the real ledger and judged by the real sweep."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.analytics.quality.rubric import Rubrics
from gateway.analytics.quality.standing import standings
from gateway.analytics.quality.sweep import Scoring
from gateway.analytics.whole_log import whole_log
from gateway.session.records import EventKind
from gateway.session.store import ContactLog
from infra.storage.database import Database
from tests.gateway.analytics.past_calls import new_tenant
from tests.sealed_numbers import numbers

MORNING = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
"""When the first call begins."""

Told = tuple[float, str, Mapping[str, Any]]
"""Seconds after the event before, the kind, the payload."""


class JudgedCalls:
    """A tenant's calls, one after the other; ``now`` is the ledger's time."""

    def __init__(self, database: Database, rubrics: Rubrics) -> None:
        self.database, self.rubrics = database, rubrics
        self.now = MORNING
        self.log = ContactLog(database, f"n{uuid.uuid4().hex[:8]}", numbers, clock=lambda: self.now)
        self.tenant = ""

    async def call(self, name: str, told: Sequence[Told], *, language: str = "ko", later: float = 0.0) -> None:
        """A call that begins ``later`` seconds after the end of the one before; durable."""
        self.now += timedelta(seconds=later)
        opened = self.log.open_call(
            tenant=self.tenant,
            call_id=name,
            line="+827080001000",
            language=language,
            caller="+821012345678",
            called="+827080001000",
        )
        for seconds, kind, payload in told:
            self.now += timedelta(seconds=seconds)
            opened.append(kind, payload)
        opened.end("completed")
        await opened.acknowledged()

    async def judge(self) -> int:
        """Let everything be judged that is not."""
        self.now += timedelta(minutes=10)
        return await Scoring(self.database, self.log, self.tenant, self.rubrics).sweep(self.now)

    async def appeal(self, call: str, rubric: str, criterion: str, *, by: str, reason: str = "it was not so") -> None:
        """Somebody objects."""
        [standing] = [one for one in await self._standings(call) if one.rubric == rubric]
        name = f"{rubric}.{criterion}.{len(standing.appeals) + 1}"
        await self._append(call, EventKind.QUALITY_APPEALED, standing.appeal(criterion, name, by=by, reason=reason))

    async def override(
        self, call: str, rubric: str, criterion: str, verdict: Any, *, by: str, reason: str = "I looked"
    ) -> None:
        """Somebody decides."""
        [standing] = [one for one in await self._standings(call) if one.rubric == rubric]
        payload = standing.override(criterion, verdict, by=by, reason=reason)
        await self._append(call, EventKind.QUALITY_OVERRIDDEN, payload)

    async def _standings(self, call: str) -> Any:
        return standings(await whole_log(self.log, self.tenant, call))

    async def _append(self, call: str, kind: EventKind, payload: Mapping[str, Any]) -> None:
        assert await self.log.append_late(self.tenant, call, kind, payload, key=uuid.uuid4().hex)


@asynccontextmanager
async def judged_calls(database: Database, rubrics: Rubrics) -> AsyncIterator[JudgedCalls]:
    """A tenant without calls."""
    calls = JudgedCalls(database, rubrics)
    calls.tenant = await new_tenant(database)
    await calls.log.start()
    try:
        yield calls
    finally:
        await calls.log.close()


def taken(agent: str, *, queue: str = "orders", waited: float = 5.0, filed: float = 20.0, name: str = "") -> list[Told]:
    """A person takes the call, says nothing, and files it."""
    return [
        (1, "handoff.queued", {"handoff": "h1", "reason": "caller_asked", "queue": queue, "skills": [], "summary": {}}),
        (waited, "handoff.accepted", {"handoff": "h1", "agent": agent, "waited": waited}),
        (0, "agent.joined", {"agent": agent, "role": "agent", "name": name or agent}),
        (1, "wrap_up.done", {"agent": agent, "disposition": "solved", "note": "", "seconds": filed}),
    ]
