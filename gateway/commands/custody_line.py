"""The command line of ``aicc erase``, ``hold``, ``receipts`` and ``scan``: commands and options; what they do lies in
``gateway.commands.custody``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from gateway.commands.options import Data, TenantName, data_directory, tenant_named
from gateway.commands.running import run_command

T = TypeVar("T")

holds = typer.Typer(help="Contacts of which nothing may go, whatever their age and whoever asks.", no_args_is_help=True)

Why = Annotated[str, typer.Option("--why", help="the reason; it is kept, so name nobody in it")]
Contact = Annotated[str, typer.Argument(help="the contact's id: that of its call; none where --number names a caller")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(holds, name="hold")
    app.command("erase")(erase)
    app.command("receipts")(receipts)
    app.command("scan")(scan)


def erase(
    contact: Annotated[list[str] | None, typer.Option("--contact", help="a contact's id; several times")] = None,
    number: Annotated[str, typer.Option(help="or all contacts of this caller, such as +821012345678")] = "",
    why: Why = "",
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Erase contacts wherever something of them is kept, and print the receipts as JSON.

    Exit status 1: some contact stays, and standard error says why.
    """
    from gateway.commands.custody import erase as run

    erased = _carry_out(run, data, tenant, contact or [], number, why)
    for receipt in erased.receipts:
        _print(receipt)
    for kept, reason in erased.refused.items():
        typer.echo(f"{kept} stays: {reason}", err=True)
    if erased.refused:
        raise typer.Exit(1)


def receipts(
    contact: Annotated[str | None, typer.Option("--contact", help="of this contact alone")] = None,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """The receipts of what was erased, the latest first, as JSON lines."""
    from gateway.commands.custody import receipts as run

    for receipt in _carry_out(run, data, tenant, contact):
        _print(receipt)


def scan(
    strings: Annotated[Path, typer.Argument(help="a file with one string in each line; they stay out of the shell")],
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Look for strings in the tenant's rows and in every file of the data directory.

    Exit status 1: some were found; it is told where, and which line of the file, never the string.
    """
    from gateway.commands.custody import scan as run

    needles = [line.strip() for line in strings.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = _carry_out(run, data, tenant, needles)
    for trace in found:
        typer.echo(f"string {trace.needle + 1}: {trace.where}")
    typer.echo(f"{len(needles)} strings looked for, {len(found)} traces")
    if found:
        raise typer.Exit(1)


@holds.command("place")
def place(
    why: Why,
    contact: Contact = "",
    number: Annotated[str, typer.Option(help="or all contacts so far of this caller, such as +821012345678")] = "",
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Put a contact, or all contacts so far of a caller, under a legal hold.

    Exit status 1: some contact is under none, and standard error says why.
    """
    from gateway.commands.custody import place_hold as run

    if bool(contact) == bool(number):
        raise typer.BadParameter("name a contact or --number, and not both")
    refused = _carry_out(run, data, tenant, contact, why, Console(), number)
    for kept, reason in refused.items():
        typer.echo(f"{kept} is not held: {reason}", err=True)
    if refused:
        raise typer.Exit(1)


@holds.command("release")
def release(
    hold: Annotated[str, typer.Argument(help="the hold's name, as `place` and `list` tell it")],
    why: Why,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Release a legal hold; its contact is erased by whatever else applies to it."""
    from gateway.commands.custody import release_hold as run

    _carry_out(run, data, tenant, hold, why, Console())


@holds.command("list")
def list_holds(
    released: Annotated[bool, typer.Option(help="those that were released as well")] = False,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """The holds that stand."""
    from gateway.commands.custody import holds as run

    _carry_out(run, data, tenant, released, Console())


def _carry_out(run: Callable[..., Coroutine[Any, Any, T]], data: Path | None, tenant: str, *arguments: Any) -> T:
    async def work() -> T:
        return await run(data_directory(data), tenant_named(tenant)[1][0], *arguments)

    return run_command(work())


def _print(receipt: object) -> None:
    sys.stdout.write(json.dumps(receipt, ensure_ascii=False) + "\n")
