"""Secrets that a far end shows with its request: where they may stand, and whether they are right.

A telephone system that cannot sign shows a secret that both sides know: in the address (``?token=…``), as a bearer
token (RFC 6750), or as the password of HTTP's basic authentication (RFC 7617), whichever its configuration can say.

Refuses: secrets that are short; settings see to that (``Token``).
"""

from __future__ import annotations

import base64
import hmac
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import BeforeValidator, SecretStr

from gateway.telephony.media_socket import Handshake

TOKEN_PARAMETER: Final = "token"

SHORTEST: Final = 16
"""Characters of a secret."""

MOST_PARAMETERS: Final = 64
"""Of an address."""


def _hard_to_guess(value: object) -> object:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if text == "":
        return None
    if isinstance(text, str) and len(text) < SHORTEST:
        raise ValueError(f"fewer than {SHORTEST} characters can be guessed: take a random one")
    return value


Token = Annotated[SecretStr | None, BeforeValidator(_hard_to_guess)]
"""A setting that holds such a secret; empty is none."""


def is_secret(shown: str, secret: SecretStr) -> bool:
    """Whether ``shown`` is the secret, told in the same time however much of it is right."""
    return hmac.compare_digest(shown.encode("utf-8", "replace"), secret.get_secret_value().encode())


def bearer(authorization: str) -> str | None:
    """The token of an ``Authorization`` header; none where it shows none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def address_parameters(handshake: Handshake) -> list[tuple[str, str]]:
    """What the query of a socket's address says, in order; nothing where it says more than anybody needs."""
    try:
        return parse_qsl(urlsplit(handshake.target).query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return []


def secrets_shown(handshake: Handshake) -> list[str]:
    """What could be the secret in a request to open a socket."""
    shown = [value for name, value in address_parameters(handshake) if name == TOKEN_PARAMETER][:1]
    authorization = handshake.headers.get("authorization", "")
    if (token := bearer(authorization)) is not None:
        shown.append(token)
    if authorization[:6].lower() == "basic ":
        try:
            shown.append(base64.b64decode(authorization[6:]).decode().partition(":")[2])
        except ValueError:
            shown.append("")
    return shown
