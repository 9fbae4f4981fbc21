"""The carrier's webhooks over ASGI, without a socket, so that every way a request can be broken is in reach."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.types import Message

from gateway.telephony import twilio
from gateway.telephony.leg import CallOffer, Refusal, RefusalReason
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.webhooks import CallStatus, webhook_router
from tests.gateway.telephony.doors import Reception

VOICE = "http://gateway.test/telephony/twilio/voice"
FORM = {"CallSid": "CA1", "From": "+821012345678", "To": "15880000"}
TOKEN = "open sesame"


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"aicc_telephony_{name}", labels) or 0.0


class Gateway(Reception):
    """The router in an application, and what it told the rest of the house."""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.statuses: list[CallStatus] = []
        self.app = FastAPI()
        self.app.include_router(webhook_router(TelephonySettings(**settings), self, self.statuses.append))

    async def post(self, url: str, **request: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.post(url, **request)


async def test_the_voice_webhook_connects_the_call_to_the_media_socket() -> None:
    gateway = Gateway()
    response = await gateway.post(VOICE, data=FORM)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/xml")
    offer = twilio.read_twiml(response.text)
    assert offer.url == "ws://gateway.test/telephony/twilio/media"
    assert dict(offer.parameters) == {"from": "+821012345678", "to": "15880000"}
    assert gateway.offers == [CallOffer("CA1", "+821012345678", "15880000", "media-stream")]


async def test_behind_a_proxy_the_public_address_is_the_one_that_counts() -> None:
    gateway = Gateway(public_url="https://voice.example.com/aicc/", twilio_auth_token=TOKEN)
    called = "https://voice.example.com/aicc/telephony/twilio/voice?line=1"
    signed = {"X-Twilio-Signature": twilio.signature(TOKEN, called, FORM.items())}
    response = await gateway.post(VOICE + "?line=1", data=FORM, headers=signed)
    assert twilio.read_twiml(response.text).url == "wss://voice.example.com/aicc/telephony/twilio/media"
    unsigned_host = {"X-Twilio-Signature": twilio.signature(TOKEN, VOICE + "?line=1", FORM.items())}
    assert (await gateway.post(VOICE + "?line=1", data=FORM, headers=unsigned_host)).status_code == 403


async def test_a_refused_call_is_told_so_in_twiml() -> None:
    gateway = Gateway()
    gateway.refusal = Refusal(RefusalReason.BUSY)
    assert '<Reject reason="busy" />' in (await gateway.post(VOICE, data=FORM)).text


@pytest.mark.parametrize("door", ["voice", "status"])
async def test_with_a_token_only_signed_webhooks_pass(door: str) -> None:
    gateway, url = Gateway(twilio_auth_token=TOKEN), f"http://gateway.test/telephony/twilio/{door}"
    form = FORM | {"CallStatus": "completed"}
    before = count("signatures_refused_total", door=door)
    right = {"X-Twilio-Signature": twilio.signature(TOKEN, url, form.items())}
    wrong = {"X-Twilio-Signature": twilio.signature("guess", url, form.items())}
    assert (await gateway.post(url, data=form, headers=right)).is_success
    assert (await gateway.post(url, data=form, headers=wrong)).status_code == 403
    assert (await gateway.post(url, data=form)).status_code == 403
    assert (await gateway.post(url, data=form | {"To": "other"}, headers=right)).status_code == 403
    assert count("signatures_refused_total", door=door) - before == 3


async def test_what_becomes_of_a_call_is_counted_and_passed_on() -> None:
    gateway, url = Gateway(), "http://gateway.test/telephony/twilio/status"
    before = count("call_statuses_total", status="other")
    assert (await gateway.post(url, data={"CallSid": "CA1", "CallStatus": "completed"})).status_code == 204
    assert (await gateway.post(url, data={"CallSid": "CA1", "CallStatus": "abducted"})).status_code == 204
    assert gateway.statuses == [CallStatus("CA1", "completed"), CallStatus("CA1", "abducted")]
    assert count("call_statuses_total", status="other") - before == 1


@pytest.mark.parametrize(
    ("request_parts", "status"),
    [
        ({"data": {"From": "+82"}}, 400),
        ({"json": FORM}, 415),
        ({"content": b"CallSid=%s" % (b"x" * 70_000)}, 413),
        ({"content": b"&".join([b"a=1"] * 2000)}, 400),
        ({"content": b"CallSid=\xff\xfe"}, 400),
        ({"content": b""}, 400),
    ],
)
async def test_a_body_that_cannot_be_a_call_is_answered_with_its_status(
    request_parts: dict[str, Any], status: int
) -> None:
    headers = {} if "content" not in request_parts else {"Content-Type": "application/x-www-form-urlencoded"}
    before = count("webhooks_total", door="voice", answer=str(status))
    response = await Gateway().post(VOICE, headers=headers, **request_parts)
    assert response.status_code == status
    assert count("webhooks_total", door="voice", answer=str(status)) - before == 1


async def test_a_body_that_never_ends_is_not_waited_for() -> None:
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": b"CallSid=CA1", "more_body": True})
    answered: list[Message] = []

    async def send(message: Message) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/telephony/twilio/voice",
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded"), (b"host", b"[")],
    }
    await Gateway(webhook_timeout=0.02).app(scope, incoming.get, send)
    assert answered[0]["status"] == 408


async def test_a_host_that_is_none_breaks_nothing() -> None:
    response = await Gateway().post(VOICE, data=FORM, headers={"Host": "["})
    assert response.status_code == 200
    token = Gateway(twilio_auth_token=TOKEN)
    assert (await token.post(VOICE, data=FORM, headers={"Host": "[", "X-Twilio-Signature": "x"})).status_code == 403
