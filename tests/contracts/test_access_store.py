"""What every store of the entrance promises: the one that forgets with the process, and the one in PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.access.account import Account, DirectoryName
from gateway.access.audit import REVEALED, SIGN_IN_FAILED, AuditEntry
from gateway.access.audit_chain import AuditCheck
from gateway.access.errors import LoginTaken
from gateway.access.identity import Role
from gateway.access.lockout import FIRST_PAUSE, FORGOTTEN_AFTER, FREE_TRIES
from gateway.access.postgres import PostgresAccess
from gateway.access.store import AccessStore, Session, Ticket, VolatileAccess
from gateway.access.tokens import Key, key_of, new_token
from infra.hash_chain import Head
from infra.storage.database import Database
from infra.storage.errors import ConstraintBroken
from tests.gateway.access.people import NOW, person

HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"
OTHER_HASH = HASH.replace("aGFzaA", "b3RoZXI")
DIRECTORY = DirectoryName("https://id.example", "00u1")
IDLE, WHOLE = timedelta(minutes=30), timedelta(hours=12)


@pytest.fixture
async def tenant(database: Database) -> str:
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return tenant


@pytest.fixture(params=["volatile", "postgres"])
def store(request: pytest.FixtureRequest, database: Database) -> AccessStore:
    return VolatileAccess() if request.param == "volatile" else PostgresAccess(database)


def key(tenant: str) -> Key:
    found = key_of(new_token(tenant))
    assert found is not None
    return found


async def somebody(store: AccessStore, tenant: str) -> Account:
    account = person(Role.AGENT, Role.SUPERVISOR, tenant=tenant)
    await store.add_account(account)
    return account


async def signed_in(store: AccessStore, account: Account) -> Session:
    session = Session(key(account.identity.tenant), account.identity.user, NOW, NOW, NOW + WHOLE)
    await store.open_session(session, IDLE)
    return session


def ticket_in(session: Session, subject: str = "call-1") -> Ticket:
    expires_at = NOW + timedelta(seconds=30)
    return Ticket(key(session.key.tenant), session.user, session.key.digest, "softphone", subject, expires_at)


async def test_an_account_comes_back_whole_by_all_its_names(store: AccessStore, tenant: str) -> None:
    account = replace(person(Role.AGENT, tenant=tenant), password=HASH, directory=DIRECTORY)
    await store.add_account(account)
    assert await store.account(tenant, account.identity.user) == account
    assert await store.account_by_login(tenant, account.login) == account
    assert await store.account_by_directory(tenant, DIRECTORY) == account
    assert await store.accounts(tenant) == [account]


async def test_nobody_is_found_by_another_name_or_in_another_tenant(store: AccessStore, tenant: str) -> None:
    account = await somebody(store, tenant)
    assert await store.account_by_login(tenant, "nobody") is None
    assert await store.account_by_directory(tenant, DIRECTORY) is None
    assert await store.account("another", account.identity.user) is None
    assert await store.account_by_login("another", account.login) is None
    assert await store.accounts("another") == []


async def test_a_login_and_a_name_in_the_directory_are_one_persons(store: AccessStore, tenant: str) -> None:
    first = replace(person(tenant=tenant, login="kim"), directory=DIRECTORY)
    await store.add_account(first)
    for second in (person(tenant=tenant, login="kim"), replace(person(tenant=tenant), directory=DIRECTORY)):
        with pytest.raises(LoginTaken):
            await store.add_account(second)
    await store.add_account(person(tenant=tenant, login="lee"))
    assert [account.login for account in await store.accounts(tenant)] == ["kim", "lee"]


async def test_what_changes_of_an_account_leaves_the_rest(store: AccessStore, tenant: str) -> None:
    account = await somebody(store, tenant)
    user = account.identity.user
    await store.set_locale(tenant, user, "en")
    known = replace(
        account.identity,
        name="Lee",
        roles=frozenset({Role.ANALYST}),
        queues=(),
        skills={"returns": 1},
        languages=("en",),
    )
    await store.set_identity(known, DIRECTORY)
    await store.set_identity(known)
    assert await store.set_password(tenant, user, HASH)
    found = await store.account(tenant, user)
    assert found == replace(account, identity=replace(known, locale="en"), directory=DIRECTORY, password=HASH)


async def test_a_hash_replaces_only_the_one_it_was_made_for(store: AccessStore, tenant: str) -> None:
    account = await somebody(store, tenant)
    user = account.identity.user
    await store.set_password(tenant, user, HASH)
    assert not await store.set_password(tenant, user, HASH, instead_of=OTHER_HASH)
    assert await store.set_password(tenant, user, OTHER_HASH, instead_of=HASH)
    assert not await store.set_password(tenant, "nobody", HASH)


async def test_a_session_is_held_with_the_account_as_it_is_now(store: AccessStore, tenant: str) -> None:
    account = await somebody(store, tenant)
    session = await signed_in(store, account)
    await store.set_locale(tenant, account.identity.user, "en")
    held = await store.session(session.key)
    assert held is not None
    assert (held.session, held.account.identity.locale) == (session, "en")
    used = await store.use_session(session, NOW + timedelta(minutes=5))
    assert (held := await store.session(session.key)) is not None
    assert held.session == used == replace(session, seen_at=NOW + timedelta(minutes=5))
    assert await store.session(Key("another", session.key.digest)) is None
    await store.end_session(session.key)
    assert await store.session(session.key) is None


async def test_expired_sessions_go_when_another_begins(store: AccessStore, tenant: str) -> None:
    account = await somebody(store, tenant)
    idle, used = await signed_in(store, account), await signed_in(store, account)
    await store.use_session(used, NOW + timedelta(minutes=20))
    later = NOW + IDLE
    await store.open_session(Session(key(tenant), account.identity.user, later, later, later + WHOLE), IDLE)
    assert await store.session(idle.key) is None
    assert await store.session(used.key) is not None


async def test_who_is_disabled_has_no_sessions_and_no_tickets(store: AccessStore, tenant: str) -> None:
    account, other = await somebody(store, tenant), await somebody(store, tenant)
    session, others = await signed_in(store, account), await signed_in(store, other)
    ticket = ticket_in(session)
    await store.keep_ticket(ticket, NOW)
    await store.disable_account(tenant, account.identity.user, NOW)
    assert await store.session(session.key) is None
    assert await store.take_ticket(ticket.key) is None
    assert await store.session(others.key) is not None
    assert (found := await store.account(tenant, account.identity.user)) is not None
    assert found.disabled_at == NOW
    await store.enable_account(tenant, account.identity.user)
    assert await store.account(tenant, account.identity.user) == account


async def test_a_ticket_is_taken_once_however_many_ask(store: AccessStore, tenant: str) -> None:
    account = await somebody(store, tenant)
    ticket = ticket_in(await signed_in(store, account))
    await store.keep_ticket(ticket, NOW)
    taken = [held for held in await asyncio.gather(*(store.take_ticket(ticket.key) for _ in range(4))) if held]
    assert [(held.ticket, held.account) for held in taken] == [(ticket, account)]


async def test_tickets_go_with_their_session_and_with_time(store: AccessStore, tenant: str) -> None:
    session = await signed_in(store, await somebody(store, tenant))
    old, fresh = ticket_in(session), replace(ticket_in(session), expires_at=NOW + timedelta(minutes=5))
    await store.keep_ticket(old, NOW)
    await store.keep_ticket(fresh, NOW + timedelta(minutes=1))
    assert await store.take_ticket(old.key) is None
    await store.end_session(session.key)
    assert await store.take_ticket(fresh.key) is None
    with pytest.raises(ConstraintBroken):
        await store.keep_ticket(ticket_in(session), NOW)


async def test_tries_are_counted_before_they_are_made_and_then_paused(store: AccessStore, tenant: str) -> None:
    at_once = await asyncio.gather(*(store.begin_try(tenant, "kim", NOW) for _ in range(4 * FREE_TRIES)))
    assert at_once.count(None) == FREE_TRIES
    assert set(at_once) == {None, NOW + FIRST_PAUSE}
    assert await store.begin_try(tenant, "lee", NOW) is None
    later = NOW + FIRST_PAUSE
    assert await store.begin_try(tenant, "kim", later) is None
    assert await store.begin_try(tenant, "kim", later) == later + 2 * FIRST_PAUSE
    await store.forget_tries(tenant, "kim")
    assert await store.begin_try(tenant, "kim", later) is None


async def test_tries_are_forgotten_with_time(store: AccessStore, tenant: str) -> None:
    for _ in range(FREE_TRIES):
        await store.begin_try(tenant, "kim", NOW)
    await store.begin_try(tenant, "lee", NOW + FORGOTTEN_AFTER)
    assert await store.begin_try(tenant, "kim", NOW + FORGOTTEN_AFTER) is None
    assert await store.begin_try(tenant, "kim", NOW + FORGOTTEN_AFTER) is None


async def test_a_failure_is_told_of_accounts_only(store: AccessStore, tenant: str) -> None:
    account = await somebody(store, tenant)
    for login in (account.login, "nobody"):
        await store.begin_try(tenant, login, NOW)
        await store.try_failed(tenant, login, NOW, "192.0.2.7")
    [kept] = await store.entries(tenant)
    user = account.identity.user
    assert kept.entry == AuditEntry(tenant, NOW, user, SIGN_IN_FAILED, user, details={"address": "192.0.2.7"})


async def test_the_audit_is_read_latest_first_by_actor_deed_and_time(store: AccessStore, tenant: str) -> None:
    entries = [
        AuditEntry(tenant, NOW + timedelta(minutes=minute), actor, what, "call-1", "환불 확인", {"field": "caller"})
        for minute, (actor, what) in enumerate([("a", REVEALED), ("b", "call.listened"), ("a", "call.listened")])
    ]
    for entry in entries:
        await store.record(entry)
    kept = await store.entries(tenant)
    assert [one.entry for one in kept] == entries[::-1]
    assert [one.entry for one in await store.entries(tenant, before=kept[0].place, limit=1)] == [entries[1]]
    assert [one.entry for one in await store.entries(tenant, actor="a")] == [entries[2], entries[0]]
    assert [one.entry for one in await store.entries(tenant, actor="a", what=REVEALED)] == [entries[0]]
    second, third = entries[1].at, entries[2].at
    assert [one.entry for one in await store.entries(tenant, since=second)] == [entries[2], entries[1]]
    assert [one.entry for one in await store.entries(tenant, since=second, until=third)] == [entries[1]]
    assert await store.entries("another") == []


async def test_a_tenants_entries_are_a_chain_of_their_own(store: AccessStore, database: Database, tenant: str) -> None:
    other = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(other)
    for number in range(3):
        for whose in (tenant, other):
            await store.record(AuditEntry(whose, NOW, "kim", REVEALED, f"call-{number}", "why", {"field": "caller"}))
    places = [place for place, _ in await store.lines(tenant)]
    lines = [line for _, line in await store.lines(tenant)]
    assert [line.number for line in lines] == [1, 2, 3]
    assert [line.entry.whose for line in lines] == ["call-0", "call-1", "call-2"]
    assert [before.digest for before in lines[:2]] == [after.previous for after in lines[1:]]
    assert [line for _, line in await store.lines(tenant, after=places[0], limit=1)] == lines[1:2]
    check = AuditCheck("access", Head(3, lines[-1].digest))
    for line in lines:
        check.take(line.record)
    assert check.end() is None
