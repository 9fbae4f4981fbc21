"""``aicc release``: keep what decides how a tenant's conversations go, name it, compare it, and say which is served.

Refuses: changing a release. What is to be different is another one.
"""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialog.releases.content import difference
from dialog.releases.release import load_release
from dialog.releases.store import ReleaseStore
from gateway.releases import read_folder
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.runtime import open_storage

SHOWN = 12
"""Characters of a release's name that are shown; more than that nobody reads."""
HERE = "folder"
"""In ``diff``: the tenant's folder as it lies there now."""


async def create(data: Path, folder: Path, note: str, console: Console) -> None:
    """Keep the tenant's folder as a release, once it has been seen to load. Raises what loading it raises."""
    content = read_folder(folder)
    load_release(folder)
    async with _store(data, content.manifest.tenant) as store:
        name = await store.add(content, note)
    files, size = len(content.manifest.files), sum(map(len, content.blobs.values()))
    console.print(f"release [bold]{name[:SHOWN]}[/] of {content.manifest.tenant}: {files} files, {size:,} bytes")
    for part, model in sorted(content.manifest.models.items()):
        console.print(f"  {part} model  {model}", highlight=False)
    console.print(f"  serve it: aicc release promote {name[:SHOWN]} prod, and AICC_GATEWAY_RELEASE=prod")


async def latest(data: Path, tenant: str, console: Console) -> None:
    """The latest releases, with the labels that point to them."""
    async with _store(data, tenant) as store:
        releases = await store.latest()
    if not releases:
        console.print(f"{tenant} has no releases yet; aicc release create makes one")
        return
    table = Table("release", "labels", "created", "note", box=None)
    for release in releases:
        created = f"{release.created_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(release.id[:SHOWN], ", ".join(release.labels), created, Text(release.note))
    console.print(table)


async def promote(data: Path, tenant: str, name: str, label: str, console: Console) -> None:
    """Let a label point to a release. Raises ``ReleaseUnknown`` or ``ReleaseInvalid``."""
    async with _store(data, tenant) as store:
        before = await store.moves(label, limit=1)
        release = await store.promote(name, label, by=getpass.getuser())
    was = before[0].release[:SHOWN] if before else "nothing"
    console.print(f"{label} of {tenant}: {was} -> [bold]{release[:SHOWN]}[/]")
    console.print("  a gateway that serves this label takes it up at its next start; calls that go on keep theirs")


async def diff(data: Path, folder: Path, tenant: str, old: str, new: str, console: Console) -> bool:
    """What changed between two releases, by name or label, or ``folder``. Whether anything did."""
    async with _store(data, tenant) as store:
        sides = [read_folder(folder) if name == HERE else await store.read(name) for name in (old, new)]
    lines = list(difference(*sides))
    _show(lines, console)
    return bool(lines)


def _show(lines: Iterable[str], console: Console) -> None:
    styles = {"+": "green", "-": "red", "@": "cyan", "m": "bold"}
    for line in lines:
        console.print(Text(line, styles.get(line[:1], "")), soft_wrap=True)


@asynccontextmanager
async def _store(data: Path, tenant: str) -> AsyncIterator[ReleaseStore]:
    async with open_storage(load(DatabaseSettings), data) as database:
        await database.enter_tenant(tenant)
        yield ReleaseStore(database, tenant)
