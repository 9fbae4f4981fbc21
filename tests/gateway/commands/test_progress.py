from __future__ import annotations

import io

from rich.console import Console

from gateway.commands.progress import Steps


def test_a_step_is_shown_while_it_goes_on_and_when_it_is_done() -> None:
    out = io.StringIO()
    steps = Steps(Console(file=out, color_system=None))
    with steps.step("database"):
        steps("database", "migrating")
    assert "… database: migrating" in out.getvalue()
    assert "✓ database" in out.getvalue()


def test_quiet_is_quiet() -> None:
    out = io.StringIO()
    steps = Steps(Console(file=out), quiet=True)
    with steps.step("database"):
        steps("database", "migrating")
    assert out.getvalue() == ""
