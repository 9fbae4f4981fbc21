"""The webhooks of Vonage and jambonz: a call has come in, something has become of it, or what is to follow.

Each is believed by the platform's signature. Addresses in our answers are made of ``public_url``, or else of how the
request names us.

Refuses: the sound that an answer leads to (``door.py``).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from pydantic import SecretStr
from starlette.responses import JSONResponse, Response

from gateway.telephony import metrics
from gateway.telephony.introduction import read_introduction
from gateway.telephony.leg import Admission, CallOffer
from gateway.telephony.raw import jambonz, vonage
from gateway.telephony.raw.dialects import JAMBONZ, PREFIX, VONAGE
from gateway.telephony.raw.jambonz import GoingBack
from gateway.telephony.raw.signatures import signed_by_jambonz, signed_by_vonage
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.shared_secret import bearer
from gateway.telephony.signed_forms import BadRequest, read_body, turn_away
from gateway.telephony.streams.carriers import socket_url
from gateway.telephony.streams.passes import PASS_PARAMETER, Passes
from gateway.telephony.streams.webhooks import RETURNED_PARAMETER

_SIP_HEADER: Final = "SipHeader_"


class Webhooks:
    """What the webhooks of one platform have in common."""

    def __init__(self, platform: str, settings: TelephonySettings, admission: Admission, rate: int) -> None:
        self.platform = platform
        self.settings = settings
        self.admission = admission
        self.rate = rate

    def base(self, request: Request) -> str:
        """The address under which the platform reaches us."""
        return self.settings.public_url or f"{request.scope['scheme']}://{request.headers.get('host', '')}"

    async def fields(self, request: Request) -> tuple[bytes, dict[str, Any]]:
        """A request's body and the JSON object in it; of a request without a body its query. Raises ``BadRequest``."""
        body = await read_body(request, self.settings)
        if not body:
            return b"", dict(request.query_params)
        try:
            values = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(400, "the body must be JSON") from error
        if not isinstance(values, dict):
            raise BadRequest(400, "the body must be a JSON object")
        return body, values

    def unsigned(self) -> BadRequest:
        """A request whose signature does not hold."""
        metrics.SIGNATURES_REFUSED.labels(self.platform).inc()
        return BadRequest(403, "the signature is wrong or missing")

    def answered(self, kind: str, answer: Any) -> Response:
        """What is answered, and counted as ``kind``."""
        metrics.WEBHOOKS.labels(self.platform, kind).inc()
        return JSONResponse(answer)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _call(values: Mapping[str, Any], name: str) -> str:
    """The platform's name for the call. Raises ``BadRequest``."""
    call = _text(values, name)
    if not 0 < len(call) <= 256:
        raise BadRequest(400, f"{name} is missing")
    return call


def _said(call: str, ani: str, dnis: str, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a socket is told of its call."""
    who = read_introduction([("call", call), ("from", ani), ("to", dnis), *headers])
    return {"call": who.call, "from": who.ani, "to": who.dnis, **who.headers}


# --- Vonage --------------------------------------------------------------------------------------------------------


def vonage_router(settings: TelephonySettings, secret: SecretStr, admission: Admission, rate: int) -> APIRouter:
    """``/telephony/vonage/answer`` (GET or POST) and ``POST …/event``."""
    endpoints = _Vonage(Webhooks(VONAGE.name, settings, admission, rate), secret)
    router = APIRouter(prefix=f"{PREFIX}/vonage", tags=["telephony"])
    router.add_api_route("/answer", endpoints.answer, methods=["GET", "POST"], response_model=None)
    router.add_api_route("/event", endpoints.event, methods=["POST"], response_model=None)
    return router


class _Vonage:
    def __init__(self, webhooks: Webhooks, secret: SecretStr) -> None:
        self._webhooks = webhooks
        self._secret = secret

    async def answer(self, request: Request) -> Response:
        """A call has come in: connect it with our socket, or refuse it."""
        hooks = self._webhooks
        try:
            values = await self._read(request)
            call = _call(values, "uuid")
        except BadRequest as bad:
            return turn_away(hooks.platform, bad)
        ani, dnis = _e164(_text(values, "from")), _e164(_text(values, "to"))
        offer = CallOffer(call_sid=call, ani=ani, dnis=dnis, protocol=hooks.platform)
        if refusal := hooks.admission.admit(offer):
            metrics.CALLS_REFUSED.labels(hooks.platform, refusal.reason.value).inc()
            return JSONResponse(vonage.refuse(refusal))
        headers = [
            (name.removeprefix(_SIP_HEADER), value)
            for name, value in values.items()
            if name.startswith(_SIP_HEADER) and isinstance(value, str)
        ]
        base = hooks.base(request)
        event_url, address = f"{base}{PREFIX}/vonage/event", socket_url(base, VONAGE.path)
        ncco = vonage.connect(address, hooks.rate, event_url, _said(call, ani, dnis, headers))
        return hooks.answered("connected", ncco)

    async def event(self, request: Request) -> Response:
        """Something has become of a call; its socket tells us the same."""
        try:
            await self._read(request)
        except BadRequest as bad:
            return turn_away(self._webhooks.platform, bad)
        return self._webhooks.answered("noted", {})

    async def _read(self, request: Request) -> dict[str, Any]:
        body, values = await self._webhooks.fields(request)
        if not signed_by_vonage(bearer(request.headers.get("authorization", "")), self._secret, time.time(), body):
            raise self._webhooks.unsigned()
        return values


def _e164(number: str) -> str:
    """A number as Vonage has it, without its ``+``, as all others have it."""
    return f"+{number}" if number.isascii() and number.isdigit() and len(number) > 6 else number


# --- jambonz -------------------------------------------------------------------------------------------------------


def jambonz_router(
    settings: TelephonySettings, secret: SecretStr, admission: Admission, rate: int, back: GoingBack
) -> APIRouter:
    """``POST /telephony/jambonz/call``, ``…/listened``, ``…/dialled`` and ``…/status``."""
    endpoints = _Jambonz(Webhooks(JAMBONZ.name, settings, admission, rate), secret, back)
    router = APIRouter(prefix=f"{PREFIX}/jambonz", tags=["telephony"])
    for path, endpoint in (
        ("/call", endpoints.call),
        ("/listened", endpoints.listened),
        ("/dialled", endpoints.dialled),
        ("/status", endpoints.status),
    ):
        router.add_api_route(path, endpoint, methods=["POST"], response_model=None)
    return router


def passes_of(secret: SecretStr) -> Passes:
    """The passes that jambonz' webhook gives to its sockets."""
    return Passes(secret.get_secret_value().encode())


class _Jambonz:
    def __init__(self, webhooks: Webhooks, secret: SecretStr, back: GoingBack) -> None:
        self._webhooks = webhooks
        self._secret = secret
        self._back = back
        self._passes = passes_of(secret)

    async def call(self, request: Request) -> Response:
        """A call has come in: stream it to our socket, or refuse it."""
        try:
            values = await self._read(request)
            return self._listen(request, values, _call(values, "call_sid"), {})
        except BadRequest as bad:
            return turn_away(self._webhooks.platform, bad)

    async def listened(self, request: Request) -> Response:
        """Our stream of a call has ended: the call is to be moved, or over."""
        try:
            values = await self._read(request)
            order = self._back.order(_call(values, "call_sid"))
        except BadRequest as bad:
            return turn_away(self._webhooks.platform, bad)
        verbs = None
        if order is not None:
            query = urlencode({RETURNED_PARAMETER: order.handoff})
            action = f"{self._webhooks.base(request)}{PREFIX}/jambonz/dialled?{query}"
            verbs = jambonz.dial(order, _text(values, "to"), action)
        return self._webhooks.answered("over" if verbs is None else "dialled", verbs or jambonz.HANG_UP)

    async def dialled(self, request: Request) -> Response:
        """A call that was moved is no longer connected: over when somebody had answered, else ours again."""
        try:
            values = await self._read(request)
            call = _call(values, "call_sid")
            if _text(values, "dial_call_status") == "completed":
                return self._webhooks.answered("over", jambonz.HANG_UP)
            handoff = request.query_params.get(RETURNED_PARAMETER, "")[:256]
            return self._listen(request, values, call, {RETURNED_PARAMETER: handoff})
        except BadRequest as bad:
            return turn_away(self._webhooks.platform, bad)

    async def status(self, request: Request) -> Response:
        """Something has become of a call; its socket tells us the same."""
        try:
            await self._read(request)
        except BadRequest as bad:
            return turn_away(self._webhooks.platform, bad)
        return self._webhooks.answered("noted", {})

    def _listen(self, request: Request, values: Mapping[str, Any], call: str, more: Mapping[str, str]) -> Response:
        hooks, ani, dnis = self._webhooks, _text(values, "from"), _text(values, "to")
        offer = CallOffer(call_sid=call, ani=ani, dnis=dnis, protocol=hooks.platform)
        if refusal := hooks.admission.admit(offer):
            metrics.CALLS_REFUSED.labels(hooks.platform, refusal.reason.value).inc()
            return JSONResponse(jambonz.refuse(refusal))
        base = hooks.base(request)
        told = {PASS_PARAMETER: self._passes.give(hooks.platform, call, time.time()), **more}
        address, action = socket_url(base, JAMBONZ.path), f"{base}{PREFIX}/jambonz/listened"
        return hooks.answered("connected", jambonz.listen(address, hooks.rate, action, told))

    async def _read(self, request: Request) -> dict[str, Any]:
        body, values = await self._webhooks.fields(request)
        signature = request.headers.get("jambonz-signature", "")
        if not signed_by_jambonz(signature, self._secret, time.time(), body):
            raise self._webhooks.unsigned()
        return values
