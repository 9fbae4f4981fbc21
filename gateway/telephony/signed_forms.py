"""Forms that a carrier posts to us: read within limits, and believed only with its signature.

Refuses: what the fields mean.
"""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from gateway.telephony import metrics
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.signatures import Claim, Signer

log = logging.getLogger(__name__)


class BadRequest(Exception):
    """A webhook request that is answered with ``status`` and goes no further."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class SignedForms:
    """Reads forms, as the settings say; without a ``signer`` everybody's are believed."""

    def __init__(self, settings: TelephonySettings, signer: Signer | None) -> None:
        self._settings = settings
        self._signer = signer

    async def read(self, request: Request, door: str) -> list[tuple[str, str]]:
        """The fields of a form whose signature holds. Raises ``BadRequest``."""
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            raise BadRequest(415, "the body must be application/x-www-form-urlencoded")
        body = await read_body(request, self._settings)
        try:
            form = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
        except ValueError as error:
            raise BadRequest(400, "the form cannot be read") from error
        claim = Claim(self._address(request), tuple(form), body, request.headers, time.time())
        if self._signer is not None and not self._signer.signed(claim):
            metrics.SIGNATURES_REFUSED.labels(door).inc()
            raise BadRequest(403, "the signature is wrong or missing")
        return form

    def base(self, request: Request) -> str:
        """``public_url`` when it is set, else scheme and host as the request names them."""
        return self._settings.public_url or f"{request.scope['scheme']}://{request.headers.get('host', '')}"

    def _address(self, request: Request) -> str:
        """The address that the carrier called. Put together without parsing, for a peer may name any host."""
        called, query = self.base(request) + request.scope["path"], request.scope["query_string"].decode("latin-1")
        return f"{called}?{query}" if query else called


async def read_body(request: Request, settings: TelephonySettings) -> bytes:
    """A request's body, within the limits of size and time. Raises ``BadRequest``."""
    body = bytearray()
    try:
        async with asyncio.timeout(settings.webhook_timeout):
            async for piece in request.stream():
                body += piece
                if len(body) > settings.max_body:
                    raise BadRequest(413, f"the body may have {settings.max_body} bytes")
    except TimeoutError as error:
        raise BadRequest(408, "the body did not come in time") from error
    except ClientDisconnect as error:
        raise BadRequest(400, "the body broke off") from error
    return bytes(body)


def turn_away(door: str, bad: BadRequest) -> Response:
    """The answer to a request that goes no further."""
    metrics.WEBHOOKS.labels(door, str(bad.status)).inc()
    log.info("webhook %s refused: %s", door, bad)
    return PlainTextResponse(f"{bad}\n", status_code=bad.status)


def followed(document: str) -> Response:
    """A document that the carrier is to follow."""
    return Response(document, media_type="application/xml")
