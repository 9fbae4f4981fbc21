"""What happens on the floor stands in the records of the calls, in virtual time."""

from __future__ import annotations

import asyncio

from tests.gateway.desk.center import KIM, PARK, Center, waiting


def test_every_step_of_a_hand_over_is_in_the_calls_record_also_what_comes_after_its_end() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.sits_down(PARK)
        offer = await center.rings_at(KIM)
        async with center.floors.open("shop") as floor:
            floor.reject(offer, "kim", "at lunch", center.now())
        _, task = await center.accepts(PARK)
        center.hang_up()
        await task
        async with center.floors.open("shop") as floor:
            item = floor.item_of("park")
            assert item is not None
            floor.wrapped_up(item.item, "park", center.now())
        await asyncio.sleep(1.0)

    center = waiting(script)
    steps = [kind for kind in center.kinds if kind.startswith("handoff.")]
    assert steps == [
        "handoff.queued",
        "handoff.offered",
        "handoff.declined",
        "handoff.offered",
        "handoff.accepted",
        "handoff.ended",
    ]
    assert center.of("handoff.declined")[0]["words"] == "at lunch"
    assert center.kinds.index("call.ended") < center.kinds.index("handoff.ended")


def test_of_calls_that_another_node_has_nothing_is_written_here() -> None:
    async def script(center: Center) -> None:
        center.witness._logs.clear()
        await center.sits_down(KIM)
        await center.rings_at(KIM)
        center.hang_up()

    center = waiting(script)
    assert center.of("handoff.offered") == []
