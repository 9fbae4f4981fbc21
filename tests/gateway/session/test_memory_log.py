"""What only the ledger in memory does; what it promises stands in tests/contracts/test_contact_log.py."""

from __future__ import annotations

import asyncio

import pytest

from gateway.session.errors import LedgerClosed, NotAcknowledged
from gateway.session.memory_log import MemoryContactLog


async def test_held_events_wait_until_it_goes_on() -> None:
    log = MemoryContactLog()
    await log.start()
    log.hold()
    call = log.open_call(tenant="t", call_id="c", line="l", language="en")
    with pytest.raises(NotAcknowledged):
        await call.acknowledged(timeout=0.001)
    assert await log.call("t", "c") is None
    log.resume()
    await call.acknowledged(timeout=20)
    await log.close()


async def test_who_waits_while_it_closes_is_told() -> None:
    log = MemoryContactLog()
    await log.start()
    log.hold()
    call = log.open_call(tenant="t", call_id="c", line="l", language="en")
    waiting = asyncio.create_task(call.acknowledged())
    await asyncio.sleep(0)
    await log.close()
    with pytest.raises(LedgerClosed):
        await waiting
