"""Whoever stands behind the ledger sees every event, survives one that it cannot take, and holds nothing up."""

from __future__ import annotations

import asyncio
import logging

import pytest

from gateway.analytics.following import following
from gateway.session import followers
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import ContactEvent
from infra.errors import AiccError


class Refused(AiccError):
    """Of the test's."""

    code = "refused_by_a_test"


async def said(ledger: MemoryContactLog, *kinds: str) -> None:
    log = ledger.open_call(tenant="t", call_id="c", line="1", language="en")
    for kind in kinds:
        log.append(kind, {})
    await log.acknowledged()
    await asyncio.sleep(0)


async def test_what_one_event_does_wrong_does_not_cost_the_next(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    async def saw(event: ContactEvent) -> None:
        if event.kind == "bad":
            raise Refused("no")
        if event.kind == "worse":
            raise ValueError("a mistake of ours")
        seen.append(event.kind)

    ledger = MemoryContactLog()
    await ledger.start()
    with caplog.at_level(logging.WARNING):
        async with following(ledger, saw, "not counted"):
            await asyncio.sleep(0)
            await said(ledger, "bad", "worse", "good")
    await said(ledger, "later")
    await ledger.close()
    assert seen == ["call.offered", "good"]
    assert [record.getMessage() for record in caplog.records] == [
        "not counted: bad of call c: no",
        "not counted: worse of call c",
    ]


async def test_who_was_cut_off_sees_what_comes_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "MOST_WAITING", 2)
    seen: list[str] = []

    async def saw(event: ContactEvent) -> None:
        seen.append(event.kind)

    ledger = MemoryContactLog()
    await ledger.start()
    async with following(ledger, saw, "not counted"):
        await asyncio.sleep(0)
        await said(ledger, *["x"] * 5)
        await said(ledger)
        await ledger.close()
    assert seen == ["call.offered"]


async def test_a_ledger_that_closes_ends_it() -> None:
    async def saw(event: ContactEvent) -> None:
        raise AssertionError("nothing happened")

    ledger = MemoryContactLog()
    await ledger.start()
    async with following(ledger, saw, "not counted"):
        await asyncio.sleep(0)
        await ledger.close()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("follow the node")]
