"""The contacts of MCP clients: what one client does for one customer within a quarter of an hour is one contact, with a
log of its own like a call's.

The protocol keeps no sessions, so a contact is found again by who asks: the client, the customer whom it names, and the
name that it may give to a contact (header ``Aicc-Contact``). What a rule allows so often *in one call* is counted in
it. Contacts are bounded: over ``MOST_OPEN`` a new one is refused; one that nobody goes on with is closed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dialog.actions.rules import Standing
from gateway.session.errors import LedgerError
from gateway.session.ledger import CallLog
from gateway.session.minutes import ACKNOWLEDGED_WITHIN, Minutes
from gateway.session.records import EndReason, EventKind
from infra.errors import AiccError

MOST_OPEN = 256
IDLE_SECONDS = 300.0
LONGEST_SECONDS = 900.0

log = logging.getLogger(__name__)


class TooManyContacts(AiccError):
    """No further contact can be opened now."""

    code = "mcp_too_many_contacts"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the client by its credentials, for whom it acts (``standing``), in which language, in which contact."""

    client: str
    standing: Standing
    language: str
    contact: str = ""

    @property
    def prefix(self) -> str:
        """How the ids of this visitor's contacts begin, and nobody else's."""
        who = f"{self.client}\0{self.standing.customer or ''}\0{self.contact}"
        return f"mcp-{hashlib.sha256(who.encode()).hexdigest()[:24]}-"


@dataclass(slots=True)
class Contact:
    """One contact. ``turn`` counts what was asked for in it."""

    log: CallLog
    minutes: Minutes
    began: float
    used: float
    turn: int = 0
    asking: int = 0
    """Tool calls that are under way."""
    broken: bool = False

    def over_at(self, now: float) -> bool:
        """Whether nobody goes on with it, or it has lasted long enough, or cannot be written down any more."""
        return now - self.used > IDLE_SECONDS or now - self.began > LONGEST_SECONDS or self.broken


class Contacts:
    """The open contacts of one tenant's MCP clients. ``open_log`` begins the record of one, under an id."""

    def __init__(
        self, open_log: Callable[[Visitor, str], CallLog], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._open_log = open_log
        self._clock = clock
        self._open: dict[str, Contact] = {}

    @asynccontextmanager
    async def turn(self, visitor: Visitor) -> AsyncIterator[tuple[Contact, int]]:
        """The visitor's contact, and the number of this turn of it. Raises ``TooManyContacts`` and the ledger's
        errors. Nobody's turn waits until what others have left is closed for good."""
        self._end_idle()
        contact = self._contact(visitor)
        contact.turn += 1
        contact.asking += 1
        contact.used = self._clock()
        try:
            yield contact, contact.turn
        finally:
            contact.asking -= 1
            contact.used = self._clock()

    async def close_idle(self, *, everything: bool = False) -> None:
        """Close what nobody goes on with or what has lasted long enough; everything when the node stops. Returns when
        their records are closed for good, or after ``ACKNOWLEDGED_WITHIN`` seconds for all of them together."""
        ended = self._end_idle(everything=everything)
        await asyncio.gather(*(_settled(contact) for contact in ended))

    def _end_idle(self, *, everything: bool = False) -> list[Contact]:
        """End what is over, and tell which; the ledger writes it down when it can."""
        now = self._clock()
        over = {
            key: contact
            for key, contact in self._open.items()
            if everything or (not contact.asking and contact.over_at(now))
        }
        for key, contact in over.items():
            del self._open[key]
            _end(contact, EndReason.SHUT_DOWN if everything else EndReason.COMPLETED)
        return list(over.values())

    def _contact(self, visitor: Visitor) -> Contact:
        contact = self._open.get(visitor.prefix)
        if contact is None:
            if len(self._open) >= MOST_OPEN:
                raise TooManyContacts(f"{MOST_OPEN} contacts of MCP clients are open; try again in a minute")
            contact = self._open[visitor.prefix] = self._begin(visitor)
        return contact

    def _begin(self, visitor: Visitor) -> Contact:
        call_log = self._open_log(visitor, visitor.prefix + uuid.uuid4().hex)
        now = self._clock()

        def broke(error: LedgerError) -> None:
            log.error("the ledger takes no more of contact %s: %s", call_log.call_id, error)
            contact.broken = True

        contact = Contact(call_log, Minutes(call_log, broke), now, now)
        standing = visitor.standing
        if standing.customer is not None:
            identity = standing.identity.name.lower()
            contact.minutes.write(
                EventKind.CALLER_IDENTIFIED, flow="mcp", identity=identity, customer=standing.customer
            )
        return contact


def _end(contact: Contact, reason: EndReason) -> None:
    try:
        contact.log.end(reason)
    except LedgerError as error:
        log.warning("contact %s could not be closed: %s", contact.log.call_id, error)


async def _settled(contact: Contact) -> None:
    """Wait until the record of a contact that has ended is durable."""
    try:
        await contact.log.acknowledged(timeout=ACKNOWLEDGED_WITHIN)
    except LedgerError as error:
        log.warning("nobody knows whether contact %s was closed: %s", contact.log.call_id, error)
