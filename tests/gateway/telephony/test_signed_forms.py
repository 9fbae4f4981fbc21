"""Forms that a carrier posts. How each way to break one is answered is tested with the webhooks; here, what is read."""

from __future__ import annotations

import httpx
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from gateway.telephony.settings import TelephonySettings
from gateway.telephony.signed_forms import BadRequest, SignedForms, turn_away
from gateway.telephony.streams.carriers import twilio
from gateway.telephony.streams.signatures import TWILIO_HEADER, signature

URL = "http://gateway.test/door?due=1"


async def post(settings: TelephonySettings, **request: object) -> httpx.Response:
    forms = SignedForms(settings, twilio(settings).signer)
    app = FastAPI()

    @app.post("/door")
    async def door(request: Request) -> Response:
        try:
            fields = await forms.read(request, "door")
        except BadRequest as bad:
            return turn_away("door", bad)
        return JSONResponse({"fields": fields, "base": forms.base(request)})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        return await client.post(URL, **request)  # type: ignore[arg-type]


async def test_fields_come_in_order_with_the_address_that_was_called() -> None:
    answer = (await post(TelephonySettings(), data={"b": "2", "a": ""})).json()
    assert answer == {"fields": [["b", "2"], ["a", ""]], "base": "http://gateway.test"}


async def test_a_signature_is_made_over_the_public_address_with_its_query() -> None:
    settings = TelephonySettings(twilio_auth_token="token", public_url="https://voice.example.com")
    signed = signature("token", "https://voice.example.com/door?due=1", [("a", "1")])
    answer = await post(settings, data={"a": "1"}, headers={TWILIO_HEADER: signed})
    assert answer.json()["base"] == "https://voice.example.com"
    wrong = signature("token", "https://voice.example.com/door?due=2", [("a", "1")])
    refused = await post(settings, data={"a": "1"}, headers={TWILIO_HEADER: wrong})
    assert (refused.status_code, refused.text) == (403, "the signature is wrong or missing\n")


async def test_what_is_no_form_or_too_much_of_one_is_turned_away() -> None:
    assert (await post(TelephonySettings(), json={"a": 1})).status_code == 415
    assert (await post(TelephonySettings(max_body=1024), data={"a": "x" * 2000})).status_code == 413
