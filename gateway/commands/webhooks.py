"""``aicc webhooks``: what others were told, what could not be told, telling it once more, or never; and new secrets.

Works on the tenant's data, whether a gateway runs on it or not. Refuses: sending; the gateway does.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dialog.clock import utc_now
from gateway.analytics.webhooks import queue
from gateway.analytics.webhooks.delivery import Delivery, State
from gateway.analytics.webhooks.errors import NothingToRedeliver, NothingToSkip
from gateway.analytics.webhooks.outbox import OVER, Line, Outbox
from gateway.analytics.webhooks.signature import written
from gateway.session.tenant import Tenant, load_tenant
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.database import Database
from infra.storage.runtime import open_storage

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which deliveries: of one state, subscription or contact, or of all."""

    state: State | None = None
    subscription: str | None = None
    contact: str | None = None


async def latest(data: Path, folder: Path, chosen: Chosen, limit: int, console: Console) -> None:
    """Print the latest deliveries, and how many are due and given up."""
    async with _opened(data, folder) as (tenant, _, outbox):
        found = await _found(outbox, chosen, limit)
        standing = await outbox.counts()
    table = Table("webhook", "contact", "no.", "event", "state", "tries", "next or over", "why", box=None)
    for one in found:
        moment = f"{one.next_at:%m-%d %H:%M:%S}"
        row = (one.subscription, one.contact, str(one.seq), one.kind, one.state.value, str(one.attempts), moment)
        table.add_row(*row, escape(one.reason))
    console.print(table if found else f"{tenant.id} has no such deliveries")
    for subscription, state, count in standing:
        console.print(f"{subscription}: {count} {state.value}", highlight=False)


async def listed(data: Path, folder: Path, chosen: Chosen, limit: int) -> list[dict[str, Any]]:
    """The same as plain data."""
    async with _opened(data, folder) as (_, _, outbox):
        return [_plain(one) for one in await _found(outbox, chosen, limit)]


async def redeliver(data: Path, folder: Path, chosen: Chosen, console: Console) -> None:
    """Let deliveries that are over be due once more: those that were given up, or of ``chosen.state``.

    Raises ``NothingToRedeliver``.
    """
    states = (State.DEAD,) if chosen.state is None else (chosen.state,)
    if not set(states) <= set(OVER):
        raise NothingToRedeliver("what is due is told anyway; ask for what is dead or delivered")
    asked = {"subscription": chosen.subscription, "contact": chosen.contact}
    async with _opened(data, folder) as (tenant, database, outbox):
        again = await outbox.redeliver(utc_now(), states=states, **asked)
        await _hurry(database, tenant.id, again)
    if not again:
        raise NothingToRedeliver(f"{tenant.id} has no such delivery, or its webhook is not in tenant.yaml any more")
    told = f"{len(again)} deliveries are due once more; a gateway that runs sends them at once"
    console.print(told, highlight=False)


async def skip(data: Path, folder: Path, line: Line, console: Console) -> None:
    """Give up the event that a contact's later ones wait for, and let those be told. Raises ``NothingToSkip``."""
    async with _opened(data, folder) as (tenant, database, outbox):
        skipped = await outbox.skip(line, utc_now())
        if skipped is None:
            raise NothingToSkip(f"nothing of {line.contact} is due for {line.subscription}; see aicc webhooks list")
        await _hurry(database, tenant.id, [line])
    told = f"event {skipped.seq} ({skipped.kind}) is given up after {skipped.attempts} tries; what is behind it goes on"
    console.print(told, highlight=False)


async def _hurry(database: Database, tenant: str, lines: Iterable[Line]) -> None:
    """Have the lines' work done now: a gateway may have put it off for hours."""
    from infra.storage.job_queue import JobQueue  # its package takes a third of a second to import

    jobs = JobQueue(database, queue.TASK, _elsewhere)
    await jobs.open()
    for line in dict.fromkeys(lines):
        await queue.hurry(jobs, tenant, line)


async def _elsewhere(**_: str) -> None:
    raise AssertionError("a command puts work into the queue and takes none out")


def new_secret() -> str:
    """A secret, as the receiver and AICC_WEBHOOKS_SECRETS get it."""
    return written(secrets.token_bytes(SECRET_BYTES))


async def _found(outbox: Outbox, chosen: Chosen, limit: int) -> list[Delivery]:
    asked = {"subscription": chosen.subscription, "contact": chosen.contact}
    return await outbox.latest(state=chosen.state, limit=limit, **asked)


def _plain(one: Delivery) -> dict[str, Any]:
    return {
        "webhook": one.subscription,
        "contact": one.contact,
        "seq": one.seq,
        "event": one.kind,
        "state": one.state.value,
        "attempts": one.attempts,
        "at": one.next_at.isoformat(),
        "reason": one.reason,
    }


@asynccontextmanager
async def _opened(data: Path, folder: Path) -> AsyncIterator[tuple[Tenant, Database, Outbox]]:
    tenant = load_tenant(folder)
    async with open_storage(load(DatabaseSettings), data) as database:
        await database.enter_tenant(tenant.id)
        yield tenant, database, Outbox(database, tenant.id)
