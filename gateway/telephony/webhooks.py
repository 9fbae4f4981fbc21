"""The carrier's webhooks: a call has come in, or something has become of it.

``webhook_router`` is mounted by the composition root. A hostile or half-dead peer is counted and answered; it never
gets a traceback into the log, and no wait on it is unlimited.

Refuses: the media that a voice webhook's answer leads to; see ``media_door.py``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from gateway.telephony import metrics, twilio
from gateway.telephony.leg import Admission, CallOffer
from gateway.telephony.media_stream import CALLER_PARAMETER, DIALLED_PARAMETER, PROTOCOL
from gateway.telephony.settings import TelephonySettings

log = logging.getLogger(__name__)

_STATUSES: Final = frozenset(
    {"queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"}
)


@dataclass(frozen=True, slots=True)
class CallStatus:
    """What the carrier says has become of a call: one of its own words, such as ``completed``."""

    call_sid: str
    status: str


def webhook_router(
    settings: TelephonySettings, admission: Admission, on_status: Callable[[CallStatus], None] | None = None
) -> APIRouter:
    """``POST …/voice`` and ``POST …/status`` under ``/telephony/twilio``.

    ``on_status`` hears what the carrier reports of a call.
    """
    webhooks = _Webhooks(settings, admission, on_status)
    router = APIRouter(prefix=twilio.PREFIX, tags=["telephony"])
    router.add_api_route("/voice", webhooks.voice, methods=["POST"], response_model=None)
    router.add_api_route("/status", webhooks.status, methods=["POST"], response_model=None)
    return router


class _BadRequest(Exception):
    """A webhook request that is answered with ``status`` and goes no further."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Webhooks:
    """The endpoints, over what they were configured with."""

    def __init__(
        self,
        settings: TelephonySettings,
        admission: Admission,
        on_status: Callable[[CallStatus], None] | None,
    ) -> None:
        self._settings = settings
        self._admission = admission
        self._on_status = on_status

    async def voice(self, request: Request) -> Response:
        """A call has come in: answer with TwiML that connects its sound to our media socket, or refuses it."""
        try:
            fields = dict(await self._signed_form(request, "voice"))
            call_sid = fields.get("CallSid", "")
            if not call_sid:
                raise _BadRequest(400, "CallSid is missing")
        except _BadRequest as bad:
            return self._turn_away("voice", bad)
        ani, dnis = fields.get("From", "")[:256], fields.get("To", "")[:256]
        refusal = self._admission.admit(CallOffer(call_sid=call_sid, ani=ani, dnis=dnis, protocol=PROTOCOL))
        if refusal is not None:
            metrics.CALLS_REFUSED.labels("voice", refusal.reason.value).inc()
            return _twiml(twilio.refuse(refusal))
        metrics.WEBHOOKS.labels("voice", "connected").inc()
        url = twilio.socket_url(self._base(request), request.scope["path"].removesuffix("/voice") + "/media")
        return _twiml(twilio.connect_stream(url, {CALLER_PARAMETER: ani, DIALLED_PARAMETER: dnis}))

    async def status(self, request: Request) -> Response:
        """The carrier reports what became of a call."""
        try:
            fields = dict(await self._signed_form(request, "status"))
            report = CallStatus(call_sid=fields.get("CallSid", ""), status=fields.get("CallStatus", ""))
            if not report.call_sid or not report.status:
                raise _BadRequest(400, "CallSid or CallStatus is missing")
        except _BadRequest as bad:
            return self._turn_away("status", bad)
        metrics.CALL_STATUSES.labels(report.status if report.status in _STATUSES else "other").inc()
        metrics.WEBHOOKS.labels("status", "noted").inc()
        if self._on_status is not None:
            self._on_status(report)
        return Response(status_code=204)

    async def _signed_form(self, request: Request, door: str) -> list[tuple[str, str]]:
        """The fields of a form whose signature holds. Raises ``_BadRequest``."""
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            raise _BadRequest(415, "the body must be application/x-www-form-urlencoded")
        body = await self._body(request)
        try:
            form = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
        except ValueError as error:
            raise _BadRequest(400, "the form cannot be read") from error
        if not self._is_signed(request, form):
            metrics.SIGNATURES_REFUSED.labels(door).inc()
            raise _BadRequest(403, "the signature is wrong or missing")
        return form

    async def _body(self, request: Request) -> bytes:
        """The request's body, within the limits of size and time."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.webhook_timeout):
                async for piece in request.stream():
                    body += piece
                    if len(body) > self._settings.max_body:
                        raise _BadRequest(413, f"the body may have {self._settings.max_body} bytes")
        except TimeoutError as error:
            raise _BadRequest(408, "the body did not come in time") from error
        except ClientDisconnect as error:
            raise _BadRequest(400, "the body broke off") from error
        return bytes(body)

    def _is_signed(self, request: Request, form: list[tuple[str, str]]) -> bool:
        """Whether the request bears the carrier's signature; without an auth token every request passes."""
        token = self._settings.twilio_auth_token
        if token is None:
            return True
        claimed = request.headers.get(twilio.SIGNATURE_HEADER)
        return twilio.signature_is_valid(token.get_secret_value(), self._address(request), form, claimed=claimed)

    def _address(self, request: Request) -> str:
        """The address that the carrier called. Put together without parsing, for a peer may name any host."""
        called, query = self._base(request) + request.scope["path"], request.scope["query_string"].decode("latin-1")
        return f"{called}?{query}" if query else called

    def _base(self, request: Request) -> str:
        """``public_url`` when it is set, else scheme and host as the request names them."""
        return self._settings.public_url or f"{request.scope['scheme']}://{request.headers.get('host', '')}"

    def _turn_away(self, door: str, bad: _BadRequest) -> Response:
        metrics.WEBHOOKS.labels(door, str(bad.status)).inc()
        log.info("webhook %s refused: %s", door, bad)
        return PlainTextResponse(f"{bad}\n", status_code=bad.status)


def _twiml(document: str) -> Response:
    return Response(document, media_type="application/xml")
