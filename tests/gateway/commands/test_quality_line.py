"""``aicc quality`` as it is typed."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from gateway.__main__ import app
from tests.house import EXAMPLE


def test_rubrics_are_checked() -> None:
    done = CliRunner().invoke(app, ["quality", "check", "--tenant", str(EXAMPLE)])
    assert done.exit_code == 0, done.output
    assert "compliance" in done.output


def test_a_mistake_ends_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "tenant.yaml").write_text("id: shop\nname: {en: Shop}\nlanguages: [en]\n")
    (tmp_path / "quality.yaml").write_text("rubrics:\n  - {id: a, version: '1', criteria: []}\n")
    done = CliRunner().invoke(app, ["quality", "check", "--tenant", str(tmp_path)])
    assert done.exit_code != 0
    assert "quality.yaml:2" in done.output.replace("\n", "")


def test_a_contact_is_asked_for() -> None:
    assert CliRunner().invoke(app, ["quality", "try"]).exit_code == 2
