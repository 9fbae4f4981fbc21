from __future__ import annotations

import asyncio

import pytest

from gateway.telephony.genesys.monitor import MonitorCodec, MonitorLeg
from gateway.telephony.leg import HangUpCause, HungUp, LegEvent, MediaReceived
from gateway.telephony.transfer import TransferMethod, TransferOrder
from infra.audio import AudioFrame, mulaw_decode
from tests.gateway.telephony.genesys.hooks import SESSION
from tests.gateway.telephony.genesys.stage import Scene, kinds
from tests.virtual_time import run

CUSTOMER, AGENT = bytes([1, 2, 3, 4]) * 40, bytes([101, 102, 103, 104]) * 40
BOTH = bytes(sample for pair in zip(CUSTOMER, AGENT, strict=True) for sample in pair)


def test_customer_and_agent_are_heard_on_legs_of_their_own() -> None:
    async def act() -> None:
        scene, agent = Scene(MonitorLeg), list[LegEvent]()
        scene.leg.received(BOTH)
        scene.leg.agent.listen(agent.append)
        scene.leg.received(BOTH)
        await asyncio.sleep(0)
        for heard, sound in ((scene.heard, CUSTOMER), (agent, AGENT)):
            frames = [event.frame for event in heard if isinstance(event, MediaReceived)]
            assert [frame.pcm for frame in frames] == [mulaw_decode(sound)] * 2
            assert [frame.at for frame in frames] == [0.0, 0.02]
        assert scene.leg.agent.info.leg_id != scene.leg.info.leg_id

    run(act())


def test_no_sound_is_ever_sent() -> None:
    async def act() -> None:
        scene = Scene(MonitorLeg)
        for leg in (scene.leg, scene.leg.agent):
            leg.send(AudioFrame(bytes(320), 8000, 0.0))
            leg.mark("m")
            leg.clear()
            assert leg.transfers == frozenset()
            with pytest.raises(ValueError, match="moved"):
                await leg.transfer(TransferOrder(TransferMethod.PROVIDER, "x", "h", 1.0))
        await asyncio.sleep(3)
        assert scene.socket.sent == []
        assert MonitorCodec(SESSION).encode_media(bytes(320)) == ()

    run(act())


def test_both_sides_end_with_the_hook() -> None:
    async def act() -> None:
        scene, agent = Scene(MonitorLeg), list[LegEvent]()
        scene.leg.agent.listen(agent.append)
        scene.says("close", reason="end")
        await asyncio.sleep(0)
        assert kinds(scene.told()) == ["closed"]
        assert isinstance(agent[-1], HungUp)
        assert scene.end is not None
        assert scene.end.cause is agent[-1].cause is HangUpCause.FAR_END

    run(act())


def test_the_agents_side_can_end_alone_and_the_customers_ends_both() -> None:
    async def act() -> None:
        scene, agent = Scene(MonitorLeg), list[LegEvent]()
        scene.leg.agent.listen(agent.append)
        await scene.leg.agent.hang_up("no more")
        scene.leg.received(BOTH)
        await asyncio.sleep(0)
        assert agent == [HungUp("no more", HangUpCause.OURS)]
        assert any(isinstance(event, MediaReceived) for event in scene.heard)
        leaving = asyncio.create_task(scene.leg.hang_up("completed"))
        await asyncio.sleep(0.1)
        [disconnect] = scene.told()
        assert disconnect["parameters"] == {"reason": "completed", "info": "completed"}, "no variables: no flow waits"
        scene.says("close", reason="disconnect")
        await leaving

    run(act())
