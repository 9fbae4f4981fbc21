"""``aicc export`` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import app
from gateway.commands.export import TRY_LATER
from tests.postgres import Postgres


@pytest.fixture
def aicc(
    postgres: Postgres, database_name: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    monkeypatch.setenv("AICC_DATA", str(tmp_path))
    monkeypatch.setenv("AICC_DATABASE_URL", database_url)
    monkeypatch.setenv("AICC_DATABASE_MIGRATION_URL", postgres.superuser_url(database_name))
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


def test_schedulers_can_tell_what_became_of_it(aicc: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for words, code in (
        (["--out", str(tmp_path / "out"), "--table", "csat"], 0),
        (["--out", str(tmp_path / "out"), "--table", "csats"], 1),
        (["--out", str(tmp_path / "out"), "--since", "yesterday"], 1),
        (["--out", str(tmp_path / "out"), "--format", "xlsx"], 2),
        ([], 2),
        (["--out", str(tmp_path / "file"), "--table", "csat"], TRY_LATER),
    ):
        result = aicc.invoke(app, ["export", *words])
        assert result.exit_code == code, (words, result.output)
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name != ".staging"] == ["_manifests"]
