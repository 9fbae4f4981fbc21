"""One use, half a minute, one purpose: how somebody who is signed in gets through a door that takes no cookie.

A WebSocket of the softphone may come by another host or node, and its address is logged by proxies; what it shows is
therefore worth nothing once it was shown. A ticket is issued in a session and goes with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gateway.access.errors import NotSignedIn
from gateway.access.identity import Identity, Role
from gateway.access.sessions import SignedIn
from gateway.access.store import Ticket, TicketStore
from gateway.access.tokens import key_of, new_token
from infra.storage.errors import ConstraintBroken

LIFETIME = timedelta(seconds=30)
"""From its issue to the door."""


class Purpose(StrEnum):
    """Which door a ticket is for."""

    SOFTPHONE = "softphone"
    """The sound of a call; the subject is the call's id."""


HOLDERS: dict[Purpose, tuple[Role, ...]] = {Purpose.SOFTPHONE: (Role.AGENT, Role.SUPERVISOR)}
"""Who may ask for one. Whether the subject is theirs is for the door to say, when the ticket is shown."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom a ticket lets in, as they are known when it is shown, and to what."""

    identity: Identity
    purpose: Purpose
    subject: str


class Tickets(Protocol):
    """Issues tickets and takes them back."""

    async def issue(self, holder: SignedIn, purpose: Purpose, subject: str) -> str:
        """A ticket that opens ``subject`` once. Raises ``NotSignedIn`` when the session has just ended, and the
        storage's errors."""

    async def redeem(self, ticket: str, purpose: Purpose) -> Admission | None:
        """Whom a ticket lets in; None for one that is unknown, used, too old, for another purpose, or whose holder
        has signed out or lost the account. Shown at the wrong door it is used up as well."""


class KeptTickets:
    """Tickets that any node takes which shares the store."""

    def __init__(self, store: TicketStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def issue(self, holder: SignedIn, purpose: Purpose, subject: str) -> str:
        """See ``Tickets``."""
        token = new_token(holder.identity.tenant)
        key = key_of(token)
        assert key is not None, "tokens of our own can be read"
        issued = self._now()
        user, session = holder.identity.user, holder.session.key.digest
        try:
            await self._store.keep_ticket(Ticket(key, user, session, purpose.value, subject, issued + LIFETIME), issued)
        except ConstraintBroken as error:
            raise NotSignedIn("the session has just ended: sign in again") from error
        return token

    async def redeem(self, ticket: str, purpose: Purpose) -> Admission | None:
        """See ``Tickets``."""
        key = key_of(ticket)
        held = None if key is None else await self._store.take_ticket(key)
        if held is None or held.account.disabled_at is not None:
            return None
        if held.ticket.expires_at <= self._now() or held.ticket.purpose != purpose.value:
            return None
        return Admission(held.account.identity, purpose, held.ticket.subject)
