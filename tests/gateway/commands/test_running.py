"""Commands begin on a fit loop, and end in good order when they are told to."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys

import pytest
import typer
import uvloop

from gateway.commands.running import TERMINATED, loop_factory, run_command


def test_the_loop_is_uvloops_and_where_there_is_none_asyncios_with_a_word_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert loop_factory() is uvloop.new_event_loop
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with caplog.at_level(logging.INFO):
        assert loop_factory() is None
    assert "no uvloop on this platform" in caplog.text


def test_closed_standard_files_are_not_taken_by_what_is_opened_next() -> None:
    code = "import os; os.close(0); from gateway.commands.running import fill_standard_files as fill; fill(); "
    code += "print(os.path.sameopenfile(0, os.open(os.devnull, os.O_RDWR)), os.open(os.devnull, os.O_RDWR) > 2)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"


def test_a_command_that_is_told_to_end_closes_what_it_has_opened() -> None:
    closed = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(30)
        finally:
            closed.append(True)

    with pytest.raises(typer.Exit) as ended:
        run_command(work())
    assert (ended.value.exit_code, closed) == (TERMINATED, [True])
