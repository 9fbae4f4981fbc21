from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.analytics.webhooks import opening
from gateway.analytics.webhooks.delivery import State
from gateway.analytics.webhooks.endpoint import Endpoint
from gateway.analytics.webhooks.errors import SecretMalformed
from gateway.analytics.webhooks.opening import open_webhooks
from gateway.analytics.webhooks.outbox import Line, Outbox
from gateway.analytics.webhooks.queue import TASK, hurry
from gateway.analytics.webhooks.settings import WebhookSettings
from infra.errors import ConfigError
from infra.storage.database import Database
from infra.storage.job_queue import JobQueue
from tests.gateway.analytics.webhooks.receiver import (
    LOCAL,
    SECRET,
    WRITTEN,
    Receiver,
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
            states = [one.state for one in await Outbox(database, name).latest()]
            return states == [State.DELIVERED] * places

        async with open_webhooks(database, [tenant], settings(), now):
            await happen(database, name, "c1", "call.answered", "speech.started", "call.ended")
            await until(lambda: told(2))
        await happen(database, name, "c2", "call.answered")
        assert crm.places == [("c1", 1), ("c1", 3)]
        assert all(one.signed_by(SECRET) for one in crm.heard)
        async with open_webhooks(database, [tenant], settings(), now):
            await until(lambda: told(3))
    assert crm.places[2:] == [("c2", 1)]


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


async def test_a_receiver_that_does_not_answer_keeps_no_other_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One takes every request and answers none; until its time is over, which here it never is, it has its places."""
    monkeypatch.setattr(opening, "Endpoint", partial(Endpoint, within=600.0))
    name, contacts, at_once = await new_tenant(database), 12, 2
    async with receiver() as crm, receiver() as stuck:
        stuck.answers.clear()
        hooks = {"stuck": (stuck, "call.answered"), "crm": (crm, "call.ended")}
        tenant = tenant_with(
            name, **{hook: {**HOOK, "url": one.url, "events": [kind]} for hook, (one, kind) in hooks.items()}
        )

        async def heard(by: Receiver, many: int) -> bool:
            return len(by.heard) == many

        async with open_webhooks(database, [tenant], settings(at_once=at_once), now):
            for contact in range(contacts):
                await happen(database, name, f"c{contact}", "call.answered")
            await until(lambda: heard(stuck, at_once), 60.0)
            for contact in range(contacts):
                await happen(database, name, f"c{contact}", "call.ended", first=2)
            await until(lambda: heard(crm, contacts), 60.0)
            assert len(stuck.heard) == at_once, "it has no more than its own places"
            stuck.answers.set()
            await until(lambda: heard(stuck, contacts), 60.0)


async def test_a_line_that_waits_for_an_hour_goes_on_when_its_event_is_skipped(database: Database) -> None:
    name = await new_tenant(database)
    async with receiver() as crm:
        tenant = tenant_with(name, crm={**HOOK, "url": crm.url})
        crm.status, crm.headers = lambda heard: 400 if heard.place[1] == 1 else 204, {"retry-after": "3600"}
        outbox, line = Outbox(database, name), Line("crm", "c1")

        async def refused() -> bool:
            return any(one.attempts for one in await outbox.latest())

        async def all_told() -> bool:
            return crm.places == [("c1", 1), ("c1", 2)]

        async with open_webhooks(database, [tenant], settings(), now):
            await happen(database, name, "c1", "call.answered", "call.ended")
            await until(refused)
            assert await outbox.skip(line, now()) is not None
            await until(lambda: waits(database, name))
            jobs = JobQueue(database, TASK, not_here)
            await jobs.open()
            await hurry(jobs, name, line)
            await until(all_told)
        assert {one.seq: one.state for one in await outbox.latest()} == {1: State.DEAD, 2: State.DELIVERED}


async def not_here(**_: str) -> None:
    raise AssertionError("the gateway does the work")


async def waits(database: Database, tenant: str) -> bool:
    """Whether a line's work was put off."""
    query = "SELECT 1 FROM procrastinate_jobs WHERE args ->> 'tenant' = %s AND status = 'todo'"
    async with database.untenanted() as connection:
        return await (await connection.execute(query.encode(), (tenant,))).fetchone() is not None


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
