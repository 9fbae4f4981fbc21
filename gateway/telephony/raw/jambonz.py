"""jambonz' call control: what its webhooks are answered (verbs), and calls that go back to it.

Our socket is a ``listen`` verb. When we leave it, jambonz asks our webhook what follows: nothing (the call ends), or,
for a call that is to be moved, a ``dial``; and when that has reached nobody, the caller comes back to us.

Sources: ``lib/tasks/listen.js`` and ``lib/tasks/dial.js`` of jambonz' feature server, and its documentation of verbs.
Refuses: sockets (``door.py``), and who may be called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gateway.telephony.expiring import ExpiringStore
from gateway.telephony.leg import Refusal, RefusalReason
from gateway.telephony.raw.codec import RawCodec
from gateway.telephony.transfer import NotTransferred, TransferOrder
from gateway.telephony.transferor import ByWords

KEPT_FOR: Final = 60.0
MOST: Final = 10_000

Verbs = list[dict[str, Any]]

HANG_UP: Final[Verbs] = [{"verb": "hangup"}]
BUSY_HERE: Final = 486
DECLINED: Final = 603


def listen(address: str, rate: int, action: str, said: Mapping[str, str]) -> Verbs:
    """Stream the call to our socket and back, which is told ``said``; ``action`` is asked what follows."""
    return [
        {"verb": "answer"},
        {
            "verb": "listen",
            "url": address,
            "actionHook": action,
            "mixType": "mono",
            "sampleRate": rate,
            "passDtmf": True,
            "bidirectionalAudio": {"enabled": True, "streaming": True, "sampleRate": rate},
            "metadata": {name: value for name, value in said.items() if value},
        },
    ]


def refuse(refusal: Refusal) -> Verbs:
    """A call that is not taken, before it is answered."""
    status, reason = (DECLINED, "Decline") if refusal.reason is RefusalReason.REJECTED else (BUSY_HERE, "Busy Here")
    return [{"verb": "sip:decline", "status": status, "reason": reason}]


def dial(order: TransferOrder, line: str, action: str) -> Verbs | None:
    """Dial the target of an order, showing ``line``; ``None`` for what jambonz cannot call."""
    scheme, colon, rest = order.target.partition(":")
    target: dict[str, str]
    if colon and scheme.lower() in ("sip", "sips"):
        target = {"type": "sip", "sipUri": order.target}
    elif (not colon or scheme.lower() == "tel") and (number := rest or order.target).lstrip("+").isdigit():
        target = {"type": "phone", "number": number}
    else:
        return None
    verb = {
        "verb": "dial",
        "target": [target],
        "timeout": max(1, round(order.within)),
        "headers": {"X-Handoff": order.handoff, **order.headers},
        "actionHook": action,
    }
    return [verb | ({"callerId": line} if line else {})]


class GoingBack:
    """The calls that go back to jambonz to be moved, and the orders that they are moved by."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock``: seconds that only ever go on."""
        self._clock = clock
        self._orders: ExpiringStore[TransferOrder] = ExpiringStore(KEPT_FOR, MOST)

    def order(self, call: str) -> TransferOrder | None:
        """The order of a call that has just come back; told once."""
        return self._orders.take(call, self._clock())

    def transferor(self, codec: RawCodec, call: str) -> ByWords:
        """Who moves that call: its ``listen`` is ended, and jambonz asks what follows."""

        def words(order: TransferOrder) -> Sequence[str | bytes] | NotTransferred:
            if dial(order, "", "") is None:
                return NotTransferred("jambonz is given a number, a tel: or a SIP address")
            if not self._orders.put(call, order, self._clock()):
                return NotTransferred("too many calls go back to jambonz at this moment")
            said = codec.encode_end("transfer")
            return [] if said is None else [said]

        return ByWords(words)
