"""What every ledger promises, on the one in memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gateway.session import followers
from gateway.session.errors import (
    FollowerCutOff,
    LedgerClosed,
    LedgerFull,
    NameRefused,
    NotAcknowledged,
    PayloadRefused,
)
from gateway.session.followers import Follower
from gateway.session.ledger import SETTLED_AFTER, CallLog, Ledger, Spool
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import ContactEvent, Direction, EndReason, EventKind, HandoffState
from gateway.session.store import ContactLog
from infra.storage.database import Database
from tests.sealed_numbers import numbers


class Clock:
    """A second passes with every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Bench:
    """A started ledger, and a way to keep its events from becoming durable."""

    ledger: Ledger
    away: Callable[[], AbstractAsyncContextManager[None]]
    clock: Clock

    def call(self, tenant: str = "", call_id: str = "", **more: Any) -> CallLog:
        return self.ledger.open_call(
            tenant=tenant or f"t-{uuid.uuid4().hex}",
            call_id=call_id or uuid.uuid4().hex,
            line="main",
            language="ko",
            **more,
        )


def memory_bench(spool: Spool | None = None) -> tuple[MemoryContactLog, Bench]:
    clock = Clock()
    log = MemoryContactLog(clock=clock, spool=spool)

    @asynccontextmanager
    async def away() -> AsyncIterator[None]:
        log.hold()
        yield
        log.resume()

    return log, Bench(log, away, clock)


def postgres_bench(database: Database, spool: Spool | None = None) -> tuple[ContactLog, Bench]:
    clock = Clock()
    log = ContactLog(database, f"node-{uuid.uuid4().hex}", numbers, clock=clock, spool=spool)

    @asynccontextmanager
    async def away() -> AsyncIterator[None]:
        # The writer needs a share of the node's row; somebody else has all of it.
        connection = await database.connect()
        async with connection, connection.transaction():
            await connection.execute("SELECT FROM nodes WHERE node = %s FOR UPDATE", (log.node,))
            yield

    return log, Bench(log, away, clock)


Make = Callable[[Spool | None], tuple[MemoryContactLog | ContactLog, Bench]]


@pytest.fixture(params=["memory", "postgres"])
def make(request: pytest.FixtureRequest) -> Make:
    if request.param == "memory":
        return memory_bench
    database = request.getfixturevalue("database")
    return lambda spool: postgres_bench(database, spool)


@pytest.fixture
async def bench(make: Make) -> AsyncIterator[Bench]:
    log, bench = make(None)
    await log.start()
    yield bench
    await log.close()


async def take(follower: Follower, count: int) -> list[ContactEvent]:
    async with asyncio.timeout(5):
        return [await anext(follower) for _ in range(count)]


async def test_a_call_begins_with_its_offer(bench: Bench) -> None:
    call = bench.call(direction=Direction.INBOUND, channel="voice", caller="+821012345678", called="15881234")
    assert call.last_seq == 1
    await call.acknowledged()
    record = await bench.ledger.call(call.tenant, call.call_id)
    (event,) = await bench.ledger.events(call.tenant, call.call_id)
    assert record is not None
    assert (record.line, record.language, record.caller, record.called) == ("main", "ko", "+821012345678", "15881234")
    assert (record.started_at, record.ended_at, record.end_reason) == (event.at, None, None)
    assert (event.seq, event.kind, event.payload["caller"]) == (1, EventKind.CALL_OFFERED, "+821012345678")
    assert event.at.utcoffset() == timedelta(0)


async def test_appending_never_waits_and_counts_without_gaps(bench: Bench) -> None:
    call = bench.call()
    assert [call.append(EventKind.SPEECH_STARTED, {"at": n}) for n in range(50)] == list(range(2, 52))
    assert call.acknowledged_seq == 0
    await call.acknowledged()
    assert call.acknowledged_seq == 51
    stored = await bench.ledger.events(call.tenant, call.call_id)
    assert [event.seq for event in stored] == list(range(1, 52))
    assert [event.payload for event in stored[1:]] == [{"at": n} for n in range(50)]


async def test_calls_side_by_side_keep_their_own_order(bench: Bench) -> None:
    calls = [bench.call() for _ in range(5)]
    for n in range(20):
        for call in calls:
            call.append("x", {"n": n})
    await asyncio.gather(*(call.acknowledged() for call in calls))
    for call in calls:
        stored = await bench.ledger.events(call.tenant, call.call_id)
        assert [event.payload["n"] for event in stored[1:]] == list(range(20))


async def test_events_are_read_behind_a_number_and_in_pages(bench: Bench) -> None:
    call = bench.call()
    for _ in range(9):
        call.append("x")
    await call.acknowledged()
    page = await bench.ledger.events(call.tenant, call.call_id, after_seq=3, limit=4)
    assert [event.seq for event in page] == [4, 5, 6, 7]
    assert await bench.ledger.events(call.tenant, call.call_id, after_seq=10) == []


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    confidence: float


async def test_what_is_read_is_what_a_follower_gets_and_plain_data(bench: Bench) -> None:
    call = bench.call()
    async with bench.ledger.subscribe(call.tenant) as follower:
        call.append(
            EventKind.TRANSCRIPT_FINAL,
            {
                "text": "배송이 언제 와요? “soon” \\ \u0000 \\u0000",
                "words": (Word("배송이", 0.5), Word("언제", 1.0)),
                "reason": EndReason.COMPLETED,
                "day": date(2026, 11, 21),
                "none": None,
                "big": 2**53 + 1,
                "small": 1e-7,
                "nested": {"a": [1, 2.5, True]},
            },
        )
        await call.acknowledged()
        heard = (await take(follower, 2))[1]
    stored = (await bench.ledger.events(call.tenant, call.call_id))[1]
    assert stored == heard
    assert stored.payload == {
        "text": "배송이 언제 와요? “soon” \\ \ufffd \\u0000",
        "words": [{"text": "배송이", "confidence": 0.5}, {"text": "언제", "confidence": 1.0}],
        "reason": "completed",
        "day": "2026-11-21",
        "none": None,
        "big": 2**53 + 1,
        "small": 1e-7,
        "nested": {"a": [1, 2.5, True]},
    }


@pytest.mark.parametrize("payload", [{"a": b"bytes"}, {"a": {1, 2}}, {"a": object()}, {"a": "x" * 70_000}])
async def test_what_is_not_data_or_too_much_is_refused_and_takes_no_number(
    bench: Bench, payload: dict[str, Any]
) -> None:
    call = bench.call()
    with pytest.raises(PayloadRefused):
        call.append("x", payload)
    assert call.append("x") == 2


async def test_what_is_not_durable_is_not_acknowledged(bench: Bench) -> None:
    call = bench.call()
    await call.acknowledged()
    async with bench.away():
        seq = call.append(EventKind.ACTION_STARTED, {"action": "a1"})
        with pytest.raises(NotAcknowledged, match=f"event {seq}"):
            await call.acknowledged(seq, timeout=0.05)
        await call.acknowledged(1, timeout=0.05)
        assert len(await bench.ledger.events(call.tenant, call.call_id)) == 1
    await call.acknowledged(seq)
    assert len(await bench.ledger.events(call.tenant, call.call_id)) == 2


async def test_what_was_never_appended_cannot_be_waited_for(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no event 7"):
        await bench.call().acknowledged(7)


async def test_an_ended_call_says_when_and_why_and_may_still_be_added_to(bench: Bench) -> None:
    call = bench.call()
    seq = call.end(EndReason.CALLER_HUNG_UP, {"cause": "far_end"})
    call.append(EventKind.RECORDING_STORED, {"path": "x"})
    call.end(EndReason.FAILED)
    await call.acknowledged()
    record = await bench.ledger.call(call.tenant, call.call_id)
    events = await bench.ledger.events(call.tenant, call.call_id)
    assert record is not None
    assert (record.ended_at, record.end_reason) == (events[seq - 1].at, "caller_hung_up")
    assert events[seq - 1].payload == {"reason": "caller_hung_up", "cause": "far_end"}
    assert [event.kind for event in events[1:]] == ["call.ended", "recording.stored", "call.ended"]


async def test_calls_are_listed_latest_first_and_page_by_page(bench: Bench) -> None:
    tenant = f"t-{uuid.uuid4().hex}"
    calls = [bench.call(tenant) for _ in range(5)]
    other = bench.call()
    await asyncio.gather(*(call.acknowledged() for call in [*calls, other]))
    first = await bench.ledger.calls(tenant, limit=3)
    second = await bench.ledger.calls(tenant, limit=3, before=first[-1])
    assert [record.call_id for record in first + second] == [call.call_id for call in reversed(calls)]
    assert await bench.ledger.calls(tenant, before=second[-1]) == []


async def test_tenants_do_not_see_each_other(bench: Bench) -> None:
    mine, other = bench.call(), bench.call()
    other.queue_handoff(reason="r", queue="q")
    await asyncio.gather(mine.acknowledged(), other.acknowledged())
    assert await bench.ledger.call(mine.tenant, other.call_id) is None
    assert await bench.ledger.events(mine.tenant, other.call_id) == []
    assert [record.call_id for record in await bench.ledger.calls(mine.tenant)] == [mine.call_id]
    assert await bench.ledger.handoffs(mine.tenant) == []


async def test_two_tenants_may_use_the_same_call_id(bench: Bench) -> None:
    one, two = bench.call("t-1", "same-" + uuid.uuid4().hex), None
    two = bench.call("t-2", one.call_id)
    one.append("x", {"mine": 1})
    two.append("x", {"mine": 2})
    await asyncio.gather(one.acknowledged(), two.acknowledged())
    assert [(await bench.ledger.events(t, one.call_id))[1].payload["mine"] for t in ("t-1", "t-2")] == [1, 2]


async def test_a_handoff_waits_with_its_summary(bench: Bench) -> None:
    call = bench.call()
    summary = {"wish": "배송 조회", "tried": ("order status",)}
    handoff = call.queue_handoff(reason="caller_asked", queue="returns", skills=("ko",), summary=summary)
    await call.acknowledged()
    assert await bench.ledger.handoffs(call.tenant, state=HandoffState.QUEUED) == [handoff]
    assert await bench.ledger.handoff(call.tenant, handoff.handoff_id) == handoff
    assert await bench.ledger.handoff("another", handoff.handoff_id) is None
    assert handoff.summary == {"wish": "배송 조회", "tried": ["order status"]}
    event = (await bench.ledger.events(call.tenant, call.call_id))[1]
    assert event.kind == EventKind.HANDOFF_QUEUED
    assert event.payload["handoff"] == handoff.handoff_id
    assert event.payload["summary"] == handoff.summary


async def test_a_handoff_that_goes_outside_is_offered_to_nobody_until_it_comes_back(bench: Bench) -> None:
    call = bench.call()
    handoff = call.queue_handoff(reason="caller_asked", queue="returns", state=HandoffState.TRANSFERRING)
    await call.acknowledged()
    assert await bench.ledger.handoffs(call.tenant, state=HandoffState.QUEUED) == []
    assert await bench.ledger.handoffs(call.tenant, state=HandoffState.TRANSFERRING) == [handoff]
    back = {"before": HandoffState.TRANSFERRING, "after": HandoffState.QUEUED}
    assert await bench.ledger.move_handoff(call.tenant, handoff.handoff_id, **back)
    assert [h.state for h in await bench.ledger.handoffs(call.tenant)] == ["queued"]


async def test_only_one_agent_gets_a_handoff(bench: Bench) -> None:
    call = bench.call()
    handoff = call.queue_handoff(reason="caller_asked", queue="returns")
    await call.acknowledged()
    taken = [
        await bench.ledger.move_handoff(
            call.tenant, handoff.handoff_id, before=HandoffState.QUEUED, after=HandoffState.ACCEPTED
        )
        for _ in range(2)
    ]
    assert taken == [True, False]
    assert await bench.ledger.handoffs(call.tenant, state=HandoffState.QUEUED) == []
    assert [h.state for h in await bench.ledger.handoffs(call.tenant)] == ["accepted"]
    moved = {"before": HandoffState.ACCEPTED, "after": HandoffState.ENDED}
    assert not await bench.ledger.move_handoff("another", handoff.handoff_id, **moved)


async def test_a_follower_gets_what_is_stored_and_then_what_comes(bench: Bench) -> None:
    call = bench.call()
    for n in range(4):
        call.append("x", {"n": n})
    await call.acknowledged()
    async with bench.ledger.subscribe(call.tenant, call.call_id, after_seq=2) as follower:
        assert [event.seq for event in await take(follower, 3)] == [3, 4, 5]
        bench.call(call.tenant).append("of another call")
        call.append("live")
        (event,) = await take(follower, 1)
        assert (event.seq, event.kind) == (6, "live")


async def test_a_follower_misses_nothing_while_it_catches_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    call = bench.call()
    async with bench.ledger.subscribe(call.tenant, call.call_id) as follower:
        for n in range(300):
            call.append("x", {"n": n})
            if n % 10 == 0:
                await asyncio.sleep(0)
        assert [event.seq for event in await take(follower, 301)] == list(range(1, 302))


async def test_a_follower_of_a_tenant_gets_all_its_calls_from_now_on(bench: Bench) -> None:
    tenant = f"t-{uuid.uuid4().hex}"
    old = bench.call(tenant)
    await old.acknowledged()
    async with bench.ledger.subscribe(tenant) as follower:
        bench.call()
        new = bench.call(tenant)
        await new.acknowledged()
        old.append("y")
        await old.acknowledged()
        assert [(e.call_id, e.seq) for e in await take(follower, 2)] == [(new.call_id, 1), (old.call_id, 2)]


async def test_a_follower_of_the_node_gets_all_that_it_writes_from_now_on(bench: Bench) -> None:
    old = bench.call()
    await old.acknowledged()
    async with bench.ledger.subscribe_node() as follower:
        new = bench.call()
        await new.acknowledged()
        old.append("y")
        await old.acknowledged()
        expected = [(new.tenant, new.call_id, 1), (old.tenant, old.call_id, 2)]
        assert [(e.tenant, e.call_id, e.seq) for e in await take(follower, 2)] == expected


async def test_nothing_is_told_before_it_is_durable(bench: Bench) -> None:
    call = bench.call()
    await call.acknowledged()
    async with bench.ledger.subscribe(call.tenant) as follower:
        async with bench.away():
            call.append("x")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(follower), 0.05)
        assert [event.kind for event in await take(follower, 1)] == ["x"]


async def test_a_slow_follower_is_cut_off_and_can_follow_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "MOST_WAITING", 10)
    log, bench = make(None)
    await log.start()
    call = bench.call()
    async with log.subscribe(call.tenant, call.call_id) as slow, log.subscribe(call.tenant, call.call_id) as quick:
        await take(slow, 1)
        for n in range(20):
            call.append("x", {"n": n})
            await call.acknowledged()
            await take(quick, 2 if n == 0 else 1)
        with pytest.raises(FollowerCutOff) as caught:
            await take(slow, 1)
    async with log.subscribe(call.tenant, call.call_id, after_seq=caught.value.after_seq) as again:
        assert [event.seq for event in await take(again, 20)] == list(range(2, 22))
    await log.close()


async def test_a_closed_follower_ends(bench: Bench) -> None:
    call = bench.call()
    follower = bench.ledger.subscribe(call.tenant, call.call_id)
    await take(follower, 1)
    asyncio.get_running_loop().call_soon(follower.close)
    async with asyncio.timeout(5):
        assert [event async for event in follower] == []


async def test_a_full_ledger_refuses_the_newest_and_keeps_what_it_took(make: Make) -> None:
    log, bench = make(Spool(most_events=40))
    await log.start()
    call = bench.call()
    await call.acknowledged()
    async with bench.away():
        with pytest.raises(LedgerFull):
            for _ in range(60):
                call.append("x")
        last = call.last_seq
        assert call.end(EndReason.FAILED) == last + 1, "the end has room of its own"
        with pytest.raises(LedgerFull):
            bench.call()
    await call.acknowledged()
    assert call.append("room again") == last + 2
    await call.acknowledged()
    stored = await log.events(call.tenant, call.call_id)
    assert [event.seq for event in stored] == list(range(1, last + 3))
    await log.close()


async def test_what_was_accepted_before_the_close_is_written(make: Make) -> None:
    log, bench = make(None)
    await log.start()
    call = bench.call()
    for _ in range(100):
        call.append("x")
    await log.close()
    assert call.acknowledged_seq == 101
    assert len(await log.events(call.tenant, call.call_id)) == 101


async def test_a_ledger_that_is_not_open_refuses(make: Make) -> None:
    log, bench = make(None)
    with pytest.raises(LedgerClosed):
        bench.call()
    await log.start()
    call = bench.call()
    await log.close()
    with pytest.raises(LedgerClosed):
        call.append("x")
    with pytest.raises(LedgerClosed):
        bench.call()
    await call.acknowledged()


async def ended(bench: Bench) -> CallLog:
    call = bench.call()
    call.end(EndReason.COMPLETED)
    await call.acknowledged()
    return call


async def test_nobody_else_writes_to_a_call_that_goes_on_or_has_just_ended(bench: Bench) -> None:
    open_still, over = bench.call(), await ended(bench)
    await open_still.acknowledged()
    bench.clock.now += SETTLED_AFTER / 2
    for tenant, call_id in ((open_still.tenant, open_still.call_id), (over.tenant, over.call_id), (over.tenant, "no")):
        assert not await bench.ledger.append_late(tenant, call_id, EventKind.ACTION_RECONCILED, {}, key="k")
    assert len(await bench.ledger.events(over.tenant, over.call_id)) == 2
    assert len(await bench.ledger.events(open_still.tenant, open_still.call_id)) == 1


async def test_what_becomes_known_late_is_appended_once_and_told(bench: Bench) -> None:
    call = await ended(bench)
    bench.clock.now += SETTLED_AFTER * 2
    async with bench.ledger.subscribe(call.tenant) as follower:
        for key in ("one", "two", "one"):
            assert await bench.ledger.append_late(
                call.tenant, call.call_id, EventKind.ACTION_RECONCILED, {"name": "취소"}, key=key
            )
        told = await take(follower, 2)
    stored = await bench.ledger.events(call.tenant, call.call_id)
    assert stored[2:] == told
    assert [(event.seq, event.payload) for event in told] == [
        (3, {"name": "취소", "key": "one"}),
        (4, {"name": "취소", "key": "two"}),
    ]


async def test_late_events_at_one_time_have_numbers_without_gaps(bench: Bench) -> None:
    call = await ended(bench)
    bench.clock.now += SETTLED_AFTER * 2
    keys = ["a", "b", "c", "a", "b", "c"]
    kind = EventKind.ACTION_RECONCILED
    await asyncio.gather(*(bench.ledger.append_late(call.tenant, call.call_id, kind, {}, key=key) for key in keys))
    stored = await bench.ledger.events(call.tenant, call.call_id)
    assert [event.seq for event in stored] == [1, 2, 3, 4, 5]
    assert {event.payload["key"] for event in stored[2:]} == {"a", "b", "c"}


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 129, "a b", "a\0b", "가"])
async def test_names_that_are_none_are_refused(bench: Bench, name: str) -> None:
    with pytest.raises(NameRefused):
        bench.ledger.open_call(tenant=name, call_id="c", line="l", language="ko")
    with pytest.raises(NameRefused):
        bench.ledger.open_call(tenant="t", call_id=name, line="l", language="ko")
