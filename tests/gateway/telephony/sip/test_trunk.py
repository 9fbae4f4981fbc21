"""Calling somebody gives a leg or says why not, and leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from gateway.telephony.leg import HungUp, LegEvent, LegInfo
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.leg import SipLeg
from gateway.telephony.sip.settings import SipSettings, SipTrunk
from gateway.telephony.sip.trunk import SipTrunks
from gateway.telephony.sip.workers import WorkerGone
from gateway.telephony.trunk import Failure, NotReached, TrunkOrder
from tests.gateway.telephony.sip.stand_in import StandInWorker

CALL = 5
ORDER = TrunkOrder("sip:queue@pbx.example", "15880000", 5.0, "h42", {"X-Queue": "vip"})


class Workers:
    """A pool of stand-ins."""

    def __init__(self, *each: StandInWorker) -> None:
        self.each = each

    def least_busy(self) -> StandInWorker | None:
        return self.each[0] if self.each else None


class Stage:
    def __init__(self) -> None:
        self.worker = StandInWorker()
        self.rings = 0
        settings = SipSettings(udp="127.0.0.1:5060", trunks={"pbx": SipTrunk(domain="pbx.example")})
        self.trunks = SipTrunks(settings, Workers(self.worker))

    def ringing(self) -> None:
        self.rings += 1

    async def call(self, order: TrunkOrder = ORDER) -> asyncio.Task[object]:
        """Call, and have the process place it."""
        calling = asyncio.create_task(self.trunks.call(order, self.ringing))
        await asyncio.sleep(0)
        if self.worker.dialling:
            self.worker.placed(1, CALL)
        return calling


async def test_who_answers_is_a_leg_that_knows_who_called_whom() -> None:
    stage = Stage()
    calling = await stage.call()
    assert stage.worker.told == [
        wire.Dial(
            1,
            "pbx",
            "15880000",
            "sip:queue@pbx.example",
            {"User-to-User": "683432;encoding=hex", "X-Queue": "vip"},
        )
    ]
    for event in (wire.Ringing(CALL), wire.Ringing(CALL), wire.Established(CALL, 8_000)):
        stage.worker.says(CALL, event)
    leg = await calling
    assert isinstance(leg, SipLeg)
    assert (leg.info.ani, leg.info.dnis, leg.info.rate) == ("15880000", "queue", 8_000)
    assert stage.rings == 1


async def test_nothing_that_happens_right_after_the_answer_is_missed() -> None:
    stage = Stage()
    calling = await stage.call()
    hear = stage.worker.calls[CALL]
    hear(wire.Established(CALL, 8_000))
    stage.worker.says(CALL, wire.Closed(CALL, "Connection reset by peer [104]", {}))
    leg = await calling
    heard: list[LegEvent] = []
    leg.listen(heard.append)
    await asyncio.sleep(0)
    assert isinstance(heard[-1], HungUp)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("486 Busy Here", NotReached(Failure.BUSY, "486 Busy Here", 486)),
        ("603 Decline", NotReached(Failure.DECLINED, "603 Decline", 603)),
        ("408 Request Timeout", NotReached(Failure.NO_ANSWER, "408 Request Timeout", 408)),
        ("Connection refused [111]", NotReached(Failure.UNREACHABLE, "Connection refused [111]")),
    ],
)
async def test_who_does_not_answer_has_a_reason(reason: str, expected: NotReached) -> None:
    stage = Stage()
    calling = await stage.call()
    stage.worker.says(CALL, wire.Closed(CALL, reason, {}))
    assert await calling == expected


async def test_ringing_ends_in_time_and_the_call_with_it() -> None:
    stage = Stage()
    calling = await stage.call(TrunkOrder("sip:queue@pbx.example", "1588", 0.01))
    assert await calling == NotReached(Failure.NO_ANSWER, "nobody answered in 0.01 s")
    assert stage.worker.told[-1] == wire.HangUp(CALL)
    assert not stage.worker.calls


async def test_whoever_is_cancelled_gives_the_call_up() -> None:
    stage = Stage()
    calling = await stage.call()
    calling.cancel()
    await asyncio.wait({calling})
    assert calling.cancelled()
    assert stage.worker.told[-1] == wire.HangUp(CALL)


async def test_an_answer_that_comes_as_its_caller_leaves_is_hung_up() -> None:
    stage = Stage()
    calling = await stage.call()
    stage.worker.says(CALL, wire.Established(CALL, 8_000))
    calling.cancel()
    await asyncio.wait({calling})
    assert calling.cancelled()
    assert stage.worker.told[-1] == wire.HangUp(CALL)
    assert not stage.worker.calls


async def test_a_call_that_is_not_placed_yet_is_forgotten() -> None:
    stage = Stage()
    calling = asyncio.create_task(stage.trunks.call(ORDER, stage.ringing))
    await asyncio.sleep(0)
    calling.cancel()
    await asyncio.wait({calling})
    assert not stage.worker.dialling


async def test_a_target_without_a_trunk_is_never_called() -> None:
    stage = Stage()
    reached = await stage.trunks.call(TrunkOrder("sip:x@elsewhere.example", "1588", 1.0), stage.ringing)
    assert isinstance(reached, NotReached)
    assert reached.failure is Failure.UNREACHABLE
    assert "AICC_SIP_TRUNKS" in reached.reason
    assert stage.worker.told == []


async def test_a_lost_process_and_one_that_cannot_place_it_are_told() -> None:
    stage = Stage()
    calling = await stage.call()
    stage.worker.says(CALL, WorkerGone("gone"))
    assert await calling == NotReached(Failure.UNREACHABLE, "gone")
    stage.worker.is_ready = False
    assert await stage.trunks.call(ORDER, stage.ringing) == NotReached(Failure.UNREACHABLE, "it is being started again")
    nobody = SipTrunks(SipSettings(trunks={"pbx": SipTrunk(domain="pbx.example")}), Workers())
    assert isinstance(await nobody.call(ORDER, stage.ringing), NotReached)


async def test_a_consultation_is_placed_by_the_process_that_has_the_call() -> None:
    stage, other = Stage(), StandInWorker(1)
    beside = SipLeg(other, 9, LegInfo("l", "c", "", "", "sip", 8_000), refer_confirms=False)
    order = TrunkOrder("sip:queue@pbx.example", "1588", 0.01, beside=beside)
    assert isinstance(await stage.trunks.call(order, stage.ringing), NotReached)
    assert other.told
    assert not stage.worker.told
