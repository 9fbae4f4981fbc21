"""A contact's whole log, page by page, within bounds: what judges it and what exports it alone read the same.

Refuses: more than ``MOST_EVENTS``. A longer contact is told by its beginning.
"""

from __future__ import annotations

from gateway.session.ledger import Ledger
from gateway.session.records import ContactEvent

MOST_EVENTS = 20_000
"""Events of one contact that are read."""


async def whole_log(ledger: Ledger, tenant: str, call: str) -> list[ContactEvent]:
    """A contact's events, in order. Raises the ledger's errors."""
    found: list[ContactEvent] = []
    while len(found) < MOST_EVENTS and (
        page := await ledger.events(tenant, call, after_seq=found[-1].seq if found else 0)
    ):
        found += page
    return found[:MOST_EVENTS]
