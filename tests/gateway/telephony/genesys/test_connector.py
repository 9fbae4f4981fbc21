from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.telephony.genesys.connector import ConnectorCodec, ConnectorLeg
from gateway.telephony.leg import DtmfReceived, HangUpCause, HeldByFarEnd, HungUp, MarkPlayed, MediaReceived
from gateway.telephony.transfer import TransferMethod, TransferOrder, Transferred, TransferUnclear
from infra.audio import AudioFrame, mulaw_decode, mulaw_encode
from tests.gateway.telephony.genesys.hooks import SESSION
from tests.gateway.telephony.genesys.stage import Scene, kinds
from tests.virtual_time import run

CONTEXT = {"reason": "caller_asked", "summary": "A parcel is late."}
FRAME = AudioFrame(bytes(range(160)) * 2, 8000, 0.0)


def played(scene: Scene) -> list[str]:
    return [event.name for event in scene.heard if isinstance(event, MarkPlayed)]


def test_a_reply_is_sent_in_few_messages_and_its_mark_comes_back_when_genesys_has_played_it() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        for _ in range(50):
            scene.leg.send(FRAME)
        scene.leg.mark("end")
        await asyncio.sleep(1.0)
        assert b"".join(scene.sound) == mulaw_encode(FRAME.pcm * 50)
        assert len(scene.sound) <= 4
        scene.says("playback_started")
        await asyncio.sleep(0.15)
        assert played(scene) == []
        scene.says("playback_completed")
        await asyncio.sleep(0)
        assert played(scene) == ["end"]

    run(act())


def test_what_the_caller_does_is_heard() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        scene.leg.received(mulaw_encode(FRAME.pcm))
        scene.says("dtmf", digit="#")
        scene.says("paused")
        scene.says("resumed", start="PT0.02S", discarded="PT1S")
        await asyncio.sleep(0)
        sound, key, held, back = scene.heard
        assert isinstance(sound, MediaReceived)
        assert sound.frame.pcm == mulaw_decode(mulaw_encode(FRAME.pcm))
        assert (key, held, back) == (DtmfReceived("#", at=0.02), HeldByFarEnd(held=True), HeldByFarEnd(held=False))

    run(act())


def test_a_ping_an_error_and_a_language_are_taken_note_of() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        scene.says("ping")
        scene.says("error", code=429, message="slow down")
        scene.says("error", code=777, message="what")
        scene.says("update", language="en-US")
        assert kinds(scene.told()) == ["pong", "updated"]
        assert scene.end is None

    run(act())


def test_a_clear_makes_genesys_throw_away_what_it_has_and_gives_marks_back() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        for _ in range(20):
            scene.leg.send(FRAME)
        scene.leg.mark("m")
        scene.leg.clear()
        assert played(scene) == [], "never from within a call of the leg"
        await asyncio.sleep(0)
        assert played(scene) == ["m"]
        [event] = scene.told()
        assert event["parameters"]["entities"] == [{"type": "barge_in", "data": {}}]
        sent = len(scene.sound)
        await asyncio.sleep(2)
        assert len(scene.sound) == sent

    run(act())


def test_sound_at_another_rate_is_refused() -> None:
    async def act() -> None:
        with pytest.raises(ValueError, match="8000 Hz"):
            Scene(ConnectorLeg).leg.send(AudioFrame(b"\0\0", 16000, 0.0))

    run(act())


@pytest.mark.parametrize(
    ("reason", "ends", "result"), [("completed", "completed", "completed"), ("failed", "error", "failed")]
)
def test_hanging_up_asks_genesys_to_close_and_tells_the_flow_why(reason: str, ends: str, result: str) -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        leaving = asyncio.create_task(scene.leg.hang_up(reason))
        await asyncio.sleep(0.1)
        scene.leg.send(FRAME)
        scene.leg.mark("late")
        [disconnect] = scene.told()
        assert disconnect["parameters"]["reason"] == ends
        assert disconnect["parameters"]["outputVariables"] == {"aicc_result": result, "aicc_reason": reason}
        assert not leaving.done()
        assert scene.socket.closed is None, "only the client closes"
        scene.says("close", reason="disconnect")
        await leaving
        assert kinds(scene.told()) == ["closed"]
        assert scene.end == HungUp(reason, HangUpCause.OURS)
        assert scene.sound == []
        await asyncio.sleep(5)
        assert scene.socket.closed == (1000, ""), "a client that does not is closed after all"

    run(act())


def test_a_client_that_never_closes_is_not_waited_for_for_long() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        await asyncio.wait_for(scene.leg.hang_up("completed"), 4)
        assert scene.socket.closed is not None
        await asyncio.sleep(0)
        assert scene.end is not None

    run(act())


def test_a_transfer_is_an_end_that_says_where_to() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        assert scene.leg.transfers == {TransferMethod.PROVIDER}
        order = TransferOrder(TransferMethod.PROVIDER, "Support", "h42", 5.0, {"X-Queue": "vip"}, context=CONTEXT)
        moving = asyncio.create_task(scene.leg.transfer(order))
        await asyncio.sleep(0.1)
        [disconnect] = scene.told()
        assert disconnect["parameters"] == {
            "reason": "completed",
            "info": "caller_asked",
            "outputVariables": {
                "aicc_result": "transfer",
                "aicc_reason": "caller_asked",
                "aicc_summary": "A parcel is late.",
                "aicc_target": "Support",
                "aicc_handoff": "h42",
                "aicc_x_queue": "vip",
            },
        }
        scene.says("close", reason="disconnect")
        assert await moving == Transferred(confirmed=False)
        await scene.leg.hang_up("transferred")
        assert scene.end is not None
        assert scene.end.cause is HangUpCause.FAR_END

    run(act())


def test_a_transfer_that_nobody_takes_is_unclear() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        order = TransferOrder(TransferMethod.PROVIDER, "Support", "h42", 1.0)
        assert isinstance(await scene.leg.transfer(order), TransferUnclear)

    run(act())


def test_what_the_bot_says_is_told_in_words() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        scene.leg.tell("안녕하세요", True)
        scene.leg.tell("네?", False)
        data = [one["parameters"]["entities"][0]["data"] for one in scene.told()]
        assert [one["disposition"] for one in data] == ["match", "no_match"]

    run(act())


@pytest.mark.parametrize(
    ("what", "code", "cause"),
    [
        (lambda scene: scene.leg.received("not json"), 1007, HangUpCause.VIOLATION),
        (lambda scene: scene.leg.received(bytes(70_000)), 1009, HangUpCause.VIOLATION),
        (
            lambda scene: scene.says("discarded", start="PT0S", discarded="PT9000S") or _speaks(scene),
            1008,
            HangUpCause.VIOLATION,
        ),
        (lambda scene: scene.leg.shut_down(), 1012, HangUpCause.OURS),
        (lambda scene: scene.leg.fail(), 1011, HangUpCause.FAULT),
    ],
)
def test_what_goes_wrong_is_told_in_words_and_closed_at_once(
    what: Callable[[Scene], object], code: int, cause: HangUpCause
) -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        _speaks(scene)
        what(scene)
        await asyncio.sleep(0)
        assert scene.end is not None
        assert scene.end.cause is cause
        assert scene.told()[-1]["parameters"]["reason"] == "error"
        assert scene.socket.closed is not None
        assert scene.socket.closed[0] == code

    run(act())


def _skips_hours(scene: Scene) -> None:
    scene.says("discarded", start="PT0S", discarded="PT9000S")
    _speaks(scene)


def _speaks(scene: Scene) -> None:
    scene.leg.received(bytes(1600))


def test_a_lost_connection_ends_the_leg() -> None:
    async def act() -> None:
        scene = Scene(ConnectorLeg)
        scene.leg.closed(1006)
        await asyncio.sleep(0)
        assert scene.end is not None
        assert scene.end.cause is HangUpCause.CONNECTION_LOST

    run(act())


def test_the_codec_knows_no_marks_and_whole_samples_alone() -> None:
    codec = ConnectorCodec(SESSION)
    codec.encode_mark("m")
    assert codec.encode_media(b"\0\0") == b"\xff"
    with pytest.raises(ValueError, match="element size"):
        codec.encode_media(b"\0")
