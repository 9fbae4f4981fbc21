"""Signatures by which a receiver knows that a message is ours, whole and recent: Standard Webhooks, HMAC-SHA256. Pure.

What is signed is ``id.timestamp.body``. A receiver compares the signature, refuses timestamps that are minutes old, and
ids that it has seen. Where there are two secrets there are two signatures, so that a secret can be changed while
messages are on their way (standardwebhooks.com, "Signature scheme").

Refuses: secrets too short to be any.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from gateway.analytics.webhooks.errors import SecretMalformed

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""


def read_secrets(text: str) -> tuple[bytes, ...]:
    """One secret or several with spaces between, each ``whsec_`` and base64. Raises ``SecretMalformed``."""
    return tuple(_secret(word) for word in text.split()) or (_secret(text),)


def written(secret: bytes) -> str:
    """A secret as it is given to the receiver."""
    return PREFIX + base64.b64encode(secret).decode()


def signed_headers(secrets: Sequence[bytes], message: str, at: int, body: bytes) -> Mapping[str, str]:
    """What goes with a body. ``at`` is in whole seconds since 1970; ``message`` has no full stop."""
    to_sign = b"%s.%d.%s" % (message.encode(), at, body)
    made = (base64.b64encode(hmac.digest(secret, to_sign, hashlib.sha256)).decode() for secret in secrets)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }


def _secret(word: str) -> bytes:
    try:
        if not word.startswith(PREFIX):
            raise ValueError
        secret = base64.b64decode(word.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error) as error:
        raise SecretMalformed(f"a secret is written as {PREFIX} and base64; aicc webhooks secret makes one") from error
    if not SHORTEST <= len(secret) <= LONGEST:
        raise SecretMalformed(f"a secret has {SHORTEST} to {LONGEST} bytes, and this one has {len(secret)}")
    return secret
