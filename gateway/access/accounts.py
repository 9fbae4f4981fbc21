"""People's accounts: signing in by password, coming from the enterprise's directory, and what an administrator does.

How it answers tells nobody which logins exist: wrong login, wrong password, disabled account are one answer, after the
same work, and all logins are paused alike (``lockout``).
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from datetime import datetime

from gateway.access.account import Account, Arrival, Change, Wanted, plain_login
from gateway.access.audit import (
    ACCOUNT_ADDED,
    ACCOUNT_CHANGED,
    ACCOUNT_DISABLED,
    ACCOUNT_ENABLED,
    PASSWORD_SET,
    AuditEntry,
)
from gateway.access.errors import (
    AccountInvalid,
    DirectoryRefused,
    LoginTaken,
    NoRole,
    NoSuchAccount,
    SignInFailed,
    SignInPaused,
)
from gateway.access.identity import LOCALES, Identity, Role
from gateway.access.passwords import Passwords, checked_password
from gateway.access.store import AccessStore

DIRECTORY = "directory"
"""The actor of what the enterprise's directory brings about."""

_WRONG = "login or password is wrong"


class Accounts:
    """The accounts of ``tenants``."""

    def __init__(
        self, store: AccessStore, passwords: Passwords, tenants: Collection[str], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._tenants = tenants
        self._now = now

    async def sign_in(self, tenant: str, login: str, password: str, address: str) -> Identity:
        """Who signs in, from a network ``address``. Raises ``SignInFailed``, ``SignInPaused`` and ``SignInBusy``.

        A try is counted when its turn has come: who finds no room has not guessed.
        """
        try:
            plain = plain_login(login)
        except AccountInvalid:
            plain = ""
        async with self._passwords.turn():
            if tenant not in self._tenants or not plain:
                await self._passwords.verify(password, None)
                raise SignInFailed(_WRONG)
            return await self._tried(tenant, plain, password, address)

    async def _tried(self, tenant: str, login: str, password: str, address: str) -> Identity:
        until = await self._store.begin_try(tenant, login, self._now())
        if until is not None:
            seconds = max(1, math.ceil((until - self._now()).total_seconds()))
            raise SignInPaused(f"too many failures: try again in {seconds} s", seconds)
        account = await self._store.account_by_login(tenant, login)
        usable = account is not None and account.disabled_at is None
        if not await self._passwords.verify(password, account.password if account and usable else None):
            await self._store.try_failed(tenant, login, self._now(), address)
            raise SignInFailed(_WRONG)
        assert account is not None and account.password is not None, "nothing else is the same as a password"
        await self._store.forget_tries(tenant, login)
        if self._passwords.outdated(account.password):
            renewed = await self._passwords.hash(password)
            await self._store.set_password(tenant, account.identity.user, renewed, instead_of=account.password)
        return account.identity

    async def arrive(self, arrival: Arrival) -> Identity:
        """Who comes from the directory; on their first visit with a new account, or with the one that was prepared.

        An account with a password is never taken over, whatever e-mail address the directory tells. Raises
        ``NoRole`` and ``DirectoryRefused``.
        """
        if not arrival.roles:
            raise NoRole("the directory gives you no role here: ask who owns AICC_ACCESS_OIDC_ROLES")
        account = await self._store.account_by_directory(arrival.tenant, arrival.directory)
        account = account or await self._prepared(arrival) or await self._welcomed(arrival)
        if account.disabled_at is not None:
            raise DirectoryRefused("this account is disabled")
        known = replace(account.identity, name=arrival.name, roles=arrival.roles)
        if (known, arrival.directory) != (account.identity, account.directory):
            await self._record(ACCOUNT_CHANGED, known, DIRECTORY, roles=_listed(arrival.roles))
            await self._store.set_identity(known, arrival.directory)
        return known

    async def add(self, wanted: Wanted, password: str | None, actor: str) -> Account:
        """A new account, with a password or (None) for who will come from the directory.

        Raises ``AccountInvalid``, ``LoginTaken`` and ``SignInBusy``.
        """
        login = plain_login(wanted.login)
        if wanted.locale not in LOCALES:
            raise AccountInvalid(f"pages are in {' or '.join(LOCALES)}")
        identity = _checked(
            Identity(
                tenant=wanted.tenant,
                user=uuid.uuid4().hex,
                name=wanted.name.strip(),
                roles=wanted.roles,
                queues=wanted.queues,
                skills=wanted.skills,
                languages=wanted.languages,
                locale=wanted.locale,
            )
        )
        encoded = None if password is None else await self._hashed(password, login)
        account = Account(identity, login, self._now(), encoded)
        await self._store.add_account(account)
        await self._record(ACCOUNT_ADDED, identity, actor, roles=_listed(wanted.roles))
        return account

    async def change(self, tenant: str, login: str, change: Change, actor: str) -> Account:
        """Let somebody be called, do or serve something else, from their next request on. What comes from the
        directory is as it says again at their next visit. Raises ``NoSuchAccount`` and ``AccountInvalid``."""
        account = await self._named(tenant, login)
        different = {name: value for name, value in asdict(change).items() if value is not None}
        identity = _checked(replace(account.identity, **different))
        await self._record(ACCOUNT_CHANGED, identity, actor, roles=_listed(identity.roles))
        await self._store.set_identity(identity)
        return replace(account, identity=identity)

    async def set_password(self, tenant: str, login: str, password: str, actor: str) -> None:
        """Give somebody another password, end their sessions and any pause. Raises ``NoSuchAccount``,
        ``AccountInvalid`` and ``SignInBusy``."""
        account = await self._named(tenant, login)
        encoded = await self._hashed(password, account.login)
        await self._record(PASSWORD_SET, account.identity, actor)
        await self._store.set_password(tenant, account.identity.user, encoded)
        await self._store.end_sessions(tenant, account.identity.user)
        await self._store.forget_tries(tenant, account.login)

    async def disable(self, tenant: str, login: str, actor: str) -> None:
        """Let somebody sign in no more, and end their sessions. Raises ``NoSuchAccount``."""
        account = await self._named(tenant, login)
        await self._record(ACCOUNT_DISABLED, account.identity, actor)
        await self._store.disable_account(tenant, account.identity.user, self._now())

    async def enable(self, tenant: str, login: str, actor: str) -> None:
        """Let somebody sign in again. Raises ``NoSuchAccount``."""
        account = await self._named(tenant, login)
        await self._record(ACCOUNT_ENABLED, account.identity, actor)
        await self._store.enable_account(tenant, account.identity.user)

    async def _hashed(self, password: str, login: str) -> str:
        chosen = checked_password(password, login)
        async with self._passwords.turn():
            return await self._passwords.hash(chosen)

    async def _named(self, tenant: str, login: str) -> Account:
        account = await self._store.account_by_login(tenant, plain_login(login))
        if account is None:
            raise NoSuchAccount(f"tenant {tenant} has no account {login}: aicc user list shows those it has")
        return account

    async def _prepared(self, arrival: Arrival) -> Account | None:
        """The account that was added for them, and that nobody can use yet."""
        account = await self._store.account_by_login(arrival.tenant, arrival.login)
        if account is not None and (account.password or account.directory):
            raise DirectoryRefused(f"{arrival.login} is somebody else's account already")
        return account

    async def _welcomed(self, arrival: Arrival) -> Account:
        identity = Identity(arrival.tenant, uuid.uuid4().hex, arrival.name, arrival.roles, locale=arrival.locale)
        account = Account(identity, arrival.login, self._now(), directory=arrival.directory)
        try:
            await self._store.add_account(account)
        except LoginTaken:  # by themselves, in another window
            there = await self._store.account_by_directory(arrival.tenant, arrival.directory)
            if there is None:
                raise
            return there
        await self._record(ACCOUNT_ADDED, identity, DIRECTORY, roles=_listed(arrival.roles))
        return account

    async def _record(self, what: str, whose: Identity, actor: str, **details: str) -> None:
        await self._store.record(AuditEntry(whose.tenant, self._now(), actor, what, whose.user, details=details))


def _checked(identity: Identity) -> Identity:
    """Somebody who makes sense. Raises ``AccountInvalid``."""
    if not identity.roles:
        raise AccountInvalid(f"an account needs a role: there are {', '.join(Role)}")
    if not identity.name.strip():
        raise AccountInvalid("an account needs a name that colleagues know")
    if any(level < 1 for level in identity.skills.values()):
        raise AccountInvalid("the levels of skills begin with 1")
    return identity


def _listed(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(roles))
