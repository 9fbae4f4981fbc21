"""``aicc user`` as it is typed."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import app
from tests.postgres import Postgres

PASSWORD = "correct horse battery"


@pytest.fixture
def aicc(
    postgres: Postgres, database_name: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    monkeypatch.setenv("AICC_DATA", str(tmp_path))
    monkeypatch.setenv("AICC_DATABASE_URL", database_url)
    monkeypatch.setenv("AICC_DATABASE_MIGRATION_URL", postgres.superuser_url(database_name))
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


def test_an_account_from_its_first_day_to_its_last(aicc: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    login = f"{uuid.uuid4().hex}@shop.example"

    def said(*words: str) -> str:
        result = aicc.invoke(app, ["user", *words])
        assert result.exit_code == 0, result.output
        return result.output

    def line() -> list[str]:
        return next(words for words in map(str.split, said("list").splitlines()) if words[:1] == [login])

    added = said("add", login, "--name", "김민지", "--role", "agent", "--queue", "orders", "--generate")
    assert f"{login} may sign in as agent" in added
    assert len(added.split("password: ")[1].strip()) == 20
    said("change", login, "--role", "agent", "--role", "supervisor", "--skill", "orders:3", "--all-queues")
    said("disable", login)
    assert "disabled" in line()
    said("enable", login)
    assert line() == f"{login} 김민지 agent, supervisor all orders:3 password".split()
    monkeypatch.setenv("COLUMNS", "60")
    assert line()[0] == login  # narrow terminals shorten the rest


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add", "kim", "--name", "Kim", "--role", "boss"], "account_invalid"),
        (["add", "kim", "--name", "Kim"], "account_invalid"),
        (["add", "kim", "--name", "Kim", "--role", "agent"], "--generate"),
        (["list", "--tenant", "nobody"], "tenant_invalid"),
    ],
)
def test_a_mistake_is_one_line(aicc: CliRunner, words: list[str], code: str) -> None:
    result = aicc.invoke(app, ["user", *words])
    assert result.exit_code == 1
    assert code in result.output and "Traceback" not in result.output


def test_no_command_takes_a_password_as_an_option(aicc: CliRunner) -> None:
    for command in ("add", "password"):
        assert "--password" not in aicc.invoke(app, ["user", command, "--help"]).output
        refused = aicc.invoke(app, ["user", command, "kim", "--name", "Kim", "--password", PASSWORD])
        assert refused.exit_code == 2
