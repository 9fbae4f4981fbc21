"""A call's log counts and waits; the spool is bounded, in order, and never drops what it took."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from gateway.session import ledger
from gateway.session.errors import CallLogBroken, LedgerFull, NotAcknowledged
from gateway.session.ledger import CallLog, Entry, Spool
from gateway.session.records import CallRecord

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def record(call_id: str = "c", tenant: str = "t") -> CallRecord:
    return CallRecord(tenant, call_id, "l", "ko", "inbound", "voice", None, None, NOW, None, None, "n", 1)


class Desk:
    """Takes entries, or refuses them while it is full."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.full = False

    def accept(self, entry: Entry) -> None:
        if self.full:
            raise LedgerFull("full")
        self.entries.append(entry)


async def test_a_refused_event_takes_no_number() -> None:
    desk = Desk()
    call = CallLog(record(), desk.accept)
    desk.full = True
    with pytest.raises(LedgerFull):
        call.append("x")
    desk.full = False
    assert call.append("x") == 2
    assert [entry.event.seq for entry in desk.entries] == [1, 2]


async def test_waiters_are_released_as_far_as_it_is_durable() -> None:
    call = CallLog(record(), Desk().accept)
    for _ in range(4):
        call.append("x")
    second, fourth = (asyncio.create_task(call.acknowledged(seq)) for seq in (2, 4))
    await asyncio.sleep(0)
    call.committed(3)
    await second
    assert not fourth.done()
    call.committed(2)
    assert call.acknowledged_seq == 3, "what is durable stays so"
    call.committed(5)
    await fourth


async def test_who_waits_in_vain_is_told_and_forgotten() -> None:
    call = CallLog(record(), Desk().accept)
    with pytest.raises(NotAcknowledged):
        await call.acknowledged(timeout=0.001)
    call.committed(1)
    await call.acknowledged(timeout=20)


async def test_a_broken_log_says_so_to_waiters_and_writers_but_keeps_what_it_had() -> None:
    call = CallLog(record(), Desk().accept)
    call.committed(1)
    call.append("x")
    waiter = asyncio.create_task(call.acknowledged())
    await asyncio.sleep(0)
    call.failed(CallLogBroken("refused"))
    for attempt in (waiter, call.acknowledged()):
        with pytest.raises(CallLogBroken):
            await attempt
    with pytest.raises(CallLogBroken):
        call.append("x")
    await call.acknowledged(1)


def entries(count: int, call_id: str = "c", tenant: str = "t", size: int = 0) -> list[Entry]:
    desk = Desk()
    call = CallLog(record(call_id, tenant), desk.accept)
    for _ in range(count - 1):
        call.append("x", {"a": "x" * size})
    return desk.entries


async def test_what_is_taken_keeps_its_room_until_it_is_done() -> None:
    spool = Spool(most_events=40)
    for entry in entries(38):
        spool.put(entry)
    batch = spool.take()
    assert [entry.event.seq for entry in batch] == list(range(1, 39))
    assert len(spool) == 38
    (more,) = entries(1)
    with pytest.raises(LedgerFull):
        spool.put(more)
    spool.done(batch)
    spool.done(batch)
    assert len(spool) == 0
    spool.put(more)


async def test_bytes_are_bounded_as_events_are() -> None:
    spool = Spool(most_bytes=10_000)
    with pytest.raises(LedgerFull):
        for entry in entries(20, size=1_000):
            spool.put(entry)
    assert 8 <= len(spool) <= 10


async def test_a_batch_is_bounded_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "BATCH_EVENTS", 4)
    spool = Spool()
    for entry in entries(10):
        spool.put(entry)
    sizes = [[entry.event.seq for entry in spool.take()] for _ in range(4)]
    assert sizes == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10], []]


async def test_the_names_of_a_batchs_calls_fit_into_one_notice() -> None:
    spool = Spool()
    for number in range(200):
        (entry,) = entries(1, call_id=f"{number:0>100}", tenant="t" * 60)
        spool.put(entry)
    batches = []
    while batch := spool.take():
        batches.append(batch)
    assert sum(map(len, batches)) == 200
    assert all(
        sum(len(e.event.tenant + e.event.call_id) + 32 for e in batch) <= ledger.BATCH_NAMES for batch in batches
    )


async def test_the_spool_tells_when_it_fills_and_when_it_is_drained() -> None:
    spool = Spool()
    filled = asyncio.create_task(spool.filled())
    await spool.drained()
    await asyncio.sleep(0)
    assert not filled.done()
    for entry in entries(1):
        spool.put(entry)
    await filled
    drained = asyncio.create_task(spool.drained())
    batch = spool.take()
    await asyncio.sleep(0)
    assert not drained.done()
    spool.done(batch)
    await drained


async def test_giving_up_names_the_calls_that_lose_something() -> None:
    spool = Spool()
    waiting, given = entries(2, "waiting"), entries(2, "given")
    for entry in given:
        spool.put(entry)
    spool.take()
    for entry in waiting:
        spool.put(entry)
    assert {call.call_id for call in spool.abandon()} == {"waiting", "given"}
    assert len(spool) == 0
    await spool.drained()
