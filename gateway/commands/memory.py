"""``aicc memory``: see what is remembered of somebody, take it along, have it forgotten.

It works on the database itself, beside a running gateway or without one.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dialog.clock import utc_now
from dialog.memory.memory import Eraser
from dialog.memory.postgres import PostgresMemory
from dialog.memory.subject import Subjects, read_key
from dialog.memory.tenant import Person, TenantMemory, forgotten, shown
from dialog.settings import MemorySettings
from dialog.tenant import read_tenant
from dialog.yaml_source import read_yaml
from gateway.outbound.forgetting import reaching_due_calls
from gateway.outbound.opening import due_calls
from gateway.session.tenant import load_tenant
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.runtime import open_storage, open_subject_keys
from infra.storage.settings import KeySettings


async def show(data: Path, folder: Path, person: Person, console: Console) -> None:
    """Print what is remembered of a person. Raises ``PersonNotNamed`` and the storage's errors."""
    async with _memory(data, folder) as memory:
        found = await shown(memory, person, utc_now())
    table = Table("known by", "agreed", "language", "slower", "louder", "channel", "contacts", "forgotten", box=None)
    for one in found:
        agreement, liked = one["agreement"], one["preferences"] or {}
        answer = "not asked" if agreement is None else "yes" if agreement["agreed"] else "no"
        served = [str(liked.get(name, "–")) for name in ("language", "slower", "louder", "channel")]
        table.add_row(one["as"], answer, *served, str(len(one["contacts"])), str(len(one["erasures"])))
    console.print(table)
    for contact in (contact for one in found for contact in one["contacts"]):
        done = ", ".join(f"{deed['tried']} {deed['flow'] or deed['outcome']}".strip() for deed in contact["done"])
        handed = f"; handed over: {contact['reason']}" if contact["reason"] else ""
        line = f"{contact['at']:%Y-%m-%d %H:%M} UTC  {contact['channel']}  {contact['about'] or '–'}: {done}{handed}"
        console.print(line, markup=False, highlight=False)


async def export(data: Path, folder: Path, person: Person) -> dict[str, Any]:
    """All that is remembered of a person, as plain data. Raises ``PersonNotNamed`` and the storage's errors."""
    async with _memory(data, folder) as memory:
        found = await shown(memory, person, utc_now())
    plain: dict[str, Any] = json.loads(json.dumps({"tenant": memory.subjects.tenant, "remembered": found}, default=str))
    return plain


async def forget(data: Path, folder: Path, person: Person, console: Console) -> None:
    """Have a person forgotten. Raises ``PersonNotNamed`` and the storage's errors."""
    async with _memory(data, folder) as memory:
        erased = await forgotten(memory, person, utc_now(), Eraser.COMMAND)
    for one in erased:
        console.print(f"forgotten as {one['as']}: {', '.join(one['kinds']) or 'nothing was there'}", highlight=False)


@asynccontextmanager
async def _memory(data: Path, folder: Path) -> AsyncIterator[TenantMemory]:
    _, policy = read_tenant(read_yaml(folder / "tenant.yaml"))
    tenant = load_tenant(folder)
    key = read_key(load(MemorySettings).key, data)
    async with (
        open_storage(load(DatabaseSettings), data) as database,
        open_subject_keys(load(KeySettings), database, data) as keys,
    ):
        await database.enter_tenant(tenant.id)
        subjects = Subjects(key, tenant.id, tenant.numbering)
        memory = TenantMemory(PostgresMemory(database, tenant.id), subjects, policy.memory)
        yield reaching_due_calls(memory, await due_calls(tenant, database, keys))
