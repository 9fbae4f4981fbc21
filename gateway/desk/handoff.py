"""The hand-over, performed: a call is put into a queue with everything a human needs to go on, durably.

Refuses: deciding that a human is needed (the dialog does) and choosing the human (routing does).
"""

from __future__ import annotations

from dataclasses import asdict

from dialog.reply import Escalation, Summary
from gateway.session.ledger import CallLog, Ledger
from gateway.session.records import EventKind, HandoffState
from gateway.session.waiting import Waiting


class HandoffDesk:
    """Performs hand-overs through the ledger; it is the session's ``AgentDesk``."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def queue(self, log: CallLog, escalation: Escalation, language: str) -> str:
        """Queue the call; returns the hand-off's id once it is durable. Raises the ledger's errors."""
        return await self.enter(log, escalation.reason, escalation.queue, escalation.skills, escalation.summary)

    async def send_elsewhere(self, log: CallLog, escalation: Escalation) -> str:
        """See ``AgentDesk``."""
        outside = HandoffState.TRANSFERRING
        reason, queue = escalation.reason, escalation.queue
        return await self.enter(log, reason, queue, escalation.skills, escalation.summary, state=outside)

    async def enter(
        self,
        log: CallLog,
        reason: str,
        queue: str,
        skills: tuple[str, ...],
        summary: Summary,
        state: HandoffState = HandoffState.QUEUED,
    ) -> str:
        """The same for a reason that is not the dialog's: a person took the call, is asked to join another, or sends it
        to a target outside (then it stands as ``TRANSFERRING``)."""
        handoff = log.queue_handoff(reason=reason, queue=queue, skills=skills, summary=asdict(summary), state=state)
        await log.acknowledged()
        return handoff.handoff_id

    async def taken_elsewhere(self, log: CallLog, handoff: str, by: str) -> None:
        """See ``AgentDesk``."""
        if await self._move(log, handoff, HandoffState.TRANSFERRING, HandoffState.ACCEPTED):
            queued = await self._ledger.handoff(log.tenant, handoff)
            queue = None if queued is None else queued.queue
            log.append(EventKind.HANDOFF_ACCEPTED, {"handoff": handoff, "agent": by, "queue": queue})

    async def done_elsewhere(self, log: CallLog, handoff: str, by: str, why: str) -> None:
        """See ``AgentDesk``."""
        if await self._move(log, handoff, HandoffState.ACCEPTED, HandoffState.ENDED):
            log.append(EventKind.HANDOFF_ENDED, {"handoff": handoff, "agent": by, "why": why})

    async def take_back(self, log: CallLog, handoff: str) -> None:
        """See ``AgentDesk``."""
        await self._move(log, handoff, HandoffState.TRANSFERRING, HandoffState.QUEUED)

    async def waiting(self, log: CallLog, handoff: str) -> Waiting | None:
        """Nobody knows: there is no queue behind this desk that moves."""
        return None

    async def call_back(self, log: CallLog, handoff: str, number: str | None) -> None:
        """The hand-off stays queued: whoever reads it calls back."""

    async def leave(self, log: CallLog, handoff: str) -> None:
        """The call is over. A hand-off that somebody has taken meanwhile stays theirs."""
        for waiting in (HandoffState.QUEUED, HandoffState.TRANSFERRING):
            if await self._move(log, handoff, waiting, HandoffState.ABANDONED):
                log.append(EventKind.HANDOFF_ABANDONED, {"handoff": handoff})

    async def _move(self, log: CallLog, handoff: str, before: HandoffState, after: HandoffState) -> bool:
        return await self._ledger.move_handoff(log.tenant, handoff, before=before, after=after)
