"""What only a database can promise; what all stores promise stands in ``tests/contracts``."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from gateway.access.account import Wanted
from gateway.access.api import access_router
from gateway.access.audit import ACCOUNT_ADDED, COMMAND_LINE, REVEALED, SIGNED_IN, SIGNED_OUT, AuditEntry
from gateway.access.audit_chain import AuditCheck
from gateway.access.errors import SignInFailed
from gateway.access.identity import Role
from gateway.access.postgres import PostgresAccess
from gateway.access.sign_in_api import sign_in_router
from gateway.access.tickets import Purpose
from infra.hash_chain import Break, Fault, Head
from infra.storage.database import Database
from infra.storage.errors import AccessRefused, ConstraintBroken
from tests.gateway.access.people import NOW, OURS, Lobby, NoVault, person
from tests.gateway.http import client
from tests.postgres import Postgres


@pytest.fixture
async def tenant(database: Database) -> str:
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return tenant


async def test_a_reason_is_kept_without_whom_it_names(database: Database, tenant: str) -> None:
    access = PostgresAccess(database)
    await access.record(AuditEntry(tenant, NOW, "a", REVEALED, "call-1", "asked by 010-1234-5678, 김철수입니다"))
    (kept,) = await access.entries(tenant)
    assert "1234" not in kept.entry.why
    assert kept.entry.why.startswith("asked by [phone]")


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET why = ''", "DELETE FROM audit_entries", "TRUNCATE audit_entries"]
)
async def test_nobody_changes_the_audit(database: Database, tenant: str, statement: str) -> None:
    await PostgresAccess(database).record(AuditEntry(tenant, NOW, "a", REVEALED, "call-1", "why"))
    with pytest.raises(AccessRefused):
        async with database.tenant(tenant) as connection:
            await connection.execute(statement.encode())


async def test_another_tenants_people_are_not_there(database: Database, tenant: str) -> None:
    await PostgresAccess(database).add_account(person(Role.AGENT, tenant=tenant))
    async with database.tenant(f"t-{uuid.uuid4().hex}") as connection:
        for table in ("accounts", "account_sessions", "access_tickets", "sign_in_tries", "audit_entries"):
            assert await (await connection.execute(f"SELECT * FROM {table}".encode())).fetchall() == []
    with pytest.raises(AccessRefused):
        async with database.tenant(tenant) as connection:
            await connection.execute(
                b"INSERT INTO audit_entries (tenant, at, actor, what, whose, why, details) "
                b"VALUES ('another', now(), 'a', 'b.c', '', '', '{}')"
            )


async def test_a_login_that_was_tried_is_not_written_down(database: Database, tenant: str) -> None:
    await PostgresAccess(database).begin_try(tenant, "my secret password", NOW)
    async with database.tenant(tenant) as connection:
        [row] = await (await connection.execute("SELECT login FROM sign_in_tries")).fetchall()
    assert "secret" not in row[0]


async def test_a_password_in_plain_text_cannot_be_kept(database: Database, tenant: str) -> None:
    store, account = PostgresAccess(database), person(Role.AGENT, tenant=tenant)
    await store.add_account(account)
    with pytest.raises(ConstraintBroken):
        await store.set_password(tenant, account.identity.user, "correct horse battery")


async def test_a_day_at_work_stands_in_the_tables(database: Database, tenant: str) -> None:
    store = PostgresAccess(database)
    lobby = Lobby(store=store, tenants=(tenant,))
    credentials = {"tenant": tenant, "login": "minji@shop.example", "password": "correct horse battery"}
    wanted = Wanted(tenant, credentials["login"], "김민지", frozenset({Role.AGENT}), (), {"orders": 3}, ("ko",))
    await lobby.entrance.accounts.add(wanted, credentials["password"], COMMAND_LINE)
    async with client(sign_in_router(lobby.entrance), access_router(lobby.entrance, NoVault())) as http:
        http.headers.update(OURS)
        with pytest.raises(SignInFailed):
            await lobby.entrance.accounts.sign_in("nowhere", credentials["login"], credentials["password"], "")
        me = (await http.post("/v1/sign-in", json=credentials)).json()
        assert (me["name"], me["skills"]) == ("김민지", {"orders": 3})
        lobby.clock.passes(minutes=29)
        await http.put("/v1/me/locale", json={"locale": "ko"})
        lobby.clock.passes(minutes=29)
        ticket = (await http.post("/v1/tickets", json={"purpose": "softphone", "subject": "c-1"})).json()["ticket"]
        admissions = await asyncio.gather(*(lobby.entrance.tickets.redeem(ticket, Purpose.SOFTPHONE) for _ in range(4)))
        [admission] = [one for one in admissions if one is not None]
        assert (admission.identity.user, admission.identity.locale) == (me["user"], "ko")
        assert (await http.post("/v1/sign-out")).status_code == 204
    assert [one.entry.what for one in await store.entries(tenant)] == [SIGNED_OUT, SIGNED_IN, ACCOUNT_ADDED]
    async with database.tenant(tenant) as connection:
        assert await (await connection.execute(b"SELECT * FROM account_sessions")).fetchall() == []


async def found(database: Database, tenant: str, kept: Head | None = None) -> Break | None:
    """What a check of the tenant's audit finds."""
    check = AuditCheck("access", kept)
    for _, line in await PostgresAccess(database).lines(tenant):
        check.take(line.record)
    return check.end()


async def entered(database: Database, tenant: str, count: int = 5) -> Head:
    """Some entries, and the head behind them."""
    access = PostgresAccess(database)
    for number in range(count):
        await access.record(
            AuditEntry(tenant, NOW, "kim", REVEALED, f"call-{number}", "고객 요청", {"field": "caller"})
        )
    line = (await access.lines(tenant))[-1][1]
    return Head(line.number, line.digest)


TAMPERINGS = [
    ("UPDATE audit_entries SET why = 'other' WHERE {mine} AND number = 2", Break(2, Fault.EDITED)),
    ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE {mine} AND number = 2", Break(2, Fault.EDITED)),
    ("UPDATE audit_entries SET details = '{{}}' WHERE {mine} AND number = 5", Break(5, Fault.EDITED)),
    ("DELETE FROM audit_entries WHERE {mine} AND number = 3", Break(3, Fault.MISSING)),
    ("DELETE FROM audit_entries WHERE {mine} AND number = 1", Break(1, Fault.MISSING)),
    ("DELETE FROM audit_entries WHERE {mine} AND number >= 4", Break(4, Fault.CUT_OFF)),
    ("DELETE FROM audit_entries WHERE {mine}", Break(1, Fault.CUT_OFF)),
    # Two entries change places, but for their numbers:
    (
        "UPDATE audit_entries a SET whose = b.whose, previous = b.previous, digest = b.digest FROM audit_entries b "
        "WHERE a.{mine} AND b.{mine} AND (a.number, b.number) IN ((2, 3), (3, 2))",
        Break(2, Fault.EDITED),
    ),
    # And with them:
    (
        "UPDATE audit_entries SET number = CASE number WHEN 2 THEN 30 ELSE 20 END WHERE {mine} AND number IN (2, 3)",
        Break(2, Fault.MISSING),
    ),
    # One is slipped in as if it were from before the chain:
    (
        "ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_sealed; "
        "INSERT INTO audit_entries (tenant, place, at, actor, what, whose, why, details) OVERRIDING SYSTEM VALUE "
        "VALUES ('{tenant}', -1, now(), 'lee', 'value.revealed', '', '', '{{}}'); "
        "ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_sealed CHECK (number IS NOT NULL) NOT VALID",
        None,
    ),
]


@pytest.mark.parametrize(("tampering", "expected"), TAMPERINGS)
async def test_what_even_a_superuser_does_to_the_audit_is_found_out(
    fresh_database: Database, postgres: Postgres, database_name: str, tampering: str, expected: Break | None
) -> None:
    tenant = f"t-{uuid.uuid4().hex}"
    await fresh_database.enter_tenant(tenant)
    head = await entered(fresh_database, tenant)
    assert await found(fresh_database, tenant, head) is None
    statement = tampering.format(mine=f"tenant = '{tenant}'", tenant=tenant)
    await postgres.run_as_superuser(f"{database_name}_fresh", *statement.split("; "))
    told = await found(fresh_database, tenant, head)
    assert told == (expected or Break(1, Fault.UNLINKED))


async def test_an_audit_that_a_superuser_has_sealed_anew_is_whole_but_for_whoever_kept_a_head(
    fresh_database: Database, postgres: Postgres, database_name: str
) -> None:
    tenant = f"t-{uuid.uuid4().hex}"
    await fresh_database.enter_tenant(tenant)
    kept = await entered(fresh_database, tenant)
    await postgres.run_as_superuser(f"{database_name}_fresh", f"DELETE FROM audit_entries WHERE tenant = '{tenant}'")
    await PostgresAccess(fresh_database).record(AuditEntry(tenant, NOW, "lee", REVEALED, "call-0"))
    await entered(fresh_database, tenant, 5)
    assert await found(fresh_database, tenant) is None
    assert await found(fresh_database, tenant, kept) == Break(5, Fault.REWRITTEN)


async def test_entries_from_before_the_chain_are_sealed_with_the_first_that_follows(
    fresh_database: Database, postgres: Postgres, database_name: str
) -> None:
    tenant, name = f"t-{uuid.uuid4().hex}", f"{database_name}_fresh"
    await fresh_database.enter_tenant(tenant)
    said = "'2026-01-01 09:00:00.000001+09', 'kim', 'value.revealed', 'call-0', '이유', '{\"b\": \"1\"}'"
    columns = "tenant, at, actor, what, whose, why, details"
    old = f"INSERT INTO audit_entries ({columns}) VALUES ('{tenant}', {said})"
    await postgres.run_as_superuser(name, "ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_sealed", old, old)
    await entered(fresh_database, tenant, 2)
    lines = [line for _, line in await PostgresAccess(fresh_database).lines(tenant)]
    assert [line.number for line in lines] == [0, 0, 1, 2]
    assert await found(fresh_database, tenant) is None
    await postgres.run_as_superuser(
        name, f"UPDATE audit_entries SET actor = 'lee' WHERE tenant = '{tenant}' AND number IS NULL"
    )
    assert await found(fresh_database, tenant) == Break(1, Fault.UNLINKED)


async def test_entries_that_are_made_at_once_stand_in_one_chain(database: Database, tenant: str) -> None:
    access, account = PostgresAccess(database), person(Role.AGENT, tenant=tenant)
    await access.add_account(account)
    await access.begin_try(tenant, account.login, NOW)
    entries = [AuditEntry(tenant, NOW, "kim", REVEALED, f"call-{number}") for number in range(12)]
    failed = [access.try_failed(tenant, login, NOW, "10.0.0.1") for login in (account.login, "nobody's", account.login)]
    await asyncio.gather(*failed, *map(access.record, entries))
    lines = [line for _, line in await access.lines(tenant)]
    assert [line.number for line in lines] == list(range(1, 15))
    assert await found(database, tenant) is None
    assert sum(line.entry.what == "sign_in.failed" for line in lines) == 2


async def test_the_audit_is_read_in_pages(database: Database, tenant: str) -> None:
    await entered(database, tenant, 5)
    access, after, numbers = PostgresAccess(database), None, []
    while page := await access.lines(tenant, after=after, limit=2):
        after = page[-1][0]
        numbers.append([line.number for _, line in page])
    assert numbers == [[1, 2], [3, 4], [5]]


async def test_an_entry_without_a_seal_is_not_taken(database: Database, tenant: str) -> None:
    with pytest.raises(ConstraintBroken):
        async with database.tenant(tenant) as connection:
            await connection.execute(
                "INSERT INTO audit_entries (tenant, at, actor, what, whose, why, details) "
                "VALUES (%s, now(), 'a', 'b.c', '', '', '{}')",
                (tenant,),
            )
