"""Runs a command from its first line to its exit code: one event loop, errors as one line, an orderly end when told.

Refuses: knowing any command.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from infra.errors import AiccError

STANDARD_ERROR: Final = 2
"""The number of its file, the last of the three that every program is started with."""

INTERRUPTED: Final = 130
TERMINATED: Final = 143
"""Exit codes of what was ended by a signal: 128 and the signal's number, as shells have it."""

T = TypeVar("T")


def run_command(work: Coroutine[Any, Any, T]) -> T:
    """Run a command; its named errors become one line on standard error and exit code 1."""
    from dialog.privacy.detector import redact
    from gateway.settings import GatewaySettings
    from infra.config import load
    from infra.telemetry.logs import configure

    try:
        gateway = load(GatewaySettings)
        configure(json=gateway.log_json, level=gateway.log_level, conceal=lambda text: redact(text, "ko"))
        fill_standard_files()
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_until_terminated(work))
    except AiccError as error:
        work.close()
        Console(stderr=True).print(f"[red]error[/] ({error.code}): {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(INTERRUPTED) from error
    except asyncio.CancelledError as error:
        raise typer.Exit(TERMINATED) from error


def fill_standard_files() -> None:
    """Whoever starts us may have closed standard input, output or error. What is opened next would take their numbers,
    and uvloop ends the process when it is to close a file that has one of them."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= STANDARD_ERROR:
        os.set_inheritable(number, True)  # for those whom we start
    os.close(number)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop: uvloop, with which more calls fit on a core; ``None``, asyncio's own, without it."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        logging.getLogger(__name__).info("no uvloop on this platform: asyncio's own loop runs, with fewer calls a core")
        return None
    return new_event_loop


async def _until_terminated(work: Coroutine[Any, Any, T]) -> T:
    """Told to end by another process, a command closes what it has opened, as when a person interrupts it."""
    task = asyncio.current_task()
    assert task is not None, "a command runs in a task"
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work
