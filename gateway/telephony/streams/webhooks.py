"""A carrier's webhooks: a call has come in, something has become of it, or a call that was moved has come back.

``webhook_router`` is mounted by the composition root. A hostile or half-dead peer is counted and answered; it never
gets a traceback into the log, and no wait on it is unlimited.

Refuses: the media that a voice webhook's answer leads to (``door.py``), and calls that we have placed ourselves
(``outbound_webhooks.py``).
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.telephony import metrics
from gateway.telephony.leg import Admission, CallOffer
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.signed_forms import BadRequest, SignedForms, followed, turn_away
from gateway.telephony.streams.carriers import PROGRESS, Carrier, socket_url
from gateway.telephony.streams.codec import CALLER_PARAMETER, DIALLED_PARAMETER, HEADER_PARAMETER
from gateway.telephony.streams.documents import Markup
from gateway.telephony.streams.passes import PASS_PARAMETER
from gateway.telephony.streams.platform import HANDOFF_PARAMETER, transfer_order

RETURNED_PARAMETER = "returned"
"""The parameter of a leg whose caller was moved and has come back, nobody having answered: the hand-off's id."""

_ANSWERED = frozenset({"completed", "answered"})
"""What a carrier says of dialling that led to a conversation."""

_MOST_HEADERS, _LONGEST_HEADER = 8, 400


def webhook_router(carrier: Carrier, settings: TelephonySettings, admission: Admission) -> APIRouter:
    """``POST …/voice``, ``…/status``, ``…/dialled`` and, where it fetches documents, ``…/transfer`` under its path."""
    router = APIRouter(prefix=carrier.prefix, tags=["telephony"])
    if carrier.markup is None:
        return router
    webhooks = _Webhooks(carrier, carrier.markup, SignedForms(settings, carrier.signer), admission)
    routes = {"/voice": webhooks.voice, "/status": webhooks.status, "/dialled": webhooks.dialled}
    if carrier.platform is not None and carrier.platform.fetches:
        routes["/transfer"] = webhooks.transfer
    for path, endpoint in routes.items():
        router.add_api_route(path, endpoint, methods=["POST"], response_model=None)
    return router


class _Webhooks:
    """The endpoints, over what they were configured with."""

    def __init__(self, carrier: Carrier, markup: Markup, forms: SignedForms, admission: Admission) -> None:
        self._carrier = carrier
        self._markup = markup
        self._forms = forms
        self._admission = admission

    async def voice(self, request: Request) -> Response:
        """A call has come in: answer with a document that connects its sound to our media socket, or refuses it."""
        try:
            fields = await self._read(request, "voice")
        except BadRequest as bad:
            return turn_away("voice", bad)
        return self._connect(request, "voice", fields, _headers(fields))

    async def status(self, request: Request) -> Response:
        """The carrier reports what became of a call: that is counted, since its media socket tells us the same."""
        try:
            fields = await self._read(request, "status", "CallStatus")
        except BadRequest as bad:
            return turn_away("status", bad)
        status = fields["CallStatus"]
        metrics.CALL_STATUSES.labels(status if status in PROGRESS else "other").inc()
        metrics.WEBHOOKS.labels("status", "noted").inc()
        return Response(status_code=204)

    async def dialled(self, request: Request) -> Response:
        """A call that we have had moved is no longer connected: over when somebody had answered, else ours again."""
        try:
            fields = await self._read(request, "dialled")
        except BadRequest as bad:
            return turn_away("dialled", bad)
        became = fields.get("DialCallStatus") or fields.get("DialStatus") or fields.get("ReferCallStatus", "")
        if became in _ANSWERED:
            metrics.WEBHOOKS.labels("dialled", "over").inc()
            return followed(self._markup.hang_up())
        handoff = request.query_params.get(HANDOFF_PARAMETER, "")[:256]
        return self._connect(request, "dialled", fields, {RETURNED_PARAMETER: handoff})

    async def transfer(self, request: Request) -> Response:
        """The carrier fetches the document of an order of ours, which stands in the address that it has signed."""
        try:
            await self._read(request, "transfer")
            order = transfer_order(request.scope["query_string"].decode("latin-1"))
            if order is None or self._carrier.platform is None:
                raise BadRequest(400, "it is no address of ours")
        except BadRequest as bad:
            return turn_away("transfer", bad)
        metrics.WEBHOOKS.labels("transfer", "dialled").inc()
        return followed(self._markup.dial(self._carrier.platform.destination(order)))

    async def _read(self, request: Request, door: str, *needed: str) -> Mapping[str, str]:
        """The fields of a form of the carrier's. Raises ``BadRequest``."""
        fields = dict(await self._forms.read(request, door))
        for name in (self._carrier.call_field, *needed):
            if not fields.get(name):
                raise BadRequest(400, f"{name} is missing")
        return fields

    def _connect(self, request: Request, door: str, fields: Mapping[str, str], more: Mapping[str, str]) -> Response:
        """Connect the call's sound to our media socket, or refuse it."""
        carrier, call = self._carrier, fields[self._carrier.call_field]
        ani, dnis = carrier.number(fields.get("From", "")), carrier.number(fields.get("To", ""))
        offer = CallOffer(call_sid=call, ani=ani, dnis=dnis, protocol=carrier.dialect.name)
        refusal = self._admission.admit(offer)
        if refusal is not None:
            metrics.CALLS_REFUSED.labels(door, refusal.reason.value).inc()
            return followed(self._markup.refuse(refusal))
        metrics.WEBHOOKS.labels(door, "connected").inc()
        parameters = {CALLER_PARAMETER: ani, DIALLED_PARAMETER: dnis, **more}
        if carrier.passes is not None:
            parameters[PASS_PARAMETER] = carrier.passes.give(carrier.dialect.name, call, time.time())
        below = request.scope["path"].rpartition(carrier.prefix)[0]
        url = socket_url(self._forms.base(request), below + carrier.media_path)
        return followed(self._markup.connect_stream(url, parameters))


def _headers(fields: Mapping[str, str]) -> dict[str, str]:
    """The SIP headers that a carrier tells of, as parameters of the stream."""
    told = {
        f"{HEADER_PARAMETER}{name.removeprefix('SipHeader_').lower()}": value
        for name, value in fields.items()
        if name.startswith("SipHeader_") and len(value) <= _LONGEST_HEADER
    }
    if fields.get("ForwardedFrom"):
        told[f"{HEADER_PARAMETER}diversion"] = fields["ForwardedFrom"][:_LONGEST_HEADER]
    return dict(list(told.items())[:_MOST_HEADERS])
