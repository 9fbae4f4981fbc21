"""Digests of actions with their arguments: by them it is known that two want the same, and that nothing was changed
since it was read back. Pure.

They stand in the log and in the audit for good, and ids and idempotency keys follow from them. A plain digest of few
digits (an order, a telephone) is soon found by trying all of them; so these are made under a key (HMAC, RFC 2104) that
does not lie with them.

Refuses: keeping the key, and anything that could be opened again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

MARK = ".k"
"""What a digest under a key ends with; those from before there was a key do not."""


class Digests:
    """One tenant's: the same wish has the same digest on every node, and another one with another key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, action: str, arguments: Mapping[str, object]) -> str:
        """The digest of an action's id with canonical arguments (see ``dialog.schema.canonical``)."""
        text = json.dumps({"action": action, "arguments": dict(arguments)}, sort_keys=True, ensure_ascii=False)
        return self.keyed(hashlib.sha256(text.encode()).hexdigest())

    def keyed(self, plain: str) -> str:
        """The digest that belongs to one that was made without a key: of the same, it is the one that ``of`` gives."""
        return hmac.digest(self._key, plain.encode(), "sha256").hex() + MARK


UNKEYED = Digests(b"")
"""For what is forgotten with its process: it hides nothing."""
