"""``aicc user``: the people who may sign in to a tenant's pages.

It works on the database itself, beside a running gateway or without one. A password is typed or made up, and never
stands in a command line, which histories and process lists show.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from dialog.clock import utc_now
from gateway.access.account import Account, Change, Wanted
from gateway.access.accounts import Accounts
from gateway.access.audit import COMMAND_LINE
from gateway.access.errors import AccountInvalid
from gateway.access.identity import Role
from gateway.access.passwords import Passwords, generated_password
from gateway.access.postgres import PostgresAccess
from gateway.desk.floor.queue import read_queues
from gateway.session.tenant import load_tenant
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.runtime import open_storage

Ask = Callable[[str], str]
"""Asks for a secret, without showing what is typed."""


def type_unseen(prompt: str) -> str:
    """A secret that is typed at a terminal. Raises ``AccountInvalid`` where there is none."""
    if not sys.stdin.isatty():
        raise AccountInvalid("there is no terminal to type a password at: take --generate")
    return getpass.getpass(prompt)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A tenant's accounts, opened."""

    accounts: Accounts
    store: PostgresAccess


async def add(
    data: Path,
    wanted: Wanted,
    console: Console,
    *,
    generate: bool = False,
    directory: bool = False,
    ask: Ask = type_unseen,
) -> None:
    """Add an account. With ``directory`` it has no password: who has that e-mail address in the enterprise's directory
    takes it over. Raises ``AccountInvalid``, ``LoginTaken`` and the storage's errors."""
    async with _desk(data, wanted.tenant) as desk:
        password = None if directory else _password(generate, ask)
        account = await desk.accounts.add(wanted, password, COMMAND_LINE)
        console.print(f"{escape(account.login)} may sign in as {_roles(account)}", highlight=False)
        _tell(password if generate else None, console)


async def latest(data: Path, tenant: str, console: Console) -> None:
    """All accounts of a tenant."""
    async with _desk(data, tenant) as desk:
        accounts = await desk.store.accounts(tenant)
    if not accounts:
        console.print(f"{tenant} has no accounts yet; aicc user add makes one")
        return
    whole = Column("login", min_width=max(len(account.login) for account in accounts))  # it is what is typed again
    table = Table(whole, "name", "roles", "queues", "skills", "languages", "signs in by", box=None)
    for account in accounts:
        identity = account.identity
        skills = ", ".join(f"{skill}:{level}" for skill, level in sorted(identity.skills.items()))
        queues, languages = ", ".join(identity.queues) or "all", ", ".join(identity.languages)
        cells = (account.login, identity.name, _roles(account), queues, skills, languages, _way(account))
        table.add_row(*map(escape, cells))
    console.print(table)


async def change(data: Path, tenant: str, login: str, wanted: Change, console: Console) -> None:
    """Change what somebody is. Raises ``NoSuchAccount`` and ``AccountInvalid``."""
    async with _desk(data, tenant) as desk:
        account = await desk.accounts.change(tenant, login, wanted, COMMAND_LINE)
        console.print(f"{escape(account.login)} may sign in as {_roles(account)}", highlight=False)


async def enable(data: Path, tenant: str, login: str, console: Console) -> None:
    """Let somebody sign in again. Raises ``NoSuchAccount``."""
    async with _desk(data, tenant) as desk:
        await desk.accounts.enable(tenant, login, COMMAND_LINE)
        console.print(f"{escape(login)} may sign in again", highlight=False)


async def disable(data: Path, tenant: str, login: str, console: Console) -> None:
    """Let somebody sign in no more, and end their sessions. Raises ``NoSuchAccount``."""
    async with _desk(data, tenant) as desk:
        await desk.accounts.disable(tenant, login, COMMAND_LINE)
        console.print(f"{escape(login)} is disabled and signed out everywhere", highlight=False)


async def password(
    data: Path, tenant: str, login: str, console: Console, *, generate: bool = False, ask: Ask = type_unseen
) -> None:
    """Give somebody another password, and end their sessions. Raises ``NoSuchAccount`` and ``AccountInvalid``."""
    async with _desk(data, tenant) as desk:
        chosen = _password(generate, ask)
        await desk.accounts.set_password(tenant, login, chosen, COMMAND_LINE)
        console.print(f"{escape(login)} has another password and is signed out everywhere", highlight=False)
        _tell(chosen if generate else None, console)


def skills(given: list[str]) -> dict[str, int]:
    """``orders:3`` as skill and level; without a level it is 1. Raises ``AccountInvalid``."""
    found = {}
    for part in given:
        name, separator, level = part.partition(":")
        if not name or (separator and not level.isdecimal()):
            raise AccountInvalid(f"{part!r} is no skill with its level, such as orders:3")
        found[name] = int(level) if separator else 1
    return found


def queues(folder: Path, given: list[str]) -> tuple[str, ...]:
    """Queues of the tenant's. Raises ``AccountInvalid`` for one that it does not have, and the tenant's own errors."""
    return _known("queue", given, read_queues(load_tenant(folder).hand_over).by_id)


def languages(folder: Path, given: list[str]) -> tuple[str, ...]:
    """Languages of the tenant's. Raises ``AccountInvalid`` and ``TenantInvalid``."""
    return _known("language", given, load_tenant(folder).languages)


def roles(given: list[str]) -> frozenset[Role]:
    """Roles by name. Raises ``AccountInvalid``."""
    if not given:
        raise AccountInvalid(f"an account needs a role: there are {', '.join(Role)}")
    try:
        return frozenset(map(Role, given))
    except ValueError as error:
        raise AccountInvalid(f"{error}: there are {', '.join(Role)}") from error


def _known(kind: str, given: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    for name in given:
        if name not in known:
            raise AccountInvalid(f"the tenant has no {kind} {name}: there are {', '.join(known)}")
    return tuple(given)


def _password(generate: bool, ask: Ask) -> str:
    if generate:
        return generated_password()
    chosen = ask("Password: ")
    if ask("Once more: ") != chosen:
        raise AccountInvalid("the two passwords are not the same")
    return chosen


def _tell(made_up: str | None, console: Console) -> None:
    if made_up is not None:
        console.print(f"password: {made_up}", markup=False, highlight=False, soft_wrap=True)


def _roles(account: Account) -> str:
    return ", ".join(sorted(account.identity.roles))


def _way(account: Account) -> str:
    if account.disabled_at is not None:
        return f"disabled {account.disabled_at:%Y-%m-%d}"
    ways = {"password": account.password, "directory": account.directory}
    return ", ".join(way for way, there in ways.items() if there) or "directory, at the first visit"


@asynccontextmanager
async def _desk(data: Path, tenant: str) -> AsyncIterator[_Desk]:
    passwords = Passwords()
    try:
        async with open_storage(load(DatabaseSettings), data) as database:
            await database.enter_tenant(tenant)
            store = PostgresAccess(database)
            yield _Desk(Accounts(store, passwords, (tenant,), utc_now), store)
    finally:
        await passwords.close()
