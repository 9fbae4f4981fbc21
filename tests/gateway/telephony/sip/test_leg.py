"""A SIP call is a leg like any other."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import REGISTRY

from gateway.telephony.leg import (
    DtmfReceived,
    HangUpCause,
    HeldByFarEnd,
    HungUp,
    LegEvent,
    LegInfo,
    MarkPlayed,
    MediaReceived,
)
from gateway.telephony.sip import leg as sip_leg
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.leg import SipLeg, closing_cause, refer_to
from gateway.telephony.sip.workers import WorkerGone
from gateway.telephony.transfer import NotTransferred, TransferMethod, TransferOrder, Transferred, TransferUnclear
from infra.audio import AudioFrame
from tests.gateway.telephony.sip.stand_in import StandInWorker

CALL = 7
FRAME = bytes(320)


class Stage:
    def __init__(self, *, confirms: bool = False) -> None:
        self.worker = StandInWorker()
        self.leg = SipLeg(
            self.worker, CALL, LegInfo("leg", "call", "010", "1588", "sip", 8_000), refer_confirms=confirms
        )
        self.heard: list[LegEvent] = []
        self.leg.listen(self.heard.append)

    def says(self, event: object) -> None:
        self.leg.heard(event)


async def test_what_the_far_end_does_is_heard_in_order() -> None:
    stage = Stage()
    stage.says(wire.Sound(CALL, 160, FRAME))
    stage.says(wire.Key(CALL, "5"))
    stage.says(wire.Played(CALL, "m1"))
    stage.says(wire.FarHold(CALL, True))
    stage.says(wire.Closed(CALL, "Connection reset by peer [104]", {}))
    stage.says(wire.Key(CALL, "6"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert stage.heard == [
        MediaReceived(AudioFrame(FRAME, 8_000, 0.02)),
        DtmfReceived("5", 0.04),
        MarkPlayed("m1"),
        HeldByFarEnd(True),
        HungUp("Connection reset by peer [104]", HangUpCause.FAR_END),
    ]


async def test_what_we_do_goes_to_the_process_that_has_the_call() -> None:
    stage = Stage()
    stage.leg.send(AudioFrame(FRAME, 8_000, 0.0))
    stage.leg.mark("m1")
    stage.leg.clear()
    stage.leg.hold(True)
    await stage.leg.hang_up("done")
    stage.leg.send(AudioFrame(FRAME, 8_000, 0.0))
    stage.leg.mark("late")
    assert stage.worker.sent == [(CALL, FRAME)]
    assert stage.worker.told == [wire.Mark(CALL, "m1"), wire.Clear(CALL), wire.Hold(CALL, True), wire.HangUp(CALL)]
    assert CALL not in stage.worker.calls
    await asyncio.sleep(0)
    assert stage.heard == [HungUp("done", HangUpCause.OURS)]


async def test_sound_at_another_rate_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="8000 Hz, not 16000"):
        Stage().leg.send(AudioFrame(FRAME, 16_000, 0.0))


async def test_a_mark_does_not_vouch_for_sound_that_was_dropped() -> None:
    stage = Stage()
    stage.worker.takes_sound = False
    stage.leg.send(AudioFrame(FRAME, 8_000, 0.0))
    stage.worker.takes_sound = True
    stage.leg.mark("withheld")
    stage.leg.mark("kept")
    assert stage.worker.told == [wire.Mark(CALL, "kept")]


async def test_how_a_call_sounded_is_counted_when_it_is_over() -> None:
    def counted(name: str) -> float:
        return REGISTRY.get_sample_value(name) or 0.0

    calls, stage = counted("aicc_telephony_sip_mos_count"), Stage()
    stage.says(wire.Closed(CALL, "bye", {"mos_estimate": 4.3, "unsent_frames": 2.0}))
    assert counted("aicc_telephony_sip_mos_count") == calls + 1


async def test_a_lost_process_ends_the_call_as_a_lost_connection() -> None:
    stage = Stage()
    stage.says(WorkerGone("the process is gone"))
    await asyncio.sleep(0)
    assert stage.heard == [HungUp("the process is gone", HangUpCause.CONNECTION_LOST)]


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("Connection reset by peer [104]", HangUpCause.FAR_END),
        ("Rejected by user", HangUpCause.OURS),
        ("rtp stream error", HangUpCause.IDLE),
        ("Connection timed out [110]", HangUpCause.CONNECTION_LOST),
        ("", HangUpCause.FAR_END),
    ],
)
def test_the_stacks_words_for_an_end_have_a_meaning(reason: str, cause: HangUpCause) -> None:
    assert closing_cause(reason) is cause


def order(method: TransferMethod = TransferMethod.REFER, **more: object) -> TransferOrder:
    return TransferOrder(method, "sip:queue-h42@pbx.example", "h42", 0.05, **more)


async def moving(stage: Stage, given: TransferOrder, ends: wire.MoveEnded | wire.Closed | None) -> object:
    asking = asyncio.create_task(stage.leg.transfer(given))
    await asyncio.sleep(0)
    if ends is not None:
        stage.says(ends)
    return await asking


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (wire.MoveEnded(CALL, 0, 200, ""), Transferred(confirmed=True)),
        (wire.MoveEnded(CALL, 1, 603, "603 Decline"), NotTransferred("603 Decline", 603)),
        (wire.MoveEnded(CALL, 1, 0, "no Replaces"), NotTransferred("no Replaces")),
        (wire.MoveEnded(CALL, 2, 0, "nothing came"), TransferUnclear("nothing came")),
        (wire.Closed(CALL, "gone", {}), TransferUnclear("gone")),
    ],
)
async def test_a_transfer_ends_as_the_network_says(ends: wire.MoveEnded | wire.Closed, expected: object) -> None:
    stage = Stage(confirms=True)
    assert await moving(stage, order(), ends) == expected
    assert stage.worker.told[0] == wire.Refer(
        CALL, "<sip:queue-h42@pbx.example?User-to-User=683432%3Bencoding%3Dhex>", 0.05
    )


async def test_where_a_network_only_takes_the_order_nothing_more_is_claimed() -> None:
    assert await moving(Stage(), order(), wire.MoveEnded(CALL, 0, 200, "")) == Transferred(confirmed=False)


async def test_a_process_that_says_nothing_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip_leg, "GRACE", 0.0)
    assert isinstance(await moving(Stage(), order(), None), TransferUnclear)


async def test_one_transfer_at_a_time() -> None:
    stage = Stage()
    first = asyncio.create_task(stage.leg.transfer(order()))
    await asyncio.sleep(0)
    assert await stage.leg.transfer(order()) == NotTransferred("it is being transferred already")
    stage.says(wire.MoveEnded(CALL, 1, 486, "486 Busy Here"))
    assert await first == NotTransferred("486 Busy Here", 486)
    await stage.leg.hang_up("done")
    assert await stage.leg.transfer(order()) == NotTransferred("the call is over")


async def test_a_consultation_in_the_same_process_takes_our_place() -> None:
    stage = Stage()
    other = SipLeg(stage.worker, 8, LegInfo("o", "o", "", "", "sip", 8_000), refer_confirms=False)
    given = order(TransferMethod.ATTENDED, answered=other)
    assert await moving(stage, given, wire.MoveEnded(CALL, 0, 200, "")) == Transferred(confirmed=False)
    assert stage.worker.told == [wire.Replace(CALL, 8, 0.05)]


async def test_a_consultation_elsewhere_cannot() -> None:
    stage = Stage()
    other = SipLeg(StandInWorker(1), 8, LegInfo("o", "o", "", "", "sip", 8_000), refer_confirms=False)
    assert isinstance(await stage.leg.transfer(order(TransferMethod.ATTENDED, answered=other)), NotTransferred)
    assert isinstance(await stage.leg.transfer(order(TransferMethod.ATTENDED)), NotTransferred)
    with pytest.raises(ValueError, match="provider"):
        await stage.leg.transfer(order(TransferMethod.PROVIDER))
    assert stage.worker.told == []


def test_a_target_takes_its_headers_along_as_the_rfc_writes_them() -> None:
    plain = TransferOrder(TransferMethod.REFER, "sip:x@pbx", "", 1.0, {"X-Queue": "VIP & co"})
    assert refer_to(plain) == "<sip:x@pbx?X-Queue=VIP%20%26%20co>"
    more = TransferOrder(TransferMethod.REFER, "sip:x@pbx?Subject=hello", "h", 1.0)
    assert refer_to(more) == "<sip:x@pbx?Subject=hello&User-to-User=68%3Bencoding%3Dhex>"
    assert refer_to(TransferOrder(TransferMethod.REFER, "tel:+82", "", 1.0)) == "<tel:+82>"
