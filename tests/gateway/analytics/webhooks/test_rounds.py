from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.analytics.webhooks.outbox import Line, Outbox
from gateway.analytics.webhooks.rounds import OVERDUE_AFTER, keep_sweeping, keep_telling, mend, tell_of_new
from infra.storage.database import Database
from infra.storage.job_queue import JobQueue
from infra.telemetry.metrics import metrics
from tests.gateway.analytics.webhooks.receiver import happen, new_tenant, subscription


class Told:
    """What the queue was told of."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.some = asyncio.Event()

    async def later(self, line: Line, at: datetime | None = None) -> bool:
        self.lines.append(line)
        self.some.set()
        return True


@pytest.fixture
async def outbox(database: Database) -> Outbox:
    made = Outbox(database, await new_tenant(database))
    await made.subscribe([subscription()], datetime.now(UTC))
    return made


async def test_each_line_is_told_of_once(database: Database, outbox: Outbox) -> None:
    told = Told()
    await happen(database, outbox.tenant, "c1", "call.answered", "caller.turn")
    await happen(database, outbox.tenant, "c2", "call.answered")
    assert await tell_of_new(outbox, told.later) == 3
    assert await tell_of_new(outbox, told.later) == 0
    assert told.lines == [Line("crm", "c1"), Line("crm", "c2")]


async def test_who_dies_before_it_was_marked_tells_of_it_again(database: Database, outbox: Outbox) -> None:
    class Died(Exception):
        pass

    async def dies(line: Line, at: datetime | None = None) -> bool:
        raise Died

    told = Told()
    await happen(database, outbox.tenant, "c1", "call.answered")
    with pytest.raises(Died):
        await tell_of_new(outbox, dies)
    assert await tell_of_new(outbox, told.later) == 1


async def test_new_events_are_looked_for_until_that_is_ended(database: Database, outbox: Outbox) -> None:
    told = Told()
    looking = asyncio.create_task(keep_telling([(outbox, told.later)], interval=0.01))
    await happen(database, outbox.tenant, "c1", "call.answered")
    async with asyncio.timeout(20):
        await told.some.wait()
    looking.cancel()
    await asyncio.wait({looking})
    assert looking.cancelled()


async def test_what_is_overdue_is_told_of_once_more_and_counted(database: Database, outbox: Outbox) -> None:
    async def work() -> None:
        """Nothing is done here."""

    jobs, told, now = JobQueue(database, "test-mend", work), Told(), datetime.now(UTC)
    await jobs.open()
    await happen(database, outbox.tenant, "c1", "call.answered")
    await outbox.told(await outbox.new(10))
    await mend(jobs, [(outbox, told.later)], now)
    assert told.lines == []
    await mend(jobs, [(outbox, told.later)], now + OVERDUE_AFTER + timedelta(minutes=1))
    assert told.lines == [Line("crm", "c1")]
    assert metrics.value("aicc_webhook_deliveries", {"state": "due"}) == 1


async def test_sweeping_goes_on_until_it_is_ended(database: Database, outbox: Outbox) -> None:
    day = timedelta(days=1)
    sweeping = asyncio.create_task(keep_sweeping([outbox], day, day, lambda: datetime.now(UTC)))
    await asyncio.sleep(0)
    sweeping.cancel()
    await asyncio.wait({sweeping})
    assert sweeping.cancelled()
