"""What opens something for whoever shows it: session cookies and tickets. 256 random bits, of which we keep a hash.

A token begins with its tenant, because rows are looked for inside one tenant only; the hash is over the whole of it,
so that a token does not open another tenant's door. Fast hashing suffices: nobody guesses 256 bits.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

LONGEST = 256
"""Characters that are looked at; a token of ours has fewer."""

_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """What we keep of a token."""

    tenant: str
    digest: str
    """SHA-256 of the token, in hexadecimal."""


def new_token(tenant: str) -> str:
    """A token that nobody has seen yet."""
    return f"{tenant}.{secrets.token_urlsafe(_BYTES)}"


def key_of(token: str) -> Key | None:
    """What a token would be kept as; None for what cannot be one."""
    tenant, separator, secret = token.rpartition(".")
    plain = token.isascii() and token.isprintable() and len(token) <= LONGEST
    if not (plain and tenant and separator and secret):
        return None
    return Key(tenant, hashlib.sha256(token.encode()).hexdigest())
