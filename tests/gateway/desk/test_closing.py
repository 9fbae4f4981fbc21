"""The end of an agent's work on a call, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from dialog.assist.wrap_up import WrapUp
from gateway.desk.closing import Closing
from gateway.desk.floor.errors import FloorHeld, NotYours
from tests.gateway.desk.center import KIM, PARK, Center, waiting
from tests.gateway.desk.http import routes


def test_an_agent_who_passed_a_call_on_wraps_up_their_own_part_while_it_goes_on() -> None:
    async def script(center: Center) -> None:
        async with routes(center):
            closing = Closing(center.desk)
            await center.sits_down(KIM)
            _, task = await center.accepts(KIM)
            item = (await center.floors.snapshot("shop")).agents["kim"].item
            assert item is not None
            await center.calls.transfer(KIM, "call-1", "orders", None, 2)
            await task
            await center.sits_down(PARK)
            await center.accepts(PARK)
            with pytest.raises(NotYours):
                await closing.file(PARK, "another", WrapUp("", "resolved"))
            await asyncio.sleep(5.0)
            await closing.file(KIM, item, WrapUp("passed on", "resolved"))
            floor = await center.floors.snapshot("shop")
            assert floor.agents["kim"].free
            assert floor.agents["park"].routing == "on_contact"
            with pytest.raises(NotYours):
                await closing.file(KIM, item, WrapUp("passed on", "resolved"))
        center.hang_up()

    center = waiting(script)
    assert [(event["agent"], event["seconds"] >= 5.0) for event in center.of("wrap_up.done")] == [("kim", True)]


def test_a_case_that_is_filed_again_because_the_floor_was_held_is_written_once() -> None:
    async def script(center: Center) -> None:
        async with routes(center):
            closing = Closing(center.desk)
            await center.sits_down(KIM)
            await center.accepts(KIM)
            item = (await center.floors.snapshot("shop")).agents["kim"].item
            assert item is not None
            await center.calls.transfer(KIM, "call-1", "orders", None, 2)
            case, opens = WrapUp("passed on", "resolved"), center.floors.open
            center.floors.open = held  # type: ignore[method-assign]
            with pytest.raises(FloorHeld):
                await closing.file(KIM, item, case)
            center.floors.open = opens  # type: ignore[method-assign]
            await closing.file(KIM, item, case)
            assert (await center.floors.snapshot("shop")).agents["kim"].free
        center.hang_up()

    center = waiting(script)
    assert [event["disposition"] for event in center.of("wrap_up.done")] == ["resolved"]


def held(*_: object, **__: object) -> None:
    """What opens a floor that somebody else holds."""
    raise FloorHeld("try again")
