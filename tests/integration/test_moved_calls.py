"""A call is answered through a carrier's webhook, moved through its API, and comes back because nobody answered there:
the gateway's doors over sockets, and a carrier that is our own far end with a REST API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from gateway.telephony.caller import Caller
from gateway.telephony.leg import HangUpCause, HungUp, LegEvent, MediaLeg
from gateway.telephony.streams.carriers import Carrier
from gateway.telephony.transfer import TransferMethod, TransferOrder, Transferred
from tests.gateway.telephony.doors import Doors, doors
from tests.gateway.telephony.streams.carrier_api import Api, listening
from tests.gateway.telephony.streams.carriers_open import BASE, TOKEN, carriers, signed, stream_of

CALL, ANI, DNIS = "call-1", "+821012345678", "+82215880000"
ORDER = TransferOrder(TransferMethod.PROVIDER, "tel:+82215880001", "h42", within=20)


class Office:
    """Whoever serves the calls: has the first moved, and takes those that come back."""

    def __init__(self) -> None:
        self.legs: list[MediaLeg] = []
        self.outcomes: list[object] = []
        self.ends: list[HungUp] = []

    async def serve(self, leg: MediaLeg) -> None:
        self.legs.append(leg)
        over = asyncio.Event()

        def hear(event: LegEvent) -> None:
            if isinstance(event, HungUp):
                self.ends.append(event)
                over.set()

        leg.listen(hear)
        if len(self.legs) == 1:
            self.outcomes.append(await leg.transfer(ORDER))
        await over.wait()


def inside(url: str, opened: Doors) -> str:
    """Where a public address of ours really is, behind the proxy."""
    return url.replace("https:", "http:").replace("wss:", "ws:").replace("voice.example.com", opened.address)


async def post(opened: Doors, carrier: Carrier, url: str, more: Mapping[str, str] | None = None) -> str:
    """The carrier asks one of our webhooks, signed; the document that it gets."""
    form = {carrier.call_field: CALL, "From": ANI, "To": DNIS, **(more or {})}
    headers = signed(carrier.dialect.name, url, form, time.time())
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(inside(url, opened), data=form, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def calling(document: str, opened: Doors, carrier: Carrier) -> Caller:
    """The call's sound, where the document wants it."""
    url, parameters = stream_of(document)
    own: dict[str, Any] = {"auth_token": TOKEN, "signed_url": url} if carrier.passes is None else {}
    return Caller(
        inside(url, opened),
        ani=ANI,
        dnis=DNIS,
        call_sid=CALL,
        parameters=parameters,
        dialect=carrier.dialect,
        **own,
    )


async def dialled(api: Api, opened: Doors, carrier: Carrier) -> ElementTree.Element:
    """What the carrier was told to dial, in the request or by a document that it fetches."""
    [(_, _, told)] = api.asked
    document = told.get("Twiml") or told.get("Texml")
    if document is None:
        document = await post(opened, carrier, told.get("Url") or told["aleg_url"])
    dial = ElementTree.fromstring(document).find("Dial")
    assert dial is not None
    return dial


@pytest.mark.parametrize("name", ["twilio", "signalwire", "telnyx", "plivo"])
async def test_a_call_that_is_moved_and_not_answered_comes_back(name: str) -> None:
    office, carrier = Office(), carriers()[name]
    assert carrier.platform is not None
    async with listening(Api()) as api:
        here = replace(carrier.platform, account=replace(carrier.platform.account, url=api.url))
        async with doors(office.serve, carrier=replace(carrier, platform=here), public_url=BASE) as opened:
            voice = await post(opened, carrier, f"{BASE}{carrier.prefix}/voice")
            async with calling(voice, opened, carrier), asyncio.timeout(20):
                while not office.outcomes:
                    await asyncio.sleep(0.01)
            assert office.outcomes == [Transferred(confirmed=False)]
            dial = await dialled(api, opened, carrier)
            assert dial[0].text == "+82215880001"

            nobody = {"DialCallStatus": "no-answer", "DialStatus": "no-answer"}
            back = await post(opened, carrier, dial.get("action", ""), nobody)
            async with calling(back, opened, carrier), asyncio.timeout(20):
                while len(office.legs) < 2:
                    await asyncio.sleep(0.01)
    assert [end.cause for end in office.ends] == [HangUpCause.FAR_END, HangUpCause.FAR_END]
    first, second = office.legs
    assert (first.info.call_sid, first.info.ani, first.info.dnis) == (CALL, ANI, DNIS)
    assert "returned" not in first.info.parameters
    assert (second.info.call_sid, second.info.parameters["returned"]) == (CALL, "h42")
