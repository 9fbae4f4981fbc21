"""The webhooks of Vonage and jambonz: who is believed, what is answered, and what it leads to."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr

from gateway.telephony.leg import CallOffer, HangUpCause, HungUp, Refusal, RefusalReason
from gateway.telephony.raw.codec import RawCodec
from gateway.telephony.raw.dialects import JAMBONZ
from gateway.telephony.raw.jambonz import HANG_UP, GoingBack
from gateway.telephony.raw.webhooks import jambonz_router, passes_of, vonage_router
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transfer import TransferMethod, TransferOrder
from tests.gateway.telephony.doors import Reception

SECRET = "a-secret-of-thirty-two-characters"


class Platform:
    """A platform that asks our webhooks, signed as it signs."""

    def __init__(self, **settings: Any) -> None:
        self.reception = Reception()
        self.back = GoingBack(lambda: 0.0)
        configured, secret = TelephonySettings(**settings), SecretStr(SECRET)
        app = FastAPI()
        app.include_router(vonage_router(configured, secret, self.reception, 16_000))
        app.include_router(jambonz_router(configured, secret, self.reception, 8000, self.back))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gw")

    async def vonage(self, path: str, body: object = None, query: str = "", secret: str = SECRET) -> httpx.Response:
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        claims: dict[str, Any] = {"iat": int(time.time())}
        if content:
            claims["payload_hash"] = hashlib.sha256(content).hexdigest()
        token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
        return await self.http.request(
            "POST" if content else "GET",
            f"/telephony/vonage/{path}{query}",
            content=content,
            headers={"authorization": f"Bearer {token}"},
        )

    async def jambonz(self, path: str, body: object, secret: str = SECRET) -> httpx.Response:
        content, at = json.dumps(body, separators=(",", ":")).encode(), int(time.time())
        signed = hmac.new(secret.encode(), f"{at}.".encode() + content, hashlib.sha256).hexdigest()
        return await self.http.post(
            f"/telephony/jambonz/{path}", content=content, headers={"jambonz-signature": f"t={at},v1={signed}"}
        )


CALL = {"uuid": "c-1", "from": "821012345678", "to": "8215880000", "conversation_uuid": "CON-1"}


@pytest.mark.parametrize("by_query", [True, False])
async def test_vonage_is_answered_with_our_socket(by_query: bool) -> None:
    platform = Platform(public_url="https://voice.example.com")
    told = {**CALL, "SipHeader_X-Queue": "vip", "SipHeader_Subject": "no"}
    if by_query:
        answer = await platform.vonage("answer", query=f"?{httpx.QueryParams(told)}")
    else:
        answer = await platform.vonage("answer", told)
    [action] = answer.json()
    assert action["eventUrl"] == ["https://voice.example.com/telephony/vonage/event"]
    endpoint = action["endpoint"][0]
    assert endpoint["uri"] == "wss://voice.example.com/telephony/vonage/media"
    assert endpoint["headers"] == {"call": "c-1", "from": "+821012345678", "to": "+8215880000", "x-queue": "vip"}
    assert platform.reception.offers == [CallOffer("c-1", "+821012345678", "+8215880000", "vonage")]


async def test_vonage_is_refused_calls_and_believed_only_with_its_signature() -> None:
    platform = Platform()
    platform.reception.refusal = Refusal(RefusalReason.BUSY, "busy", "en")
    assert (await platform.vonage("answer", CALL)).json() == [{"action": "talk", "text": "busy", "language": "en-US"}]
    assert (await platform.vonage("answer", CALL, secret="another-secret-of-32-characters-")).status_code == 403
    assert (await platform.vonage("answer", {**CALL, "uuid": 5})).status_code == 400
    assert (await platform.vonage("answer", b"[1]")).status_code == 400
    assert (await platform.vonage("answer", b"{")).status_code == 400
    assert (await platform.vonage("event", {"status": "completed"})).json() == {}
    assert (
        await platform.vonage("event", {"status": "x"}, secret="another-secret-of-32-characters-")
    ).status_code == 403


async def test_jambonz_is_answered_with_our_socket_and_a_pass_for_this_call() -> None:
    platform = Platform()
    answer = await platform.jambonz("call", {"call_sid": "c-1", "from": "010", "to": "1588"})
    stream = answer.json()[1]
    assert (stream["url"], stream["sampleRate"]) == ("ws://gw/telephony/jambonz/media", 8000)
    assert stream["actionHook"] == "http://gw/telephony/jambonz/listened"
    passes, shown = passes_of(SecretStr(SECRET)), stream["metadata"]["pass"]
    assert passes.holds(shown, "jambonz", "c-1", time.time())
    assert not passes.holds(shown, "jambonz", "c-2", time.time())
    assert platform.reception.offers == [CallOffer("c-1", "010", "1588", "jambonz")]


class Left:
    def say(self, message: str | bytes) -> None:
        assert json.loads(message) == {"type": "disconnect"}

    async def ended(self) -> HungUp:
        return HungUp("gone", HangUpCause.FAR_END)


async def test_a_call_that_left_our_stream_to_be_moved_is_dialled_and_comes_back_if_nobody_answers() -> None:
    platform = Platform()
    codec = RawCodec(JAMBONZ)
    codec.receive('{"callSid":"c-1"}')
    order = TransferOrder(TransferMethod.PROVIDER, "sip:q@pbx", "h42", within=20.0)
    await platform.back.transferor(codec, "c-1").transfer(order, Left())
    told = {"call_sid": "c-1", "from": "010", "to": "1588"}
    [verb] = (await platform.jambonz("listened", told)).json()
    assert (verb["verb"], verb["target"]) == ("dial", [{"type": "sip", "sipUri": "sip:q@pbx"}])
    assert verb["actionHook"] == "http://gw/telephony/jambonz/dialled?returned=h42"
    again = await platform.jambonz("dialled?returned=h42", {**told, "dial_call_status": "no-answer"})
    assert again.json()[1]["metadata"]["returned"] == "h42"
    over = await platform.jambonz("dialled?returned=h42", {**told, "dial_call_status": "completed"})
    assert over.json() == HANG_UP
    assert (await platform.jambonz("listened", told)).json() == HANG_UP


async def test_jambonz_is_refused_calls_and_believed_only_with_its_signature() -> None:
    platform = Platform()
    platform.reception.refusal = Refusal(RefusalReason.REJECTED)
    assert (await platform.jambonz("call", {"call_sid": "c-1"})).json()[0]["status"] == 603
    assert (await platform.jambonz("status", {"call_sid": "c-1"})).json() == {}
    for path in ("call", "listened", "dialled", "status"):
        assert (await platform.jambonz(path, {"call_sid": "c-1"}, secret="another")).status_code == 403
    for path in ("call", "listened", "dialled"):
        assert (await platform.jambonz(path, {})).status_code == 400
