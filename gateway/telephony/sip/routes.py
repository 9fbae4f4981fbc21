"""By which trunk a target is called, and in which words. Pure.

A target's host has to be the domain of a trunk: nothing else is ever called. A ``tel:`` target, which has no host, goes
by the first trunk.

Refuses: whether the target may be called at all; that has been allowed before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.telephony.sip.headers import read_address, user_to_user
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.trunk import Failure

_BUSY = frozenset({486, 600})
_NO_ANSWER = frozenset({408, 480, 487})
_DECLINED = frozenset({603, 607, 608})


@dataclass(frozen=True, slots=True)
class Route:
    """The trunk's name, the address to call, and the number in it."""

    trunk: str
    uri: str
    number: str


def route(settings: SipSettings, target: str) -> Route | None:
    """How ``target`` is called; ``None`` where no trunk leads there."""
    address = read_address(target)
    if address is None or not address.user or not settings.trunks:
        return None
    if any(c.isspace() or c in '<>"' for c in target):
        return None
    if address.scheme == "tel":
        name = next(iter(settings.trunks))
        return Route(name, f"sip:{address.user}@{settings.trunks[name].domain};user=phone", address.user)
    name = _trunk_of(settings, address.host)
    if not name or (address.scheme == "sips" and settings.trunks[name].transport != "tls"):
        return None
    return Route(name, target, address.user)


def confirms(settings: SipSettings, host: str) -> bool:
    """Whether the success of a REFER to a far end at ``host`` means that the target has answered."""
    name = _trunk_of(settings, host)
    own = settings.trunks[name].refer_confirms if name else None
    return settings.refer_confirms if own is None else own


def call_headers(headers: Mapping[str, str], handoff: str) -> dict[str, str]:
    """What a call of ours carries: ``headers``, and the id of the hand-off where they have no User-to-User."""
    named = {name.lower() for name in headers}
    own = {"User-to-User": user_to_user(handoff)} if handoff and "user-to-user" not in named else {}
    return own | dict(headers)


def failure(status: int | None) -> Failure:
    """What the status of a call that was not answered means (RFC 3261, section 21); ``None``: there was none."""
    if status in _BUSY:
        return Failure.BUSY
    if status in _NO_ANSWER:
        return Failure.NO_ANSWER
    return Failure.DECLINED if status in _DECLINED else Failure.UNREACHABLE


def status_of(reason: str) -> int | None:
    """The SIP status that the stack's words for the end of a call begin with."""
    head = reason.partition(" ")[0]
    return int(head) if len(head) == 3 and head.isdecimal() else None


def _trunk_of(settings: SipSettings, host: str) -> str:
    hosts = {read_host(trunk.domain): name for name, trunk in settings.trunks.items()}
    return hosts.get(host, "")


def read_host(domain: str) -> str:
    """The host of ``host`` or ``host:port``, as addresses have it."""
    address = read_address(f"sip:x@{domain}")
    return "" if address is None else address.host
