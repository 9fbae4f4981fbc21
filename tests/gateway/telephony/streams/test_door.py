"""Who may open a media socket, and what happens until its call is somebody's."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from prometheus_client import REGISTRY
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.telephony.leg import CallOffer, DtmfReceived, HungUp, LegEvent, MediaLeg, Refusal, RefusalReason
from gateway.telephony.streams.attached import write_attached
from gateway.telephony.streams.dialects import DIALECTS
from gateway.telephony.streams.signatures import basic, signature
from gateway.telephony.transfer import TransferMethod
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import Doors, Reception, closed, doors, nobody, start
from tests.gateway.telephony.streams.carrier_words import ANI, DNIS, SAMPLES, texts
from tests.gateway.telephony.streams.carriers_open import carriers

TOKEN = "open sesame"


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"aicc_telephony_{name}", labels) or 0.0


async def refused(opened: Doors, **headers: str) -> httpx.Headers:
    """The headers of the HTTP error that a handshake gets, with its status among them."""
    with pytest.raises(InvalidStatus) as caught:
        await connect(opened.media, proxy=None, additional_headers=headers)
    response = caught.value.response
    return httpx.Headers([("status", str(response.status_code)), *response.headers.raw_items()])


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
            right = {"X-Twilio-Signature": signature(TOKEN, address)}
            async with connect(opened.media, proxy=None, additional_headers=right) as far_end:
                assert (await closed(far_end))[0] == 1008
        signed = {"X-Twilio-Signature": signature(TOKEN, opened.media + "?line=1")}
        async with connect(opened.media + "?line=1", proxy=None, additional_headers=signed) as far_end:
            assert (await closed(far_end))[0] == 1008


@pytest.mark.parametrize(("reason", "code"), [(RefusalReason.BUSY, 1013), (RefusalReason.REJECTED, 1008)])
async def test_a_call_that_is_not_admitted_is_closed_with_the_reason(reason: RefusalReason, code: int) -> None:
    reception = Reception()
    reception.refusal = Refusal(reason)
    async with doors(nobody, reception) as opened:
        assert await closed(await start(opened, to="15880000")) == (code, f"the call is not taken: {reason.value}")
    assert reception.offers == [CallOffer(wire.CALL, "", "15880000", "twilio")]


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
        async with asyncio.timeout(20):
            while sum(far_end.close_code == 1013 for far_end in far_ends) < 9:
                await asyncio.sleep(0.005)
        assert reception.taken == 1
        done.set()


# --- every carrier ---------------------------------------------------------------------------------------------------


def with_parameters(name: str, parameters: dict[str, str]) -> list[str]:
    """A carrier's first words, with these parameters beside its own."""
    *before, begin = SAMPLES[name].opening
    if name == "plivo":
        return texts(*before, begin | {"extra_headers": write_attached({"to": DNIS, **parameters})})
    field = f"start.{DIALECTS[name].fields.parameters}"
    return texts(*before, wire.but(begin, field, {"from": ANI, "to": DNIS, **parameters}))


@pytest.mark.parametrize("name", ["signalwire", "telnyx", "plivo"])
async def test_a_socket_without_a_good_pass_is_closed_and_one_with_it_is_served(name: str) -> None:
    carrier, sample = carriers()[name], SAMPLES[name]
    assert carrier.passes is not None
    legs: list[MediaLeg] = []

    async def serve(leg: MediaLeg) -> None:
        legs.append(leg)

    reception = Reception()
    async with doors(serve, reception, carrier=carrier) as opened:
        address = opened.media.replace("twilio", name)
        for shown in ("", "0" * 50, carrier.passes.give(name, "another call", time.time())):
            async with connect(address, proxy=None) as far_end:
                for words in with_parameters(name, {"pass": shown}):
                    await far_end.send(words)
                assert await closed(far_end) == (1008, "the stream has no good pass of our voice webhook")
        assert reception.offers == []
        async with connect(address, proxy=None) as far_end:
            for words in with_parameters(name, {"pass": carrier.passes.give(name, sample.call, time.time())}):
                await far_end.send(words)
            assert await closed(far_end) == (1000, "the session is over")
    [leg] = legs
    assert (leg.info.call_sid, leg.info.dnis, leg.info.protocol) == (sample.call, DNIS, name)
    assert leg.transfers == {TransferMethod.PROVIDER}


async def test_exotel_shows_a_name_and_a_password_at_the_handshake() -> None:
    legs: list[MediaLeg] = []

    async def serve(leg: MediaLeg) -> None:
        legs.append(leg)

    async with doors(serve, carrier=carriers()["exotel"]) as opened:
        address = opened.media.replace("twilio", "exotel")
        for headers in ({}, {"Authorization": basic("exotel", "guess")}):
            with pytest.raises(InvalidStatus) as caught:
                await connect(address, proxy=None, additional_headers=headers)
            assert caught.value.response.status_code == 403
        right = {"Authorization": basic("exotel", TOKEN)}
        async with connect(address + "?sample-rate=8000", proxy=None, additional_headers=right) as far_end:
            for words in texts(*SAMPLES["exotel"].opening):
                await far_end.send(words)
            assert (await closed(far_end))[0] == 1000
    assert (legs[0].info.ani, legs[0].info.dnis) == (ANI, DNIS)
    assert legs[0].transfers == frozenset()
