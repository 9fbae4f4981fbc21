"""Taking calls and ending them, in virtual time, with the stage's services."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from gateway.desk.handoff import HandoffDesk
from gateway.session.errors import LedgerClosed, LedgerError
from gateway.session.memory_log import MemoryContactLog
from gateway.session.ports import Services
from gateway.session.switchboard import Switchboard
from gateway.telephony.leg import CallOffer, Refusal, RefusalReason
from infra.telemetry.metrics import metrics
from stt.final_lag import FinalLag
from stt.vad import Segmenter
from tests.gateway.session.stage import Activity, FarEnd, Mouth, Stage
from tests.virtual_time import run

LINE = "+18005550199"


class House:
    def __init__(self, max_calls: int = 2, strain: str | None = None) -> None:
        stage = Stage()
        self.ledger = MemoryContactLog()
        services = Services(
            tenant=stage.tenant,
            dialogue=stage.mind,
            recognizer=stage.ear,
            final_lag=FinalLag(),
            synthesizer=Mouth(),
            activity=Activity(),  # type: ignore[arg-type]
            segmenter=Segmenter,
            desk=HandoffDesk(self.ledger),
            record=lambda call_id, day, rate: stage.recorder,
            now=lambda: datetime(2026, 11, 23, 3, 0, tzinfo=UTC),
        )
        self.book: Any = SimpleNamespace(failure=None, open_call=self.ledger.open_call)
        self.switchboard = Switchboard(self.book, {"shop": services}, max_calls, lambda calls: strain)

    async def ring(self, count: int) -> list[asyncio.Task[None]]:
        await self.ledger.start()
        tasks = [asyncio.create_task(self.switchboard.serve(FarEnd())) for _ in range(count)]
        await asyncio.sleep(1.0)
        return tasks


def offer(dnis: str = LINE) -> CallOffer:
    return CallOffer("CA1", "+15550100", dnis, "test")


def test_a_line_that_is_not_ours_is_rejected_by_number_and_by_serving() -> None:
    async def main() -> None:
        house = House()
        refusal = house.switchboard.admit(offer("+1"))
        assert refusal is not None
        assert refusal.reason is RefusalReason.REJECTED
        leg = FarEnd()
        leg.info = leg.info.__class__("MZ", "CA", "", "+1", "test", 8000)
        await house.switchboard.serve(leg)
        assert leg.hung_up_at is not None

    run(main())


def test_over_the_limit_a_call_is_told_busy_and_those_in_progress_go_on() -> None:
    async def main() -> None:
        house = House(max_calls=2)
        assert house.switchboard.admit(offer()) is None
        tasks = await house.ring(2)
        refusal = house.switchboard.admit(offer())
        assert refusal is not None
        assert refusal.reason is RefusalReason.BUSY
        assert "busy" in refusal.announcement
        assert house.switchboard.calls == 2
        await house.switchboard.drain(0.0)
        await asyncio.gather(*tasks)

    run(main())


def test_an_operator_sees_how_many_calls_there_are_and_may_be() -> None:
    async def main() -> None:
        house = House(max_calls=3)
        tasks = await house.ring(2)
        assert (metrics.value("aicc_calls_in_progress"), metrics.value("aicc_calls_allowed")) == (2, 3)
        await house.switchboard.drain(0.0)
        await asyncio.gather(*tasks)
        assert metrics.value("aicc_calls_in_progress") == 0

    run(main())


def test_a_strained_node_has_no_room_for_anybody() -> None:
    async def main() -> None:
        house = House(strain="the event loop is 80 ms late")
        assert house.switchboard.room() is not None
        refusal = house.switchboard.admit(offer())
        assert refusal is not None
        assert refusal.reason is RefusalReason.BUSY
        assert refusal.announcement

    run(main())


def test_a_node_that_cannot_record_takes_no_calls() -> None:
    async def main() -> None:
        house = House()
        house.book.failure = LedgerClosed("closed")
        refusal = house.switchboard.admit(offer())
        assert refusal is not None
        assert refusal.reason is RefusalReason.BUSY

        def refuse(**_: Any) -> None:
            raise LedgerError("full")

        house.book.open_call = refuse
        leg = FarEnd()
        await house.switchboard.serve(leg)
        assert leg.hung_up_at is not None

    run(main())


def test_draining_takes_no_new_call_and_ends_the_others_when_patience_is_over() -> None:
    async def main() -> None:
        house = House()
        tasks = await house.ring(1)
        began = asyncio.get_running_loop().time()
        draining = asyncio.create_task(house.switchboard.drain(10.0))
        await asyncio.sleep(0.1)
        assert house.switchboard.admit(offer()) is not None
        await draining
        await asyncio.gather(*tasks)
        assert asyncio.get_running_loop().time() - began >= 10.0
        assert [call.end_reason for call in await house.ledger.calls("shop")] == ["shut_down"]
        assert house.switchboard.calls == 0

    run(main())


def test_a_place_is_kept_for_a_call_that_was_answered_and_counts_until_it_is_given_up() -> None:
    async def main() -> None:
        house = House(max_calls=1)
        place = house.switchboard.keep(offer())
        assert not isinstance(place, Refusal)
        assert house.switchboard.spare(0.0) == 0
        refused = house.switchboard.keep(offer())
        assert isinstance(refused, Refusal)
        assert refused.reason is RefusalReason.BUSY
        place()
        assert house.switchboard.admit(offer()) is None

    run(main())


def test_a_node_that_drains_waits_for_a_call_that_was_answered_and_serves_it() -> None:
    async def main() -> None:
        house = House()
        await house.ledger.start()
        place = house.switchboard.keep(offer())
        assert not isinstance(place, Refusal)
        draining = asyncio.create_task(house.switchboard.drain(10.0))
        await asyncio.sleep(0.1)
        assert not draining.done()

        async def begin() -> None:
            place()
            await house.switchboard.serve(FarEnd())

        call = asyncio.create_task(begin())
        await asyncio.sleep(1.0)
        assert house.switchboard.calls == 1
        assert not draining.done()
        await draining
        await call
        assert [record.end_reason for record in await house.ledger.calls("shop")] == ["shut_down"]

    run(main())
