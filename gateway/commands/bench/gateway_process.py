"""A gateway in a process of its own, as an operator would start it, for the time of a measurement.

Refuses: anything that an operator could not do. It starts ``aicc serve``, waits until it answers, and stops it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.commands.server import RunningGateway, find
from infra.config import child_environment
from infra.errors import AiccError

READY_WITHIN = 300.0
STOP_WITHIN = 60.0
_LAST_WORDS = 3000


class GatewayNotStarted(AiccError):
    """The gateway that was to be measured did not become ready."""

    code = "gateway_not_started"


@dataclass(frozen=True, slots=True)
class GatewayProcess:
    """A running ``aicc serve``."""

    pid: int
    gateway: RunningGateway


@asynccontextmanager
async def gateway_process(
    data: Path,
    folders: Sequence[Path],
    settings: Mapping[str, str],
    command: Sequence[str] = (sys.executable, "-m", "gateway"),
) -> AsyncIterator[GatewayProcess]:
    """Serve the tenants in ``folders`` on any free port with ``settings`` (environment variables); stopped in the end.

    What it says goes to ``serve.log`` in ``data``. While it runs, SIGTERM cancels the task that wanted it, so that no
    gateway is left behind. Raises ``GatewayNotStarted`` with its last words.
    """
    loop, wanted = asyncio.get_running_loop(), asyncio.current_task()
    assert wanted is not None
    data.mkdir(parents=True, exist_ok=True)
    output = data / "serve.log"
    tenants = [part for folder in folders for part in ("--tenant", str(folder))]
    with output.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command,
            *("serve", "--data", str(data), *tenants, "--port", "0", "--with-services"),
            stdout=out,
            stderr=asyncio.subprocess.STDOUT,
            env=child_environment(PYTHONUNBUFFERED="1", **settings),
        )
    loop.add_signal_handler(signal.SIGTERM, wanted.cancel)
    try:
        yield GatewayProcess(process.pid, await _ready(process, data, output))
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_WITHIN)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _ready(process: asyncio.subprocess.Process, data: Path, output: Path) -> RunningGateway:
    try:
        async with asyncio.timeout(READY_WITHIN):
            while process.returncode is None:
                if (gateway := await find(data)) is not None:
                    return gateway
                await asyncio.sleep(0.1)
    except TimeoutError:
        pass
    words = output.read_text(errors="replace")[-_LAST_WORDS:]
    raise GatewayNotStarted(f"the gateway to be measured did not become ready; its last words:\n{words}")
