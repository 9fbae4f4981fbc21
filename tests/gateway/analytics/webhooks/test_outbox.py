from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.analytics.webhooks.delivery import Answered, Delivery, NotWanted, State, step
from gateway.analytics.webhooks.outbox import NO_SUBSCRIPTION, SKIPPED, Line, Outbox
from gateway.session.records import EventKind
from gateway.session.store import ContactLog
from infra.storage.database import Database
from tests.gateway.analytics.past_calls import ledger, past_call, said
from tests.gateway.analytics.webhooks.receiver import happen, new_tenant, subscription
from tests.sealed_numbers import numbers

LINE = Line("crm", "c1")


@pytest.fixture
async def outbox(database: Database) -> Outbox:
    made = Outbox(database, await new_tenant(database))
    await made.subscribe([subscription()], datetime.now(UTC))
    return made


async def head_of(outbox: Outbox, line: Line) -> Delivery | None:
    return next((due for due, _ in await outbox.due(line, 1)), None)


async def seqs(outbox: Outbox, limit: int = 100) -> list[int]:
    return [seq for _, seq in await outbox.new(limit)]


async def test_what_the_ledger_appends_is_due_for_whoever_wants_it(database: Database, outbox: Outbox) -> None:
    async with ledger(database) as log:
        await past_call(
            log, outbox.tenant, "c1", said("배송이 언제 오나요"), ("speech.started", {"at": 1})
        ).acknowledged()
    found = await outbox.new(100)
    kinds = [delivery.kind for delivery in await outbox.latest()]
    assert sorted(kinds) == ["call.ended", "caller.turn"]
    assert {line for line, _ in found} == {LINE}
    ((first, event), _) = await outbox.due(LINE, 10)
    assert event is not None
    assert (event.kind, event.seq, event.payload["text"]) == (first.kind, first.seq, "배송이 언제 오나요")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (["call.ended"], ["call.ended"]),
        (["call.*"], ["call.answered", "call.ended"]),
        (["call.*", "call.ended", "barge_in"], ["barge_in", "call.answered", "call.ended"]),
        (["dialog.*"], ["dialog.began"]),
        (["*"], ["barge_in", "call.answered", "call.ended", "calls.refused", "dialog.began"]),
    ],
)
async def test_kinds_and_families_and_everything_can_be_wanted(
    database: Database, outbox: Outbox, wanted: list[str], told: list[str]
) -> None:
    await outbox.subscribe([subscription(kinds=wanted)], datetime.now(UTC))
    happened = ("call.answered", "dialog.began", "barge_in", "calls.refused", "call.ended")
    await happen(database, outbox.tenant, "c1", *happened)
    assert sorted(one.kind for one in await outbox.latest()) == told


async def test_what_is_appended_late_is_due_as_well(database: Database, outbox: Outbox) -> None:
    await outbox.subscribe([subscription(kinds=["action.reconciled"])], datetime.now(UTC))
    async with ledger(database) as log:
        await past_call(log, outbox.tenant, "c1").acknowledged()
    late = ContactLog(database, f"later-{outbox.tenant}", numbers, clock=lambda: datetime.now(UTC) + timedelta(days=1))
    await late.start()
    assert await late.append_late(outbox.tenant, "c1", EventKind.ACTION_RECONCILED, {"action": "a"}, key="k")
    await late.close()
    assert [one.kind for one in await outbox.latest()] == ["action.reconciled"]


async def test_an_event_that_was_not_committed_is_due_for_nobody(database: Database, outbox: Outbox) -> None:
    class Interrupted(Exception):
        pass

    with pytest.raises(Interrupted):
        async with database.tenant(outbox.tenant) as connection:
            await connection.execute(
                "INSERT INTO contact_events VALUES (%s, 'c1', 1, now(), 'call.answered', '{}')", (outbox.tenant,)
            )
            raise Interrupted
    assert await outbox.latest() == []


async def test_tenants_do_not_hear_of_each_other(database: Database, outbox: Outbox) -> None:
    other = Outbox(database, await new_tenant(database))
    await other.subscribe([subscription(name="erp")], datetime.now(UTC))
    await happen(database, outbox.tenant, "c1", "call.answered")
    assert await other.latest() == []
    assert await other.redeliver(datetime.now(UTC), states=list(State)) == []
    assert len(await outbox.latest()) == 1


async def test_what_was_told_is_not_new_any_more(database: Database, outbox: Outbox) -> None:
    await happen(database, outbox.tenant, "c1", "call.answered", "caller.turn", "call.ended")
    first = await outbox.new(2)
    await outbox.told(first)
    assert await seqs(outbox) == [3]


async def test_a_line_is_worked_off_in_its_order(database: Database, outbox: Outbox) -> None:
    await happen(database, outbox.tenant, "c1", "call.answered", "caller.turn")
    await happen(database, outbox.tenant, "c2", "call.answered")
    now = datetime.now(UTC)
    for seq in (1, 2):
        head = await head_of(outbox, LINE)
        assert head is not None
        assert head.seq == seq
        await outbox.move(step(head, Answered(200), now, 0))
    assert await head_of(outbox, LINE) is None
    assert await head_of(outbox, Line("crm", "c2")) is not None


async def test_what_is_over_is_not_moved_again(database: Database, outbox: Outbox) -> None:
    await happen(database, outbox.tenant, "c1", "call.answered")
    head = await head_of(outbox, LINE)
    assert head is not None
    await outbox.move(step(head, Answered(200), datetime.now(UTC), 0))
    await outbox.move(step(head, NotWanted("late"), datetime.now(UTC), 0))
    (one,) = await outbox.latest()
    assert one.state is State.DELIVERED


async def test_what_was_given_up_can_be_asked_for_again(database: Database, outbox: Outbox) -> None:
    await happen(database, outbox.tenant, "c1", "call.answered", "call.ended")
    now = datetime.now(UTC)
    await outbox.told(await outbox.new(10))
    for state in (State.DEAD, State.DELIVERED):
        head = await head_of(outbox, LINE)
        assert head is not None
        await outbox.move(replace(head, state=state, attempts=14, next_at=now, reason="answered 500"))
    assert await outbox.counts() == [("crm", State.DEAD, 1)]
    assert await outbox.redeliver(now, subscription="erp") == []
    assert await outbox.redeliver(now, contact="c1") == [Line("crm", "c1")]
    (again,) = await outbox.latest(state=State.DUE)
    assert (again.seq, again.attempts, again.since, again.reason) == (1, 0, now, "")
    assert await seqs(outbox) == [1]


async def test_a_subscription_that_is_gone_takes_what_was_due_with_it(database: Database, outbox: Outbox) -> None:
    await happen(database, outbox.tenant, "c1", "call.answered")
    await outbox.subscribe([subscription(name="erp")], datetime.now(UTC))
    await happen(database, outbox.tenant, "c1", "call.ended", first=2)
    gone, due = sorted(await outbox.latest(), key=lambda one: one.seq)
    assert (gone.subscription, gone.state, gone.reason) == ("crm", State.DEAD, NO_SUBSCRIPTION)
    assert (due.subscription, due.state) == ("erp", State.DUE)
    assert await outbox.redeliver(datetime.now(UTC)) == []


async def test_only_lines_whose_next_one_is_late_are_overdue(database: Database, outbox: Outbox) -> None:
    await happen(database, outbox.tenant, "c1", "call.answered", "call.ended")
    await happen(database, outbox.tenant, "c2", "call.answered")
    later = datetime.now(UTC) + timedelta(hours=1)
    head = await head_of(outbox, LINE)
    assert head is not None
    await outbox.move(replace(head, next_at=later))
    assert await outbox.overdue(datetime.now(UTC) + timedelta(minutes=1), 10) == [Line("crm", "c2")]
    assert await outbox.overdue(datetime.now(UTC) - timedelta(minutes=1), 10) == []


async def test_what_was_remembered_for_long_is_forgotten_but_nothing_that_is_due(
    database: Database, outbox: Outbox
) -> None:
    await happen(database, outbox.tenant, "c1", "call.answered", "caller.turn", "call.ended")
    now = datetime.now(UTC)
    for state in (State.DEAD, State.DELIVERED):
        head = await head_of(outbox, LINE)
        assert head is not None
        await outbox.move(replace(head, state=state, next_at=now))
    hour = timedelta(hours=1)
    assert await outbox.sweep(now - hour, now - hour) == 0
    assert await outbox.sweep(now + hour, now - hour) == 1
    assert await outbox.sweep(now + hour, now + hour) == 1
    assert [one.state for one in await outbox.latest()] == [State.DUE]


async def test_what_a_line_waits_for_can_be_given_up_and_nothing_else(database: Database, outbox: Outbox) -> None:
    await happen(database, outbox.tenant, "c1", "call.answered", "caller.turn")
    await happen(database, outbox.tenant, "c2", "call.answered")
    now = datetime.now(UTC)
    skipped = await outbox.skip(LINE, now)
    assert skipped is not None
    assert (skipped.seq, skipped.state, skipped.next_at, skipped.reason) == (1, State.DEAD, now, SKIPPED)
    assert [one.seq for one, _ in await outbox.due(LINE, 10)] == [2]
    assert [one.seq for one, _ in await outbox.due(Line("crm", "c2"), 10)] == [1]
    await outbox.skip(LINE, now)
    assert await outbox.skip(LINE, now) is None
