"""``aicc erase``, ``aicc hold``, ``aicc receipts``, ``aicc scan``: what is kept of contacts, and letting go of it.

It works on the database and the data directory themselves, beside a running gateway or without one. Everything that
changes something stands in the audit, as done on the command line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from gateway.access.audit import COMMAND_LINE
from gateway.access.postgres import PostgresAccess
from gateway.custody.eraser import Eraser
from gateway.custody.erasure import AskedBy
from gateway.custody.errors import ContactUnknown, CustodyError
from gateway.custody.opening import eraser_of
from gateway.custody.scan import Trace, checked, scan_files, scan_tables
from gateway.custody.store import CustodyStore
from gateway.session.numbers import WORDS
from gateway.session.recording import FOLDER
from gateway.session.tenant import load_tenant
from gateway.settings import GatewaySettings
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.database import Database
from infra.storage.runtime import open_storage, open_subject_keys
from infra.storage.sealed_words import open_sealed_words
from infra.storage.settings import KeySettings
from infra.storage.subject_keys import SubjectKeys


@dataclass(frozen=True, slots=True)
class Archive:
    """What is kept of a tenant's contacts, open."""

    database: Database
    tenant: str
    store: CustodyStore
    eraser: Eraser
    keys: SubjectKeys

    async def contacts_of(self, number: str) -> Sequence[str]:
        """The contacts of a caller's number (E.164). Raises the storage's errors."""
        return await self.store.contacts_of(number, await open_sealed_words(self.keys, self.tenant, WORDS))


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of erasing: receipts, and why some contacts stay, by contact."""

    receipts: Sequence[Mapping[str, object]]
    refused: Mapping[str, str]


async def erase(data: Path, folder: Path, contacts: Sequence[str], number: str, why: str) -> Erased:
    """Erase contacts, and all contacts of a caller's number (E.164) if one is given. What cannot be erased is told with
    the reason, and keeps no other. Raises ``ContactUnknown`` when nothing is named or found, and the storage's errors.
    """
    async with _archive(data, folder) as archive:
        named = [*contacts, *(await archive.contacts_of(number) if number else ())]
        if not named:
            raise ContactUnknown("name a contact with --contact, or a caller with --number that has called here")
        receipts, refused = [], {}
        for contact in dict.fromkeys(named):
            try:
                receipt = await archive.eraser.erase(contact, AskedBy.COMMAND, why, COMMAND_LINE)
            except CustodyError as error:
                refused[contact] = str(error)
            else:
                receipts.append(receipt.plain())
    return Erased(receipts, refused)


async def receipts(data: Path, folder: Path, contact: str | None) -> Sequence[Mapping[str, object]]:
    """The latest receipts, of one contact or of all."""
    async with _archive(data, folder) as archive:
        return await archive.store.receipts(contact)


async def place_hold(
    data: Path, folder: Path, contact: str, why: str, console: Console, number: str = ""
) -> Mapping[str, str]:
    """Put a contact under a legal hold, or all contacts so far of a caller's number (E.164). Why some are under none,
    by contact. Raises ``ContactUnknown`` and ``HoldRefused``."""
    async with _archive(data, folder) as archive:
        if contact:
            hold = await archive.eraser.hold(contact, why, COMMAND_LINE)
            _tell_held(console, hold, contact)
        if not number:
            return {}
        contacts = await archive.contacts_of(number)
        if not contacts:
            raise ContactUnknown("nobody of that number has called here")
        held = await archive.eraser.hold_all(contacts, why, COMMAND_LINE)
    for hold, held_contact in held.holds.items():
        _tell_held(console, hold, held_contact)
    return held.refused


def _tell_held(console: Console, hold: str, contact: str) -> None:
    until = f"{hold} holds {contact}: nothing of it goes until `aicc hold release {hold}`"
    console.print(until, highlight=False, soft_wrap=True)


async def release_hold(data: Path, folder: Path, hold: str, why: str, console: Console) -> None:
    """Release a legal hold. Raises ``HoldRefused``."""
    async with _archive(data, folder) as archive:
        contact = await archive.eraser.release(hold, why, COMMAND_LINE)
    console.print(f"{contact} is held by {hold} no more", highlight=False, soft_wrap=True)


async def holds(data: Path, folder: Path, released: bool, console: Console) -> None:
    """The holds that stand, or all."""
    async with _archive(data, folder) as archive:
        found = await archive.store.holds(released=released)
    if not found:
        console.print("no contact is held")
    for one in found:  # names are whole, for they are typed again
        since = f"{one.hold} holds {one.contact} since {one.placed_at:%Y-%m-%d %H:%M} UTC ({one.placed_by}: {one.why})"
        gone = (
            "" if one.released_at is None else f", released {one.released_at:%Y-%m-%d %H:%M} UTC by {one.released_by}"
        )
        console.print(since + gone, markup=False, highlight=False, soft_wrap=True)


async def scan(data: Path, folder: Path, needles: Sequence[str]) -> list[Trace]:
    """Where the strings lie: in the tenant's rows, and in any file of the data directory. Raises ``CustodyError`` for
    strings that are too short."""
    try:
        wanted = checked(needles)
    except ValueError as error:
        raise CustodyError(str(error)) from error
    async with _archive(data, folder) as archive:
        found = await scan_tables(archive.database, archive.tenant, wanted)
        return found + await asyncio.to_thread(scan_files, data, wanted)


@asynccontextmanager
async def _archive(data: Path, folder: Path) -> AsyncIterator[Archive]:
    tenant = load_tenant(folder)
    async with (
        open_storage(load(DatabaseSettings), data) as database,
        open_subject_keys(load(KeySettings), database, data) as keys,
    ):
        await database.enter_tenant(tenant.id)
        eraser = eraser_of(tenant, database, data / FOLDER, keys, PostgresAccess(database), load(GatewaySettings).node)
        yield Archive(database, tenant.id, CustodyStore(database, tenant.id), eraser, keys)
