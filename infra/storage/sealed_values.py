"""Values that lie in a table and nobody reads there: JSON, sealed with the key of the subject that it is about.

Refuses: what belongs to nobody. When a subject's key is shredded, all that was sealed for it is gone, copies included.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Protocol

import orjson

from infra.storage.envelope import derive, seal, unseal
from infra.storage.errors import SealBroken

MARK = "gcm:"
"""What a sealed value begins with."""


class Keys(Protocol):
    """Where subjects' keys are: see ``SubjectKeys``."""

    async def of(self, tenant: str, subject: str) -> bytes:
        """A subject's key, which is made where there is none."""
        ...

    async def known(self, tenant: str, subject: str) -> bytes | None:
        """A subject's key, if it has one."""
        ...


class SealedValues:
    """A tenant's, of one ``purpose``: sealed for one, a value opens for no other. Methods may raise the storage's
    errors, ``KeyShredded`` and ``SealBroken`` among them."""

    def __init__(self, keys: Keys, tenant: str, purpose: str) -> None:
        self._keys = keys
        self._tenant = tenant
        self._purpose = purpose

    async def seal(self, subject: str, value: object) -> str:
        """The value (what ``orjson`` takes), sealed, in letters that any column or JSON holds."""
        key = self._derived(await self._keys.of(self._tenant, subject), subject)
        sealed = seal(key, orjson.dumps(value), self._context(subject))
        return MARK + base64.urlsafe_b64encode(sealed).decode()

    async def unseal(self, subject: str, sealed: str) -> Any:
        """The value, as JSON gives it back."""
        try:
            body = base64.urlsafe_b64decode(sealed.removeprefix(MARK).encode())
        except (binascii.Error, ValueError) as error:
            raise SealBroken(f"what should be sealed for {subject} is not written as a seal is") from error
        key = await self._keys.known(self._tenant, subject)
        if key is None:
            raise SealBroken(f"nothing was ever sealed for {subject}")
        return orjson.loads(unseal(self._derived(key, subject), body, self._context(subject)))

    def _derived(self, key: bytes, subject: str) -> bytes:
        return derive(key, self._purpose, subject.encode())

    def _context(self, subject: str) -> bytes:
        return f"{self._purpose}\0{self._tenant}\0{subject}".encode()
