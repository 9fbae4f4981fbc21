"""Forms that a carrier posts to us: read within limits, and believed only with its signature.

Refuses: what the fields mean.
"""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from gateway.telephony import metrics, twilio
from gateway.telephony.settings import TelephonySettings

log = logging.getLogger(__name__)


class BadRequest(Exception):
    """A webhook request that is answered with ``status`` and goes no further."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class SignedForms:
    """Reads forms, as the settings say."""

    def __init__(self, settings: TelephonySettings) -> None:
        self._settings = settings

    async def read(self, request: Request, door: str) -> list[tuple[str, str]]:
        """The fields of a form whose signature holds. Raises ``BadRequest``."""
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            raise BadRequest(415, "the body must be application/x-www-form-urlencoded")
        body = await self._body(request)
        try:
            form = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
        except ValueError as error:
            raise BadRequest(400, "the form cannot be read") from error
        if not self._is_signed(request, form):
            metrics.SIGNATURES_REFUSED.labels(door).inc()
            raise BadRequest(403, "the signature is wrong or missing")
        return form

    def base(self, request: Request) -> str:
        """``public_url`` when it is set, else scheme and host as the request names them."""
        return self._settings.public_url or f"{request.scope['scheme']}://{request.headers.get('host', '')}"

    async def _body(self, request: Request) -> bytes:
        """The request's body, within the limits of size and time."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.webhook_timeout):
                async for piece in request.stream():
                    body += piece
                    if len(body) > self._settings.max_body:
                        raise BadRequest(413, f"the body may have {self._settings.max_body} bytes")
        except TimeoutError as error:
            raise BadRequest(408, "the body did not come in time") from error
        except ClientDisconnect as error:
            raise BadRequest(400, "the body broke off") from error
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
        called, query = self.base(request) + request.scope["path"], request.scope["query_string"].decode("latin-1")
        return f"{called}?{query}" if query else called


def turn_away(door: str, bad: BadRequest) -> Response:
    """The answer to a request that goes no further."""
    metrics.WEBHOOKS.labels(door, str(bad.status)).inc()
    log.info("webhook %s refused: %s", door, bad)
    return PlainTextResponse(f"{bad}\n", status_code=bad.status)


def twiml(document: str) -> Response:
    """A document of the carrier's, to be followed."""
    return Response(document, media_type="application/xml")
