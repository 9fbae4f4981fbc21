"""One contact's events, told by a process that kills itself on the way."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any

from pydantic import SecretStr

from gateway.analytics.webhooks import opening
from gateway.analytics.webhooks.delivery import Delivery, Outcome
from gateway.analytics.webhooks.endpoint import Endpoint
from gateway.analytics.webhooks.opening import open_webhooks
from gateway.analytics.webhooks.outbox import Outbox
from gateway.analytics.webhooks.settings import WebhookSettings
from gateway.session.records import ContactEvent
from gateway.session.tenant import Tenant
from tests.gateway.analytics.webhooks.receiver import LOCAL, WRITTEN, tenant_with
from tests.postgres import opened

POINTS = ("before queueing", "after queueing", "before sending", "after sending", "after moving")
"""Where the process kills itself: before and after each step that anybody else can see."""

DIES_AT = 3
"""The event at which it does, of those of the contact."""


def die() -> None:
    """As a crash would."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingOutbox(Outbox):
    """Deliveries whose bearer dies around a step."""

    point = ""

    async def told(self, deliveries: Any) -> None:
        if self.point == "before queueing":
            die()
        await super().told(deliveries)
        if self.point == "after queueing":
            die()

    async def move(self, after: Delivery) -> None:
        await super().move(after)
        if self.point == "after moving" and after.seq == DIES_AT:
            die()


class DyingEndpoint(Endpoint):
    """A receiver whose teller dies around the telling."""

    point = ""

    async def tell(self, event: ContactEvent) -> Outcome:
        if self.point == "before sending" and event.seq == DIES_AT:
            die()
        outcome = await super().tell(event)
        if self.point == "after sending" and event.seq == DIES_AT:
            die()
        return outcome


def shop(name: str, url: str) -> Tenant:
    """A tenant with a webhook there."""
    return tenant_with(name, crm={"url": url, "secret": "crm", "events": ["*"]})


def settings() -> WebhookSettings:
    """For a receiver on this machine."""
    return WebhookSettings.model_validate(
        {"secrets": {"crm": SecretStr(WRITTEN)}, "private_networks": LOCAL, "interval": 0.05}
    )


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


async def _tell(url: str, name: str, hook: str, point: str) -> None:
    DyingOutbox.point = DyingEndpoint.point = point
    opening.Outbox = DyingOutbox  # type: ignore[misc]
    opening.Endpoint = DyingEndpoint  # type: ignore[misc]
    async with opened(url) as database, open_webhooks(database, [shop(name, hook)], settings(), now):
        await asyncio.Event().wait()


def tell(url: str, name: str, hook: str, point: str) -> None:
    """Tell what is due, up to the point."""
    asyncio.run(_tell(url, name, hook, point))


async def killed(url: str, name: str, hook: str, point: str) -> int | None:
    """The exit code of a process that tells what is due and dies at the point."""
    process = get_context("spawn").Process(target=tell, args=(url, name, hook, point))
    process.start()
    await asyncio.to_thread(process.join, 60)
    return process.exitcode
