"""Due calls in a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from gateway.outbound.due_call import (
    Acknowledged,
    Cancelled,
    Declined,
    DueCall,
    Patience,
    Postponed,
    Reported,
    Started,
    State,
)
from gateway.outbound.store import DueCalls
from gateway.telephony.dialer import Progress
from infra.storage.database import Database
from infra.storage.errors import ConstraintBroken
from tests.gateway.outbound.parlour import NOW, NUMBER, WORDS, due_call, new_tenant

OTHER = "+821099998888"
AGAIN = NOW + timedelta(seconds=60)


@pytest.fixture
async def calls(database: Database) -> DueCalls:
    tenant = new_tenant()
    await database.enter_tenant(tenant)
    return DueCalls(database, tenant, Patience(), WORDS)


async def test_what_is_entered_is_read_back_and_the_same_key_is_the_same_call(calls: DueCalls) -> None:
    wanted = due_call(key="k")
    assert await calls.enter(wanted) == wanted
    assert await calls.enter(due_call(OTHER, key="k")) == wanted
    assert await calls.get(wanted.id) == await calls.by_key("k") == wanted
    assert await calls.get("nobody") is None
    assert list(await calls.latest()) == [wanted]
    assert list(await calls.latest(state=State.DONE)) == []


async def test_what_happens_is_written_down_with_its_history(calls: DueCalls) -> None:
    due = due_call()
    await calls.enter(due)
    started = await calls.happen(due.id, Started("t1"), NOW)
    assert started is not None and started.after.state is State.PLACING
    await calls.happen(due.id, Acknowledged("CA1"), NOW, ticket="t1")
    busy = await calls.happen(due.id, Reported(Progress.BUSY), NOW, ticket="t1")
    assert busy is not None and await calls.get(due.id) == busy.after
    assert [(line["state"], line["reason"]) for line in await calls.history(due.id)] == [
        ("placing", ""),
        ("ringing", ""),
        ("due", "busy"),
    ]


@pytest.mark.parametrize("written", [NUMBER, NUMBER.removeprefix("+"), "0" + NUMBER.removeprefix("+82")])
async def test_what_a_carrier_says_of_a_number_is_kept_without_the_number(calls: DueCalls, written: str) -> None:
    due = due_call()
    await calls.enter(due)
    await calls.happen(due.id, Started("t1"), NOW)
    await calls.happen(due.id, Declined(f"The 'To' number {written} is not valid", again=False), NOW, ticket="t1")
    kept = await calls.get(due.id)
    assert kept is not None and kept.number == NUMBER
    for line in (kept.reason, (await calls.history(due.id))[-1]["reason"]):
        assert line.replace("+", "") == "The 'To' number [phone] is not valid"


async def test_an_attempt_that_was_given_up_cannot_come_back(calls: DueCalls) -> None:
    due = due_call()
    await calls.enter(due)
    await calls.happen(due.id, Started("t1"), NOW)
    assert await calls.happen(due.id, Acknowledged("CA9"), NOW, ticket="t0") is None
    assert await calls.happen("nobody", Acknowledged("CA9"), NOW) is None


async def test_a_number_is_never_called_twice_at_the_same_time(calls: DueCalls) -> None:
    first, second, elsewhere = due_call(), due_call(), due_call(OTHER)
    for due in (first, second, elsewhere):
        await calls.enter(due)
    await calls.happen(first.id, Started("t1"), NOW)
    with pytest.raises(ConstraintBroken):
        await calls.happen(second.id, Started("t2"), NOW)
    assert [due.id for due in await calls.claim_due(NOW, AGAIN, 10)] == [elsewhere.id]
    assert await calls.under_way() == 1
    await calls.happen(first.id, Reported(Progress.NO_ANSWER), NOW)
    assert [due.id for due in await calls.claim_due(NOW, AGAIN, 10)] == [second.id]


async def test_nobody_gets_what_another_has_claimed(calls: DueCalls) -> None:
    for number in range(6):
        await calls.enter(due_call(f"+8210000000{number}"))
    claimed = await asyncio.gather(*(calls.claim_due(NOW, AGAIN, 3) for _ in range(4)))
    ids = [due.id for part in claimed for due in part]
    assert len(ids) == len(set(ids)) == 6
    assert len(await calls.claim_due(AGAIN, AGAIN + timedelta(minutes=1), 10)) == 6  # its claim is over


async def test_only_what_is_due_is_claimed(calls: DueCalls) -> None:
    later = due_call(due_at=NOW + timedelta(hours=1))
    await calls.enter(later)
    assert await calls.claim_due(NOW, AGAIN, 10) == []
    await calls.happen(later.id, Cancelled("called off"), NOW)
    assert await calls.claim_due(NOW + timedelta(hours=2), AGAIN, 10) == []


async def test_what_is_under_way_is_claimed_once_its_time_is_over(calls: DueCalls) -> None:
    due = due_call()
    await calls.enter(due)
    started = await calls.happen(due.id, Started("t1"), NOW)
    assert started is not None
    assert await calls.claim_under_way(NOW, AGAIN, 10) == []
    late = started.after.next_at
    assert [one.id for one in await calls.claim_under_way(late, late + timedelta(minutes=1), 10)] == [due.id]
    assert await calls.claim_under_way(late, late + timedelta(minutes=1), 10) == []


async def test_who_opted_out_is_not_called_whatever_was_promised(calls: DueCalls) -> None:
    waiting, under_way = due_call(), due_call(OTHER)
    await calls.enter(waiting)
    await calls.enter(under_way)
    await calls.happen(under_way.id, Started("t1"), NOW)
    assert await calls.opt_out(NUMBER, "다시는 전화하지 마세요", "c1", NOW) == 1
    assert await calls.opt_out(NUMBER, "again", None, NOW) == 0
    found = await calls.get(waiting.id)
    assert found is not None and found.state is State.OPTED_OUT
    assert await calls.enter(due_call()) is None
    kept = await calls.opted_out()
    assert [(one.number, one.contact, one.words) for one in kept] == [(NUMBER, "c1", "다시는 전화하지 마세요")]
    assert await calls.opt_in(NUMBER) and not await calls.opt_in(NUMBER)
    assert await calls.enter(due_call()) is not None


async def test_an_attempt_that_would_start_for_who_has_opted_out_meanwhile_does_not(
    calls: DueCalls, database: Database
) -> None:
    due = due_call()
    await calls.enter(due)
    await calls.claim_due(NOW, AGAIN, 10)
    moves = await asyncio.gather(
        calls.happen(due.id, Started("t1"), NOW), calls.opt_out(NUMBER, "stop", None, NOW), return_exceptions=True
    )
    found = await calls.get(due.id)
    assert not any(isinstance(move, BaseException) for move in moves)
    assert found is not None and found.state in {State.PLACING, State.OPTED_OUT}  # either came first; nothing between
    late = due_call(OTHER)
    await calls.enter(late)
    await calls.opt_out(OTHER, "stop", None, NOW)
    move = await calls.happen(late.id, Started("t2"), NOW)
    assert move is not None and move.after.state is State.OPTED_OUT


async def test_no_tenant_sees_what_is_anothers(calls: DueCalls, database: Database) -> None:
    due = due_call()
    await calls.enter(due)
    await calls.opt_out(OTHER, "stop", None, NOW)
    other = new_tenant()
    await database.enter_tenant(other)
    stranger = DueCalls(database, other, Patience(), WORDS)
    assert await stranger.get(due.id) is None
    assert await stranger.happen(due.id, Postponed(AGAIN, "x"), NOW) is None
    assert await stranger.claim_due(NOW, AGAIN, 10) == []
    assert await stranger.opted_out() == []
    assert await stranger.opt_in(OTHER) is False
    assert await stranger.enter(due_call()) is not None  # the same number, by an enterprise of its own


async def over(calls: DueCalls, number: str = NUMBER, *, at: datetime = NOW) -> DueCall:
    """A call that was called off at that time."""
    due = due_call(number)
    await calls.enter(due)
    move = await calls.happen(due.id, Cancelled("called off"), at)
    assert move is not None
    return move.after


async def test_what_was_over_long_ago_is_swept_and_nothing_else(calls: DueCalls) -> None:
    long_ago, lately = await over(calls, at=NOW), await over(calls, at=NOW + timedelta(days=2))
    due, ringing = due_call(due_at=NOW + timedelta(days=3)), due_call(OTHER)
    for one in (due, ringing):
        await calls.enter(one)
    await calls.happen(ringing.id, Started("t1"), NOW)
    assert await calls.sweep(NOW) == 0
    assert await calls.sweep(NOW + timedelta(days=1)) == 1
    assert await calls.get(long_ago.id) is None
    assert {one.id for one in await calls.latest()} == {lately.id, due.id, ringing.id}
    assert await calls.sweep(due.not_after + timedelta(days=1)) == 2
    assert [one.id for one in await calls.latest()] == [ringing.id], "it is not known yet what becomes of it"


async def test_of_a_number_that_is_forgotten_only_stays_that_it_must_not_be_called(calls: DueCalls) -> None:
    await over(calls)
    theirs = await over(calls, OTHER)
    await calls.enter(due_call())
    await calls.opt_out(NUMBER, "never again", "c1", NOW)
    assert set(await calls.numbers()) == {NUMBER, OTHER}
    assert await calls.left([NUMBER]) == 3
    assert await calls.forget([NUMBER]) == 3
    assert [one.id for one in await calls.latest()] == [theirs.id]
    [kept] = await calls.opted_out()
    assert (kept.number, kept.words, kept.contact) == (NUMBER, "", None)
    assert list(await calls.numbers()) == [OTHER]
    assert await calls.left([NUMBER]) == await calls.forget([NUMBER]) == await calls.forget([]) == 0
    assert await calls.enter(due_call()) is None


@pytest.mark.parametrize("end", [Reported(Progress.NO_ANSWER), Reported(Progress.OVER)])
async def test_a_call_that_is_under_way_when_its_callee_is_forgotten_goes_when_it_is_over(
    calls: DueCalls, end: Reported
) -> None:
    due = due_call()
    await calls.enter(due)
    await calls.happen(due.id, Started("t1"), NOW)
    await calls.happen(due.id, Acknowledged("CA1"), NOW, ticket="t1")
    assert await calls.forget([NUMBER]) == 1
    assert await calls.left([NUMBER]) == 0
    assert await calls.get(due.id) is not None
    move = await calls.happen(due.id, end, NOW, ticket="t1")
    assert move is not None and move.after.reason
    assert await calls.get(due.id) is None, "nor is it tried again"


async def test_what_another_tenant_calls_the_same_number_about_is_not_forgotten(
    calls: DueCalls, database: Database
) -> None:
    tenant = new_tenant()
    await database.enter_tenant(tenant)
    others = DueCalls(database, tenant, Patience(), WORDS)
    theirs = await over(others)
    await over(calls)
    await calls.forget([NUMBER])
    await calls.sweep(NOW + timedelta(days=365))
    assert await others.get(theirs.id) == theirs
