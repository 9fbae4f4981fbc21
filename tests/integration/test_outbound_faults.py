"""Kill -9 at each step of placing a call: it is placed at most once for each attempt, and found again if it was."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta

import pytest

from gateway.outbound.desk import patience_of
from gateway.outbound.due_call import State
from gateway.outbound.store import DueCalls
from gateway.telephony.twilio_calls import TwilioDialer
from infra.storage.database import Database
from tests.gateway.outbound.parlour import WORDS, due_call, new_tenant, once, tenant
from tests.gateway.telephony.carrier import ACCOUNT, TOKEN, carrier
from tests.integration.outbound_trial import POINTS, PUBLIC, killed, placing_of


@pytest.mark.parametrize("point", POINTS)
async def test_a_call_is_placed_at_most_once_whenever_the_process_dies(
    database: Database, database_url: str, point: str
) -> None:
    name, now = new_tenant(), datetime.now(UTC)
    await database.enter_tenant(name)
    calls = DueCalls(database, name, patience_of(tenant(name)), WORDS)
    due = due_call(due_at=now)
    await calls.enter(due)
    async with carrier() as at_carrier:
        assert await killed(database_url, name, at_carrier.url, now, point) == -signal.SIGKILL
        was_ordered = at_carrier.orders
        dialer = TwilioDialer(ACCOUNT, TOKEN, base=PUBLIC, api_url=at_carrier.url)
        for minutes in range(1, 5):  # the next process looks again and again
            await once(placing_of(calls, name, dialer, now + timedelta(minutes=minutes)), 5)
            found = await calls.get(due.id)
            assert found is not None
            assert len(at_carrier.calls) <= max(found.attempts, 1)
        await dialer.close()
    if was_ordered or point == "before start":
        # It was ordered by the process that died, or, if that had not even begun, by the next one: once.
        assert (found.state, found.attempts, len(at_carrier.calls)) == (State.RINGING, 1, 1)
        assert found.provider_id == at_carrier.calls[0].sid
    else:
        # It was begun, and the carrier says for certain that it was never ordered: the next attempt waits its pause.
        assert (found.state, found.attempts, len(at_carrier.calls)) == (State.DUE, 1, 0)
