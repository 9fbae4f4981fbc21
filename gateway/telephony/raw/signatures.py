"""How Vonage and jambonz show that a request is theirs. Pure.

=======  ==============================================================================================================
Vonage   a JSON Web Token (RFC 7519) as bearer token, HS256 under the account's signature secret. For a request with a
         body it holds the SHA-256 of it. With ``"authorization": {"type": "vonage"}`` in the NCCO, sockets bear one too
jambonz  ``Jambonz-Signature: t=seconds,v1=hex``: HMAC-SHA256 of ``seconds.body`` under the account's webhook secret
=======  ==============================================================================================================

Refuses: what was signed more than ``CLOCKS_DIFFER`` ago, or is ahead of our clock by as much.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import SecretStr

CLOCKS_DIFFER: Final = 300
"""Seconds that a signed request may be old, or ahead of our clock."""

_JAMBONZ: Final = re.compile(r"t=(\d{1,12}),\s*v1=([0-9a-f]{64})")


def signed_by_vonage(token: str | None, secret: SecretStr, now: float, body: bytes = b"") -> bool:
    """Whether a bearer token is Vonage's, fresh, and made for ``body``; ``now`` in seconds since 1970."""
    if not token:
        return False
    try:
        claims = jwt.decode(token, OctKey.import_key(secret.get_secret_value()), algorithms=["HS256"]).claims
    except (JoseError, ValueError):
        return False
    issued, digest = claims.get("iat"), claims.get("payload_hash")
    if not isinstance(issued, int | float) or isinstance(issued, bool) or abs(now - issued) > CLOCKS_DIFFER:
        return False
    return not body or (isinstance(digest, str) and _same(digest.lower(), hashlib.sha256(body).hexdigest()))


def signed_by_jambonz(header: str, secret: SecretStr, now: float, body: bytes) -> bool:
    """Whether a header ``Jambonz-Signature`` is one for ``body``, and fresh."""
    found = _JAMBONZ.fullmatch(header.strip())
    if found is None or abs(now - int(found[1])) > CLOCKS_DIFFER:
        return False
    signed = found[1].encode() + b"." + body
    return _same(found[2], hmac.digest(secret.get_secret_value().encode(), signed, "sha256").hex())


def _same(shown: str, right: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "replace"), right.encode())
