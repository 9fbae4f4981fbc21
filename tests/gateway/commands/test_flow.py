"""Checking and drawing flows from the command line."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from gateway.__main__ import app
from gateway.commands.flow import FlowUnknown, check, draw

EXAMPLE = Path(__file__).parents[3] / "examples" / "hanbit-store"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (*EXAMPLE.glob("*.yaml"), *EXAMPLE.glob("flows/*.yaml")):
        target = tmp_path / path.relative_to(EXAMPLE)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


def checked(folder: Path) -> tuple[bool, str]:
    out = io.StringIO()
    good = check(folder, Console(file=out, width=300, color_system=None))
    return good, out.getvalue()


def test_the_example_has_no_mistakes(folder: Path) -> None:
    good, text = checked(folder)
    assert good, text
    assert "cancel_order" in text


def test_every_mistake_is_printed_with_file_and_line(folder: Path) -> None:
    for name, before, after in (
        ("cancel_order", "- do: cancel_order", "- do: cancel_orders"),
        ("book_visit", "kind: count", "kind: counting"),
    ):
        path = folder / "flows" / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    good, text = checked(folder)
    assert not good
    assert "cancel_order.yaml:" in text
    assert "book_visit.yaml:4: slots.1.kind" in text


def test_a_text_that_leaves_out_what_is_agreed_to_is_a_mistake(folder: Path) -> None:
    path = folder / "templates.en.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("Shall I send order {order_number:digits} to {address}?", "Shall I?"), encoding="utf-8"
    )
    good, said = checked(folder)
    assert not good
    assert "change_address.change_address.confirm: does not say {address}" in said


def test_a_folder_without_a_tenant_is_named(tmp_path: Path) -> None:
    good, text = checked(tmp_path)
    assert not good
    assert "tenant.yaml" in text


def test_a_flow_is_drawn_and_an_unknown_one_refused(folder: Path) -> None:
    out = io.StringIO()
    draw(folder, "cancel_order", Console(file=out, width=80, color_system=None))
    assert out.getvalue().startswith("flowchart TD\n")
    with pytest.raises(FlowUnknown, match="cancel_order"):
        draw(folder, "cancel", Console(file=io.StringIO()))


def test_the_command_line() -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["flow", "check", "--tenant", str(EXAMPLE)]).exit_code == 0
    drawn = runner.invoke(app, ["flow", "draw", "order_status", "--tenant", "hanbit-store"])
    assert "flowchart TD" in drawn.stdout
    assert runner.invoke(app, ["flow", "draw", "nothing"]).exit_code == 1
