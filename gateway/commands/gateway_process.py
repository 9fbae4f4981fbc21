"""A gateway in a process of its own, as an operator would start it: for the demo, measurements and tests.

Refuses: anything that an operator could not do. It starts ``aicc serve``, waits until it answers, and stops it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.commands.server import RunningGateway, find
from infra.config import child_environment
from infra.errors import AiccError

READY_WITHIN = 900.0
"""Seconds that a first start may take: it embeds documents and learns a tenant's words."""
STOP_WITHIN = 60.0
ASK_EVERY = 0.1
_LAST_WORDS = 3000
_COMMAND = (sys.executable, "-m", "gateway")

Tell = Callable[[str], None]


class GatewayNotStarted(AiccError):
    """The gateway that was to be started did not become ready."""

    code = "gateway_not_started"


@dataclass(frozen=True, slots=True)
class GatewayProcess:
    """A running ``aicc serve``; ``output`` is the file of what it says."""

    process: asyncio.subprocess.Process
    gateway: RunningGateway
    output: Path

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def kill(self) -> None:
        """As a crash would: at once, without a word."""
        self.process.kill()

    async def stop(self) -> int:
        """As an operator would; the exit code. It is killed when it does not end in time."""
        return await _stopped(self.process)


@asynccontextmanager
async def gateway_process(
    data: Path,
    folders: Sequence[Path],
    settings: Mapping[str, str],
    *,
    tell: Tell | None = None,
    command: Sequence[str] = _COMMAND,
) -> AsyncIterator[GatewayProcess]:
    """Serve the tenants in ``folders`` on any free port with ``settings`` (environment variables); stopped in the end.

    What it says goes to ``serve.log`` in ``data``, and until it is ready line by line to ``tell``. While it runs,
    SIGTERM cancels the task that wanted it, so that no gateway is left behind. Raises ``GatewayNotStarted`` with its
    last words.
    """
    loop, wanted = asyncio.get_running_loop(), asyncio.current_task()
    assert wanted is not None
    data.mkdir(parents=True, exist_ok=True)
    if await find(data) is not None:
        raise GatewayNotStarted(f"a gateway already runs on {data}; stop it, or choose another directory")
    output = data / "serve.log"
    tenants = [part for folder in folders for part in ("--tenant", str(folder))]
    with output.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command,
            *("serve", "--data", str(data), *tenants, "--port", "0", "--with-services"),
            stdout=out,
            stderr=asyncio.subprocess.STDOUT,
            env=child_environment(COLUMNS="110", PYTHONUNBUFFERED="1", **settings),
        )
    loop.add_signal_handler(signal.SIGTERM, wanted.cancel)
    try:
        yield GatewayProcess(process, await _ready(process, data, output, tell), output)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        await _stopped(process)


async def _stopped(process: asyncio.subprocess.Process) -> int:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN)
        except TimeoutError:
            process.kill()
    return await process.wait()


async def _ready(process: asyncio.subprocess.Process, data: Path, output: Path, tell: Tell | None) -> RunningGateway:
    with output.open(errors="replace") as said:

        def pass_on() -> None:
            while tell is not None and (line := said.readline()):
                tell(line.rstrip("\n"))

        try:
            async with asyncio.timeout(READY_WITHIN):
                while process.returncode is None:
                    if (gateway := await find(data)) is not None:
                        return gateway
                    pass_on()
                    await asyncio.sleep(ASK_EVERY)
        except TimeoutError:
            pass
        finally:
            pass_on()
    how = "was not ready in time" if process.returncode is None else f"ended with exit code {process.returncode}"
    words = output.read_text(errors="replace")[-_LAST_WORDS:]
    raise GatewayNotStarted(f"the gateway {how}; its last words:\n{words}")
