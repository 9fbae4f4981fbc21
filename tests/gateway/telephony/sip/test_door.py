"""Calls that come in are asked about, answered, and served; or they are told 486."""

from __future__ import annotations

import asyncio

import pytest

from gateway.telephony.leg import CallOffer, HangUpCause, HungUp, LegEvent, MediaLeg, Refusal, RefusalReason
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.door import SipDoor
from gateway.telephony.sip.settings import SipSettings, SipTrunk
from gateway.telephony.sip.workers import WorkerGone
from gateway.telephony.transfer import TransferMethod, TransferOrder, Transferred
from tests.gateway.telephony.sip.stand_in import Doorman, StandInWorker

CALL = 3
BUSY = Refusal(RefusalReason.BUSY)
INCOMING = wire.Incoming(
    CALL,
    "sip:010@pbx.example",
    "abc@pbx",
    {"To": "<sip:+82-1588@gw>", "From": "<sip:010@pbx.example>;tag=1", "User-to-User": "683432;encoding=hex"},
)


class Stage:
    def __init__(self, answer_timeout: float = 5.0) -> None:
        self.worker, self.doorman = StandInWorker(), Doorman()
        self.legs: list[MediaLeg] = []
        self.release = asyncio.Event()
        self.error: Exception | None = None
        trunks = {"pbx": SipTrunk(domain="pbx.example", refer_confirms=True)}
        settings = SipSettings(udp="127.0.0.1:5060", answer_timeout=answer_timeout, trunks=trunks)
        self.door = SipDoor(settings, self.doorman, self.serve)

    async def serve(self, leg: MediaLeg) -> None:
        self.legs.append(leg)
        if self.error is not None:
            raise self.error
        await self.release.wait()

    async def established(self) -> None:
        self.door.came_in(self.worker, INCOMING)
        self.worker.says(CALL, wire.Established(CALL, 16_000))
        await asyncio.sleep(0)


async def test_a_call_is_answered_and_served_with_what_is_known_of_it() -> None:
    stage = Stage()
    await stage.established()
    assert stage.worker.told == [wire.Answer(CALL)]
    (leg,) = stage.legs
    assert (leg.info.ani, leg.info.dnis, leg.info.rate, leg.info.protocol) == ("010", "+821588", 16_000, "sip")
    assert leg.info.headers["user-to-user"] == "683432;encoding=hex"
    assert stage.doorman.offers == [CallOffer("abc@pbx", "010", "+821588", "sip")]
    stage.release.set()
    await stage.door.close()
    assert stage.worker.told == [wire.Answer(CALL), wire.HangUp(CALL)]


@pytest.mark.parametrize("which", ["full", "refusal"])
async def test_a_call_that_is_not_taken_is_rejected_before_it_is_answered(which: str) -> None:
    stage = Stage()
    setattr(stage.doorman, which, BUSY)
    stage.door.came_in(stage.worker, INCOMING)
    assert stage.worker.told == [wire.Reject(CALL)]
    assert not stage.worker.calls


async def test_who_was_answered_is_served_whatever_happens_before_their_sound() -> None:
    stage = Stage()
    stage.door.came_in(stage.worker, INCOMING)
    assert stage.doorman.kept == 1
    stage.doorman.refusal = stage.doorman.full = BUSY
    stage.worker.says(CALL, wire.Established(CALL, 8_000))
    assert stage.doorman.kept == 1
    await asyncio.sleep(0)
    assert len(stage.legs) == 1
    assert stage.doorman.kept == 0
    stage.release.set()
    await stage.door.close()


@pytest.mark.parametrize("event", [wire.Closed(CALL, "cancelled", {}), WorkerGone("gone")])
async def test_a_caller_who_leaves_first_is_forgotten(event: wire.Closed | WorkerGone) -> None:
    stage = Stage(answer_timeout=0.02)
    stage.door.came_in(stage.worker, INCOMING)
    hear = stage.worker.calls.pop(CALL)
    hear(event)
    await asyncio.sleep(0.05)
    assert stage.legs == []
    assert stage.doorman.kept == 0
    assert stage.worker.told == [wire.Answer(CALL)]


async def test_a_call_without_sound_is_ended() -> None:
    stage = Stage(answer_timeout=0.01)
    stage.door.came_in(stage.worker, INCOMING)
    async with asyncio.timeout(20):
        while stage.worker.calls or stage.doorman.kept:
            await asyncio.sleep(0.005)
    assert stage.worker.told == [wire.Answer(CALL), wire.HangUp(CALL)]


async def test_a_mistake_in_serving_ends_the_call_as_ours(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    stage.error = ArithmeticError("a mistake")
    await stage.established()
    await stage.door.close()
    heard: list[LegEvent] = []
    stage.legs[0].listen(heard.append)
    await asyncio.sleep(0)
    assert heard == [HungUp("internal error", HangUpCause.FAULT)]
    assert "was not served to its end" in caplog.text


async def test_a_trunk_says_what_a_refer_to_it_means() -> None:
    stage = Stage()
    await stage.established()
    order = TransferOrder(TransferMethod.REFER, "sip:x@pbx.example", "", 1.0)
    asking = asyncio.create_task(stage.legs[0].transfer(order))
    await asyncio.sleep(0)
    stage.worker.says(CALL, wire.MoveEnded(CALL, 0, 200, ""))
    assert await asking == Transferred(confirmed=True)
