"""The command line of ``aicc webhooks``: options and words; what is done lies in ``gateway.commands.webhooks``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gateway.commands.options import Data, Json, TenantName, data_directory, tenant_named
from gateway.commands.running import run_command

if TYPE_CHECKING:
    from gateway.analytics.webhooks.delivery import State

webhooks = typer.Typer(help="Who else is told of events: what was told, what could not be.", no_args_is_help=True)

Wanted = Annotated[str | None, typer.Option("--state", help="only those that are due, delivered or dead")]
Webhook = Annotated[str | None, typer.Option("--webhook", help="only of this one of tenant.yaml")]
Contact = Annotated[str | None, typer.Option("--contact", help="only of this contact")]


@webhooks.command("list")
def list_deliveries(
    state: Wanted = None,
    webhook: Webhook = None,
    contact: Contact = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Json = False,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """The latest deliveries; --state dead lists what could not be told."""
    from gateway.commands import webhooks as run

    chosen = run.Chosen(_state(state), webhook, contact)
    folder = tenant_named(tenant)[1][0]
    if as_json:
        found = run_command(run.listed(data_directory(data), folder, chosen, limit))
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    else:
        run_command(run.latest(data_directory(data), folder, chosen, limit, Console()))


@webhooks.command("redeliver")
def redeliver(
    state: Wanted = None,
    webhook: Webhook = None,
    contact: Contact = None,
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Tell once more what was given up, or with --state delivered what had arrived; in order, under the same ids."""
    from gateway.commands import webhooks as run

    chosen = run.Chosen(_state(state), webhook, contact)
    run_command(run.redeliver(data_directory(data), tenant_named(tenant)[1][0], chosen, Console()))


@webhooks.command("skip")
def skip(
    webhook: Annotated[str, typer.Option("--webhook", help="the one of tenant.yaml that does not take it")],
    contact: Annotated[str, typer.Option("--contact", help="the contact whose later events wait")],
    tenant: TenantName = "hanbit-store",
    data: Data = None,
) -> None:
    """Give up the event that a receiver does not take, so that the contact's later ones are told."""
    from gateway.analytics.webhooks.outbox import Line
    from gateway.commands import webhooks as run

    folder = tenant_named(tenant)[1][0]
    run_command(run.skip(data_directory(data), folder, Line(webhook, contact), Console()))


@webhooks.command("secret")
def secret() -> None:
    """A new secret, for the receiver and for AICC_WEBHOOKS_SECRETS."""
    from gateway.commands.webhooks import new_secret

    sys.stdout.write(new_secret() + "\n")


def _state(named: str | None) -> State | None:
    from gateway.analytics.webhooks.delivery import State

    if named is not None and named not in set(State):
        raise typer.BadParameter(f"one of {', '.join(State)}", param_hint="--state")
    return None if named is None else State(named)
