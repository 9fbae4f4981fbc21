"""``aicc recording``: a call's recording as a file that anybody can play. That it was taken out is in the audit first.

Refuses: writing over a file; leaving half of one.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from rich.console import Console

from dialog.clock import utc_now
from gateway.access.audit import COMMAND_LINE, AuditEntry
from gateway.access.postgres import PostgresAccess
from gateway.analytics.search import CallSearch
from gateway.session.errors import NoRecording, RecordingError
from gateway.session.numbers import open_numbers, served
from gateway.session.recorded_sound import RecordedSound
from gateway.session.recording import FOLDER, Recordings
from infra.config import load
from infra.settings import DatabaseSettings
from infra.storage.runtime import open_storage, open_subject_keys
from infra.storage.settings import KeySettings

EXPORTED = "recording.exported"


async def export(data: Path, tenant: str, call: str, file: Path, console: Console) -> None:
    """Write a call's recording as WAV to ``file``. Raises ``NoRecording``, ``RecordingError``, ``SealBroken``,
    ``KeyShredded``, ``KeyUnavailable`` and the storage's errors."""
    async with (
        open_storage(load(DatabaseSettings), data) as database,
        open_subject_keys(load(KeySettings), database, data) as keys,
    ):
        await database.enter_tenant(tenant)
        numbers = await open_numbers(keys, [tenant])
        found = await CallSearch(database, served(numbers)).one(tenant, call)
        if found is None:
            raise NoRecording(f"{tenant} has no call {call}")
        record = found.record
        sound = await Recordings(data / FOLDER, keys).sound(tenant, record.call_id, record.started_at.date())
        with sound:
            entry = AuditEntry(tenant, utc_now(), COMMAND_LINE, EXPORTED, record.call_id)
            await PostgresAccess(database).record(entry)
            await asyncio.to_thread(_write, sound, file)
    console.print(f"{file}: {sound.seconds:.1f} s, in the clear: delete it when it has been heard", highlight=False)


def _write(sound: RecordedSound, file: Path) -> None:
    """All of it or nothing, for nobody else to read."""
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RecordingError(f"{file} cannot be written: {error}") from error
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.writelines(sound.parts())
    except BaseException:
        file.unlink(missing_ok=True)
        raise
