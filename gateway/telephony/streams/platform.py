"""Moving calls through a carrier's REST API: the call is given another document to follow, which dials somebody else.

Some carriers take the document with the request, others fetch it: their request for it is signed, address and all, so
the address says whom to dial (``transfer_url``). When the dialling is over, the carrier asks our webhook what follows
(``webhooks.py``): a caller whom nobody has answered comes back to us.

Refuses: targets that are neither a number nor a SIP address, nor a queue where the carrier has queues.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from gateway.telephony.leg import LegInfo
from gateway.telephony.streams.documents import Destination, Markup, Twiml
from gateway.telephony.transfer import (
    NotTransferred,
    TransferMethod,
    TransferOrder,
    TransferOutcome,
)
from gateway.telephony.transferor import FarEnd, moved_by_request

HANDOFF_PARAMETER: Final = "handoff"
"""The parameter of our addresses, and of a stream that comes back, that holds the hand-off's id."""


@dataclass(frozen=True, slots=True)
class RestApi:
    """How a carrier's takes an update of a call: ``path`` has ``{account}`` and ``{call}`` in it; ``document`` is the
    field for the document, else its address goes into ``address``, and how it is to be fetched into ``method``."""

    path: str
    document: str = ""
    address: str = "Url"
    method: str = "Method"
    is_json: bool = False


TWILIO_API: Final = RestApi("/2010-04-01/Accounts/{account}/Calls/{call}.json", document="Twiml")
SIGNALWIRE_API: Final = RestApi("/api/laml/2010-04-01/Accounts/{account}/Calls/{call}.json")
TELNYX_API: Final = RestApi("/v2/texml/Accounts/{account}/Calls/{call}", document="Texml")
PLIVO_API: Final = RestApi("/v1/Account/{account}/Call/{call}/", address="aleg_url", method="aleg_method", is_json=True)


@dataclass(frozen=True, slots=True)
class Account:
    """Where an API is, whose account is used, and the header ``Authorization`` that opens it."""

    url: str
    name: str
    authorization: str


@dataclass(frozen=True, slots=True)
class Platform:
    """One account's calls; ``base`` is the address under which the carrier reaches its webhooks."""

    api: RestApi
    account: Account
    markup: Markup
    base: str

    @property
    def fetches(self) -> bool:
        """Whether the carrier fetches the document of an order."""
        return not self.api.document

    def transferor(self, info: LegInfo) -> RestTransferor:
        """Who can move the call of that leg."""
        return RestTransferor(self, info)

    def call(self, call: str) -> str:
        """The address of a call."""
        names = {"account": quote(self.account.name, safe=""), "call": quote(call, safe="")}
        return self.account.url + self.api.path.format(**names)

    def destination(self, order: TransferOrder) -> Destination:
        """Whom an order connects the call with."""
        action = f"{self.base}/dialled?{urlencode({HANDOFF_PARAMETER: order.handoff})}"
        return Destination(order.target, order.within, action, order.handoff, order.headers)

    def fields(self, order: TransferOrder) -> dict[str, str]:
        """What the API is told."""
        api, destination = self.api, self.destination(order)
        if not self.fetches:
            if order.method is TransferMethod.REFER and isinstance(self.markup, Twiml):
                return {api.document: self.markup.refer(destination)}
            return {api.document: self.markup.dial(destination)}
        fields = {api.address: transfer_url(self.base, order), api.method: "POST"}
        return {"legs": "aleg"} | fields if api.is_json else fields


class RestTransferor:
    """Moves one call; see ``Transferor``."""

    def __init__(self, platform: Platform, info: LegInfo) -> None:
        self._platform = platform
        self._call = info.call_sid
        refers = not platform.fetches and info.ani.lower().startswith("sip:")
        self.methods = frozenset({TransferMethod.PROVIDER} | ({TransferMethod.REFER} if refers else set()))

    async def transfer(self, order: TransferOrder, far_end: FarEnd) -> TransferOutcome:
        """See ``Transferor``."""
        if not can_be_dialled(order.target, queues=isinstance(self._platform.markup, Twiml)):
            return NotTransferred("this carrier is given a number, a tel: or SIP address, or a queue if it has any")
        if order.method is TransferMethod.REFER and not self._platform.destination(order).is_sip:
            return NotTransferred("a call can only be referred to a SIP address")
        fields, headers = self._platform.fields(order), {"Authorization": self._platform.account.authorization}
        call, sent = self._platform.call(self._call), {"json" if self._platform.api.is_json else "form": fields}
        return await moved_by_request("the carrier", "POST", call, headers=headers, **sent)


def can_be_dialled(target: str, *, queues: bool) -> bool:
    """Whether a document can connect a call with ``target``, of a carrier that has ``queues`` or has none."""
    scheme, colon, _ = target.partition(":")
    if not colon:
        return target.removeprefix("+").isdigit()
    return scheme.lower() in ("sip", "sips", "tel") or (queues and scheme in ("queue", "workflow"))


# --- the document that is fetched ----------------------------------------------------------------------------------

_TARGET: Final = "to"
_RING: Final = "ring"


def transfer_url(base: str, order: TransferOrder) -> str:
    """Where a carrier fetches the document of an order: all of it is in the address, so any node can answer."""
    own = {_TARGET: order.target, _RING: f"{order.within:g}", HANDOFF_PARAMETER: order.handoff}
    query = {**order.headers, **own}
    return f"{base}/transfer?{urlencode(query)}"


def transfer_order(query: str) -> TransferOrder | None:
    """The order that such an address holds; ``None`` for one that we never made."""
    fields = dict(parse_qsl(query, max_num_fields=50))
    target, ring, handoff = (fields.pop(name, "") for name in (_TARGET, _RING, HANDOFF_PARAMETER))
    if not can_be_dialled(target, queues=True) or not ring.replace(".", "", 1).isdigit():
        return None
    return TransferOrder(TransferMethod.PROVIDER, target, handoff, float(ring), fields)
