"""What the headers of an INVITE say about a call: who calls, what was dialled, and what else is passed on. Pure.

All of it was written by a stranger. Nothing raises; what cannot be read is passed over, and everything is bounded.

Refuses: to believe. Who may send us INVITEs is decided before us (``docs/sip.md``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

ALWAYS_READ: Final = (
    "From",
    "To",
    "P-Asserted-Identity",
    "P-Called-Party-ID",
    "Diversion",
    "History-Info",
    "User-to-User",
    "Privacy",
)
"""What the stack is asked to show of every INVITE: the first value of each."""

MOST_CHARACTERS: Final = 1024
MOST_HEADERS: Final = 32
LONGEST_NUMBER: Final = 64

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DISPLAY: Final = re.compile(r'\s*(?:"(?:[^"\\]|\\.)*"|[^<"]*)\s*<([^<>]*)>')
_SEPARATORS: Final = str.maketrans("", "", "-.() ")
_DIALLED: Final = re.compile(r"\+?[0-9*#A-Da-d\-.() ]+")
_ANONYMOUS: Final = frozenset({"anonymous", "unavailable", "unknown", "restricted", "private"})


@dataclass(frozen=True, slots=True)
class Address:
    """An address of SIP or tel (RFC 3261, section 19.1; RFC 3966) in parts: ``user`` is decoded and has no
    parameters."""

    scheme: str
    user: str
    host: str


@dataclass(frozen=True, slots=True)
class Parties:
    """Who calls, what was dialled, and what else is passed on, by lower-case names."""

    ani: str
    dnis: str
    headers: Mapping[str, str]


def read_address(text: str) -> Address | None:
    """The address in a header such as From (RFC 3261, section 20.10), or one by itself; ``None`` if there is none."""
    text = text[:MOST_CHARACTERS]
    found = _DISPLAY.match(text)
    uri = found[1] if found else text.partition(";")[0] if not text.lower().startswith("tel:") else text
    scheme, colon, rest = uri.strip().partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in {"sip", "sips", "tel"}:
        return None
    if scheme == "tel":
        return Address(scheme, _decoded(rest.partition(";")[0]), "")
    user, at, host = rest.partition("?")[0].rpartition("@")
    user = user.partition(":")[0].partition(";")[0] if at else ""
    return Address(scheme, _decoded(user), _host(host))


def number(address: Address | None) -> str:
    """The number that an address stands for, without visual separators; a name where it is none; empty where whoever
    calls does not say."""
    if address is None or address.user.lower() in _ANONYMOUS:
        return ""
    user = address.user
    if _DIALLED.fullmatch(user):
        user = user.translate(_SEPARATORS)
    return user[:LONGEST_NUMBER]


def parties(headers: Mapping[str, str], peer: str, *, asserted: bool) -> Parties:
    """Who is in a call. ``headers`` are those of its INVITE, ``peer`` is the address in From. With ``asserted``
    P-Asserted-Identity (RFC 3325) says who calls, where it is there. P-Called-Party-ID (RFC 7315, section 4.2) is what
    a proxy was really asked for, where To is still what had been dialled."""
    by_name = {name.lower(): value for name, value in headers.items()}
    caller = read_address(by_name.get("p-asserted-identity", "")) if asserted else None
    caller = caller or read_address(by_name.get("from", "")) or read_address(peer)
    called = read_address(by_name.get("p-called-party-id", "")) or read_address(by_name.get("to", ""))
    return Parties(number(caller), number(called), bounded(by_name))


def bounded(headers: Mapping[str, str]) -> dict[str, str]:
    """At most ``MOST_HEADERS`` headers of ``MOST_CHARACTERS`` characters, without control characters."""
    first = list(headers.items())[:MOST_HEADERS]
    return {name.lower()[:64]: _CONTROL.sub(" ", value)[:MOST_CHARACTERS].strip() for name, value in first}


def user_to_user(text: str) -> str:
    """The header User-to-User (RFC 7433, section 4) that carries ``text``."""
    return f"{text.encode().hex()};encoding=hex"


def read_user_to_user(header: str) -> str:
    """The text that a User-to-User header carries; empty if it is none that we can read."""
    data, _, parameters = header.partition(";")
    data = data.strip()
    if "encoding=hex" not in parameters.replace(" ", "").lower():
        return data.strip('"')
    try:
        return bytes.fromhex(data).decode()
    except ValueError:
        return ""


def _decoded(user: str) -> str:
    return _CONTROL.sub("", unquote(user, errors="replace")).strip()


def _host(text: str) -> str:
    text = text.partition(";")[0].strip()
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0].lower()
