"""Calls that go back to the dial plan, and where it is told to send them."""

from __future__ import annotations

import asyncio

import pytest

from gateway.telephony.asterisk import returning
from gateway.telephony.asterisk.returning import Returning
from gateway.telephony.leg import HangUpCause, HungUp
from gateway.telephony.transfer import NotTransferred, TransferMethod, TransferOrder, Transferred


class FarEnd:
    """A wire whose far end leaves once it was told to."""

    def __init__(self) -> None:
        self.told: list[str | bytes] = []
        self.left = asyncio.Event()

    def say(self, message: str | bytes) -> None:
        self.told.append(message)
        self.left.set()

    async def ended(self) -> HungUp:
        await self.left.wait()
        return HungUp("gone", HangUpCause.FAR_END)


def order(target: str) -> TransferOrder:
    return TransferOrder(TransferMethod.PROVIDER, target, "h42", within=5.0)


async def test_a_call_goes_back_and_the_dial_plan_is_told_once_where_to() -> None:
    back, far_end = Returning(lambda: 0.0), FarEnd()
    transferor = back.transferor("c-1", lambda: "HANGUP")
    assert transferor.methods == {TransferMethod.PROVIDER}
    assert await transferor.transfer(order("queue-h42"), far_end) == Transferred(confirmed=False)
    assert far_end.told == ["HANGUP"]
    assert back.destination("c-2") is None
    assert back.destination("c-1") == "queue-h42"
    assert back.destination("c-1") is None


@pytest.mark.parametrize("target", ["", "queue,1)&System(rm", "a b", "${SHELL}", "q" * 201, "대기"])
async def test_nothing_goes_to_a_dial_plan_that_could_be_more_than_a_destination(target: str) -> None:
    back, far_end = Returning(lambda: 0.0), FarEnd()
    outcome = await back.transferor("c-1", lambda: "HANGUP").transfer(order(target), far_end)
    assert isinstance(outcome, NotTransferred)
    assert far_end.told == []
    assert back.destination("c-1") is None


async def test_too_many_at_once_stay_with_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning, "MOST", 0)
    outcome = await Returning(lambda: 0.0).transferor("c-1", lambda: None).transfer(order("q"), FarEnd())
    assert outcome == NotTransferred("too many calls go back to Asterisk at this moment")
