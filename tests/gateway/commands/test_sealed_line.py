"""``aicc keys`` and ``aicc recording`` as they are typed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import app
from tests.postgres import Postgres


@pytest.fixture
def aicc(postgres: Postgres, database_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """With a database of its own: the keys in it are of one ring."""
    name = f"{database_name}_sealed"
    monkeypatch.setenv("AICC_DATA", str(tmp_path))
    monkeypatch.setenv("AICC_DATABASE_URL", asyncio.run(postgres.make_database(name)))
    monkeypatch.setenv("AICC_DATABASE_MIGRATION_URL", postgres.superuser_url(name))
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


def test_keys_are_made_rotated_and_listed(aicc: CliRunner, tmp_path: Path) -> None:
    def said(word: str) -> str:
        result = aicc.invoke(app, ["keys", word])
        assert result.exit_code == 0, result.output
        return result.output

    said("list")
    assert (tmp_path / "keyring.json").stat().st_mode & 0o077 == 0
    made = said("rotate").split()[0]
    assert made.startswith("file:")
    said("rewrap")
    assert "earlier" not in said("list")
    assert aicc.invoke(app, ["keys", "retire", made]).exit_code == 1
    assert "storage_key_needed" in aicc.invoke(app, ["keys", "retire", made]).output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["recording", "export", "no-such-call", "out.wav"], "no_recording"),
        (["recording", "export", "c1", "out.wav", "--tenant", "nobody"], "tenant_invalid"),
    ],
)
def test_a_mistake_is_one_line(aicc: CliRunner, words: list[str], code: str, tmp_path: Path) -> None:
    result = aicc.invoke(app, words)
    assert result.exit_code == 1
    assert code in result.output
    assert not (tmp_path / "out.wav").exists()
