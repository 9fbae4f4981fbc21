"""One port: media sockets go to their door, all other sockets and requests to the application."""

from __future__ import annotations

import socket

import httpx
import pytest
from fastapi import APIRouter, WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.telephony.leg import MediaLeg
from gateway.telephony.upgrade import limit_unread
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import doors


async def serve(leg: MediaLeg) -> None:
    await leg.hang_up(f"you are {leg.info.leg_id}")


def other_sockets() -> APIRouter:
    router = APIRouter()

    @router.websocket("/panel")
    async def panel(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text((await websocket.receive_text()).upper())
        await websocket.close()

    return router


async def test_media_other_sockets_and_requests_share_the_port() -> None:
    async with doors(serve, None, other_sockets()) as opened:
        async with connect(f"ws://{opened.address}/panel", proxy=None) as panel:
            await panel.send("x" * 100_000)
            assert await panel.recv() == "X" * 100_000
        async with connect(opened.media, proxy=None) as far_end:
            await far_end.send(wire.text(wire.connected()))
            await far_end.send(wire.text(wire.start()))
            await far_end.wait_closed()
            assert far_end.close_reason == f"you are {wire.STREAM}"
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://{opened.address}/nothing")).status_code == 404
            assert (await client.post(opened.voice, data={"CallSid": "CA1"})).status_code == 200


@pytest.mark.parametrize("path", ["/telephony/twilio/media/", "/telephony/twilio/medias", "/"])
async def test_a_path_beside_the_medias_is_the_applications(path: str) -> None:
    async with doors(serve) as opened:
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://{opened.address}{path}", proxy=None)
        assert caught.value.response.status_code == 403


async def test_a_handshake_that_is_none_is_refused_and_leaves_nothing_behind() -> None:
    async with doors(serve) as opened, httpx.AsyncClient() as client:
        headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
        answer = await client.get(opened.media.replace("ws:", "http:"), headers=headers)
        assert answer.status_code == 400
        assert not opened.server.server_state.connections


async def test_a_handshake_with_many_headers_is_read_whole() -> None:
    headers = {f"X-Trace-{number}": "x" * 100 for number in range(60)}
    async with doors(serve) as opened, connect(opened.media, proxy=None, additional_headers=headers) as far_end:
        await far_end.send(wire.text(wire.connected()))


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux has TCP_USER_TIMEOUT")
def test_the_kernel_is_told_how_long_a_peer_may_leave_things_unread() -> None:
    with socket.socket() as listening:
        limit_unread(listening, 2.5)
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 2500
