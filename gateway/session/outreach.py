"""A call that we have placed ourselves, as its session needs to know it.

Refuses: dialling, and when; see ``gateway.outbound``.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Protocol

from dialog.errand import Disposition, Errand
from infra.errors import AiccError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutboundCall:
    """Whom we have called (``number``) from which ``line`` of the ``tenant``, about what, and in which contact it was
    promised (none: in none). ``due_call`` is what is kept of it, ``ticket`` its latest attempt, the ``attempt``-th."""

    tenant: str
    due_call: str
    ticket: str
    number: str
    line: str
    language: str
    purpose: str
    details: Mapping[str, str]
    contact: str | None
    attempt: int


class OutboundCalls(Protocol):
    """Who has placed it. What is told here is durable when it returns; ``AiccError`` says that it is not."""

    async def connected(self, due: str, call_id: str) -> OutboundCall | None:
        """The callee's sound is here, as the contact ``call_id``; None when nobody waits for this call (any more)."""

    async def refused(self, call: OutboundCall, call_id: str, words: str) -> None:
        """The callee wants no such calls any more."""

    async def not_begun(self, call: OutboundCall, why: str) -> None:
        """No conversation came of it after all: the callee has heard nothing of what it was about."""

    async def ended(self, call: OutboundCall, disposition: Disposition) -> None:
        """The conversation is over."""


@dataclass(frozen=True, slots=True)
class Outreach:
    """One conversation that we began, the contact ``call_id``."""

    call: OutboundCall
    calls: OutboundCalls
    call_id: str

    @property
    def errand(self) -> Errand:
        """What it is about, for the dialog."""
        return Errand(self.call.purpose, self.call.details, self._refuse)

    async def _refuse(self, words: str) -> None:
        await self.calls.refused(self.call, self.call_id, words)

    async def not_begun(self, why: str) -> None:
        """Write back that there is no conversation."""
        await self._write_back(self.calls.not_begun(self.call, why))

    async def ended(self, disposition: Disposition) -> None:
        """Write back what came of it."""
        await self._write_back(self.calls.ended(self.call, disposition))

    async def _write_back(self, writing: Awaitable[None]) -> None:
        """What cannot be written is found out later by looking."""
        try:
            await writing
        except AiccError as error:
            log.error("what came of a call of ours is not written back yet: %s", error)
