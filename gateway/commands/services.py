"""The example services of a tenant: started beside the gateway for a newcomer, never in production.

A tenant's folder may hold ``services/<name>_service.py``, a program that listens where ``--port 0`` leads, says so in
its first line, and with ``--until-stdin-closes`` ends when we do, however that happens. Its address then stands in for
the one in ``actions.yaml``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from infra.errors import AiccError

_READY_WITHIN = 15.0
_STOP_WITHIN = 5.0
_LISTENING = "listening on "


class ServiceNotStarted(AiccError):
    """An example service did not come up."""

    code = "service_not_started"


@asynccontextmanager
async def example_services(folders: Sequence[Path]) -> AsyncIterator[dict[str, str]]:
    """Start them; their base URLs by name (``order_service.py`` is ``orders`` in ``actions.yaml``, by its plural)."""
    async with AsyncExitStack() as stack:
        urls: dict[str, str] = {}
        for folder in folders:
            for program in sorted((folder / "services").glob("*_service.py")):
                name = program.stem.removesuffix("_service") + "s"
                urls[name] = await stack.enter_async_context(_running(program))
        yield urls


@asynccontextmanager
async def _running(program: Path) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        *("--port", "0", "--until-stdin-closes"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _READY_WITHIN)
        except TimeoutError as error:
            raise ServiceNotStarted(f"{program} did not start within {_READY_WITHIN:g} s") from error
        text = line.decode(errors="replace").strip()
        if not text.startswith(_LISTENING):
            raise ServiceNotStarted(f"{program} did not say where it listens but {text!r}")
        yield text.removeprefix(_LISTENING)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP_WITHIN)
            except TimeoutError:
                process.kill()
                await process.wait()
