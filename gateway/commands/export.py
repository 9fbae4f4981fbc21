"""``aicc export``: a tenant's records into files that a warehouse takes, from the database itself.

Exit codes, for schedulers: 0 exported (also when nothing was new), 1 what was asked for will never work like that, 2 it
was not understood, 75 (``EX_TEMPFAIL``) the same command may work later. After every code but 0 there is no manifest,
and what lies there without one counts for nothing.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.access.audit import COMMAND_LINE
from gateway.access.postgres import PostgresAccess
from gateway.analytics.exports.destinations import destination
from gateway.analytics.exports.errors import ExportRefused, TryLater
from gateway.analytics.exports.exporter import Exporter, Wanted
from gateway.analytics.exports.formats import Format
from gateway.analytics.exports.manifest import Manifest, encode
from gateway.analytics.exports.settings import ExportSettings
from gateway.analytics.vcon.parties import Issuer
from gateway.analytics.vcon.settings import VconSettings
from gateway.session.tenant import load_tenant
from infra.config import load
from infra.errors import AiccError
from infra.settings import DatabaseSettings
from infra.storage.errors import DatabaseUnavailable, StatementTimedOut
from infra.storage.runtime import open_storage

TRY_LATER: Final = 75
"""``EX_TEMPFAIL`` of sysexits.h."""

SCRATCH: Final = "exports"
"""Folder of the data directory in which files are made that go into a bucket."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line, as it was typed."""

    out: str
    format: Format
    since: str = ""
    until: str = ""
    tables: tuple[str, ...] = ()
    whole: bool = False
    mark: bool = False
    why: str = ""


async def export(data: Path, folder: Path, asked: Asked, console: Console, *, json: bool = False) -> int:
    """Export the records of the tenant in ``folder``, say what came of it, and return the exit code. Raises what makes
    another try useless."""
    try:
        made = await _exported(data, folder, asked)
    except (TryLater, DatabaseUnavailable, StatementTimedOut) as error:
        _complain(error)
        return TRY_LATER
    if json:
        sys.stdout.write(encode(made).decode())
    else:
        _tell(made, asked.out, console)
    return 0


def moment(typed: str, zone: ZoneInfo) -> datetime | None:
    """A time as it is typed: a day (its beginning in ``zone``), or an ISO 8601 time, of ``zone`` where it names none;
    None of nothing. Raises ``ExportRefused``."""
    if not typed:
        return None
    try:
        if len(typed) == len("2026-03-02"):
            return datetime.combine(date.fromisoformat(typed), time(), zone)
        found = datetime.fromisoformat(typed)
    except ValueError as error:
        raise ExportRefused(f"{typed!r} is no time: write 2026-03-02 or 2026-03-02T09:00:00+09:00") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


async def _exported(data: Path, folder: Path, asked: Asked) -> Manifest:
    tenant = load_tenant(folder)
    zone = ZoneInfo(tenant.time_zone)
    wanted = Wanted(
        tenant.id,
        asked.format,
        tenant.time_zone,
        COMMAND_LINE,
        why=asked.why,
        tables=asked.tables,
        since=moment(asked.since, zone),
        until=moment(asked.until, zone),
        whole=asked.whole,
        mark=asked.mark,
    )
    issuer = Issuer(tenant.name[tenant.languages[0]], load(VconSettings).domain)
    place = destination(asked.out, load(ExportSettings), data / SCRATCH)
    async with open_storage(load(DatabaseSettings), data) as database:
        await database.enter_tenant(tenant.id)
        return await Exporter(database, place, PostgresAccess(database), lambda _: issuer).export(wanted)


def _tell(made: Manifest, out: str, console: Console) -> None:
    files = Counter(file.table for file in made.files)
    table = Table("table", "rows", "files", box=None)
    for name in made.tables:
        table.add_row(name, f"{made.rows[name]:,}", str(files[name]))
    console.print(table)
    went = f"everything since run {made.previous}" if made.previous else "everything"
    console.print(f"run {made.run} to {out}: {'a time of its own' if made.windowed else went}", highlight=False)


def _complain(error: AiccError) -> None:
    told = f"[yellow]try again later[/] ({error.code}): {escape(str(error))}"
    Console(stderr=True).print(told, highlight=False)
