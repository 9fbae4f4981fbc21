"""The command line of ``aicc quality``: commands and options; what they do lies in ``gateway.commands.quality``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from gateway.commands.options import Data, TenantName, data_directory, tenant_named
from gateway.commands.running import run_command

quality = typer.Typer(help="What contacts are judged by.", no_args_is_help=True)


@quality.command("check")
def check_rubrics(tenant: TenantName = "hanbit-store") -> None:
    """Every mistake in a tenant's quality.yaml with its line; where there is none, the rubrics."""
    from gateway.commands.quality import check

    async def work() -> None:
        check(tenant_named(tenant)[1][0], Console())

    run_command(work())


@quality.command("try")
def try_rubrics(
    call: Annotated[str, typer.Argument(help="the contact's id: that of its call")],
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Judge one contact by the rubrics as they stand, and write nothing down."""
    from gateway.commands.quality import attempt

    async def work() -> None:
        await attempt(data_directory(data), tenant_named(tenant)[1][0], call, Console())

    run_command(work())
