"""Who shows a bearer token (RFC 6750): the one place that reads the header and compares secrets.

Refuses: knowing whose tokens there are, and people; they sign in (``gateway/access``).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated

from fastapi import Header, HTTPException
from pydantic import SecretStr

CHALLENGE = {"www-authenticate": "Bearer"}
"""What goes with a 401 (RFC 9110, section 11.6.1)."""
MISSING = "a bearer token is needed"


def bearer_token(authorization: str) -> str | None:
    """The token of an ``Authorization`` header; None where it shows none. The scheme's name is the same in whatever
    case it is written (RFC 9110, section 11.1)."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip(" ")
    return token if token and scheme.lower() == "bearer" else None


def is_secret(token: str, secret: SecretStr) -> bool:
    """Whether a token is that secret, told in the same time however much of it is right."""
    return hmac.compare_digest(token.encode(), secret.get_secret_value().encode())


def doorkeeper(secret: SecretStr | None) -> Callable[..., None]:
    """Lets through who shows the token; everybody when none is set (then only this machine can reach us)."""

    def check(authorization: Annotated[str, Header()] = "") -> None:
        if secret is None:
            return
        token = bearer_token(authorization)
        if token is None or not is_secret(token, secret):
            raise HTTPException(401, MISSING, CHALLENGE)

    return check
