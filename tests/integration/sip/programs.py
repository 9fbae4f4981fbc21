"""Programs from outside that a test runs: each in a folder of its own, ended with the test in any case.

None outlives us: its life is bounded from its start (``timeout``), and it is told to end when we die (``setpriv``).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

END_WITHIN = 15.0
"""Seconds that a program is given to end when it is told to."""

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Program:
    """One that runs; ``output`` is the file of what it says."""

    process: asyncio.subprocess.Process
    output: Path

    @property
    def said(self) -> str:
        """All that it has said so far."""
        return self.output.read_text(errors="replace")

    async def tell(self, line: str) -> None:
        """Type a line into it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    async def end(self, within: float) -> int:
        """Wait until it ends by itself; its exit code."""
        try:
            return await asyncio.wait_for(self.process.wait(), within)
        except TimeoutError:
            raise AssertionError(f"it did not end within {within:g} s; its last words:\n{self.said[-2000:]}") from None

    async def stop(self) -> None:
        """End it, and all that it has started."""
        if self.process.returncode is None:
            self.process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), END_WITHIN)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def program(
    *command: str, folder: Path, life: float, inside: Sequence[str] = (), environment: dict[str, str] | None = None
) -> AsyncIterator[Program]:
    """Run a command in ``folder`` for at most ``life`` seconds; ``inside`` is what it is run by (a namespace)."""
    output = folder / f"{Path(command[0]).name}.log"
    bounded = ("setpriv", "--pdeathsig", "TERM", "timeout", "--kill-after=2", str(life), *inside, *command)
    with output.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *bounded,
            cwd=folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=said,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
    running = Program(process, output)
    try:
        yield running
    finally:
        await running.stop()
