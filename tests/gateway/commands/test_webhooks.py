"""``aicc webhooks`` on a tenant's data."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from gateway.analytics.webhooks.delivery import State
from gateway.analytics.webhooks.errors import NothingToRedeliver, NothingToSkip
from gateway.analytics.webhooks.outbox import SKIPPED, Line, Outbox
from gateway.analytics.webhooks.signature import read_secrets
from gateway.commands import webhooks
from gateway.commands.webhooks import SECRET_BYTES, Chosen
from infra.storage.database import Database
from tests.gateway.analytics.webhooks.receiver import happen, subscription
from tests.house import EXAMPLE

TENANT = "hanbit-store"


@pytest.fixture
async def data(fresh_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    @asynccontextmanager
    async def storage(*_: Any) -> AsyncIterator[Database]:
        yield fresh_database

    monkeypatch.setattr(webhooks, "open_storage", storage)
    await fresh_database.enter_tenant(TENANT)
    outbox = Outbox(fresh_database, TENANT)
    await outbox.subscribe([subscription()], datetime.now(UTC))
    await happen(fresh_database, TENANT, "c1", "call.answered", "call.ended")
    ((head, _),) = await outbox.due(Line("crm", "c1"), 1)
    await outbox.move(replace(head, state=State.DEAD, attempts=14, reason="answered 500"))
    return tmp_path


async def printed(data: Path, chosen: Chosen) -> str:
    file = io.StringIO()
    await webhooks.latest(data, EXAMPLE, chosen, 50, Console(file=file, width=200))
    return file.getvalue()


async def test_what_was_given_up_is_listed_with_its_reason(data: Path) -> None:
    shown = await printed(data, Chosen(state=State.DEAD))
    assert "call.answered" in shown
    assert "answered 500" in shown
    assert "crm: 1 dead" in shown
    assert "crm: 1 due" in shown
    (one,) = await webhooks.listed(data, EXAMPLE, Chosen(state=State.DEAD), 50)
    assert (one["contact"], one["seq"], one["state"], one["attempts"]) == ("c1", 1, "dead", 14)


async def test_it_is_told_once_more_when_that_is_asked_for(data: Path) -> None:
    console = Console(file=io.StringIO())
    await webhooks.redeliver(data, EXAMPLE, Chosen(subscription="crm", contact="c1"), console)
    assert [one["state"] for one in await webhooks.listed(data, EXAMPLE, Chosen(), 50)] == ["due", "due"]
    with pytest.raises(NothingToRedeliver):
        await webhooks.redeliver(data, EXAMPLE, Chosen(), console)


async def test_what_holds_up_a_contact_can_be_skipped(data: Path, fresh_database: Database) -> None:
    file = io.StringIO()
    await webhooks.skip(data, EXAMPLE, Line("crm", "c1"), Console(file=file, width=200))
    assert "event 2 (call.ended) is given up" in file.getvalue()
    shown = await webhooks.listed(data, EXAMPLE, Chosen(), 50)
    assert {(one["seq"], one["state"], one["reason"]) for one in shown} >= {(2, "dead", SKIPPED)}
    async with fresh_database.untenanted() as connection:
        told = await connection.execute("SELECT args ->> 'contact', scheduled_at FROM procrastinate_jobs")
        assert await told.fetchall() == [("c1", None)]
    with pytest.raises(NothingToSkip):
        await webhooks.skip(data, EXAMPLE, Line("crm", "c1"), Console(file=file))


async def test_what_is_due_cannot_be_asked_for(data: Path) -> None:
    with pytest.raises(NothingToRedeliver, match="told anyway"):
        await webhooks.redeliver(data, EXAMPLE, Chosen(state=State.DUE), Console(file=io.StringIO()))


async def test_nothing_is_said_to_be_nothing(data: Path) -> None:
    assert "no such deliveries" in await printed(data, Chosen(contact="elsewhere"))


def test_a_new_secret_is_one() -> None:
    made = webhooks.new_secret()
    assert [len(secret) for secret in read_secrets(made)] == [SECRET_BYTES]
    assert made != webhooks.new_secret()
