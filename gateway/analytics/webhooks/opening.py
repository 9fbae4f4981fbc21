"""Opens the webhooks of a node: its tenants' subscriptions, their receivers, and the tasks that tell them.

Refuses: a subscription whose secret nobody has set; it would be found out only when the first event is due.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from gateway.analytics.webhooks.courier import Courier
from gateway.analytics.webhooks.endpoint import Endpoint
from gateway.analytics.webhooks.outbox import Line, Outbox
from gateway.analytics.webhooks.queue import TASK, hurry, put
from gateway.analytics.webhooks.rounds import keep_mending, keep_sweeping, keep_telling
from gateway.analytics.webhooks.settings import WebhookSettings
from gateway.analytics.webhooks.signature import read_secrets
from gateway.analytics.webhooks.subscription import Subscription, subscriptions_of
from gateway.session.tenant import Tenant
from infra.errors import ConfigError
from infra.storage.database import Database
from infra.supervision import ended, supervised

if TYPE_CHECKING:
    from infra.storage.job_queue import JobQueue

AGAIN_AFTER = 5.0
"""Seconds until work begins anew after the database was away."""

SENDS_WITHIN = 7.0
"""Seconds that sending may take to end once it was told to: what is under way may arrive."""


@asynccontextmanager
async def open_webhooks(
    database: Database, tenants: Iterable[Tenant], settings: WebhookSettings, now: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Tell others of what happens in these tenants' contacts, until it is left.

    Raises ``TenantInvalid``, ``ConfigError``, ``SecretMalformed`` and the storage's errors.
    """
    wanted = {tenant.id: subscriptions_of(tenant) for tenant in tenants}
    secrets = {name: _secrets(settings, name) for ones in wanted.values() for name in {one.secret for one in ones}}
    outboxes = {tenant: Outbox(database, tenant) for tenant in wanted}
    for tenant, outbox in outboxes.items():
        await outbox.subscribe(wanted[tenant], now())
    busy = [tenant for tenant in wanted if wanted[tenant]]
    if not busy:
        yield
        return
    from infra.storage.job_queue import JobQueue  # its package takes a third of a second to import

    async with AsyncExitStack() as stack:
        certificates = await asyncio.to_thread(ssl.create_default_context)
        couriers: dict[str, Courier] = {}

        async def carry(tenant: str, subscription: str, contact: str) -> None:
            await couriers[tenant].carry(Line(subscription, contact))

        jobs = JobQueue(database, TASK, carry)
        await jobs.open()

        def endpoint(one: Subscription) -> Endpoint:
            known = secrets[one.secret], settings.private_networks, certificates
            made = Endpoint(one, *known, now, places=settings.at_once)
            stack.push_async_callback(made.close)
            return made

        for tenant in busy:
            receivers = {one.name: endpoint(one) for one in wanted[tenant]}
            lines = partial(put, jobs, tenant), partial(hurry, jobs, tenant)
            couriers[tenant] = Courier(outboxes[tenant], receivers, *lines, now)
        rounds = [(outboxes[tenant], partial(put, jobs, tenant)) for tenant in busy]
        keep, keep_dead = timedelta(days=settings.keep_days), timedelta(days=settings.keep_dead_days)
        at_once = settings.at_once * sum(len(wanted[tenant]) for tenant in busy)  # each receiver has places of its own
        sending = asyncio.create_task(_keep_working(jobs, busy, at_once), name="send webhooks")
        stack.push_async_callback(ended, sending, SENDS_WITHIN)
        for name, work in (
            ("look for webhooks", keep_telling(rounds, settings.interval)),
            ("mend webhooks", keep_mending(jobs, rounds, now)),
            ("sweep webhooks", keep_sweeping(list(outboxes.values()), keep, keep_dead, now)),
        ):
            stack.push_async_callback(ended, asyncio.create_task(work, name=name))
        yield


def _secrets(settings: WebhookSettings, name: str) -> tuple[bytes, ...]:
    given = settings.secrets.get(name)
    if given is None:
        raise ConfigError(f"tenant.yaml names the secret {name!r} for a webhook: set it in AICC_WEBHOOKS_SECRETS")
    return read_secrets(given.get_secret_value())


async def _keep_working(jobs: JobQueue, tenants: Sequence[str], at_once: int) -> None:
    while True:
        await supervised(jobs.work(tenants, at_once), "webhooks cannot be sent")
        await asyncio.sleep(AGAIN_AFTER)
