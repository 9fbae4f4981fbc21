"""The carrier's webhooks: a call has come in, or something has become of it.

``webhook_router`` is mounted by the composition root. A hostile or half-dead peer is counted and answered; it never
gets a traceback into the log, and no wait on it is unlimited.

Refuses: the media that a voice webhook's answer leads to (``media_door.py``), and calls that we have placed ourselves
(``outbound_webhooks.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.telephony import metrics, twilio
from gateway.telephony.leg import Admission, CallOffer
from gateway.telephony.media_stream import CALLER_PARAMETER, DIALLED_PARAMETER, PROTOCOL
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.signed_forms import BadRequest, SignedForms, turn_away, twiml

STATUSES: Final = frozenset(
    {"queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"}
)
"""The carrier's words for what has become of a call."""


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
    webhooks = _Webhooks(SignedForms(settings), admission, on_status)
    router = APIRouter(prefix=twilio.PREFIX, tags=["telephony"])
    router.add_api_route("/voice", webhooks.voice, methods=["POST"], response_model=None)
    router.add_api_route("/status", webhooks.status, methods=["POST"], response_model=None)
    return router


class _Webhooks:
    """The endpoints, over what they were configured with."""

    def __init__(
        self, forms: SignedForms, admission: Admission, on_status: Callable[[CallStatus], None] | None
    ) -> None:
        self._forms = forms
        self._admission = admission
        self._on_status = on_status

    async def voice(self, request: Request) -> Response:
        """A call has come in: answer with TwiML that connects its sound to our media socket, or refuses it."""
        try:
            fields = dict(await self._forms.read(request, "voice"))
            call_sid = fields.get("CallSid", "")
            if not call_sid:
                raise BadRequest(400, "CallSid is missing")
        except BadRequest as bad:
            return turn_away("voice", bad)
        ani, dnis = fields.get("From", "")[:256], fields.get("To", "")[:256]
        refusal = self._admission.admit(CallOffer(call_sid=call_sid, ani=ani, dnis=dnis, protocol=PROTOCOL))
        if refusal is not None:
            metrics.CALLS_REFUSED.labels("voice", refusal.reason.value).inc()
            return twiml(twilio.refuse(refusal))
        metrics.WEBHOOKS.labels("voice", "connected").inc()
        url = twilio.socket_url(self._forms.base(request), request.scope["path"].removesuffix("/voice") + "/media")
        return twiml(twilio.connect_stream(url, {CALLER_PARAMETER: ani, DIALLED_PARAMETER: dnis}))

    async def status(self, request: Request) -> Response:
        """The carrier reports what became of a call."""
        try:
            fields = dict(await self._forms.read(request, "status"))
            report = CallStatus(call_sid=fields.get("CallSid", ""), status=fields.get("CallStatus", ""))
            if not report.call_sid or not report.status:
                raise BadRequest(400, "CallSid or CallStatus is missing")
        except BadRequest as bad:
            return turn_away("status", bad)
        metrics.CALL_STATUSES.labels(report.status if report.status in STATUSES else "other").inc()
        metrics.WEBHOOKS.labels("status", "noted").inc()
        if self._on_status is not None:
            self._on_status(report)
        return Response(status_code=204)
