"""Carries actions out with the record kept in the order that makes it trustworthy.

The runner writes the intention down, and waits until that record stands, before anything leaves the house; and
writes the outcome down, and waits again, before anyone may say "done". Where the record does not stand, the outcome
is unknown and a human goes on.
"""

from __future__ import annotations

from asyncio import timeout
from collections.abc import Mapping
from time import monotonic
from typing import assert_never

from dialog.action import ActionPort, Failed, FailureKind, Journal, Outcome, Proposal, Succeeded, Unknown
from dialog.schema import violations
from infra.errors import AiccError


class ActionRunner:
    """Carries proposals out, with the record kept in the order that makes it trustworthy."""

    def __init__(self, port: ActionPort, *, journal_timeout: float = 2.0) -> None:
        self._port = port
        self._journal_timeout = journal_timeout

    async def run(self, proposal: Proposal, journal: Journal) -> Outcome:
        """Carry ``proposal`` out and record it.

        Events: ``action.proposed`` and ``action.started`` stand before anything leaves the house; then
        ``action.succeeded``, ``action.failed`` or ``action.unknown`` stands before this returns. If the first cannot be
        recorded, nothing is done (``Failed``, not recorded); if the last cannot, the outcome is ``Unknown``.
        """
        action = proposal.action
        about: dict[str, object] = {"action": proposal.digest[:16], "name": action.id, "key": proposal.key}
        broken = violations(action.arguments, dict(proposal.arguments))
        proposed = {**about, "arguments": dict(proposal.arguments), "risk": action.risk.value, "problems": broken}
        if not await self._stands(journal, "action.proposed", proposed):
            return Failed(FailureKind.NOT_RECORDED, "the proposal was not acknowledged by the ledger", attempts=0)
        if broken:
            return await self._concluded(journal, about, Failed(FailureKind.INVALID, "; ".join(broken), attempts=0))
        if not await self._stands(journal, "action.started", about):
            return Failed(FailureKind.NOT_RECORDED, "its start was not acknowledged by the ledger", attempts=0)
        began = monotonic()
        outcome = await self._port.perform(action, proposal.arguments, key=proposal.key)
        return await self._concluded(journal, {**about, "seconds": round(monotonic() - began, 4)}, outcome)

    async def _concluded(self, journal: Journal, about: dict[str, object], outcome: Outcome) -> Outcome:
        kind, payload = _event(outcome)
        if await self._stands(journal, kind, {**about, **payload}):
            return outcome
        return Unknown("its outcome was not acknowledged by the ledger", attempts=outcome.attempts)

    async def _stands(self, journal: Journal, kind: str, payload: Mapping[str, object]) -> bool:
        try:
            async with timeout(self._journal_timeout):
                await journal.record(kind, payload)
        except (AiccError, TimeoutError):
            return False
        return True


def _event(outcome: Outcome) -> tuple[str, dict[str, object]]:
    match outcome:
        case Succeeded():
            return "action.succeeded", {"result": dict(outcome.result), "attempts": outcome.attempts}
        case Failed():
            return "action.failed", {
                "error": outcome.kind.value,
                "detail": outcome.detail,
                "attempts": outcome.attempts,
            }
        case Unknown():
            return "action.unknown", {"error": "unknown", "detail": outcome.detail, "attempts": outcome.attempts}
        case _:
            assert_never(outcome)
