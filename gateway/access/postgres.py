"""The entrance's store in PostgreSQL: see ``gateway.access.store`` for what is promised.

One ticket lets one in because one transaction deletes its row; tickets go with their session, and nobody changes the
audit, because the tables say so. A tenant's entries of the audit are written one after the other, for they are a chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg import AsyncCursor
from psycopg.types.json import Jsonb

from dialog.privacy.detector import redact_any
from gateway.access.account import Account, DirectoryName
from gateway.access.audit import SIGN_IN_FAILED, AuditEntry, KeptEntry
from gateway.access.audit_chain import AuditLine, head_before, next_line
from gateway.access.errors import LoginTaken
from gateway.access.identity import Identity, Role
from gateway.access.lockout import FORGOTTEN_AFTER, Tries, paused, tried
from gateway.access.store import HeldSession, HeldTicket, Session, Ticket
from gateway.access.tokens import Key
from infra.hash_chain import Head
from infra.storage.database import Connection, Database
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

Row = tuple[Any, ...]


class PostgresAccess:
    """All of ``AccessStore``, for tenants that are in the directory of tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_account(self, account: Account) -> None:
        """See ``AccountStore``."""
        cursor = await self._run(account.identity.tenant, "add_account", **_columns(account))
        if cursor.rowcount == 0:
            raise LoginTaken(f"{account.login} has an account already")

    async def account(self, tenant: str, user: str) -> Account | None:
        """See ``AccountStore``."""
        return _first(await self._rows(tenant, "account", account=user))

    async def account_by_login(self, tenant: str, login: str) -> Account | None:
        """See ``AccountStore``."""
        return _first(await self._rows(tenant, "account_by_login", login=login))

    async def account_by_directory(self, tenant: str, name: DirectoryName) -> Account | None:
        """See ``AccountStore``."""
        return _first(await self._rows(tenant, "account_by_directory", issuer=name.issuer, subject=name.subject))

    async def accounts(self, tenant: str) -> Sequence[Account]:
        """See ``AccountStore``."""
        return [_account(row) for row in await self._rows(tenant, "accounts")]

    async def set_password(self, tenant: str, user: str, password: str, instead_of: str | None = None) -> bool:
        """See ``AccountStore``."""
        cursor = await self._run(tenant, "set_password", account=user, password=password, instead_of=instead_of)
        return cursor.rowcount > 0

    async def set_locale(self, tenant: str, user: str, locale: str) -> None:
        """See ``AccountStore``."""
        await self._run(tenant, "set_locale", account=user, locale=locale)

    async def set_identity(self, identity: Identity, directory: DirectoryName | None = None) -> None:
        """See ``AccountStore``."""
        known = {**_identity_columns(identity), **_directory_columns(directory)}
        await self._run(identity.tenant, "set_identity", account=identity.user, **known)

    async def disable_account(self, tenant: str, user: str, now: datetime) -> None:
        """See ``AccountStore``."""
        async with self._database.tenant(tenant) as connection:
            await _execute(connection, tenant, "disable_account", account=user, now=now)
            await _execute(connection, tenant, "end_sessions", account=user)

    async def enable_account(self, tenant: str, user: str) -> None:
        """See ``AccountStore``."""
        await self._run(tenant, "enable_account", account=user)

    async def end_sessions(self, tenant: str, user: str) -> None:
        """See ``AccountStore``."""
        await self._run(tenant, "end_sessions", account=user)

    async def begin_try(self, tenant: str, login: str, now: datetime) -> datetime | None:
        """See ``TryStore``."""
        hidden = _hidden(login)
        async with self._database.tenant(tenant) as connection:
            await _execute(connection, tenant, "lock_login", login=hidden)
            row = await (await _execute(connection, tenant, "tries", login=hidden)).fetchone()
            before = None if row is None else Tries(*row)
            if before is not None and paused(before, now):
                return before.paused_until
            after = tried(before, now)
            stands = {"tries": after.count, "last_at": after.last_at, "paused_until": after.paused_until}
            await _execute(connection, tenant, "count_try", login=hidden, **stands)
            await _execute(connection, tenant, "forget_old_tries", before=now - FORGOTTEN_AFTER)
        return None

    async def try_failed(self, tenant: str, login: str, now: datetime, address: str) -> None:
        """See ``TryStore``."""
        async with self._database.tenant(tenant) as connection:
            await _execute(connection, tenant, "touch_try", login=_hidden(login), now=now)
            head = await _audit_head(connection, tenant)
            whose = await (await _execute(connection, tenant, "whose_login", plain=login)).fetchone()
            user = "nobody" if whose is None else whose[0]
            entry = AuditEntry(tenant, now, user, SIGN_IN_FAILED, user, details={"address": address})
            line = _line_columns(next_line(head, entry))
            await _execute(connection, tenant, "record_failure", plain=login, **line)

    async def forget_tries(self, tenant: str, login: str) -> None:
        """See ``TryStore``."""
        await self._run(tenant, "forget_tries", login=_hidden(login))

    async def open_session(self, session: Session, idle: timedelta) -> None:
        """See ``SessionStore``."""
        tenant, now = session.key.tenant, session.opened_at
        async with self._database.tenant(tenant) as connection:
            await _execute(connection, tenant, "end_expired_sessions", now=now, idle_since=now - idle)
            await _execute(
                connection,
                tenant,
                "open_session",
                digest=session.key.digest,
                account=session.user,
                opened_at=session.opened_at,
                seen_at=session.seen_at,
                ends_at=session.ends_at,
            )

    async def session(self, key: Key) -> HeldSession | None:
        """See ``SessionStore``."""
        rows = await self._rows(key.tenant, "session", digest=key.digest)
        if not rows:
            return None
        account = _account(rows[0][3:])
        return HeldSession(Session(key, account.identity.user, *rows[0][:3]), account)

    async def use_session(self, session: Session, now: datetime) -> Session:
        """See ``SessionStore``."""
        await self._run(session.key.tenant, "use_session", digest=session.key.digest, now=now)
        return Session(session.key, session.user, session.opened_at, now, session.ends_at)

    async def end_session(self, key: Key) -> None:
        """See ``SessionStore``."""
        await self._run(key.tenant, "end_session", digest=key.digest)

    async def keep_ticket(self, ticket: Ticket, now: datetime) -> None:
        """See ``TicketStore``."""
        tenant = ticket.key.tenant
        async with self._database.tenant(tenant) as connection:
            await _execute(connection, tenant, "drop_old_tickets", now=now)
            await _execute(
                connection,
                tenant,
                "keep_ticket",
                digest=ticket.key.digest,
                account=ticket.user,
                session=ticket.session,
                purpose=ticket.purpose,
                subject=ticket.subject,
                expires_at=ticket.expires_at,
            )

    async def take_ticket(self, key: Key) -> HeldTicket | None:
        """See ``TicketStore``."""
        rows = await self._rows(key.tenant, "take_ticket", digest=key.digest)
        if not rows:
            return None
        account = _account(rows[0][4:])
        return HeldTicket(Ticket(key, account.identity.user, *rows[0][:4]), account)

    async def record(self, entry: AuditEntry) -> None:
        """See ``AuditLog``. It is kept for good, so that a reason may name nobody."""
        async with self._database.tenant(entry.tenant) as connection:
            await self.record_with(connection, entry)

    async def record_with(self, connection: Connection, entry: AuditEntry) -> None:
        """Keep an entry if, and only if, the transaction of ``connection`` is committed. That transaction must have
        named the entry's tenant, and ends soon: until then nobody else's entry of the tenant is taken."""
        entry = replace(entry, why=redact_any(entry.why))
        head = await _audit_head(connection, entry.tenant)
        await _execute(connection, entry.tenant, "record", **_line_columns(next_line(head, entry)))

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
        wanted = {"actor": actor, "what": what, "since": since, "until": until}
        rows = await self._rows(tenant, "entries", before=before, limit=limit, **wanted)
        return [KeptEntry(row[0], AuditEntry(*row[1:])) for row in rows]

    async def lines(
        self, tenant: str, *, after: int | None = None, limit: int = 1000
    ) -> Sequence[tuple[int, AuditLine]]:
        """See ``AuditTrail``."""
        rows = await self._rows(tenant, "lines", after=after, limit=limit)
        return [(row[0], AuditLine(row[1], AuditEntry(*row[4:]), row[2], row[3])) for row in rows]

    async def _rows(self, tenant: str, query: str, **values: object) -> list[Row]:
        async with self._database.tenant(tenant) as connection:
            return await (await _execute(connection, tenant, query, **values)).fetchall()

    async def _run(self, tenant: str, query: str, **values: object) -> AsyncCursor[Row]:
        async with self._database.tenant(tenant) as connection:
            return await _execute(connection, tenant, query, **values)


async def _execute(connection: Connection, tenant: str, query: str, **values: object) -> AsyncCursor[Row]:
    return await connection.execute(QUERIES[query].sql, {"tenant": tenant, **values})


async def _audit_head(connection: Connection, tenant: str) -> Head:
    """What a tenant's next entry is sealed with; nobody else appends one until the transaction is over."""
    async with connection.pipeline():  # in one go, and the second sees what was committed before the lock
        await _execute(connection, tenant, "lock_audit")
        found = await _execute(connection, tenant, "last_line")
    last = await found.fetchone()
    if last is not None:
        return Head(*last)
    older = await (await _execute(connection, tenant, "entries_before_the_chain")).fetchall()
    return head_before(AuditEntry(*row) for row in older)


def _line_columns(line: AuditLine) -> dict[str, object]:
    entry = line.entry
    return {
        "at": entry.at,
        "actor": entry.actor,
        "what": entry.what,
        "whose": entry.whose,
        "why": entry.why,
        "details": Jsonb(dict(entry.details)),
        "number": line.number,
        "previous": line.previous,
        "digest": line.digest,
    }


def _hidden(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()


def _first(rows: list[Row]) -> Account | None:
    return _account(rows[0]) if rows else None


def _columns(account: Account) -> dict[str, object]:
    return {
        "account": account.identity.user,
        "login": account.login,
        "locale": account.identity.locale,
        "created_at": account.created_at,
        "password": account.password,
        **_identity_columns(account.identity),
        **_directory_columns(account.directory),
    }


def _identity_columns(identity: Identity) -> dict[str, object]:
    return {
        "name": identity.name,
        "roles": sorted(identity.roles),
        "queues": list(identity.queues),
        "skills": Jsonb(dict(identity.skills)),
        "languages": list(identity.languages),
    }


def _directory_columns(name: DirectoryName | None) -> dict[str, object]:
    return {"issuer": None if name is None else name.issuer, "subject": None if name is None else name.subject}


def _account(row: Row) -> Account:
    tenant, user, login, name, roles, queues, skills, languages, locale, created_at, password = row[:11]
    issuer, subject, disabled_at = row[11:]
    identity = Identity(
        tenant, user, name, frozenset(map(Role, roles)), tuple(queues), skills, tuple(languages), locale
    )
    directory = None if issuer is None else DirectoryName(issuer, subject)
    return Account(identity, login, created_at, password, directory, disabled_at)
