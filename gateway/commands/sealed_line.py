"""The command lines of ``aicc keys`` and ``aicc recording``: what they do lies in ``gateway.commands.keys`` and
``gateway.commands.recording``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.commands.options import Data, TenantName, data_directory, tenant_named
from gateway.commands.running import run_command

keys = typer.Typer(help="The keys that contacts' own keys are wrapped with.", no_args_is_help=True)
recordings = typer.Typer(help="Recordings, which lie sealed.", no_args_is_help=True)


@keys.command("list")
def latest(data: Data = None) -> None:
    """Which key wraps how many contacts' keys."""
    from gateway.commands import keys as work

    run_command(work.latest(data_directory(data), Console()))


@keys.command("rotate")
def rotate(data: Data = None) -> None:
    """Make a new key, which wraps from now on; the earlier ones still open what they have wrapped."""
    from gateway.commands import keys as work

    run_command(work.rotate(data_directory(data), Console()))


@keys.command("rewrap")
def rewrap(data: Data = None) -> None:
    """Wrap all contacts' keys with the current key, so that the earlier ones are needed no more."""
    from gateway.commands import keys as work

    run_command(work.rewrap(data_directory(data), Console()))


@keys.command("retire")
def retire(
    key: Annotated[str, typer.Argument(help="as aicc keys list shows it")],
    data: Data = None,
) -> None:
    """Let an earlier key go for good, once nothing is wrapped by it: backups that still hold such things stay shut."""
    from gateway.commands import keys as work

    run_command(work.retire(data_directory(data), key, Console()))


@recordings.command("export")
def export(
    call: Annotated[str, typer.Argument(help="the call's id")],
    file: Annotated[Path, typer.Argument(help="the WAV file to be made")],
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Write a call's recording as a WAV file. The audit tells that it was taken out."""
    from gateway.commands import recording as work

    async def run() -> None:
        await work.export(data_directory(data), tenant_named(tenant)[0], call, file, Console())

    run_command(run())
