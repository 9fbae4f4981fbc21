"""The carrier's webhooks for calls that we have placed: somebody answered, or it has come to an end.

Both addresses were given to the carrier with the order, each with what the call is known by (``?due=…``), so that
whichever node the carrier reaches can tell whose it is. What comes of a request is durable before it is answered: a
carrier that gets no answer asks again.

Refuses: knowing due calls; ``Outbound`` does.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, assert_never
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from gateway.telephony import metrics
from gateway.telephony.dialer import Progress
from gateway.telephony.leg import DUE_PARAMETER
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.signed_forms import BadRequest, SignedForms, followed, turn_away
from gateway.telephony.streams.carriers import PROGRESS, prefix, socket_url, twilio
from gateway.telephony.streams.codec import CALLER_PARAMETER, DIALLED_PARAMETER
from gateway.telephony.streams.dialects import TWILIO
from gateway.telephony.streams.documents import TWIML
from infra.errors import AiccError

PATH: Final = f"{prefix(TWILIO)}/outbound"

LONGEST_DUE: Final = 256
"""Characters of what a call is known by."""

_PERSONS: Final = frozenset({"human", "unknown"})
"""Who the carrier heard, when it was asked to listen: everybody else is a machine."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Talk:
    """Begin the conversation."""


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """Say this and hang up."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call: it is not wanted any more, or nobody knows it."""


class Outbound(Protocol):
    """Who has placed the calls."""

    async def picked_up(self, due: str, call_sid: str, *, machine: bool) -> Talk | LeaveMessage | HangUp:
        """Somebody or something answered. Durable when it returns; raises ``AiccError`` when it cannot be."""

    async def reported(self, due: str, call_sid: str, progress: Progress) -> None:
        """The carrier says how far a call is. Durable when it returns; raises ``AiccError`` when it cannot be."""


def voice_url(base: str, due: str) -> str:
    """What the carrier fetches when the callee answers."""
    return f"{base}{PATH}/voice?{urlencode({DUE_PARAMETER: due})}"


def status_url(base: str, due: str) -> str:
    """Where the carrier reports what has become of the call."""
    return f"{base}{PATH}/status?{urlencode({DUE_PARAMETER: due})}"


def outbound_router(settings: TelephonySettings, outbound: Outbound) -> APIRouter:
    """``POST …/outbound/voice`` and ``POST …/outbound/status`` under ``/telephony/twilio``."""
    webhooks = _Webhooks(SignedForms(settings, twilio(settings).signer), outbound)
    router = APIRouter(prefix=PATH, tags=["telephony"])
    router.add_api_route("/voice", webhooks.voice, methods=["POST"], response_model=None)
    router.add_api_route("/status", webhooks.status, methods=["POST"], response_model=None)
    return router


class _Webhooks:
    """The endpoints."""

    def __init__(self, forms: SignedForms, outbound: Outbound) -> None:
        self._forms = forms
        self._outbound = outbound

    async def voice(self, request: Request) -> Response:
        """Somebody answered: connect the call's sound to our media socket, leave a message, or end it."""
        try:
            due, fields = await self._read(request, "outbound-voice", "CallSid")
        except BadRequest as bad:
            return turn_away("outbound-voice", bad)
        machine = fields.get("AnsweredBy", "human") not in _PERSONS
        try:
            decided = await self._outbound.picked_up(due, fields["CallSid"], machine=machine)
        except AiccError as error:
            log.error("a call of ours was answered and cannot be noted, so it is ended: %s", error)
            decided = HangUp()
        metrics.WEBHOOKS.labels("outbound-voice", type(decided).__name__.lower()).inc()
        match decided:
            case Talk():
                socket = socket_url(self._forms.base(request), f"{prefix(TWILIO)}/media")
                return followed(TWIML.connect_stream(socket, _parameters(due, fields)))
            case LeaveMessage(text, language):
                return followed(TWIML.hang_up(text, language))
            case HangUp():
                return followed(TWIML.hang_up())
            case _:
                assert_never(decided)

    async def status(self, request: Request) -> Response:
        """The carrier reports what became of the call."""
        try:
            due, fields = await self._read(request, "outbound-status", "CallSid", "CallStatus")
        except BadRequest as bad:
            return turn_away("outbound-status", bad)
        status = fields["CallStatus"]
        progress = PROGRESS.get(status)
        metrics.CALL_STATUSES.labels(status if progress is not None else "other").inc()
        try:
            if progress is not None:  # else a word that the carrier has added since
                await self._outbound.reported(due, fields["CallSid"], progress)
        except AiccError as error:
            log.error("what the carrier reports of a call of ours cannot be noted: %s", error)
            return PlainTextResponse("try again\n", status_code=503)
        metrics.WEBHOOKS.labels("outbound-status", "noted").inc()
        return Response(status_code=204)

    async def _read(self, request: Request, door: str, *needed: str) -> tuple[str, Mapping[str, str]]:
        """What the call is known by, and the fields of the form. Raises ``BadRequest``."""
        fields = dict(await self._forms.read(request, door))
        due = request.query_params.get(DUE_PARAMETER, "")
        if not due or len(due) > LONGEST_DUE:
            raise BadRequest(400, "it does not say which call it is about")
        for name in needed:
            if not fields.get(name):
                raise BadRequest(400, f"{name} is missing")
        return due, fields


def _parameters(due: str, fields: Mapping[str, str]) -> dict[str, str]:
    """What the media socket is told at its start."""
    return {
        CALLER_PARAMETER: fields.get("From", "")[:256],
        DIALLED_PARAMETER: fields.get("To", "")[:256],
        DUE_PARAMETER: due,
    }
