"""Exports a tenant's records: reads them at one moment, publishes their files, and vouches for them by a manifest.

Without a time given, a run goes on where the latest run of the same kind ended in the same place, or begins with
everything. What was committed while a run read may come again with the next one, and nothing is ever missed: readers
take, of each key, the row with the newest ``updated_at`` and ``revision``, and apply tombstones.

While a block of rows is made a piece of a file, in a thread, the next one comes from the database; so that there are
two blocks in memory, and no more, however much is exported.

Refuses: exporting what nobody has written down: the audit stands before the first row is read.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from gateway.access.audit import AuditEntry, AuditLog
from gateway.access.masking import masked
from gateway.analytics.exports import manifest as manifests
from gateway.analytics.exports.day_files import DayFiles, published
from gateway.analytics.exports.destinations import Destination
from gateway.analytics.exports.errors import ExportRefused
from gateway.analytics.exports.formats import Format
from gateway.analytics.exports.manifest import ExportedFile, Manifest
from gateway.analytics.exports.source import Scope, Snapshot, snapshot
from gateway.analytics.exports.tables import SCHEMA_VERSION, TABLES, Table
from gateway.analytics.vcon.build import vcon_of
from gateway.analytics.vcon.parties import Issuer
from gateway.session.records import CallRecord, ContactEvent, checked_name
from infra.storage.database import Database

EXPORTED: Final = "records.exported"
"""The deed in the audit."""

VCON: Final = "vcon"
"""The one table of an export in vCons."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported: a ``tenant``'s ``tables`` (none: all), of the contacts that began from ``since`` to
    before ``until``, or where neither is given what has changed since the run before (``whole``: everything again).

    Days are those of ``time_zone``. ``mark``: CSV with a byte order mark. ``actor`` asks for it, ``why``.
    """

    tenant: str
    format: Format
    time_zone: str
    actor: str
    why: str = ""
    tables: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    whole: bool = False
    mark: bool = False

    @property
    def windowed(self) -> bool:
        """Whether a time is asked for, and not what has changed."""
        return self.since is not None or self.until is not None

    def named(self) -> tuple[str, ...]:
        """The tables, in the order in which they are exported. Raises ``ExportRefused``."""
        if self.format is Format.VCON:
            if self.tables:
                raise ExportRefused("a vCon holds a whole contact: leave the tables out")
            return (VCON,)
        unknown = sorted(set(self.tables) - TABLES.keys())
        if unknown:
            raise ExportRefused(f"there is no table {', '.join(unknown)}; there are {', '.join(TABLES)}")
        return tuple(name for name in TABLES if not self.tables or name in self.tables)


@dataclass(frozen=True, slots=True)
class Exporter:
    """Exports from ``database`` to ``destination``; ``issuer`` gives out a tenant's vCons."""

    database: Database
    destination: Destination
    audit: AuditLog
    issuer: Callable[[str], Issuer]
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    salt: Callable[[], bytes] = field(default=lambda: os.urandom(4))

    async def export(self, wanted: Wanted) -> Manifest:
        """Export, and return what stands in the destination as the run's manifest.

        Raises ``ExportError`` and storage's errors; then there is no manifest, and what lies there without one counts
        for nothing.
        """
        tenant, tables = checked_name(wanted.tenant), wanted.named()
        if wanted.since is not None and wanted.until is not None and wanted.since >= wanted.until:
            raise ExportRefused(f"nothing lies between {wanted.since} and {wanted.until}: --since is before --until")
        async with snapshot(self.database, tenant, self.destination.place) as records:
            previous = None if wanted.whole or wanted.windowed else await self._previous(wanted, tables)
            after = None if previous is None else previous.watermark
            if after is not None:
                records.check(after)
            run = _Run(self, wanted, manifests.run_name(self.now(), self.salt()), self.now())
            await self._note(wanted, tables, run.name)
            staging = await asyncio.to_thread(self.destination.staging, tenant)
            try:
                scope = Scope(wanted.since, wanted.until, after)
                files = await run.files(records, tables, scope, staging)
                rows = Counter[str]()
                for file in files:
                    rows[file.table] += file.rows
                made = Manifest(
                    run=run.name,
                    tenant=tenant,
                    format=wanted.format.value,
                    schema_version=SCHEMA_VERSION,
                    time_zone=wanted.time_zone,
                    tables=tables,
                    rows={table: rows[table] for table in tables},
                    files=tuple(files),
                    watermark=records.watermark,
                    after=after,
                    previous=None if previous is None else previous.run,
                    since=wanted.since,
                    until=wanted.until,
                    begun_at=run.begun_at,
                    finished_at=self.now(),
                )
                await asyncio.to_thread(self._vouch, made, staging)
            finally:
                await asyncio.to_thread(self.destination.clear, tenant)
        return made

    async def _previous(self, wanted: Wanted, tables: tuple[str, ...]) -> Manifest | None:
        """The latest run that this one goes on from."""
        folder = manifests.folder_of(wanted.tenant)
        for run in manifests.runs_among(await asyncio.to_thread(self.destination.names, folder)):
            place = manifests.place_of(wanted.tenant, run)
            found = manifests.decode(await asyncio.to_thread(self.destination.read, place), place)
            if manifests.goes_on(found, tables, wanted.format, wanted.time_zone, SCHEMA_VERSION):
                return found
        return None

    async def _note(self, wanted: Wanted, tables: Sequence[str], run: str) -> None:
        details = {
            "place": self.destination.place,
            "format": wanted.format.value,
            "tables": ",".join(tables),
            "since": "" if wanted.since is None else wanted.since.isoformat(),
            "until": "" if wanted.until is None else wanted.until.isoformat(),
            "run": run,
        }
        entry = AuditEntry(wanted.tenant, self.now(), wanted.actor, EXPORTED, why=wanted.why, details=details)
        await self.audit.record(entry)

    def _vouch(self, made: Manifest, staging: Path) -> None:
        file = staging / "manifest"
        file.write_bytes(manifests.encode(made))
        self.destination.publish(file, manifests.place_of(made.tenant, made.run))


@dataclass(frozen=True, slots=True)
class _Run:
    """One export, from its audit to its manifest."""

    exporter: Exporter
    wanted: Wanted
    name: str
    begun_at: datetime

    async def files(self, records: Snapshot, tables: Sequence[str], scope: Scope, staging: Path) -> list[ExportedFile]:
        """Publish the files of every table."""
        if self.wanted.format is Format.VCON:
            return await self._vcons(records, scope, staging)
        return [file for table in tables for file in await self._table(records, TABLES[table], scope, staging)]

    async def _table(self, records: Snapshot, table: Table, scope: Scope, staging: Path) -> list[ExportedFile]:
        files = DayFiles(
            table,
            self.wanted.format,
            self.exporter.destination,
            staging,
            self.wanted.tenant,
            self.name,
            mark=self.wanted.mark,
        )
        writing: asyncio.Task[None] | None = None
        try:
            async for block in records.blocks(table, scope, self.wanted.time_zone):
                if writing is not None:
                    await writing
                writing = asyncio.create_task(asyncio.to_thread(files.write, block), name=f"export {table.name}")
            if writing is not None:
                await writing
            await asyncio.to_thread(files.finish)
        finally:
            if writing is not None:
                await asyncio.wait([writing])
            await asyncio.to_thread(files.close)
        return files.published

    async def _vcons(self, records: Snapshot, scope: Scope, staging: Path) -> list[ExportedFile]:
        zone, issuer = ZoneInfo(self.wanted.time_zone), self.exporter.issuer(self.wanted.tenant)
        made: list[ExportedFile] = []
        async for call in records.ended_calls(scope):
            told = [replace(event, payload=masked(event.payload)) for event in await records.events(call.call_id)]
            made.append(await asyncio.to_thread(self._vcon, call, told, issuer, staging, zone))
        return made

    def _vcon(
        self, call: CallRecord, events: Sequence[ContactEvent], issuer: Issuer, staging: Path, zone: ZoneInfo
    ) -> ExportedFile:
        day = call.started_at.astimezone(zone).date()
        file = staging / "vcon"
        file.write_bytes(orjson.dumps(vcon_of(call, events, issuer)))
        path = f"{VCON}/tenant={call.tenant}/day={day}/{call.call_id}.vcon.json"
        return published(self.exporter.destination, file, path, VCON, day, 1)
