"""Kill -9 at each step of telling others of events: nothing is lost or out of order, and ids tell repetitions."""

from __future__ import annotations

import signal

import pytest

from gateway.analytics.webhooks.delivery import State
from gateway.analytics.webhooks.opening import TASK, open_webhooks
from gateway.analytics.webhooks.outbox import Outbox
from infra.storage.database import Database
from infra.storage.job_queue import JobQueue
from tests.gateway.analytics.webhooks.receiver import happen, new_tenant, receiver
from tests.integration.webhook_trial import DIES_AT, POINTS, killed, now, settings, shop
from tests.postgres import until

EVENTS = 6


async def _nothing(**_: str) -> None:
    """The work of a queue that is opened to mend it."""


@pytest.mark.parametrize("point", POINTS)
async def test_every_event_arrives_in_order_whenever_the_process_dies(
    database: Database, database_url: str, point: str
) -> None:
    name = await new_tenant(database)
    outbox = Outbox(database, name)
    async with receiver() as crm:
        async with open_webhooks(database, [shop(name, crm.url)], settings(), now):
            pass  # the subscription stands before anything happens
        await happen(database, name, "c1", *["caller.turn"] * EVENTS)
        assert await killed(database_url, name, crm.url, point) == -signal.SIGKILL
        before = len(crm.heard)

        jobs = JobQueue(database, TASK, _nothing)
        await jobs.open()
        await jobs.recover(lost_after=0.0)

        async def all_over() -> bool:
            return {one.state for one in await outbox.latest()} == {State.DELIVERED}

        async with open_webhooks(database, [shop(name, crm.url)], settings(), now):
            await until(all_over, 30.0)
    seqs = [seq for _, seq in crm.places]
    assert list(dict.fromkeys(seqs)) == list(range(1, EVENTS + 1))
    assert seqs == sorted(seqs)
    repeated = [one for one in crm.heard if one.place[1] == DIES_AT]
    assert len({one.headers["webhook-id"] for one in repeated}) == 1
    expected = {"before sending": (DIES_AT - 1, EVENTS), "after sending": (DIES_AT, EVENTS + 1)}
    if point in expected:
        assert (before, len(seqs)) == expected[point]
    else:
        assert len(seqs) == EVENTS
