"""Recordings as files: ``<folder>/<tenant>/<date>/<contact>.<kind>``, as ``gateway.session.recording`` lays them.

Deleting is by name and not by path from the log, so that no record can lead out of the folder.
"""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

from gateway.custody.errors import CustodyError
from gateway.session.records import checked_name


class RecordingFiles:
    """The recordings of all tenants, below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def delete(self, tenant: str, contact: str, on: date) -> int:
        """Delete whatever was recorded of a contact that began on that day (UTC); how many files there were.

        Raises ``NameRefused``, and ``CustodyError`` when the disk does not let go of one.
        """
        day = self._folder / checked_name(tenant) / on.isoformat()
        return await asyncio.to_thread(_delete, day, checked_name(contact))


def _delete(day: Path, contact: str) -> int:
    found = [path for path in day.glob("*") if path.stem == contact]
    for path in found:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise CustodyError(f"{path} cannot be deleted: {error.strerror}; see who may write there") from error
    return len(found)
