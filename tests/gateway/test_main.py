from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import app

runner = CliRunner()


def test_every_command_says_what_it_does() -> None:
    result = runner.invoke(app, ["--help"])
    assert result.exit_code == 0
    for command in ("serve", "demo", "call", "chat", "ask", "ingest", "doctor", "models", "settings"):
        assert command in result.output
        assert runner.invoke(app, [command, "--help"]).exit_code == 0


def test_an_error_is_one_line_that_says_what_to_do_not_a_traceback(tmp_path: Path) -> None:
    result = runner.invoke(app, ["call", "nobody.wav", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "no_gateway" in result.output
    assert "make serve" in result.output.replace("\n", " ")
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", [["ask", "hello"], ["ingest", "."]])
def test_an_unknown_tenant_is_answered_with_those_that_there_are(command: list[str], tmp_path: Path) -> None:
    result = runner.invoke(app, [*command, "--tenant", "nobody", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "hanbit-store" in result.output


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICC_GATEWAY_PORT", "a lot")
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "AICC_GATEWAY_PORT" in result.output


def test_models_are_listed_without_a_network(tmp_path: Path) -> None:
    result = runner.invoke(app, ["models", "list", "--data", str(tmp_path)])
    assert result.exit_code == 0
    assert "whisper-small" in result.output
