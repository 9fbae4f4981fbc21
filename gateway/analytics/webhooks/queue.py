"""The queue of webhooks' work: a job for each line, in the compartment of its tenant.

Refuses: the work itself; a courier does it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gateway.analytics.webhooks.outbox import Line

if TYPE_CHECKING:
    from infra.storage.job_queue import JobQueue

TASK = "webhooks"


async def put(jobs: JobQueue, tenant: str, line: Line, at: datetime | None = None) -> bool:
    """Have a line's work done by whoever serves its tenant, not before a time; false where it waits already."""
    return await jobs.put(tenant, _name(tenant, line), at, **_arguments(tenant, line))


async def hurry(jobs: JobQueue, tenant: str, line: Line) -> None:
    """Have it done now, whatever it was waiting for."""
    await jobs.hurry(tenant, _name(tenant, line), **_arguments(tenant, line))


def _name(tenant: str, line: Line) -> str:
    return f"{TASK}/{tenant}/{line.subscription}/{line.contact}"


def _arguments(tenant: str, line: Line) -> dict[str, str]:
    return {"tenant": tenant, "subscription": line.subscription, "contact": line.contact}
