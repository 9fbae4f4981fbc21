"""The command line of ``aicc user``: its commands and their options; what they do lies in ``gateway.commands.user``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from gateway.commands.options import Data, TenantName, data_directory, tenant_named
from gateway.commands.running import run_command

users = typer.Typer(help="Who may sign in to a tenant's pages, and as what.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="such as minji@shop.example")]
Generate = Annotated[bool, typer.Option("--generate", help="make a password up and print it; else it is asked for")]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help="agent, supervisor, analyst, content or admin; several times")
]
Queues = Annotated[list[str] | None, typer.Option("--queue", help="a queue that they serve; several times; else all")]
Skills = Annotated[
    list[str] | None, typer.Option("--skill", help="with its level, such as orders:3; several times; else none")
]
Languages = Annotated[
    list[str] | None, typer.Option("--language", help="that they serve callers in; several times; else none")
]


@users.command("add")
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="as colleagues know them")],
    role: Roles = None,
    queue: Queues = None,
    skill: Skills = None,
    language: Languages = None,
    locale: Annotated[str, typer.Option(help="language of their pages: ko or en")] = "en",
    generate: Generate = False,
    directory: Annotated[bool, typer.Option(help="no password: they come from the enterprise's directory")] = False,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Let somebody sign in."""
    from gateway.access.account import Wanted
    from gateway.commands import user

    async def work() -> None:
        own, folders = tenant_named(tenant)
        wanted = Wanted(
            tenant=own,
            login=login,
            name=name,
            roles=user.roles(role or []),
            queues=user.queues(folders[0], queue or []),
            skills=user.skills(skill or []),
            languages=user.languages(folders[0], language or []),
            locale=locale,
        )
        await user.add(data_directory(data), wanted, Console(), generate=generate, directory=directory)

    run_command(work())


@users.command("change")
def change(
    login: Login,
    name: Annotated[str | None, typer.Option(help="as colleagues know them")] = None,
    role: Roles = None,
    queue: Queues = None,
    all_queues: Annotated[bool, typer.Option("--all-queues", help="they serve all again")] = False,
    skill: Skills = None,
    language: Languages = None,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Let somebody be or do something else from now on: what is given replaces what was there, the rest stays."""
    from gateway.access.account import Change
    from gateway.commands import user

    async def work() -> None:
        own, folders = tenant_named(tenant)
        wanted = Change(
            name=name,
            roles=user.roles(role) if role else None,
            queues=() if all_queues else user.queues(folders[0], queue) if queue else None,
            skills=user.skills(skill) if skill else None,
            languages=user.languages(folders[0], language) if language else None,
        )
        await user.change(data_directory(data), own, login, wanted, Console())

    run_command(work())


@users.command("list")
def latest(tenant: TenantName = "hanbit-store", data: Data = None) -> None:
    """All accounts of a tenant."""
    from gateway.commands import user

    async def work() -> None:
        await user.latest(data_directory(data), tenant_named(tenant)[0], Console())

    run_command(work())


@users.command("disable")
def disable(login: Login, tenant: TenantName = "hanbit-store", data: Data = None) -> None:
    """Let somebody sign in no more, and end their sessions."""
    from gateway.commands import user

    async def work() -> None:
        await user.disable(data_directory(data), tenant_named(tenant)[0], login, Console())

    run_command(work())


@users.command("enable")
def enable(login: Login, tenant: TenantName = "hanbit-store", data: Data = None) -> None:
    """Let somebody who was disabled sign in again."""
    from gateway.commands import user

    async def work() -> None:
        await user.enable(data_directory(data), tenant_named(tenant)[0], login, Console())

    run_command(work())


@users.command("password")
def password(login: Login, generate: Generate = False, tenant: TenantName = "hanbit-store", data: Data = None) -> None:
    """Give somebody another password, and end their sessions."""
    from gateway.commands import user

    async def work() -> None:
        await user.password(data_directory(data), tenant_named(tenant)[0], login, Console(), generate=generate)

    run_command(work())
