"""The command line of ``aicc audit``: commands and their options; what they do lies in ``gateway.commands.audit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.commands.options import Data, TenantName, data_directory, tenant_named
from gateway.commands.running import run_command

audits = typer.Typer(help="A tenant's audits: whether somebody has touched them, and a copy.", no_args_is_help=True)

BROKEN = 3
"""Exit code of a verification that found something; 1 is that it could not be done."""

Heads = Annotated[
    Path | None,
    typer.Option(help="a file with the latest seals, best on another machine: compared with, then written anew"),
]


@audits.command("verify")
def verify(
    tenant: TenantName = "hanbit-store",
    heads: Heads = None,
    file: Annotated[Path | None, typer.Option("--file", help="an exported file, instead of the database")] = None,
    data: Data = None,
) -> None:
    """Whether the audits are what was written: edited, removed, moved or cut-off entries show. Exit code 3: they are
    not."""
    from gateway.commands import audit

    async def work() -> bool:
        if file is not None:
            return audit.verify_file(file, Console(), heads=heads)
        return await audit.verify(data_directory(data), tenant_named(tenant)[0], Console(), heads=heads)

    if not run_command(work()):
        raise typer.Exit(BROKEN)


@audits.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="where to: one JSON record a line")],
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Both audits of a tenant as a file, with their seals; that it was done stands in it."""
    from gateway.commands import audit

    async def work() -> None:
        await audit.export(data_directory(data), tenant_named(tenant)[0], file, Console())

    run_command(work())
