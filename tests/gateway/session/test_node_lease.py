"""Who is gone is fenced first, and only then are its calls closed."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

import pytest

from gateway.session.errors import LedgerFenced
from gateway.session.node_lease import NodeLease
from gateway.session.records import EndReason, HandoffState
from gateway.session.store import ContactLog
from infra.storage.database import Database
from tests.sealed_numbers import numbers

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def name() -> str:
    return f"node-{uuid.uuid4().hex}"


async def outlive(database: Database, lease: NodeLease) -> None:
    """Let the lease be over, as if time had passed."""
    async with database.untenanted() as connection:
        await connection.execute("UPDATE nodes SET lease_until = now() - interval '1 s' WHERE node = %s", (lease.node,))


async def test_each_registration_has_a_higher_epoch_and_fences_the_one_before(database: Database) -> None:
    first, second = (NodeLease(database, "same-" + str(id(database))) for _ in range(2))
    epoch = await first.register()
    await first.renew()
    assert await second.register() == epoch + 1
    with pytest.raises(LedgerFenced):
        await first.renew()
    await second.renew()


async def test_a_node_without_a_sign_of_life_is_fenced_once(database: Database) -> None:
    dead, watcher = (NodeLease(database, name(), seconds=0.01) for _ in range(2))
    living = NodeLease(database, name(), seconds=60)
    await asyncio.gather(dead.register(), watcher.register())
    await outlive(database, dead)
    await living.register()
    retired = await watcher.retire_expired()
    assert dead.node in retired
    assert living.node not in retired
    assert dead.node not in await watcher.retire_expired()
    with pytest.raises(LedgerFenced):
        await dead.renew()
    assert await dead.register() == 3
    await dead.renew()


async def test_a_lease_that_ran_out_while_the_server_was_away_is_forgiven(database: Database) -> None:
    unlucky, watcher = NodeLease(database, name()), NodeLease(database, name(), seconds=86_400)
    await unlucky.register()
    await outlive(database, unlucky)
    # The server runs for less than the watcher's lease: it cannot know yet who is dead.
    assert unlucky.node not in await watcher.retire_expired()
    await unlucky.renew()


async def test_a_released_name_leaves_its_open_calls_to_be_closed(fresh_database: Database) -> None:
    log = ContactLog(fresh_database, "gone", numbers)
    await log.start()
    call = log.open_call(tenant="t", call_id="c", line="l", language="ko")
    waiting = call.queue_handoff(reason="r", queue="q")
    leaving = call.queue_handoff(reason="r", queue="q", state=HandoffState.TRANSFERRING)
    ended = log.open_call(tenant="t", call_id="ended", line="l", language="ko")
    ended.end(EndReason.COMPLETED)
    other = log.open_call(tenant="u", call_id="c", line="l", language="ko")
    await log.close()

    assert await NodeLease(fresh_database, "next", clock=lambda: NOW).close_lost_calls() == 2

    events = await log.events("t", "c")
    record = await log.call("t", "c")
    assert record is not None
    assert (record.end_reason, record.ended_at) == ("node_lost", events[2].at)
    assert [event.kind for event in events] == ["call.offered", "handoff.queued", "handoff.queued", "call.ended"]
    assert (events[3].seq, events[3].at) == (4, NOW)
    assert events[3].payload["reason"] == "node_lost"
    assert events[3].payload["node"] == "gone"
    assert set(events[3].payload["abandoned_handoffs"]) == {waiting.handoff_id, leaving.handoff_id}
    assert [h.state for h in await log.handoffs("t")] == ["abandoned"] * 2
    assert [e.kind for e in await log.events("u", other.call_id)] == ["call.offered", "call.ended"]
    assert [e.kind for e in await log.events("t", "ended")] == ["call.offered", "call.ended"]


async def test_closing_again_finds_nothing(fresh_database: Database) -> None:
    log = ContactLog(fresh_database, "gone", numbers)
    await log.start()
    log.open_call(tenant="t", call_id="c", line="l", language="ko")
    await log.close()
    lease = NodeLease(fresh_database, "next")
    both = await asyncio.gather(lease.close_lost_calls(), lease.close_lost_calls())
    assert sum(both) == 1
    assert await lease.close_lost_calls() == 0
    assert len(await log.events("t", "c")) == 2


async def test_living_nodes_calls_stay_open(fresh_database: Database) -> None:
    log = ContactLog(fresh_database, "living", numbers)
    await log.start()
    call = log.open_call(tenant="t", call_id="c", line="l", language="ko")
    await call.acknowledged()
    assert await NodeLease(fresh_database, "next").close_lost_calls() == 0
    call.append("x")
    await call.acknowledged()
    await log.close()
