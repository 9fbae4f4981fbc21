"""What a browser takes along to the enterprise's directory and brings back, in a cookie that no script can read.

It binds the answer to the browser that asked (``state``), the ID token to this one request (``nonce``) and the code to
whoever holds the ``verifier`` (RFC 7636). We keep nothing of it: who asks a million times fills no table. Pure but for
the chance in ``set_out``.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

LIFETIME = timedelta(minutes=10)
"""For typing a password and finding the second factor."""

HOME = "/desk"
"""Where somebody is taken who did not say."""

LONGEST_WAY = 500
"""Characters of an address that somebody wants to go on to."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One way to the directory and back."""

    tenant: str
    onward: str
    state: str
    nonce: str
    verifier: str


def set_out(tenant: str, onward: str) -> Journey:
    """A journey that nobody can foresee."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Journey(tenant, own_path(onward), state, nonce, verifier)


def to_cookie(journey: Journey) -> str:
    """It in characters that a cookie may have."""
    return base64.urlsafe_b64encode(json.dumps(asdict(journey)).encode()).decode().rstrip("=")


def from_cookie(value: str) -> Journey | None:
    """It as the browser brings it back; None for what is none."""
    try:
        fields = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        journey = Journey(**fields)
    except (binascii.Error, ValueError, TypeError):
        return None
    if not all(isinstance(part, str) and part and part.isascii() for part in asdict(journey).values()):
        return None
    return journey if journey.onward == own_path(journey.onward) else None


def own_path(onward: str) -> str:
    """A path of ours; ``HOME`` for whatever would lead to somebody else (browsers read a backslash as a slash)."""
    plain = onward.isascii() and onward.isprintable() and not {"\\", "#"} & set(onward) and len(onward) <= LONGEST_WAY
    return onward if plain and onward.startswith("/") and not onward.startswith("//") else HOME
