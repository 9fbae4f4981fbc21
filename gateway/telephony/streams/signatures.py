"""How carriers show that a request is theirs. Pure.

=================  ====================================================================================================
Twilio's           base64 of HMAC-SHA1, under a secret of the account, over the address as it was called, followed by
                   the POST parameters' names and values in the order of their names. SignalWire signs its XML webhooks
                   alike, under its signing key
Plivo's V3         base64 of HMAC-SHA256, under the auth token, over the address, the parameters as before, and a nonce
Telnyx's           base64 of an Ed25519 signature over ``timestamp|body``
Basic              a user's name and password (RFC 7617)
=================  ====================================================================================================

Refuses: guessing the address. Behind a proxy only the operator knows it: ``public_url``.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TWILIO_HEADER: Final = "x-twilio-signature"
SIGNALWIRE_HEADER: Final = "x-signalwire-signature"
PLIVO_HEADERS: Final = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3")
"""Made with the token of the (sub)account of the call, and with the main account's; each may hold several."""
PLIVO_NONCE: Final = "x-plivo-signature-v3-nonce"
TELNYX_HEADER: Final = "telnyx-signature-ed25519"
TELNYX_TIMESTAMP: Final = "telnyx-timestamp"

CLOCKS_DIFFER: Final = 300
"""Seconds that a signed request may be old, or ahead of our clock."""

_DEFAULT_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that says it is a carrier's: the address that was called, its POST parameters and raw body, its headers
    by lower-case names, and the time it came at in seconds since 1970."""

    address: str
    form: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    now: float = 0.0


class Signer(Protocol):
    """A carrier that signs."""

    def signed(self, claim: Claim, /) -> bool:
        """Whether the request is the carrier's."""


class FormHmac:
    """Twilio's way, also SignalWire's; ``header`` is where the signature stands."""

    def __init__(self, secret: str, *headers: str) -> None:
        self._secret = secret
        self._headers = headers

    def signed(self, claim: Claim) -> bool:
        """See ``Signer``."""
        return any(
            signature_is_valid(self._secret, claim.address, claim.form, claimed=claim.headers.get(header))
            for header in self._headers
        )


class PlivoV3:
    """Plivo's way."""

    def __init__(self, auth_token: str) -> None:
        self._token = auth_token

    def signed(self, claim: Claim) -> bool:
        """See ``Signer``."""
        nonce = claim.headers.get(PLIVO_NONCE)
        shown = [one.strip() for name in PLIVO_HEADERS for one in claim.headers.get(name, "").split(",")]
        if not nonce or not any(shown):
            return False
        found = [
            hmac.compare_digest(plivo_signature(self._token, address, claim.form, nonce).encode(), _bytes(one))
            for address in _port_forms(claim.address)
            for one in shown
        ]
        return any(found)


class Ed25519:
    """Telnyx's way. Raises ``ValueError`` for a key that is none: 32 bytes in base64, as the carrier's portal shows."""

    def __init__(self, public_key: str) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(b64decode(public_key, validate=True))

    def signed(self, claim: Claim) -> bool:
        """See ``Signer``. It says when it was made, and is believed for ``CLOCKS_DIFFER`` seconds."""
        stamp = claim.headers.get(TELNYX_TIMESTAMP, "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        if abs(claim.now - int(stamp)) > CLOCKS_DIFFER:
            return False
        try:
            signature = b64decode(claim.headers.get(TELNYX_HEADER, ""), validate=True)
            self._key.verify(signature, stamp.encode() + b"|" + claim.body)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


class Basic:
    """A name and a password."""

    def __init__(self, user: str, password: str) -> None:
        self._expected = basic(user, password)

    def signed(self, claim: Claim) -> bool:
        """See ``Signer``."""
        return hmac.compare_digest(self._expected.encode(), _bytes(claim.headers.get("authorization", "")))


def basic(user: str, password: str) -> str:
    """The header ``Authorization`` of RFC 7617."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode('ascii')}"


def signature(auth_token: str, url: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
    """Twilio's signature of a request to ``url``. A parameter that comes several times counts once for each value."""
    text = url + "".join(name + value for name, value in sorted(set(parameters)))
    return b64encode(hmac.digest(auth_token.encode(), _bytes(text), "sha1")).decode("ascii")


def signature_is_valid(
    auth_token: str, url: str, parameters: Iterable[tuple[str, str]] = (), *, claimed: str | None
) -> bool:
    """Whether ``claimed`` is Twilio's signature of that request, compared in constant time.

    An address is signed with or without its scheme's default port; both are accepted.
    """
    if not claimed:
        return False
    pairs = list(parameters)
    found = [
        hmac.compare_digest(signature(auth_token, form, pairs).encode(), _bytes(claimed)) for form in _port_forms(url)
    ]
    return any(found)


def plivo_signature(auth_token: str, url: str, parameters: Iterable[tuple[str, str]], nonce: str) -> str:
    """Plivo's signature of a POST request to ``url``.

    The address is signed with the parameters of its query in order; a dot parts them from those of the body. With
    neither, nothing follows the path but the nonce's dot.
    """
    base, _, asked = url.partition("?")
    query = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(asked, keep_blank_values=True)))
    form = "".join(name + value for name, value in sorted(parameters))
    if query or form:
        base += "?" + query
    if query and form:
        base += "."
    return b64encode(hmac.digest(auth_token.encode(), _bytes(f"{base}{form}.{nonce}"), "sha256")).decode("ascii")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _port_forms(url: str) -> tuple[str, ...]:
    """``url`` as it is, and with its default port left out or put in."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return (url,)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or port not in (None, default):
        return (url,)
    bare = parts.netloc.removesuffix(f":{default}")
    return tuple(urlunsplit(parts._replace(netloc=netloc)) for netloc in (bare, f"{bare}:{default}"))
