"""Who opens an AudioHook socket: its API key, and the HTTP message signature of its request. Pure.

Genesys Cloud signs the request to upgrade with the key's secret (RFC 9421 as of an early draft: HMAC-SHA256 over the
request's target, its authority and the four headers of ``SIGNED``). The cryptography and the grammar are the library's;
what is a matter of judgement is ours: how old a signature may be, that a nonce is good once, and that the key which is
shown is the one that signed.

Refuses: the clock (``now`` is an argument), and what a key is good for (``settings.py``).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from gateway.telephony.errors import TelephonyError

KEY_HEADER: Final = "x-api-key"
ORGANIZATION_HEADER: Final = "audiohook-organization-id"
SESSION_HEADER: Final = "audiohook-session-id"
CORRELATION_HEADER: Final = "audiohook-correlation-id"

SIGNED: Final = ("@request-target", "@authority", ORGANIZATION_HEADER, SESSION_HEADER, CORRELATION_HEADER, KEY_HEADER)
"""What has to be under the signature."""

LONGEST_AGE: Final = 10.0
"""Seconds for which a signature is good."""
SKEW: Final = 5.0
"""Seconds by which the signer's clock may be off."""
SHORTEST_NONCE: Final = 22
"""Characters: 16 bytes in base64."""
LONGEST_NONCE: Final = 256
MOST_NONCES: Final = 20_000
"""Nonces that are remembered at once: a thousand sockets a second. Beyond that nobody is let in until some have aged,
for to forget one would be to let it in twice."""


class NotSigned(TelephonyError):
    """A socket's request is not signed by a key of ours. Compare the key and its secret with the integration's."""

    code = "telephony_genesys_not_signed"


@dataclass(frozen=True, slots=True)
class Request:
    """The request to open a socket: its target (path and query), the host that it names, and its headers by lower-case
    name."""

    target: str
    authority: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a request: the API key, and the ids that were under the signature."""

    key: str
    organization: str
    session: str
    correlation: str


class NonceMemory:
    """The nonces that were used, for as long as a signature with one of them would be good. One node's own."""

    def __init__(self, most: int = MOST_NONCES) -> None:
        self._most = most
        self._used: OrderedDict[tuple[str, str], float] = OrderedDict()

    def use(self, key: str, nonce: str, now: float) -> bool:
        """Use a nonce of that key: whether it was fresh."""
        while self._used and next(iter(self._used.values())) < now:
            self._used.popitem(last=False)
        if (key, nonce) in self._used or len(self._used) >= self._most:
            return False
        self._used[key, nonce] = now + LONGEST_AGE + 2 * SKEW
        return True


def verify(request: Request, secret_of: Callable[[str], bytes | None], nonces: NonceMemory, now: float) -> Signed:
    """Who signed ``request``; ``secret_of`` an API key, if it is one of ours; ``now`` in seconds since 1970.

    Raises ``NotSigned``, and nothing else, whatever the request holds. Only a good signature uses up its nonce.
    """
    key = request.headers.get(KEY_HEADER, "")
    if not key:
        raise NotSigned(f"the request has no {KEY_HEADER} header")
    verifier = _Verifier(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=_Keys(secret_of))
    try:
        [result] = verifier.verify(_Message(request), max_age=None, require_components=SIGNED)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise NotSigned(f"the signature is not good: {error}") from error
    parameters = result.parameters
    if parameters.get("keyid") != key:
        raise NotSigned(f"another key signed than the one in {KEY_HEADER}")
    _check_age(parameters, now)
    nonce = str(parameters.get("nonce", ""))
    if not SHORTEST_NONCE <= len(nonce) <= LONGEST_NONCE:
        raise NotSigned(f"the nonce must have {SHORTEST_NONCE} to {LONGEST_NONCE} characters")
    if not nonces.use(key, nonce, now):
        raise NotSigned("the nonce was used before")
    ids = [request.headers[name] for name in (ORGANIZATION_HEADER, SESSION_HEADER, CORRELATION_HEADER)]
    return Signed(key, *ids)


def _check_age(parameters: Mapping[str, Any], now: float) -> None:
    created, expires = parameters.get("created"), parameters.get("expires")
    if not isinstance(created, int):
        raise NotSigned("the signature does not say when it was made")
    if created > now + SKEW:
        raise NotSigned("the signature was made in the future: compare the clocks")
    if created < now - LONGEST_AGE - SKEW or (isinstance(expires, int) and expires < now - SKEW):
        raise NotSigned("the signature is too old")


class _Message:
    """A request as the library asks for it."""

    method = "GET"

    def __init__(self, request: Request) -> None:
        # Of the address only host and target are under the signature: in which scheme it was called, nobody says.
        self.url = f"https://{request.authority}{request.target}"
        self.request_target = request.target
        self.headers = request.headers


class _Verifier(HTTPMessageVerifier):
    """The library's, but for the time: what is signed is compared with a ``now`` that is handed in."""

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """See ``_check_age``."""


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, secret_of: Callable[[str], bytes | None]) -> None:
        self._secret_of = secret_of

    def resolve_public_key(self, key_id: str) -> bytes | None:  # none: the library refuses it
        return self._secret_of(key_id)
