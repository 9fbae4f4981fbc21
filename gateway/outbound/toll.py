"""What calls of ours to targets outside may cost: which destinations, how many at once, how many minutes a day.

Everything is denied that is not allowed. Whatever reads as a telephone number, in a tel address or before the @ of a
SIP address, is made international first and compared with the prefixes; the exchange that would dial it does not make
it cheaper. Only what is no telephone number (a name, a short extension) is judged by its host alone.

Pure. Refuses: keeping count (``toll_store.py``), and reading addresses (``gateway/session/destination.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.session.destination import Destination
from gateway.session.targets import Toll
from gateway.session.tenant import Outbound
from infra.phone_numbers import e164

SHORTEST_NUMBER = 7
"""Digits from which on a user made of digits alone is a telephone number, and no extension of an exchange."""

DEAR = (
    "+1900",
    "+1976",
    "+4487",
    "+449",
    "+8260",
    "+870",
    "+878",
    "+881",
    "+882",
    "+883",
    "+979",
)
"""Premium rates of some countries, satellites and international networks: only allowed by a prefix that lies within."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a tenant's calls to targets: how many are open, and the seconds of this day, those of open calls as long as
    they may still last."""

    open: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may be called, for so many seconds at most."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Denied:
    """It may not, and why."""

    why: str


def reachable(destination: Destination, outbound: Outbound | None) -> Denied | None:
    """Whether a tenant lets its calls be sent there at all, by whomever; none when it does."""
    if outbound is None or outbound.toll is None:
        return Denied("outbound.toll is not set: nothing outside is ever called")
    prefixes = outbound.toll.prefixes
    if destination.scheme != "tel" and not _is_number(destination.user):
        host = f"{destination.scheme}:*@{destination.host}"
        port = f":{destination.port}" if destination.port else ""
        return None if host in prefixes or host + port in prefixes else Denied(f"{host} is not among the prefixes")
    number = _international(destination.user, outbound)
    if number is None:
        return Denied("nobody knows which number that is: write it with the plus sign and its country's code")
    return None if _covered(number, prefixes) else Denied(f"no prefix allows the number {number}")


def decide(toll: Toll, usage: Usage) -> Allowed | Denied:
    """Whether one more call fits into what a tenant allows, and for how long it may last."""
    if usage.open >= toll.at_once:
        return Denied(f"{usage.open} such calls are open, of {toll.at_once} allowed")
    left = toll.minutes_per_day * 60 - usage.seconds
    if left < 60:
        return Denied(f"the {toll.minutes_per_day:g} minutes of this day are used or spoken for")
    return Allowed(min(left, toll.longest_minutes * 60))


def _is_number(user: str) -> bool:
    """Whether an exchange might dial it as a telephone number, or as a code that makes one of it: digits, plus, star
    and hash alone, with anything but a digit from 1 on in front, or long enough."""
    bare = user.replace("-", "").replace(".", "")
    if not bare or not set(bare) <= set("0123456789+*#"):
        return False
    return bare[0] in "+0*#" or len(bare) >= SHORTEST_NUMBER


def _international(user: str, outbound: Outbound) -> str | None:
    if user.startswith(("+", "0")):
        return e164(user, outbound.numbering)
    return e164(f"+{user}", outbound.numbering)


def _covered(number: str, prefixes: Sequence[str]) -> bool:
    covering = [prefix for prefix in prefixes if number.startswith(prefix)]
    dear = [prefix for prefix in DEAR if number.startswith(prefix)]
    return any(all(prefix.startswith(one) for one in dear) for prefix in covering)
