from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.analytics.webhooks.delivery import State
from gateway.analytics.webhooks.errors import SecretMalformed
from gateway.analytics.webhooks.opening import open_webhooks
from gateway.analytics.webhooks.outbox import Outbox
from gateway.analytics.webhooks.settings import WebhookSettings
from infra.errors import ConfigError
from infra.storage.database import Database
from tests.gateway.analytics.webhooks.receiver import (
    LOCAL,
    SECRET,
    WRITTEN,
    happen,
    new_tenant,
    receiver,
    tenant_with,
)
from tests.postgres import opened, until

HOOK = {"url": "https://crm.example/hook", "secret": "crm", "events": ["call.*"]}


def settings(**changes: Any) -> WebhookSettings:
    given = {"secrets": {"crm": SecretStr(WRITTEN)}, "private_networks": LOCAL, "interval": 0.05, **changes}
    return WebhookSettings.model_validate(given)


def now() -> datetime:
    return datetime.now(UTC)


async def test_what_happens_is_told_while_it_is_open_and_afterwards_waits(database: Database) -> None:
    name = await new_tenant(database)
    async with receiver() as crm:
        tenant = tenant_with(name, crm={**HOOK, "url": crm.url})

        async def told(places: int) -> bool:
            return len(crm.heard) == places

        async with open_webhooks(database, [tenant], settings(), now):
            await happen(database, name, "c1", "call.answered", "speech.started", "call.ended")
            await until(lambda: told(2))
        await happen(database, name, "c2", "call.answered")
        assert crm.places == [("c1", 1), ("c1", 3)]
        assert all(one.signed_by(SECRET) for one in crm.heard)
        async with open_webhooks(database, [tenant], settings(), now):
            await until(lambda: told(3))
    assert crm.places[2:] == [("c2", 1)]
    assert {one.state for one in await Outbox(database, name).latest()} == {State.DELIVERED}


async def test_two_gateways_share_the_work_and_never_tell_of_one_contact_at_once(
    database: Database, database_url: str
) -> None:
    name, contacts, events = await new_tenant(database), 12, 6
    told_by_contact: Counter[str] = Counter()
    at_once: list[str] = []

    async with receiver() as crm, opened(database_url) as other:
        tenant = tenant_with(name, crm={**HOOK, "url": crm.url})

        async def all_told() -> bool:
            return len(crm.heard) >= contacts * events

        async with open_webhooks(database, [tenant], settings(), now), open_webhooks(other, [tenant], settings(), now):
            for contact in range(contacts):
                await happen(database, name, f"c{contact}", *["call.held"] * events)
            await until(all_told, 60.0)
    for contact, seq in crm.places:
        told_by_contact[contact] += 1
        if told_by_contact[contact] != seq:
            at_once.append(f"{contact}/{seq}")
    assert at_once == []
    assert set(told_by_contact.values()) == {events}


async def test_every_task_is_over_when_it_is_left(database: Database) -> None:
    before = asyncio.all_tasks()
    async with open_webhooks(database, [tenant_with(await new_tenant(database), crm=HOOK)], settings(), now):
        assert len(asyncio.all_tasks()) > len(before)
    assert asyncio.all_tasks() == before


async def test_without_webhooks_nothing_runs_and_what_was_wanted_is_forgotten(database: Database) -> None:
    name = await new_tenant(database)
    async with open_webhooks(database, [tenant_with(name, crm=HOOK)], settings(at_once=1), now):
        pass
    before = asyncio.all_tasks()
    async with open_webhooks(database, [tenant_with(name)], settings(secrets={}), now):
        assert asyncio.all_tasks() == before
    await happen(database, name, "c1", "call.answered")
    assert await Outbox(database, name).latest() == []


async def test_a_secret_that_nobody_set_is_found_out_at_once(database: Database) -> None:
    tenant = tenant_with(await new_tenant(database), crm=HOOK)
    with pytest.raises(ConfigError, match="AICC_WEBHOOKS_SECRETS"):
        async with open_webhooks(database, [tenant], settings(secrets={}), now):
            pass
    with pytest.raises(SecretMalformed):
        async with open_webhooks(database, [tenant], settings(secrets={"crm": SecretStr("secret")}), now):
            pass
