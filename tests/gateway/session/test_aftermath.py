"""What is found out of an action after its contact is over stands in the contact's record, once."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dialog.actions.action import Failed, FailureKind, Succeeded
from dialog.actions.intent import Intent, intent_of
from gateway.session import aftermath
from gateway.session.aftermath import Aftermath
from gateway.session.ledger import CallLog
from gateway.session.store import ContactLog
from infra.storage.database import Database
from tests.dialog.shop import wanted


@pytest.fixture
def tenant() -> str:
    return f"t-{uuid.uuid4().hex}"


@pytest.fixture
async def log(database: Database) -> AsyncIterator[ContactLog]:
    log = ContactLog(database, f"node-{uuid.uuid4().hex}")
    await log.start()
    yield log
    await log.close()


async def a_call(log: ContactLog, tenant: str) -> tuple[CallLog, Intent]:
    call = log.open_call(tenant=tenant, call_id=uuid.uuid4().hex, line="l", language="ko")
    await call.acknowledged()
    return call, replace(intent_of(wanted()), call_id=call.call_id)


async def test_a_call_that_goes_on_or_has_just_ended_is_not_written_from_outside(
    database: Database, log: ContactLog, tenant: str
) -> None:
    call, intent = await a_call(log, tenant)
    written = Aftermath(database, tenant)
    assert not await written(intent, Succeeded({}))
    call.end("hung_up")
    await call.acknowledged()
    assert not await written(intent, Succeeded({}))
    assert [event.kind for event in await log.events(tenant, call.call_id)] == ["call.offered", "call.ended"]


@pytest.mark.parametrize(
    ("outcome", "kind"), [(Succeeded({}), "action.succeeded"), (Failed(FailureKind.NOT_DONE), "action.failed")]
)
async def test_one_that_is_over_says_what_became_of_it_once(
    database: Database,
    log: ContactLog,
    tenant: str,
    monkeypatch: pytest.MonkeyPatch,
    outcome: Succeeded | Failed,
    kind: str,
) -> None:
    monkeypatch.setattr(aftermath, "SETTLED_AFTER", timedelta(seconds=-60))
    call, intent = await a_call(log, tenant)
    call.end("hung_up")
    await call.acknowledged()
    written = Aftermath(database, tenant)
    assert await written(intent, outcome)
    assert await written(intent, outcome)
    late = (await log.events(tenant, call.call_id))[2:]
    assert [event.kind for event in late] == ["action.reconciled"]
    assert (late[0].payload["name"], late[0].payload["outcome"]) == ("cancel", kind)
