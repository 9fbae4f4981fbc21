"""Who calls, as far as it was shown in this conversation.

It rises when a flow that identifies has had its answers checked by the system of record, and lasts for the call. Wrong
answers are counted over the whole call, whichever flow they were given to: who begins anew has no new tries. Refuses:
checking anything, and keeping an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialog.actions.rules import Identity, Standing


@dataclass(slots=True)
class Acquaintance:
    """What one conversation knows of its caller: how surely, and which customer it is."""

    identity: Identity = Identity.NONE
    customer: str | None = None
    wrong_answers: int = 0

    def shown(self, level: Identity, customer: str) -> None:
        """The right answers were given. Somebody else's name leaves nothing of what was shown before."""
        known = customer == self.customer
        self.identity = max(level, self.identity) if known else level
        self.customer = customer

    def answered_wrongly(self) -> None:
        """Answers did not fit. What was shown before stands; beyond that it is a claim."""
        self.wrong_answers += 1
        self.identity = max(self.identity, Identity.CLAIMED)

    def standing(self, *, handed_over: bool) -> Standing:
        """What the policy is asked with."""
        return Standing(handed_over, self.identity, self.customer)
