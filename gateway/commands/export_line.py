"""``aicc export`` as it is typed: its options; what it does lies in ``gateway.commands.export``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from gateway.commands.options import Data, Json, TenantName, data_directory, tenant_named
from gateway.commands.running import run_command


def export(
    out: Annotated[str, typer.Option(help="a folder, or s3://BUCKET/FOLDER")],
    format: Annotated[str, typer.Option(help="parquet, csv, ndjson or vcon")] = "parquet",
    since: Annotated[str, typer.Option(help="contacts that began then or later: a day, or a time in ISO 8601")] = "",
    until: Annotated[str, typer.Option(help="and before then; without both: what has changed since the last run")] = "",
    table: Annotated[list[str] | None, typer.Option(help="this table (or several); else all")] = None,
    whole: Annotated[bool, typer.Option(help="everything, whatever earlier runs have exported")] = False,
    bom: Annotated[bool, typer.Option(help="CSV that Excel takes for UTF-8")] = False,
    reason: Annotated[str, typer.Option(help="what for; it is kept in the audit")] = "",
    as_json: Json = False,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """A tenant's records into files for a warehouse. Exit code 75: nothing is wrong, try again later."""
    from gateway.analytics.exports.formats import Format
    from gateway.commands.export import Asked
    from gateway.commands.export import export as run

    if format not in list(Format):
        raise typer.BadParameter(f"there is no {format}; there are {', '.join(Format)}", param_hint="--format")
    asked = Asked(out, Format(format), since, until, tuple(table or ()), whole, bom, reason)

    async def work() -> int:
        return await run(data_directory(data), tenant_named(tenant)[1][0], asked, Console(), json=as_json)

    if code := run_command(work()):
        raise typer.Exit(code)
