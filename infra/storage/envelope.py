"""Sealing: AES-256-GCM (NIST SP 800-38D) with a fresh random nonce, and keys that are derived for one purpose each.

What is sealed is the nonce (12 bytes), the ciphertext and the tag (16 bytes). The ``context`` is not in it and has to
be given again to open it: it says what the sealed thing is and where it belongs, so that it opens nowhere else.

A nonce is random, so that a key is good for some 2^32 seals; whoever seals much derives a key for each thing.

Refuses: keeping keys, and keys of any other length.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.storage.errors import SealBroken

KEY_BYTES = 32
NONCE_BYTES = 12
OVERHEAD = NONCE_BYTES + 16
"""Bytes by which something sealed is longer than it was: nonce and tag."""


def new_key() -> bytes:
    """A random key."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, context: bytes) -> bytes:
    """Seal it: nobody reads or changes it without the key, or opens it in another context. ``ValueError`` for a key of
    another length."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What was sealed. Raises ``SealBroken`` for another key, another context, or something that was changed."""
    if len(sealed) < OVERHEAD:
        raise SealBroken(f"what should be sealed has {len(sealed)} bytes, fewer than any seal")
    try:
        return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except InvalidTag as error:
        raise SealBroken(
            "it does not open: it was changed, belongs elsewhere, or was sealed with another key"
        ) from error


def derive(key: bytes, purpose: str, salt: bytes) -> bytes:
    """A key of its own for one thing: who has it learns nothing of ``key`` or its other purposes (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=purpose.encode()).derive(key)


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, and this one {len(key)}")
    return AESGCM(key)
