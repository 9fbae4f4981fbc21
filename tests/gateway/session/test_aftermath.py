"""What is found out of an action after its contact is over stands in the contact's log, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialog.actions.action import Failed, FailureKind, Succeeded
from dialog.actions.intent import intent_of
from gateway.session.aftermath import Aftermath
from gateway.session.memory_log import MemoryContactLog
from tests.dialog.shop import wanted

INTENT = replace(intent_of(wanted()), call_id="call")


@pytest.mark.parametrize(
    ("outcome", "kind"), [(Succeeded({}), "action.succeeded"), (Failed(FailureKind.NOT_DONE), "action.failed")]
)
async def test_a_contact_that_is_over_says_what_became_of_it(outcome: Succeeded | Failed, kind: str) -> None:
    now = [datetime(2026, 11, 22, tzinfo=UTC)]
    ledger = MemoryContactLog(clock=lambda: now[0])
    await ledger.start()
    call = ledger.open_call(tenant="shop", call_id="call", line="l", language="ko")
    call.end("hung_up")
    await call.acknowledged()
    written = Aftermath(ledger, "shop")
    assert not await written(INTENT, outcome), "its session may still be writing"
    now[0] += timedelta(minutes=5)
    assert await written(INTENT, outcome)
    assert await written(INTENT, outcome)
    [late] = (await ledger.events("shop", "call"))[2:]
    assert late.kind == "action.reconciled"
    assert (late.payload["name"], late.payload["outcome"], late.payload["key"]) == ("cancel", kind, INTENT.key)
