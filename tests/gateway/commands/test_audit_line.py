"""``aicc audit`` as it is typed: the exit codes are what a scheduler reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import app
from gateway.commands.audit_line import BROKEN
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


def test_an_audit_is_exported_verified_and_found_broken(aicc: CliRunner, tmp_path: Path) -> None:
    file, heads = tmp_path / "audit.ndjson", tmp_path / "heads.json"
    exported = aicc.invoke(app, ["audit", "export", str(file)])
    assert exported.exit_code == 0, exported.output
    verified = aicc.invoke(app, ["audit", "verify", "--heads", str(heads)])
    assert verified.exit_code == 0, verified.output
    assert "access:" in verified.output and "whole" in verified.output
    assert aicc.invoke(app, ["audit", "verify", "--file", str(file)]).exit_code == 0

    lines = file.read_text("utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if '"audit":"access"' in line)
    lines[place] = json.dumps({**json.loads(lines[place]), "why": "another reason"})
    file.write_text("\n".join(lines))
    broken = aicc.invoke(app, ["audit", "verify", "--file", str(file)])
    assert (broken.exit_code, "edited" in broken.output) == (BROKEN, True)
    assert aicc.invoke(app, ["audit", "verify", "--file", str(tmp_path / "none")]).exit_code == 1
