"""Who may open a media socket, and what happens until its call is somebody's."""

from __future__ import annotations

import asyncio
import logging

import httpx
import pytest
from prometheus_client import REGISTRY
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.telephony import twilio
from gateway.telephony.leg import CallOffer, DtmfReceived, HungUp, LegEvent, MediaLeg, Refusal, RefusalReason
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import Doors, Reception, doors

TOKEN = "open sesame"


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"aicc_telephony_{name}", labels) or 0.0


async def nobody(leg: MediaLeg) -> None:
    raise AssertionError("no call should have come this far")


async def refused(opened: Doors, **headers: str) -> httpx.Headers:
    """The headers of the HTTP error that a handshake gets, with its status among them."""
    with pytest.raises(InvalidStatus) as caught:
        await connect(opened.media, proxy=None, additional_headers=headers)
    response = caught.value.response
    return httpx.Headers([("status", str(response.status_code)), *response.headers.raw_items()])


async def closed(far_end: ClientConnection) -> tuple[int | None, str | None]:
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(5):
            await far_end.recv()
    return far_end.close_code, far_end.close_reason


async def start(opened: Doors, **parameters: str) -> ClientConnection:
    far_end = await connect(opened.media, proxy=None)
    for message in (wire.connected(), wire.start(**parameters)):
        await far_end.send(wire.text(message))
    return far_end


async def test_without_room_the_handshake_is_answered_busy_and_nothing_is_allocated() -> None:
    reception = Reception()
    reception.full = Refusal(RefusalReason.BUSY)
    before = count("calls_refused_total", door="media", reason="busy")
    async with doors(nobody, reception) as opened:
        answer = await refused(opened)
        assert (answer["status"], answer["retry-after"]) == ("503", "5")
        assert not opened.server.server_state.connections
    assert reception.offers == []
    assert count("calls_refused_total", door="media", reason="busy") - before == 1


async def test_calls_in_progress_do_not_notice_that_there_is_no_more_room() -> None:
    reception = Reception()

    async def echo_keys(leg: MediaLeg) -> None:
        over = asyncio.Event()

        def hear(event: LegEvent) -> None:
            match event:
                case DtmfReceived(digit):
                    leg.mark(digit)
                case HungUp():
                    over.set()

        leg.listen(hear)
        await over.wait()

    async with doors(echo_keys, reception) as opened:
        far_end = await start(opened)
        reception.full = Refusal(RefusalReason.BUSY)
        assert (await refused(opened))["status"] == "503"
        await far_end.send(wire.text(wire.dtmf("7")))
        assert '"7"' in str(await far_end.recv())
        await far_end.close()


async def test_a_signature_counts_over_the_schemes_that_a_proxy_may_hide() -> None:
    async with doors(nobody, twilio_auth_token=TOKEN, start_timeout=0.05) as opened:
        assert (await refused(opened))["status"] == "403"
        assert (await refused(opened, **{"X-Twilio-Signature": "guess"}))["status"] == "403"
        for address in (opened.media, opened.media.replace("ws:", "wss:")):
            right = {"X-Twilio-Signature": twilio.signature(TOKEN, address)}
            async with connect(opened.media, proxy=None, additional_headers=right) as far_end:
                assert (await closed(far_end))[0] == 1008
        signed = {"X-Twilio-Signature": twilio.signature(TOKEN, opened.media + "?line=1")}
        async with connect(opened.media + "?line=1", proxy=None, additional_headers=signed) as far_end:
            assert (await closed(far_end))[0] == 1008


async def test_a_socket_without_a_start_is_closed_in_time() -> None:
    async with doors(nobody, start_timeout=0.05) as opened, connect(opened.media, proxy=None) as far_end:
        await far_end.send(wire.text(wire.connected()))
        assert await closed(far_end) == (1008, "no start message within 0.05 s")


async def test_a_socket_that_leaves_before_its_start_is_no_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with doors(nobody) as opened:
        async with connect(opened.media, proxy=None) as far_end:
            await far_end.send(wire.text(wire.connected()))
        async with asyncio.timeout(5):
            while opened.server.server_state.connections:
                await asyncio.sleep(0.005)
    assert "a media socket left before its start (1000)" in caplog.messages


@pytest.mark.parametrize(("reason", "code"), [(RefusalReason.BUSY, 1013), (RefusalReason.REJECTED, 1008)])
async def test_a_call_that_is_not_admitted_is_closed_with_the_reason(reason: RefusalReason, code: int) -> None:
    reception = Reception()
    reception.refusal = Refusal(reason)
    async with doors(nobody, reception) as opened:
        assert await closed(await start(opened, to="15880000")) == (code, f"the call is not taken: {reason.value}")
    assert reception.offers == [CallOffer(wire.CALL, "", "15880000", "media-stream")]


async def test_calls_that_start_at_the_same_moment_do_not_share_the_last_place() -> None:
    class LastPlace(Reception):
        taken = 0

        def admit(self, offer: CallOffer) -> Refusal | None:
            return Refusal(RefusalReason.BUSY) if self.taken else None

    reception = LastPlace()
    done = asyncio.Event()

    async def take(leg: MediaLeg) -> None:
        reception.taken += 1
        await done.wait()

    async with doors(take, reception) as opened:
        far_ends = [await connect(opened.media, proxy=None) for _ in range(10)]
        for far_end in far_ends:  # written without a pause, so that they are read in one turn of the loop
            for message in (wire.connected(), wire.start()):
                far_end.protocol.send_text(wire.text(message).encode())
            far_end.transport.write(b"".join(far_end.protocol.data_to_send()))
        await asyncio.sleep(0.2)
        assert reception.taken == 1
        done.set()


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
    monkeypatch.setattr("gateway.telephony.media_door.EARLY", 3)
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
