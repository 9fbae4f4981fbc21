from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.session.destination import read_destination
from gateway.session.outside_call import OutsideCall
from gateway.telephony.leg import DtmfReceived, HungUp
from gateway.telephony.trunk import Failure, NotReached, TrunkOrder
from tests.gateway.session.stage import Mouth
from tests.gateway.session.transfer_stage import Exchange, Gate
from tests.virtual_time import run

TO = read_destination("sip:support@pbx.example")
ORDER = TrunkOrder(str(TO), "+18005550199", 25.0)


class Desk:
    """A call of ours with all that it is given; ``later`` is done at once."""

    def __init__(self, exchange: Exchange | None, gate: Gate | None) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        services = SimpleNamespace(trunk=lambda: exchange, toll=gate, synthesizer=Mouth())
        self.call = OutsideCall(services, self._later)  # type: ignore[arg-type]

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def place(self, order: TrunkOrder = ORDER) -> NotReached | None:
        return await self.call.place("call-1", TO, order, lambda: None)

    async def settled(self) -> None:
        await asyncio.gather(*self.tasks)


def test_a_call_is_permitted_before_it_is_placed_and_paid_for_when_it_is_over() -> None:
    async def main() -> None:
        exchange, gate = Exchange(), Gate(seconds=90.0)
        desk = Desk(exchange, gate)
        assert await desk.place() is None
        assert gate.asked == [str(TO)]
        assert desk.call.seconds == 90.0
        await asyncio.sleep(12.0)
        desk.call.let_go("done")
        desk.call.let_go("twice")
        await desk.settled()
        assert gate.spent == [12.0]
        assert exchange.legs[0].hung_up_at is not None

    run(main())


@pytest.mark.parametrize("gate", [None, Gate(refuses="no prefix")], ids=["no gate", "refused"])
def test_what_nobody_permits_is_not_placed(gate: Gate | None) -> None:
    async def main() -> None:
        exchange = Exchange()
        missed = await Desk(exchange, gate).place()
        assert missed is not None
        assert missed.failure is Failure.UNREACHABLE
        assert exchange.orders == []

    run(main())


def test_without_a_trunk_nobody_is_reached_and_nothing_is_asked() -> None:
    async def main() -> None:
        gate = Gate()
        assert await Desk(None, gate).place() is not None
        assert gate.asked == []

    run(main())


def test_a_call_that_nobody_answers_or_that_is_given_up_costs_nothing() -> None:
    async def main() -> None:
        exchange, gate = Exchange([Failure.BUSY]), Gate()
        desk = Desk(exchange, gate)
        missed = await desk.place()
        assert missed is not None
        assert (missed.failure, missed.code) == (Failure.BUSY, 486)
        trying = asyncio.create_task(desk.place(replace(ORDER, ring_seconds=60.0)))
        await asyncio.sleep(0.5)
        trying.cancel()
        await asyncio.wait({trying})
        await desk.settled()
        assert gate.spent == [0.0, 0.0]
        assert exchange.given_up == 1

    run(main())


def test_whoever_answers_may_press_the_key_before_all_is_said_and_who_hangs_up_has_not_taken_it() -> None:
    async def main() -> None:
        exchange = Exchange()
        desk = Desk(exchange, Gate())
        await desk.place()
        far_end = exchange.legs[0]
        far_end.tell(DtmfReceived("1", 0.0))
        began = asyncio.get_running_loop().time()
        assert await desk.call.screen(("one two three four five",), "en", key=True)
        assert asyncio.get_running_loop().time() - began < 0.5
        assert await desk.call.screen(("one",), "en", key=False)
        far_end.tell(HungUp("gone"))
        assert not await desk.call.screen(("one two three",), "en", key=True)
        desk.call.let_go("")
        await desk.settled()

    run(main())
