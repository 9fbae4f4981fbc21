"""Seeing what is masked: with a reason, and an entry of the audit that stands before the value is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from gateway.access.audit import REVEALED, AuditEntry, AuditLog
from gateway.access.errors import NothingToReveal
from gateway.access.identity import Identity, Role

WHO_MAY = (Role.AGENT, Role.SUPERVISOR, Role.ANALYST)
"""Whoever works with calls. Which calls are theirs, the ``Vault`` knows."""


class Vault(Protocol):
    """Whoever has the values."""

    async def value(self, who: Identity, call: str, field: str) -> str | None:
        """A field of a call, such as ``caller``; None where there is none, or it is not theirs to see."""


class Reveals:
    """Shows what a vault holds."""

    def __init__(self, vault: Vault, audit: AuditLog, now: Callable[[], datetime]) -> None:
        self._vault = vault
        self._audit = audit
        self._now = now

    async def reveal(self, who: Identity, call: str, field: str, reason: str) -> str:
        """A value, once it is written down who wants to see it and why. Raises ``NothingToReveal``, and ``AiccError``
        when it cannot be written down."""
        value = await self._vault.value(who, call, field)
        if value is None:
            raise NothingToReveal(f"call {call} has no {field} that you may see")
        entry = AuditEntry(who.tenant, self._now(), who.user, REVEALED, call, reason, {"field": field})
        await self._audit.record(entry)
        return value
