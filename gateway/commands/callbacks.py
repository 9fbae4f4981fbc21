"""``aicc callbacks``: the calls that a tenant makes by itself: ask for one, list them, call one off; and opt-outs.

Works on the tenant's data, whether a gateway runs on it or not. Refuses: dialling; the gateway does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from dialog.releases.release import read_source
from gateway.outbound.desk import TenantDesk, Wanted, patience_of
from gateway.outbound.due_call import State
from gateway.outbound.errors import DueCallRefused
from gateway.outbound.opening import due_calls
from gateway.session.tenant import load_tenant
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.runtime import open_storage, open_subject_keys
from infra.storage.settings import KeySettings

ID_WIDTH = 32
"""Characters of a due call's id."""


async def add(data: Path, folder: Path, wanted: Wanted, console: Console) -> None:
    """Keep a call that is wanted. Raises ``DueCallRefused``."""
    async with _desk(data, folder) as desk:
        due = await desk.request(wanted)
        console.print(
            f"[bold]{due.id}[/] {due.purpose} to {due.number} at {desk.local(due.next_at):%Y-%m-%d %H:%M %Z}, "
            f"not after {desk.local(due.not_after):%Y-%m-%d %H:%M}",
            highlight=False,
        )


async def latest(data: Path, folder: Path, state: State | None, console: Console) -> None:
    """The latest due calls, and the numbers that must not be called."""
    async with _desk(data, folder) as desk:
        calls, refusing = await desk.calls.latest(state=state), await desk.calls.opted_out()
        whole = Column("due call", min_width=ID_WIDTH)  # it is what is typed to call one off
        table = Table(whole, "purpose", "number", "next", "state", "tries", "why", box=None)
        for due in calls:
            table.add_row(
                due.id,
                due.purpose,
                due.number,
                f"{desk.local(due.next_at):%m-%d %H:%M}",
                due.state.value,
                str(due.attempts),
                escape(due.reason),
            )
        console.print(table if calls else f"{desk.tenant.id} has no such due calls; aicc callbacks add makes one")
        for one in refusing:
            console.print(f"never call {one.number}: {escape(one.words)} ({desk.local(one.at):%Y-%m-%d})")


async def cancel(data: Path, folder: Path, due_id: str, console: Console) -> None:
    """Call one off. Raises ``DueCallRefused`` when it is not due (any more)."""
    async with _desk(data, folder) as desk:
        if not await desk.cancel(due_id, "called off"):
            due = await desk.calls.get(due_id)
            found = f"is {due.state.value}" if due is not None else "does not exist"
            raise DueCallRefused(f"due call {due_id} {found}: only one that is due can be called off")
        console.print(f"{due_id} is called off")


async def opt_out(data: Path, folder: Path, number: str, console: Console) -> None:
    """Never call a number again. Raises ``DueCallRefused``."""
    async with _desk(data, folder) as desk:
        called_off = await desk.opt_out(number, "by hand")
        console.print(f"{number} is not called any more; {called_off} due calls are called off")


def details(given: list[str]) -> Mapping[str, str]:
    """``name=value`` as values. Raises ``DueCallRefused``."""
    pairs = [part.partition("=") for part in given]
    if any(not separator or not name for name, separator, _ in pairs):
        raise DueCallRefused("a detail is written as name=value, such as visit_at=2026-11-24T15:00")
    return {name: value for name, _, value in pairs}


def moment(text: str) -> datetime:
    """A time as it is written. Raises ``DueCallRefused``."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise DueCallRefused(f"{text!r} is no time such as 2026-11-24T15:00") from error


@asynccontextmanager
async def _desk(data: Path, folder: Path) -> AsyncIterator[TenantDesk]:
    tenant, source = load_tenant(folder), read_source(folder)
    patience_of(tenant)  # says what is missing where the tenant makes no calls
    async with (
        open_storage(load(DatabaseSettings), data) as database,
        open_subject_keys(load(KeySettings), database, data) as keys,
    ):
        await database.enter_tenant(tenant.id)
        yield TenantDesk(tenant, await due_calls(tenant, database, keys), source.flows, message=lambda language: "")
