from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.analytics.webhooks.outbox import Line
from gateway.analytics.webhooks.queue import TASK, hurry, put
from infra.storage.database import Database
from infra.storage.job_queue import JobQueue
from tests.gateway.analytics.webhooks.receiver import new_tenant

LATER = timedelta(hours=1)


async def test_a_line_waits_for_its_time_unless_it_is_hurried(database: Database) -> None:
    done: list[tuple[str, str, str]] = []

    async def carry(tenant: str, subscription: str, contact: str) -> None:
        done.append((tenant, subscription, contact))

    tenant, jobs = await new_tenant(database), JobQueue(database, TASK, carry)
    await jobs.open()
    first, second = Line("crm", "c1"), Line("crm", "c2")
    for line in (first, second):
        assert await put(jobs, tenant, line, datetime.now(UTC) + LATER)
        assert not await put(jobs, tenant, line)
    await hurry(jobs, tenant, first)
    await jobs.work([tenant], 2, forever=False)
    assert done == [(tenant, "crm", "c1")]
