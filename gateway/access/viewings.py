"""Writes down who looked into which call, before they do: a transcript or a recording is its caller's personal data.

A page asks for a call many times while somebody looks at it (a player asks for a recording piece by piece), so that the
same deed counts once in ``ANEW_AFTER``. What is remembered for that is bounded. Policy: the oldest goes, and is written
once more when it comes again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.access.audit import AuditEntry, AuditLog
from gateway.access.identity import Identity

OPENED = "call.opened"
HEARD = "recording.heard"
WATCHED = "call.watched"
"""A call that goes on, by somebody who has no part in it."""

ANEW_AFTER = timedelta(minutes=10)
MOST_REMEMBERED = 4_096


class Viewings:
    """The viewings of one node; each room of the house that shows calls may have its own."""

    def __init__(self, audit: AuditLog, now: Callable[[], datetime], most: int = MOST_REMEMBERED) -> None:
        self._audit = audit
        self._now = now
        self._most = most
        self._latest: OrderedDict[tuple[str, str, str, str], datetime] = OrderedDict()

    async def note(self, who: Identity, what: str, call: str) -> None:
        """``who`` does ``what`` (``OPENED``, ``HEARD``, ``WATCHED``) with a call. Raises ``AiccError`` where it cannot
        be written down: then they must not."""
        key, now = (who.tenant, who.user, what, call), self._now()
        latest = self._latest.get(key)
        if latest is not None and now - latest < ANEW_AFTER:
            return
        await self._audit.record(AuditEntry(who.tenant, now, who.user, what, call))
        self._latest[key] = now
        self._latest.move_to_end(key)
        if len(self._latest) > self._most:
            self._latest.popitem(last=False)
