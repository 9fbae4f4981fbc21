"""Where calls come to the desk and leave it, in virtual time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from gateway.desk.floor.store import MemoryFloorStore
from gateway.session.records import EndReason
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.desk.center import KIM, Center, waiting
from tests.gateway.session.stage import handover


def test_a_caller_is_told_their_place_and_a_key_keeps_it_while_they_are_called_back() -> None:
    async def script(center: Center) -> None:
        await asyncio.sleep(40.0)
        center.press("1")
        await asyncio.sleep(4.0)
        [item] = (await center.floors.snapshot("shop")).items.values()
        assert item.callback is not None
        assert item.callback.number == "+15550100"
        assert item.enqueued_at < center.now() - timedelta(seconds=40)  # their place is kept

    center = waiting(script)
    told = [event["text"] for event in center.of("reply.heard") if "still finding" in event["text"]]
    assert "number 1 in line" in told[0]
    assert "press 1" in told[0]
    assert "minute" not in told[0]  # nobody knows how long, and nobody is told
    assert center.reason is EndReason.COMPLETED
    assert [event["number"] for event in center.of("callback.requested")] == ["+15550100"]


def test_a_caller_who_leaves_has_left_the_queue() -> None:
    async def script(center: Center) -> None:
        await asyncio.sleep(3.0)
        center.hang_up()
        await asyncio.sleep(1.0)
        assert (await center.floors.snapshot("shop")).items == {}

    center = waiting(script)
    assert [handoff.state for handoff in center.handoffs] == ["abandoned"]
    assert len(center.of("handoff.abandoned")) == 1


def test_a_floor_that_cannot_be_reached_costs_the_caller_nothing_but_the_moment(monkeypatch) -> None:
    async def away(*_: object) -> None:
        raise DatabaseUnavailable("away")

    async def script(center: Center) -> None:
        monkeypatch.undo()
        await center.floors.adopt("shop", center.now())
        await center.sits_down(KIM)
        await center.rings_at(KIM)
        center.hang_up()

    async def play(center: Center) -> None:
        await center.until_quiet()
        await center.speak(1.2)
        while not await center.ledger.handoffs("shop"):
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)
        await script(center)

    monkeypatch.setattr(MemoryFloorStore, "adopt", away)
    center = Center(heard=["a person please"], answers=[[handover()]])
    center.play(play)
    assert center.reason is EndReason.CALLER_HUNG_UP


def test_a_call_back_that_is_promised_outside_opening_hours_stands_on_the_floor() -> None:
    async def play(center: Center) -> None:
        await center.until_quiet()
        await center.speak(1.2)

    center = Center(heard=["a person please"], answers=[[handover()]], hours={"weekly": {"sunday": []}})
    center.play(play)
    assert "call you back" in center.of("reply.heard")[-1]["text"]
    assert [event["number"] for event in center.of("callback.requested")] == ["+15550100"]


def test_a_caller_who_leaves_at_the_very_moment_they_are_queued_has_left_the_queue() -> None:
    async def play(center: Center) -> None:
        adopt = center.floors.adopt

        async def slow(tenant: str, now: datetime) -> object:
            await asyncio.sleep(0.5)
            return await adopt(tenant, now)

        center.floors.adopt = slow  # type: ignore[method-assign,assignment]
        await center.until_quiet()
        await center.speak(1.2)
        while not await center.ledger.handoffs("shop"):
            await asyncio.sleep(0.01)
        center.hang_up()

    center = Center(heard=["a person please"], answers=[[handover()]])
    center.play(play)
    assert [handoff.state for handoff in center.handoffs] == ["abandoned"]
    assert center.kinds.index("handoff.abandoned") < center.kinds.index("call.ended")
