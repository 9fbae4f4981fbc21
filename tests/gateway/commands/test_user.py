"""``aicc user`` on a tenant's own data."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from gateway.access.account import Wanted
from gateway.access.audit import COMMAND_LINE
from gateway.access.errors import AccountInvalid, NoSuchAccount, SignInFailed
from gateway.access.identity import Role
from gateway.commands import user
from tests.house import EXAMPLE
from tests.postgres import Postgres

LOGIN = "Minji@Shop.example"
PASSWORD = "correct horse battery"


def screen() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=160), out


def typing(*words: str) -> user.Ask:
    said: Iterator[str] = iter(words)
    return lambda prompt: next(said)


@pytest.fixture
def shop(postgres: Postgres, database_name: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A tenant of its own in the run's database."""
    monkeypatch.setenv("AICC_DATABASE_URL", database_url)
    monkeypatch.setenv("AICC_DATABASE_MIGRATION_URL", postgres.superuser_url(database_name))
    return f"t-{uuid.uuid4().hex}"


def kim(shop: str) -> Wanted:
    return Wanted(shop, LOGIN, "김민지", frozenset({Role.AGENT}), ("orders",), {"orders": 3}, ("ko",), "ko")


async def test_somebody_is_added_listed_given_a_password_and_disabled(shop: str, tmp_path: Path) -> None:
    console, out = screen()
    await user.latest(tmp_path, shop, console)
    assert "aicc user add" in out.getvalue()

    console, out = screen()
    await user.add(tmp_path, kim(shop), console, ask=typing(PASSWORD, PASSWORD))
    assert "minji@shop.example may sign in as agent" in out.getvalue()
    assert PASSWORD not in out.getvalue()

    console, out = screen()
    await user.password(tmp_path, shop, "minji@shop.example", console, generate=True)
    made_up = out.getvalue().split("password: ")[1].strip()
    async with user._desk(tmp_path, shop) as desk:
        who = await desk.accounts.sign_in(shop, "minji@shop.example", made_up, "")
        assert (who.name, who.queues, who.skills) == ("김민지", ("orders",), {"orders": 3})
        with pytest.raises(SignInFailed):
            await desk.accounts.sign_in(shop, "minji@shop.example", PASSWORD, "")

    console, out = screen()
    lee = Wanted(shop, "lee@shop.example", "Lee", frozenset({Role.SUPERVISOR, Role.ANALYST}))
    await user.add(tmp_path, lee, console, directory=True)
    await user.disable(tmp_path, shop, "minji@shop.example", console)
    console, out = screen()
    await user.latest(tmp_path, shop, console)
    lines = {line.split()[0]: line for line in out.getvalue().splitlines() if "@" in line}
    assert "analyst, supervisor" in lines["lee@shop.example"]
    assert "at the first visit" in lines["lee@shop.example"]
    assert "orders:3" in lines["minji@shop.example"] and "disabled" in lines["minji@shop.example"]

    async with user._desk(tmp_path, shop) as desk:
        deeds = [one.entry for one in await desk.store.entries(shop, actor=COMMAND_LINE)]
    assert [deed.what.partition(".")[2] for deed in deeds] == ["disabled", "added", "password_set", "added"]


async def test_a_password_is_typed_twice(shop: str, tmp_path: Path) -> None:
    console, _ = screen()
    with pytest.raises(AccountInvalid, match="not the same"):
        await user.add(tmp_path, kim(shop), console, ask=typing(PASSWORD, "another password"))
    with pytest.raises(NoSuchAccount, match="aicc user list"):
        await user.disable(tmp_path, shop, LOGIN, console)


def test_skills_have_levels_and_roles_are_known() -> None:
    assert user.skills(["orders:3", "returns"]) == {"orders": 3, "returns": 1}
    assert user.roles(["agent", "admin"]) == {Role.AGENT, Role.ADMIN}
    with pytest.raises(AccountInvalid, match="supervisor"):
        user.roles([])
    for wrong in (":3", "orders:", "orders:high"):
        with pytest.raises(AccountInvalid, match="orders:3"):
            user.skills([wrong])
    with pytest.raises(AccountInvalid, match="supervisor"):
        user.roles(["boss"])


def test_queues_and_languages_are_the_tenants() -> None:
    assert user.queues(EXAMPLE, ["orders", "billing"]) == ("orders", "billing")
    assert user.languages(EXAMPLE, ["en"]) == ("en",)
    with pytest.raises(AccountInvalid, match="orders, billing"):
        user.queues(EXAMPLE, ["ordres"])
    with pytest.raises(AccountInvalid, match="ko, en"):
        user.languages(EXAMPLE, ["fr"])
