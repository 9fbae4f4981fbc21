"""How a leg has its platform move its call: the time it is given, and moving it by words on the wire."""

from __future__ import annotations

import asyncio

import pytest

from gateway.telephony.leg import HangUpCause, HungUp
from gateway.telephony.transfer import (
    NotTransferred,
    TransferMethod,
    TransferOrder,
    TransferOutcome,
    Transferred,
    TransferUnclear,
)
from gateway.telephony.transferor import ByWords, FarEnd
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import open_call

ORDER = TransferOrder(TransferMethod.PROVIDER, "support", "h42", within=5)
WORDS = ByWords(lambda order: [f'{{"event":"move","to":"{order.target}","handoff":"{order.handoff}"}}'.encode()])


class Deaf:
    """A platform that never answers."""

    methods = frozenset({TransferMethod.PROVIDER})

    async def transfer(self, order: TransferOrder, far_end: FarEnd) -> TransferOutcome:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_leg_whose_door_knows_no_means_is_not_moved() -> None:
    async with open_call() as call:
        assert call.leg.transfers == frozenset()
        with pytest.raises(ValueError, match="cannot be moved by provider"):
            await call.leg.transfer(ORDER)


async def test_words_go_out_at_once_and_who_leaves_then_has_taken_the_call() -> None:
    async with open_call(transferor=WORDS) as call:
        assert call.leg.transfers == {TransferMethod.PROVIDER}
        call.listen()
        moving = asyncio.create_task(call.leg.transfer(ORDER))
        assert await call.said(1) == [{"event": "move", "to": "support", "handoff": "h42"}]
        await call.say(wire.stop())
        assert await moving == Transferred(confirmed=False)
        assert (await call.ended()).cause is HangUpCause.FAR_END


async def test_a_wire_that_breaks_under_the_words_leaves_it_unclear() -> None:
    async with open_call(transferor=WORDS) as call:
        moving = asyncio.create_task(call.leg.transfer(ORDER))
        await call.said(1)
        call.far_end.transport.abort()
        outcome = await moving
        assert isinstance(outcome, TransferUnclear)
        assert "the connection was lost" in outcome.detail


async def test_an_order_for_which_there_are_no_words_is_refused_and_the_leg_stays() -> None:
    refusal = NotTransferred("no such queue")
    async with open_call(transferor=ByWords(lambda order: refusal)) as call:
        assert await call.leg.transfer(ORDER) == refusal
        call.leg.mark("still here")
        assert (await call.said(1))[0]["mark"] == {"name": "still here"}


async def test_a_platform_that_does_not_answer_in_time_leaves_it_unclear() -> None:
    async with open_call(transferor=Deaf()) as call:
        order = TransferOrder(TransferMethod.PROVIDER, "support", "h42", within=0.05)
        assert await call.leg.transfer(order) == TransferUnclear("no answer came within 0.05 s")
        with pytest.raises(ValueError, match="cannot be moved by refer"):
            await call.leg.transfer(TransferOrder(TransferMethod.REFER, "sip:a@b", "h42", within=1))


async def test_a_leg_that_has_ended_is_not_moved() -> None:
    async with open_call(transferor=WORDS) as call:
        await call.leg.hang_up("goodbye")
        assert await call.leg.transfer(ORDER) == NotTransferred("the leg has ended: goodbye")


async def test_the_end_is_known_to_who_asks_after_it() -> None:
    async with open_call() as call:
        await call.leg.hang_up("goodbye")
        assert await call.leg.ended() == HungUp("goodbye", HangUpCause.OURS)  # type: ignore[attr-defined]
