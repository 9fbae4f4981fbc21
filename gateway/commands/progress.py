"""Long work shows itself: one line for each step, with a spinner while it runs and its seconds when it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


class Steps:
    """Shows steps on a console. Silent when ``quiet``, so that machine-readable output stays clean."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._running: dict[str, float] = {}

    def __call__(self, step: str, state: str) -> None:
        """A step ``started``, is ``done``, or tells how far it is (any other word)."""
        if state == "started":
            self._running[step] = time.monotonic()
        elif state == "done":
            took = time.monotonic() - self._running.pop(step, time.monotonic())
            if not self._quiet:
                self._console.print(f"  [green]✓[/] {step} [dim]{took:.1f} s[/]")
        elif not self._quiet:
            self._console.print(f"  [dim]… {step}: {state}[/]")

    def counting(self, step: str, every: float = 5.0) -> Callable[[str, int, int], None]:
        """A callback for work that counts: shows how far it is, at most once in ``every`` seconds."""
        shown = time.monotonic()

        def count(stage: str, done: int, total: int) -> None:
            nonlocal shown
            if time.monotonic() - shown >= every:
                shown = time.monotonic()
                self(step, f"{stage} {done} of {total}")

        return count

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show one step from its beginning to its end."""
        self(name, "started")
        yield
        self(name, "done")
