"""The carrier's webhooks over ASGI, without a socket, so that every way a request can be broken is in reach."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.types import Message

from gateway.telephony.dialer import Progress
from gateway.telephony.leg import CallOffer, Refusal, RefusalReason
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams import webhooks
from gateway.telephony.streams.carriers import twilio
from gateway.telephony.streams.documents import read_twiml
from gateway.telephony.streams.passes import PASS_PARAMETER
from gateway.telephony.streams.signatures import signature
from gateway.telephony.streams.webhooks import webhook_router
from tests.gateway.telephony.doors import Reception
from tests.gateway.telephony.streams.carriers_open import BASE, TELEPHONY, carriers, signed, stream_of

VOICE = "http://gateway.test/telephony/twilio/voice"
FORM = {"CallSid": "CA1", "From": "+821012345678", "To": "15880000"}
TOKEN = "open sesame"


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"aicc_telephony_{name}", labels) or 0.0


class Gateway(Reception):
    """The router in an application, and what it told the rest of the house."""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.app = FastAPI()
        configured = TelephonySettings(**settings)
        self.app.include_router(webhook_router(twilio(configured), configured, self))

    async def post(self, url: str, **request: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.post(url, **request)


async def test_the_voice_webhook_connects_the_call_to_the_media_socket() -> None:
    gateway = Gateway()
    response = await gateway.post(VOICE, data=FORM)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/xml")
    offer = read_twiml(response.text)
    assert offer.url == "ws://gateway.test/telephony/twilio/media"
    assert dict(offer.parameters) == {"from": "+821012345678", "to": "15880000"}
    assert gateway.offers == [CallOffer("CA1", "+821012345678", "15880000", "twilio")]


async def test_behind_a_proxy_the_public_address_is_the_one_that_counts() -> None:
    gateway = Gateway(public_url="https://voice.example.com/aicc/", twilio_auth_token=TOKEN)
    called = "https://voice.example.com/aicc/telephony/twilio/voice?line=1"
    signed = {"X-Twilio-Signature": signature(TOKEN, called, FORM.items())}
    response = await gateway.post(VOICE + "?line=1", data=FORM, headers=signed)
    assert read_twiml(response.text).url == "wss://voice.example.com/aicc/telephony/twilio/media"
    unsigned_host = {"X-Twilio-Signature": signature(TOKEN, VOICE + "?line=1", FORM.items())}
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
    right = {"X-Twilio-Signature": signature(TOKEN, url, form.items())}
    wrong = {"X-Twilio-Signature": signature("guess", url, form.items())}
    assert (await gateway.post(url, data=form, headers=right)).is_success
    assert (await gateway.post(url, data=form, headers=wrong)).status_code == 403
    assert (await gateway.post(url, data=form)).status_code == 403
    assert (await gateway.post(url, data=form | {"To": "other"}, headers=right)).status_code == 403
    assert count("signatures_refused_total", door=door) - before == 3


async def test_what_becomes_of_a_call_is_counted_by_words_that_are_known() -> None:
    gateway, url = Gateway(), "http://gateway.test/telephony/twilio/status"
    before = count("call_statuses_total", status="other")
    assert (await gateway.post(url, data={"CallSid": "CA1", "CallStatus": "completed"})).status_code == 204
    assert (await gateway.post(url, data={"CallSid": "CA1", "CallStatus": "abducted"})).status_code == 204
    assert count("call_statuses_total", status="other") - before == 1


async def test_a_word_that_the_carriers_table_gets_is_counted_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "PROGRESS", {**webhooks.PROGRESS, "parked": Progress.TALKING})
    before = count("call_statuses_total", status="parked")
    await Gateway().post(VOICE.replace("voice", "status"), data={"CallSid": "CA1", "CallStatus": "parked"})
    assert count("call_statuses_total", status="parked") - before == 1


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


# --- every carrier ---------------------------------------------------------------------------------------------------

NOW = 1_800_000_000.0
FETCHING = pytest.mark.parametrize("name", ["signalwire", "plivo"])
WITH_WEBHOOKS = pytest.mark.parametrize("name", ["twilio", "signalwire", "telnyx", "plivo"])


class At(Reception):
    """One carrier's router, where requests are believed by their signature."""

    def __init__(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        monkeypatch.setattr(time, "time", lambda: NOW)
        self.carrier = carriers()[name]
        self.app = FastAPI()
        self.app.include_router(webhook_router(self.carrier, TELEPHONY, self))
        self.form = {self.carrier.call_field: "CA1", "From": "+821012345678", "To": "+82215880000"}

    async def post(
        self, path: str, more: dict[str, str] | None = None, signed_path: str | None = None
    ) -> httpx.Response:
        form, prefix = self.form | (more or {}), self.carrier.prefix
        headers = signed(self.carrier.dialect.name, BASE + prefix + (signed_path or path), form, NOW)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.post(f"http://inside.test{prefix}{path}", data=form, headers=headers)


@WITH_WEBHOOKS
async def test_each_carriers_call_is_connected_to_its_own_socket_with_a_pass(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = At(name, monkeypatch)
    response = await at.post("/voice")
    assert response.status_code == 200
    url, parameters = stream_of(response.text)
    assert url == f"wss://voice.example.com/telephony/{name}/media"
    shown = parameters.pop(PASS_PARAMETER, "")
    assert parameters == {"from": "+821012345678", "to": "+82215880000"}
    assert at.offers == [CallOffer("CA1", "+821012345678", "+82215880000", name)]
    passes = at.carrier.passes
    assert passes.holds(shown, name, "CA1", NOW) if passes is not None else shown == ""


@WITH_WEBHOOKS
@pytest.mark.parametrize("path", ["/voice", "/status", "/dialled", "/transfer?to=sip:a@b&ring=20"])
async def test_what_a_carrier_did_not_sign_is_refused(name: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = At(name, monkeypatch)
    if path.startswith("/transfer") and not (at.carrier.platform and at.carrier.platform.fetches):
        return
    form = at.form | {"CallStatus": "completed"}
    headers = signed(name, f"{BASE}{at.carrier.prefix}{path}", form, NOW)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(at.app)) as client:
        url = f"http://inside.test{at.carrier.prefix}{path}"
        assert (await client.post(url, data=form)).status_code == 403
        assert (await client.post(url, data=form | {"From": "+1"}, headers=headers)).status_code == 403
    assert at.offers == []


@WITH_WEBHOOKS
async def test_a_refused_call_is_told_so_in_the_carriers_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = At(name, monkeypatch)
    at.refusal = Refusal(RefusalReason.BUSY, "지금은 통화량이 많습니다", "ko")
    verbs = list(ElementTree.fromstring((await at.post("/voice")).text))
    assert [verb.tag for verb in verbs] == ["Speak" if name == "plivo" else "Say", "Hangup"]
    assert verbs[0].text == "지금은 통화량이 많습니다"


@WITH_WEBHOOKS
async def test_a_caller_whom_nobody_answered_comes_back_and_others_are_done(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = At(name, monkeypatch)
    word = "DialStatus" if name == "plivo" else "DialCallStatus"
    back = await at.post("/dialled?handoff=h42", {word: "no-answer"})
    assert stream_of(back.text)[1]["returned"] == "h42"
    assert [offer.call_sid for offer in at.offers] == ["CA1"]
    done = await at.post("/dialled?handoff=h42", {word: "completed"})
    assert [verb.tag for verb in ElementTree.fromstring(done.text)] == ["Hangup"]
    at.refusal = Refusal(RefusalReason.REJECTED)
    refused = ElementTree.fromstring((await at.post("/dialled?handoff=h42", {word: "busy"})).text)
    assert [verb.tag for verb in refused] == ["Hangup" if name == "plivo" else "Reject"]


async def test_a_carrier_that_is_given_documents_fetches_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("twilio", "telnyx"):
        assert (await At(name, monkeypatch).post("/transfer?to=tel:%2B82&ring=20")).status_code == 404


@FETCHING
async def test_the_document_of_an_order_is_in_its_address(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = At(name, monkeypatch)
    document = (await at.post("/transfer?to=tel%3A%2B82215880000&ring=20&handoff=h42")).text
    dial = ElementTree.fromstring(document).find("Dial")
    assert dial is not None
    assert (dial.get("action"), dial[0].text) == (f"{BASE}/telephony/{name}/dialled?handoff=h42", "+82215880000")
    assert (await at.post("/transfer?to=nobody&ring=20")).status_code == 400


@FETCHING
async def test_a_document_of_another_address_than_was_signed_is_not_given(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = At(name, monkeypatch)
    changed = await at.post("/transfer?to=tel:%2B1900&ring=20", signed_path="/transfer?to=tel:%2B82&ring=20")
    assert changed.status_code == 403


async def test_headers_of_the_network_go_to_the_stream_as_far_as_they_are_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = At("twilio", monkeypatch)
    told = {"SipHeader_User-to-User": "6834;encoding=hex", "SipHeader_X-Long": "x" * 401, "ForwardedFrom": "+8231"}
    parameters = stream_of((await at.post("/voice", told)).text)[1]
    assert parameters["header-user-to-user"] == "6834;encoding=hex"
    assert parameters["header-diversion"] == "+8231"
    assert "header-x-long" not in parameters


def test_a_carrier_without_webhooks_has_none() -> None:
    assert webhook_router(carriers()["exotel"], TELEPHONY, Reception()).routes == []
