"""What the entrance keeps: accounts, sessions, tickets, tries, the audit. The contracts, and a store that forgets with
the process.

Each contract is what one module asks for; a store is all of them. The other one is ``gateway.access.postgres``; both
pass the same tests. Every method may raise ``AiccError``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from gateway.access.account import Account, DirectoryName
from gateway.access.audit import SIGN_IN_FAILED, AuditEntry, AuditLog, KeptEntry
from gateway.access.audit_chain import AuditLine, AuditTrail, next_line
from gateway.access.errors import LoginTaken
from gateway.access.identity import Identity
from gateway.access.lockout import Tries, paused, tried
from gateway.access.tokens import Key
from infra.hash_chain import START, Head
from infra.storage.errors import ConstraintBroken


@dataclass(frozen=True, slots=True)
class Session:
    """That somebody is signed in."""

    key: Key
    user: str
    opened_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session, and the account as it is now."""

    session: Session
    account: Account


@dataclass(frozen=True, slots=True)
class Ticket:
    """What opens a door once."""

    key: Key
    user: str
    session: str
    """The digest of the session in which it was issued."""
    purpose: str
    subject: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HeldTicket:
    """A ticket that is not there any more, and the account as it is now."""

    ticket: Ticket
    account: Account


class AccountStore(Protocol):
    """The accounts of all tenants."""

    async def add_account(self, account: Account) -> None:
        """Keep a new one. Raises ``LoginTaken``, also where another has the same name in the directory."""

    async def account(self, tenant: str, user: str) -> Account | None:
        """One by its id."""

    async def account_by_login(self, tenant: str, login: str) -> Account | None:
        """One by its login."""

    async def account_by_directory(self, tenant: str, name: DirectoryName) -> Account | None:
        """One by its name in the directory."""

    async def accounts(self, tenant: str) -> Sequence[Account]:
        """All, by login."""

    async def set_password(self, tenant: str, user: str, password: str, instead_of: str | None = None) -> bool:
        """Keep another hash; with ``instead_of`` only where that one stands. Whether it was kept."""

    async def set_locale(self, tenant: str, user: str, locale: str) -> None:
        """Keep the language of somebody's pages."""

    async def set_identity(self, identity: Identity, directory: DirectoryName | None = None) -> None:
        """Keep all that somebody is but their locale; with ``directory`` also what that calls them."""

    async def disable_account(self, tenant: str, user: str, now: datetime) -> None:
        """Let an account sign in no more, and end its sessions."""

    async def enable_account(self, tenant: str, user: str) -> None:
        """Let an account sign in again."""

    async def end_sessions(self, tenant: str, user: str) -> None:
        """End all sessions of somebody, and with them the tickets."""


class TryStore(Protocol):
    """How often logins were tried. A login here need not be anybody's."""

    async def begin_try(self, tenant: str, login: str, now: datetime) -> datetime | None:
        """Count a try before it is made. The end of the pause where it may not be made, and then it does not count."""

    async def try_failed(self, tenant: str, login: str, now: datetime, address: str) -> None:
        """It was the wrong password: an entry of the audit where the login is somebody's. It costs the same where it
        is nobody's."""

    async def forget_tries(self, tenant: str, login: str) -> None:
        """Begin to count anew."""


class SessionStore(Protocol):
    """The sessions of all tenants."""

    async def open_session(self, session: Session, idle: timedelta) -> None:
        """Keep a new one; the tenant's that have expired by then go."""

    async def session(self, key: Key) -> HeldSession | None:
        """One, expired or not."""

    async def use_session(self, session: Session, now: datetime) -> Session:
        """It was used now; the session as it is then."""

    async def end_session(self, key: Key) -> None:
        """It exists no more, nor do its tickets."""


class TicketStore(Protocol):
    """The tickets of all tenants."""

    async def keep_ticket(self, ticket: Ticket, now: datetime) -> None:
        """Keep a new one; the tenant's that have expired by then go. Raises ``ConstraintBroken`` when its session has
        ended meanwhile."""

    async def take_ticket(self, key: Key) -> HeldTicket | None:
        """Take one away; of many who take it at once one gets it."""


class AccessStore(AccountStore, TryStore, SessionStore, TicketStore, AuditLog, AuditTrail, Protocol):
    """All of it."""


class VolatileAccess:
    """All of it in this process."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, str], Account] = {}
        self._tries: dict[tuple[str, str], Tries] = {}
        self._sessions: dict[Key, Session] = {}
        self._tickets: dict[Key, Ticket] = {}
        self._audit: list[AuditEntry] = []

    async def add_account(self, account: Account) -> None:
        """See ``AccountStore``."""
        for other in await self.accounts(account.identity.tenant):
            if other.login == account.login or (other.directory and other.directory == account.directory):
                raise LoginTaken(f"{account.login} has an account already")
        self._accounts[account.identity.tenant, account.identity.user] = account

    async def account(self, tenant: str, user: str) -> Account | None:
        """See ``AccountStore``."""
        return self._accounts.get((tenant, user))

    async def account_by_login(self, tenant: str, login: str) -> Account | None:
        """See ``AccountStore``."""
        return next((one for one in await self.accounts(tenant) if one.login == login), None)

    async def account_by_directory(self, tenant: str, name: DirectoryName) -> Account | None:
        """See ``AccountStore``."""
        return next((one for one in await self.accounts(tenant) if one.directory == name), None)

    async def accounts(self, tenant: str) -> Sequence[Account]:
        """See ``AccountStore``."""
        own = (account for (owner, _), account in self._accounts.items() if owner == tenant)
        return sorted(own, key=lambda account: account.login)

    async def set_password(self, tenant: str, user: str, password: str, instead_of: str | None = None) -> bool:
        """See ``AccountStore``."""
        account = self._accounts.get((tenant, user))
        if account is None or (instead_of is not None and account.password != instead_of):
            return False
        self._accounts[tenant, user] = replace(account, password=password)
        return True

    async def set_locale(self, tenant: str, user: str, locale: str) -> None:
        """See ``AccountStore``."""
        if account := self._accounts.get((tenant, user)):
            self._accounts[tenant, user] = replace(account, identity=replace(account.identity, locale=locale))

    async def set_identity(self, identity: Identity, directory: DirectoryName | None = None) -> None:
        """See ``AccountStore``."""
        tenant, user = identity.tenant, identity.user
        if account := self._accounts.get((tenant, user)):
            known = replace(identity, locale=account.identity.locale)
            self._accounts[tenant, user] = replace(account, identity=known, directory=directory or account.directory)

    async def disable_account(self, tenant: str, user: str, now: datetime) -> None:
        """See ``AccountStore``."""
        if account := self._accounts.get((tenant, user)):
            self._accounts[tenant, user] = replace(account, disabled_at=now)
        await self.end_sessions(tenant, user)

    async def enable_account(self, tenant: str, user: str) -> None:
        """See ``AccountStore``."""
        if account := self._accounts.get((tenant, user)):
            self._accounts[tenant, user] = replace(account, disabled_at=None)

    async def end_sessions(self, tenant: str, user: str) -> None:
        """See ``AccountStore``."""
        for key in [key for key, one in self._sessions.items() if (key.tenant, one.user) == (tenant, user)]:
            await self.end_session(key)

    async def begin_try(self, tenant: str, login: str, now: datetime) -> datetime | None:
        """See ``TryStore``."""
        before = self._tries.get((tenant, login))
        if before is not None and paused(before, now):
            return before.paused_until
        self._tries[tenant, login] = tried(before, now)
        return None

    async def try_failed(self, tenant: str, login: str, now: datetime, address: str) -> None:
        """See ``TryStore``."""
        if account := await self.account_by_login(tenant, login):
            user = account.identity.user
            await self.record(AuditEntry(tenant, now, user, SIGN_IN_FAILED, user, details={"address": address}))

    async def forget_tries(self, tenant: str, login: str) -> None:
        """See ``TryStore``."""
        self._tries.pop((tenant, login), None)

    async def open_session(self, session: Session, idle: timedelta) -> None:
        """See ``SessionStore``."""
        now = session.opened_at
        for key, old in list(self._sessions.items()):
            if key.tenant == session.key.tenant and min(old.seen_at + idle, old.ends_at) <= now:
                await self.end_session(key)
        self._sessions[session.key] = session

    async def session(self, key: Key) -> HeldSession | None:
        """See ``SessionStore``."""
        session = self._sessions.get(key)
        return None if session is None else HeldSession(session, self._accounts[key.tenant, session.user])

    async def use_session(self, session: Session, now: datetime) -> Session:
        """See ``SessionStore``."""
        used = replace(session, seen_at=now)
        if session.key in self._sessions:
            self._sessions[session.key] = used
        return used

    async def end_session(self, key: Key) -> None:
        """See ``SessionStore``."""
        self._sessions.pop(key, None)
        for ticket in [ticket for ticket in self._tickets.values() if ticket.session == key.digest]:
            del self._tickets[ticket.key]

    async def keep_ticket(self, ticket: Ticket, now: datetime) -> None:
        """See ``TicketStore``."""
        if Key(ticket.key.tenant, ticket.session) not in self._sessions:
            raise ConstraintBroken("the session of this ticket has ended")
        for old in [old for old in self._tickets.values() if old.expires_at <= now]:
            del self._tickets[old.key]
        self._tickets[ticket.key] = ticket

    async def take_ticket(self, key: Key) -> HeldTicket | None:
        """See ``TicketStore``."""
        ticket = self._tickets.pop(key, None)
        return None if ticket is None else HeldTicket(ticket, self._accounts[key.tenant, ticket.user])

    async def record(self, entry: AuditEntry) -> None:
        """See ``AuditLog``."""
        self._audit.append(entry)

    async def entries(
        self,
        tenant: str,
        *,
        before: int | None = None,
        limit: int = 100,
        actor: str = "",
        what: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[KeptEntry]:
        """See ``AuditLog``."""
        kept = (KeptEntry(place, entry) for place, entry in enumerate(self._audit, start=1))
        wanted = [
            one
            for one in kept
            if one.entry.tenant == tenant
            and (before is None or one.place < before)
            and actor in ("", one.entry.actor)
            and what in ("", one.entry.what)
            and (since is None or one.entry.at >= since)
            and (until is None or one.entry.at < until)
        ]
        return wanted[::-1][:limit]

    async def lines(
        self, tenant: str, *, after: int | None = None, limit: int = 1000
    ) -> Sequence[tuple[int, AuditLine]]:
        """See ``AuditTrail``."""
        head, found = START, []
        for place, entry in enumerate(self._audit, start=1):
            if entry.tenant == tenant:
                line = next_line(head, entry)
                head = Head(line.number, line.digest)
                found.append((place, line))
        return [one for one in found if after is None or one[0] > after][:limit]
