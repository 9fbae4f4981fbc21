"""Both audits of a tenant, read as they were sealed and verified from the beginning: for the command line and for the
page, which do the same.

They are read page by page, and each page's seals are compared in a thread: whoever verifies beside a gateway that takes
calls holds up none of them for longer than it takes to fetch a page. Refuses: putting right what is broken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dialog.actions.audit import AuditEntry as Move
from gateway.access.audit_chain import AuditCheck, AuditTrail, Record
from infra.hash_chain import Fault, moment

PAGE = 100
"""Records that are read, and compared, at once. Ten times as many are read no faster, and keep the loop for longer."""

MEANS: Mapping[Fault, str] = {
    Fault.EDITED: "it does not say what was sealed",
    Fault.MISSING: "it was removed, or has changed places with another",
    Fault.UNLINKED: "what stands before it is not what it was sealed with",
    Fault.REWRITTEN: "it is not the one of the head that was kept: the audit was sealed anew",
    Fault.CUT_OFF: "it was there when the head was kept, and is gone with all that followed",
}
"""What is wrong with a record, in words."""


class MoveTrail(Protocol):
    """The audit ``actions`` of one tenant."""

    async def audit(self, after: int, limit: int) -> Sequence[Move]:
        """Its lines behind a number, in order. Raises ``AiccError``."""
        ...


@dataclass(frozen=True, slots=True)
class Audits:
    """One tenant's audits: ``access`` of what people did, ``actions`` of each move of a business action."""

    tenant: str
    access: AuditTrail
    actions: MoveTrail

    async def pages(self, audit: str) -> AsyncIterator[Sequence[Record]]:
        """The records of one of the two, in order, at most ``PAGE`` at once. Raises ``AiccError``."""
        if audit == "access":
            place = None
            while page := await self.access.lines(self.tenant, after=place, limit=PAGE):
                place = page[-1][0]
                yield [line.record for _, line in page]
            return
        number = 0
        while moves := await self.actions.audit(number, PAGE):
            number = moves[-1].number
            yield [_record(audit, one) for one in moves]

    async def verify(self, check: AuditCheck, in_time: Callable[[], bool] = lambda: True) -> bool:
        """Let ``check`` take the records of its audit for as long as there is time; whether it took all of them.

        Raises ``AuditUnreadable`` and the storage's errors.
        """
        async for page in self.pages(check.audit):
            if not in_time():
                return False
            await asyncio.to_thread(_take_all, check, page)
        return True


def _take_all(check: AuditCheck, page: Sequence[Record]) -> None:
    for record in page:
        check.take(record)


def _record(audit: str, move: Move) -> dict[str, Any]:
    said = {"at": moment(move.at), "intent": move.intent, "body": dict(move.body)}
    return {"audit": audit, "number": move.number, **said, "previous": move.previous, "digest": move.digest}
