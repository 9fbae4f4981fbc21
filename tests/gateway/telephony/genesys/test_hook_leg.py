from __future__ import annotations

import asyncio

from gateway.telephony.genesys.hook import Hook, HookState
from gateway.telephony.genesys.hook_leg import CLOSES_WITHIN, ClosedByClient
from gateway.telephony.genesys.monitor import MonitorLeg
from gateway.telephony.settings import TelephonySettings
from tests.gateway.telephony.genesys.hooks import SESSION
from tests.gateway.telephony.genesys.stage import Scene, Socket, kinds
from tests.virtual_time import run


def test_a_socket_whose_session_is_closed_is_left_to_the_client_for_a_while() -> None:
    async def act() -> None:
        hook, socket = Hook("p", SESSION), Socket()
        patient = ClosedByClient(socket, hook)
        assert patient.is_writable
        hook.state = HookState.OVER
        patient.close(1000, "")
        await asyncio.sleep(CLOSES_WITHIN / 2)
        assert socket.closed is None
        await asyncio.sleep(CLOSES_WITHIN)
        assert socket.closed == (1000, "")

    run(act())


def test_a_socket_on_which_something_went_wrong_is_closed_at_once() -> None:
    async def act() -> None:
        socket = Socket()
        ClosedByClient(socket, Hook("p", SESSION)).close(1007, "bad")
        assert socket.closed == (1007, "bad")

    run(act())


def test_a_silent_wire_is_given_up_and_pings_keep_it_alive_through_a_pause() -> None:
    async def act() -> None:
        scene = Scene(MonitorLeg, TelephonySettings(idle_timeout=6.0))
        scene.says("paused")
        for _ in range(4):
            await asyncio.sleep(5)
            scene.says("ping")
        assert kinds(scene.told()) == ["pong"] * 4
        assert scene.end is None
        await asyncio.sleep(7)
        assert scene.end is not None
        assert "silence on the wire" in scene.end.reason
        assert kinds(scene.told()) == ["disconnect"]

    run(act())
