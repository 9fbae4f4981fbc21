from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from gateway.__main__ import app
from gateway.commands import custody
from gateway.commands.custody import Erased
from gateway.custody.scan import Trace

runner = CliRunner()


def test_receipts_go_to_output_and_what_stays_to_errors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def erase(data: Path, folder: Path, contacts: list[str], number: str, why: str) -> Erased:
        assert (data, folder.name, contacts, number, why) == (tmp_path, "hanbit-store", ["c1", "c2"], "", "asked")
        return Erased([{"contact": "c1"}], {"c2": "it is held"})

    monkeypatch.setattr(custody, "erase", erase)
    result = runner.invoke(
        app, ["erase", "--contact", "c1", "--contact", "c2", "--why", "asked", "--data", str(tmp_path)]
    )
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"contact": "c1"}
    assert "c2 stays: it is held" in result.stderr


def test_a_scan_tells_places_and_never_strings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def scan(data: Path, folder: Path, needles: list[str]) -> list[Trace]:
        return [Trace("public.calls", place) for place, needle in enumerate(needles) if needle == "900101-1234567"]

    monkeypatch.setattr(custody, "scan", scan)
    strings = tmp_path / "strings"
    strings.write_text("absent\n\n900101-1234567\n", encoding="utf-8")
    result = runner.invoke(app, ["scan", str(strings), "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "string 2: public.calls" in result.stdout
    assert "900101" not in result.stdout
    strings.write_text("absent\n", encoding="utf-8")
    assert runner.invoke(app, ["scan", str(strings), "--data", str(tmp_path)]).exit_code == 0


def test_a_tenant_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    result = runner.invoke(app, ["hold", "list", "--tenant", "nobody", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "tenant_invalid" in result.stderr


def test_a_contact_or_a_number_is_held_and_not_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def place_hold(
        data: Path, folder: Path, contact: str, why: str, console: Console, number: str
    ) -> dict[str, str]:
        assert (contact, why, number) in {("c1", "lawsuit", ""), ("", "lawsuit", "+821012345678")}
        return {"c2": "it is being erased"} if number else {}

    monkeypatch.setattr(custody, "place_hold", place_hold)
    place = ["hold", "place", "--why", "lawsuit", "--data", str(tmp_path)]
    assert runner.invoke(app, [*place, "c1"]).exit_code == 0
    result = runner.invoke(app, [*place, "--number", "+821012345678"])
    assert result.exit_code == 1
    assert "c2 is not held: it is being erased" in result.stderr
    for both_or_none in ([], ["c1", "--number", "+821012345678"]):
        assert runner.invoke(app, [*place, *both_or_none]).exit_code == 2
