"""A real gateway in a process of its own, for integration tests and benchmarks."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.commands.server import RunningGateway, find

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "hanbit-store"
READY_WITHIN = 300.0


@dataclass(slots=True)
class GatewayProcess:
    """A running ``aicc serve``."""

    process: asyncio.subprocess.Process
    gateway: RunningGateway
    output: Path

    def kill(self) -> None:
        """As a crash would: at once, without a word."""
        self.process.kill()

    async def stop(self) -> int:
        """As an operator would; the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)


@asynccontextmanager
async def running_gateway(
    data: Path, tenant: Path = EXAMPLE, *, services: bool = True, environment: dict[str, str] | None = None
) -> AsyncIterator[GatewayProcess]:
    """Start a gateway on any free port and wait until it is ready; stopped in the end if it still runs."""
    data.mkdir(parents=True, exist_ok=True)
    output = data / "serve.log"
    with output.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            "serve",
            *("--data", str(data), "--tenant", str(tenant), "--port", "0"),
            *(["--with-services"] if services else []),
            stdout=out,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            cwd=ROOT,
        )
    try:
        yield GatewayProcess(process, await _ready(process, data, output), output)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 60)
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
    raise AssertionError(f"the gateway did not become ready:\n{output.read_text()[-3000:]}")


def small_tenant(folder: Path, documents: tuple[str, ...]) -> Path:
    """The example tenant with only some of its documents: ingested in seconds."""
    copy = folder / "hanbit-store"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("knowledge", "calls"))
    for document in documents:
        target = copy / "knowledge" / document
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(EXAMPLE / "knowledge" / document, target)
    return copy
