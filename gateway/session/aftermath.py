"""What became known of a contact after it was over, told to its log, where the desk reads it.

While the call goes on the caller is told, on the next turn; the ledger says when nobody else writes any more.
"""

from __future__ import annotations

from dialog.actions.action import Outcome, Succeeded
from dialog.actions.intent import Intent
from gateway.session.ledger import Ledger
from gateway.session.records import EventKind


class Aftermath:
    """Appends to a tenant's contacts that are over what became of their actions."""

    def __init__(self, ledger: Ledger, tenant: str) -> None:
        self._ledger = ledger
        self._tenant = tenant

    async def __call__(self, intent: Intent, outcome: Outcome) -> bool:
        """Whether the contact's log says what became of its intent. Raises ``AiccError`` when nothing can be appended
        now."""
        became = EventKind.ACTION_SUCCEEDED if isinstance(outcome, Succeeded) else EventKind.ACTION_FAILED
        about = {"action": intent.digest[:16], "name": intent.action, "outcome": became.value}
        return await self._ledger.append_late(
            self._tenant, intent.call_id, EventKind.ACTION_RECONCILED, about, key=intent.key
        )
