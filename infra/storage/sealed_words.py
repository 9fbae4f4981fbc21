"""Words that lie in a table, sealed so that equal ones look equal there: they can be looked for, counted once and
locked, and not be read. AES-SIV (RFC 5297), which needs no nonce.

Whoever sees the table learns which rows have the same word, and no more. Where even that is too much, ``SealedValues``.

Refuses: being a hash. What was sealed can be opened again with the key.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from infra.storage.envelope import derive
from infra.storage.errors import SealBroken
from infra.storage.sealed_values import Keys

MARK = "siv:"
"""What a sealed word begins with."""


class SealedWords:
    """Words of one ``purpose`` under one key (32 bytes); sealed for another purpose, they look and open differently."""

    def __init__(self, key: bytes, purpose: str) -> None:
        halves = (derive(key, f"{purpose} {half}", b"") for half in ("authenticate", "encrypt"))
        self._cipher = AESSIV(b"".join(halves))
        self._purpose = purpose.encode()

    def seal(self, word: str) -> str:
        """The word, sealed, in letters that any column holds."""
        return MARK + base64.urlsafe_b64encode(self._cipher.encrypt(word.encode(), [self._purpose])).decode()

    def unseal(self, sealed: str) -> str:
        """The word; one that lies there from before words were sealed, as it is. Raises ``SealBroken``."""
        if not sealed.startswith(MARK):
            return sealed
        try:
            body = base64.urlsafe_b64decode(sealed.removeprefix(MARK).encode())
            return self._cipher.decrypt(body, [self._purpose]).decode()
        except (binascii.Error, ValueError, InvalidTag) as error:
            raise SealBroken("a word does not open: it was changed, or sealed with another key") from error


async def open_sealed_words(keys: Keys, tenant: str, purpose: str) -> SealedWords:
    """A tenant's words of one purpose, under a key of their own. Raises the storage's errors."""
    return SealedWords(await keys.of(tenant, f"words:{purpose}"), purpose)
