"""What happens to a socket between its opening and its leg, over real sockets."""

from __future__ import annotations

import asyncio
import logging

import pytest
from websockets.asyncio.client import connect

from gateway.telephony.leg import DtmfReceived, HungUp, LegEvent, MediaLeg
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import closed, doors, nobody, start


async def test_a_socket_without_a_start_is_closed_in_time() -> None:
    async with doors(nobody, start_timeout=0.05) as opened, connect(opened.media, proxy=None) as far_end:
        await far_end.send(wire.text(wire.connected()))
        assert await closed(far_end) == (1008, "no start message within 0.05 s")


async def test_a_socket_that_leaves_before_its_start_is_no_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with doors(nobody) as opened:
        async with connect(opened.media, proxy=None) as far_end:
            await far_end.send(wire.text(wire.connected()))
        async with asyncio.timeout(20):
            while opened.server.server_state.connections:
                await asyncio.sleep(0.005)
    assert "a media socket left before its start (1000)" in caplog.messages


async def test_what_comes_in_one_piece_with_the_start_is_not_lost() -> None:
    events: list[LegEvent] = []
    over = asyncio.Event()

    async def serve(leg: MediaLeg) -> None:
        def hear(event: LegEvent) -> None:
            events.append(event)
            if isinstance(event, HungUp):
                over.set()

        leg.listen(hear)
        await over.wait()

    async with doors(serve) as opened:
        far_end = await connect(opened.media, proxy=None)
        for message in (wire.connected(), wire.start(), wire.dtmf("1"), wire.dtmf("2", sequence=3), wire.stop(4)):
            far_end.protocol.send_text(wire.text(message).encode())
        far_end.transport.write(b"".join(far_end.protocol.data_to_send()))
        assert await closed(far_end) == (1000, "")
    assert [event.digit for event in events if isinstance(event, DtmfReceived)] == ["1", "2"]


async def test_a_flood_in_one_piece_with_the_start_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.telephony.entrance.EARLY", 3)
    async with doors(nobody) as opened:
        far_end = await connect(opened.media, proxy=None)
        for message in (wire.connected(), wire.start(), *(wire.dtmf("1") for _ in range(4))):
            far_end.protocol.send_text(wire.text(message).encode())
        far_end.transport.write(b"".join(far_end.protocol.data_to_send()))
        assert await closed(far_end) == (1008, "more than 3 messages came at once with the start")


async def test_a_call_whose_serving_fails_is_our_error_and_told_to_the_far_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(leg: MediaLeg) -> None:
        raise LookupError("the session is broken")

    async with doors(fail) as opened:
        assert await closed(await start(opened)) == (1011, "internal error")
    assert f"leg {wire.STREAM} was not served to its end" in caplog.messages


async def test_a_server_that_stops_says_so_before_the_start_too() -> None:
    async with doors(nobody) as opened:
        far_end = await connect(opened.media, proxy=None)
        opened.server.should_exit = True
        assert await closed(far_end) == (1012, "this server is shutting down")
