"""The numbers of past calls that pages show masked, for whoever gave a reason to see one (``gateway.access.reveals``).

Refuses: a call that the person may not see; an agent sees the numbers of calls that they took.
"""

from __future__ import annotations

from gateway.access.identity import Identity, Role
from gateway.analytics.replay import queues_of
from gateway.analytics.search import CallSearch, Wanted

FIELDS = ("caller", "called")


class CallVault:
    """A ``Vault`` of what the ledger holds."""

    def __init__(self, search: CallSearch) -> None:
        self._search = search

    async def value(self, who: Identity, call: str, field: str) -> str | None:
        """See ``Vault``: fields ``caller`` and ``called``."""
        if field not in FIELDS:
            return None
        all_of_them = who.has_any((Role.SUPERVISOR, Role.ANALYST))
        wanted = Wanted(call=call, within=queues_of(who), agent=None if all_of_them else who.user)
        found = await self._search.find(who.tenant, wanted, limit=1)
        if not found:
            return None
        value: str | None = getattr(found[0].record, field)
        return value
