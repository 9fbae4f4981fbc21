"""What only a database can promise; what all stores promise stands in ``tests/contracts``."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from gateway.access.account import Wanted
from gateway.access.api import access_router
from gateway.access.audit import ACCOUNT_ADDED, COMMAND_LINE, REVEALED, SIGNED_IN, SIGNED_OUT, AuditEntry
from gateway.access.errors import SignInFailed
from gateway.access.identity import Role
from gateway.access.postgres import PostgresAccess
from gateway.access.sign_in_api import sign_in_router
from gateway.access.tickets import Purpose
from infra.storage.database import Database
from infra.storage.errors import AccessRefused, ConstraintBroken
from tests.gateway.access.people import NOW, OURS, Lobby, NoVault, person
from tests.gateway.http import client


@pytest.fixture
async def tenant(database: Database) -> str:
    tenant = f"t-{uuid.uuid4().hex}"
    await database.enter_tenant(tenant)
    return tenant


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET why = ''", "DELETE FROM audit_entries"])
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
