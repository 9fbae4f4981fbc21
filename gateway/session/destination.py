"""Where a call may be sent: a SIP, SIPS or tel address as it is written in the configuration, taken apart strictly.

What cannot be said in one way only is refused: an address that two programs read differently is how calls are sent
where nobody meant them to go. So there are no escapes, no embedded headers (RFC 3261, section 19.1.1, would let them
into our INVITE), no parameters but the transport, no passwords, no letters and digits beyond ASCII, and of tel
addresses (RFC 3966) only global numbers without an extension.

Pure. Refuses: whether an address may be called (``gateway/outbound/toll.py``), and numbers that callers say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

PLACEHOLDER = "{handoff}"
"""What stands in an address for the id of the hand-off."""

LONGEST = 255
"""Characters of an address."""

_USER = re.compile(r"[A-Za-z0-9+*#._-]{1,128}", re.ASCII)
_HOST = re.compile(
    r"(?=.{1,190}\Z)([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*", re.ASCII
)
_IPV6 = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]", re.ASCII)
_REST = re.compile(r"(?::([0-9]{1,5}))?(?:;transport=(udp|tcp|tls))?", re.ASCII)
_NUMBER = re.compile(r"\+[1-9][0-9]{2,14}", re.ASCII)
_ADDRESS = re.compile(r"(?:sips?|tel):", re.ASCII | re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\+?(?:[0-9*#][ ().-]*){7,}", re.ASCII)


class NoDestination(ValueError):
    """It is no address that calls are sent to; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address. ``user`` is the number of a tel address; ``host``, ``port`` and ``transport`` are empty there."""

    scheme: str
    user: str
    host: str = ""
    port: str = ""
    transport: str = ""

    def __str__(self) -> str:
        if self.scheme == "tel":
            return f"tel:{self.user}"
        port = f":{self.port}" if self.port else ""
        transport = f";transport={self.transport}" if self.transport else ""
        return f"{self.scheme}:{self.user}@{self.host}{port}{transport}"

    def of(self, handoff: str) -> Destination:
        """The address for one hand-off. Raises ``NoDestination`` where the id is none that fits into an address."""
        return replace(self, user=_user(self.user.replace(PLACEHOLDER, handoff)))


def read_destination(text: str) -> Destination:
    """Take an address apart; the user's part may hold ``{handoff}`` once. Raises ``NoDestination``."""
    if len(text) > LONGEST:
        raise NoDestination(f"it is longer than {LONGEST} characters")
    scheme, colon, rest = text.partition(":")
    if not colon or scheme not in ("sip", "sips", "tel"):
        raise NoDestination("write sip:user@host, sips:user@host or tel:+country and number")
    if scheme == "tel":
        if not _NUMBER.fullmatch(rest):
            raise NoDestination("after tel: write the plus sign, the country's code and the number, digits only")
        return Destination("tel", rest)
    user, at, place = rest.partition("@")
    if not at:
        raise NoDestination("write whom at which host: sip:user@host")
    if user.count(PLACEHOLDER) > 1:
        raise NoDestination(f"{PLACEHOLDER} stands in it once at most")
    _user(user.replace(PLACEHOLDER, "h"))
    host, rest = _host(place)
    found = _REST.fullmatch(rest)
    if found is None or (found[1] and not 0 < int(found[1]) < 65_536):
        raise NoDestination("behind the host only a port and ;transport=udp, tcp or tls may stand")
    return Destination(scheme, user, host.lower(), found[1] or "", found[2] or "")


def dialled_by(word: str) -> Destination | None:
    """The address that a platform would call by a word of its own; None for what is only a name to it, or an extension.

    Raises ``NoDestination`` for an address, or a whole number, that is not written as ``read_destination`` wants it.
    """
    if _ADDRESS.match(word):
        return read_destination(word)
    if word.startswith("+") or _LONG_NUMBER.fullmatch(word):
        return read_destination(f"tel:{word}")
    return None


def _user(user: str) -> str:
    if not _USER.fullmatch(user):
        raise NoDestination("before the @ only letters, digits and + * # . _ - may stand, at most 128 of them")
    return user


def _host(place: str) -> tuple[str, str]:
    """The host, and what stands behind it."""
    if place.startswith("["):
        host, bracket, rest = place.partition("]")
        if not _IPV6.fullmatch(host + bracket):
            raise NoDestination("the address in brackets is no IPv6 address")
        return host + bracket, rest
    end = min((place.index(mark) for mark in ":;" if mark in place), default=len(place))
    if not _HOST.fullmatch(place[:end]):
        raise NoDestination("the host is no name and no address of one")
    return place[:end], place[end:]
