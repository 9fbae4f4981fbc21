"""What a dial plan asks and tells over HTTP: calls that it announces, and where calls that come back are to go.

``CURL()`` of the dial plan can post a form or, with a header, JSON; both are taken. It shows the secret as a bearer
token (RFC 6750) or as the field ``token``.

Refuses: people. Answers are plain text of one line, for that is what a dial plan can use.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request
from pydantic import SecretStr
from starlette.responses import PlainTextResponse, Response

from gateway.telephony import metrics
from gateway.telephony.asterisk.announcement import Announcements, NotAnnounced
from gateway.telephony.asterisk.returning import Returning
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.shared_secret import TOKEN_PARAMETER, bearer, is_secret
from gateway.telephony.signed_forms import BadRequest, read_body, turn_away

DOOR = "asterisk"
MOST_FIELDS = 100

_UNREADABLE = "the body must be a form or a JSON object of texts"


def asterisk_router(
    settings: TelephonySettings, token: SecretStr, announcements: Announcements, returning: Returning
) -> APIRouter:
    """``POST /telephony/asterisk/calls`` and ``GET /telephony/asterisk/calls/{call}/destination``."""
    endpoints = _Endpoints(settings, token, announcements, returning)
    router = APIRouter(prefix="/telephony/asterisk", tags=["telephony"])
    router.add_api_route("/calls", endpoints.announce, methods=["POST"], response_model=None)
    router.add_api_route("/calls/{call}/destination", endpoints.destination, methods=["GET"], response_model=None)
    return router


class _Endpoints:
    """The endpoints, over what they were configured with."""

    def __init__(
        self, settings: TelephonySettings, token: SecretStr, announcements: Announcements, returning: Returning
    ) -> None:
        self._settings = settings
        self._token = token
        self._announcements = announcements
        self._returning = returning

    async def announce(self, request: Request) -> Response:
        """An AudioSocket call is about to connect: its ``uuid``, ``from``, ``to``, ``call``, ``format`` and headers."""
        try:
            said = await self._fields(request)
            self._let_in(request, said)
            if not self._announcements.announce(said):
                raise BadRequest(503, "too many announced calls have not connected yet")
        except BadRequest as bad:
            return turn_away(DOOR, bad)
        except NotAnnounced as wrong:
            return turn_away(DOOR, BadRequest(422, str(wrong)))
        metrics.WEBHOOKS.labels(DOOR, "announced").inc()
        return PlainTextResponse("", status_code=202)

    async def destination(self, call: str, request: Request) -> Response:
        """Where a call goes that has come back to the dial plan; empty when it just ended."""
        try:
            self._let_in(request, [*request.query_params.multi_items()])
        except BadRequest as bad:
            return turn_away(DOOR, bad)
        metrics.WEBHOOKS.labels(DOOR, "destination").inc()
        return PlainTextResponse(self._returning.destination(call) or "")

    def _let_in(self, request: Request, said: list[tuple[str, str]]) -> None:
        shown = bearer(request.headers.get("authorization", ""))
        if shown is None:
            shown = next((value for name, value in said if name == TOKEN_PARAMETER), "")
        if not is_secret(shown, self._token):
            metrics.SIGNATURES_REFUSED.labels(DOOR).inc()
            raise BadRequest(403, "the secret is wrong or missing")

    async def _fields(self, request: Request) -> list[tuple[str, str]]:
        """The fields of a form or of a JSON object, headers included. Raises ``BadRequest``."""
        body = await read_body(request, self._settings)
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        try:
            if kind == "application/json":
                return _flat(orjson.loads(body))
            return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise BadRequest(400, _UNREADABLE) from error


def _flat(values: Any) -> list[tuple[str, str]]:
    """A JSON object's texts, and those of its ``headers``. Raises ``BadRequest``."""
    headers = values.pop("headers", {}) if isinstance(values, dict) else None
    if not isinstance(headers, dict):
        raise BadRequest(400, _UNREADABLE)
    said: list[tuple[str, str]] = [*values.items(), *headers.items()]
    if not all(isinstance(value, str) for _, value in said):
        raise BadRequest(400, _UNREADABLE)
    return said
