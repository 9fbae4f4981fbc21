"""``aicc webhooks`` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import app
from gateway.analytics.webhooks.signature import read_secrets
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


def test_a_tenant_without_webhooks_has_nothing_to_list_or_to_tell_again(aicc: CliRunner) -> None:
    listed = aicc.invoke(app, ["webhooks", "list", "--contact", "none", "--json"])
    assert (listed.exit_code, json.loads(listed.stdout)) == (0, [])
    assert "no such deliveries" in aicc.invoke(app, ["webhooks", "list", "--contact", "none"]).stdout
    again = aicc.invoke(app, ["webhooks", "redeliver", "--contact", "none"])
    assert again.exit_code == 1
    assert "nothing_to_redeliver" in again.output
    skipped = aicc.invoke(app, ["webhooks", "skip", "--webhook", "crm", "--contact", "none"])
    assert skipped.exit_code == 1
    assert "nothing_to_skip" in skipped.output


def test_a_state_that_there_is_not_is_refused(aicc: CliRunner) -> None:
    refused = aicc.invoke(app, ["webhooks", "list", "--state", "lost"])
    assert refused.exit_code == 2
    assert "due, delivered, dead" in refused.output


def test_a_secret_is_printed_by_itself(aicc: CliRunner) -> None:
    assert read_secrets(aicc.invoke(app, ["webhooks", "secret"]).stdout.strip())
