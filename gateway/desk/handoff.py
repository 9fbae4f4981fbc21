"""The hand-over, performed: a call is put into a queue with everything a human needs to go on, durably.

Refuses: deciding that a human is needed (the dialog does) and choosing the human (routing does).
"""

from __future__ import annotations

from dataclasses import asdict

from dialog.reply import Escalation
from gateway.session.ledger import CallLog, Ledger
from gateway.session.records import EventKind, HandoffState


class HandoffDesk:
    """Performs hand-overs through the ledger; it is the session's ``AgentDesk``."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def queue(self, log: CallLog, escalation: Escalation) -> str:
        """Queue the call; returns the hand-off's id once it is durable. Raises the ledger's errors."""
        handoff = log.queue_handoff(
            reason=escalation.reason,
            queue=escalation.queue,
            skills=escalation.skills,
            summary=asdict(escalation.summary),
        )
        await log.acknowledged()
        return handoff.handoff_id

    async def abandon(self, log: CallLog, handoff: str) -> None:
        """The caller left before anybody came. A hand-off that somebody has taken meanwhile stays theirs."""
        moved = await self._ledger.move_handoff(
            log.tenant, handoff, before=HandoffState.QUEUED, after=HandoffState.ABANDONED
        )
        if moved:
            log.append(EventKind.HANDOFF_ABANDONED, {"handoff": handoff})
