"""Requests to a carrier's API, answered in here. Limits of size and time are tried in ``test_twilio_calls.py``."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from gateway.telephony.rest import TIMEOUT, Answer, ask


async def answered(answer: httpx.Response) -> Answer:
    transport = httpx.MockTransport(lambda request: answer)
    async with httpx.AsyncClient(transport=transport, timeout=TIMEOUT) as client:
        return await ask(client, "POST", "https://api.test/calls")


async def test_an_answer_that_is_no_object_is_empty() -> None:
    for body in (b"", b"<html>", b"[]", b"\xff"):
        assert await answered(httpx.Response(200, content=body)) == Answer(200, {})
    assert await answered(httpx.Response(201, json={"sid": "CA1"})) == Answer(201, {"sid": "CA1"})


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"message": "not a valid phone number"}, "400 not a valid phone number"),
        ({"error": "call not found"}, "400 call not found"),
        ({"errors": [{"code": "10015", "title": "Bad", "detail": "The call is over"}]}, "400 The call is over"),
        ({"errors": [{"title": "Bad"}]}, "400 Bad"),
        ({"errors": ["odd"]}, "400 Bad Request"),
        ({"message": 7}, "400 Bad Request"),
        ({}, "400 Bad Request"),
    ],
)
def test_a_complaint_is_in_the_carriers_words(body: dict[str, Any], complaint: str) -> None:
    assert Answer(400, body).complaint == complaint


def test_a_complaint_has_an_end() -> None:
    assert len(Answer(400, {"message": "x" * 5000}).complaint) == 300


async def test_fields_go_as_a_form_or_as_json() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        kind = request.headers["content-type"]
        return httpx.Response(200, json={"kind": kind, "body": request.content.decode()})

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
        form = await ask(client, "POST", "https://api.test/", form={"To": "+82"})
        assert (form.body["kind"], form.body["body"]) == ("application/x-www-form-urlencoded", "To=%2B82")
        sent = await ask(client, "POST", "https://api.test/", json={"To": "+82"})
        assert (sent.body["kind"], json.loads(sent.body["body"])) == ("application/json", {"To": "+82"})
