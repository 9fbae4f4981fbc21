"""Kill -9 at each step of telling others of events, and of the database: nothing is lost or out of order, and ids tell
repetitions."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.analytics.webhooks.delivery import State
from gateway.analytics.webhooks.opening import TASK, open_webhooks
from gateway.analytics.webhooks.outbox import Outbox
from infra.storage.database import Database
from infra.storage.errors import StorageError
from infra.storage.job_queue import JobQueue
from infra.storage.supervisor import Supervisor
from tests.gateway.analytics.webhooks.receiver import happen, new_tenant, receiver
from tests.integration.webhook_trial import DIES_AT, POINTS, killed, now, settings, shop
from tests.postgres import Postgres, opened, server_of_its_own, until

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


@pytest.fixture(scope="module")
def victim_server() -> Iterator[Postgres]:
    with server_of_its_own() as postgres:
        yield postgres


@pytest.fixture
async def victim(victim_server: Postgres) -> AsyncIterator[Postgres]:
    """A supervised server; all of its database is on disk."""
    await victim_server.make_database("aicc")
    await victim_server.run_as_superuser("postgres", "CHECKPOINT")
    supervisor = Supervisor(victim_server.server)
    supervisor.start()
    yield victim_server
    await supervisor.stop()


async def test_a_gateway_whose_database_was_killed_goes_on_telling(victim: Postgres) -> None:
    async with opened(victim.url("aicc")) as database, receiver() as crm:
        name = await new_tenant(database)

        async def told(contact: str) -> bool:
            return [one for one, _ in crm.places].count(contact) >= EVENTS

        async with open_webhooks(database, [shop(name, crm.url)], settings(), now):
            await happen(database, name, "c1", *["caller.turn"] * EVENTS)
            await until(lambda: told("c1"), 30.0)
            victim.kill()
            await until(lambda: happens(database, name, "c2"), 60.0)
            await until(lambda: told("c2"), 60.0)
    for contact in ("c1", "c2"):
        seqs = [seq for one, seq in crm.places if one == contact]
        assert list(dict.fromkeys(seqs)) == list(range(1, EVENTS + 1))


async def happens(database: Database, name: str, contact: str) -> bool:
    """Whether events could be appended."""
    try:
        await happen(database, name, contact, *["caller.turn"] * EVENTS)
    except StorageError:
        return False
    return True
