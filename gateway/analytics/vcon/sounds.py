"""Where a call's recording is handed out, and its hash, for a vCon: read once through, off the loop, few at a time.

Refuses: recordings that are gone or that nobody can open any more; such a call is handed out as its words.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import closing

from gateway.analytics.vcon.dialogs import Sound
from gateway.session.errors import NameRefused, NoRecording
from gateway.session.recorded_sound import RecordedSound
from gateway.session.records import CallRecord
from infra.storage.errors import KeyShredded

AT_ONCE = 2
"""Recordings that are read at the same time."""


class Sounds:
    """``recording`` opens that of a tenant's call; ``domain`` is where it is handed out."""

    def __init__(self, recording: Callable[[str, CallRecord], Awaitable[RecordedSound]], domain: str) -> None:
        self._recording = recording
        self._domain = domain
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def of(self, record: CallRecord) -> Sound | None:
        """A call's, if there is one. Raises ``AiccError`` for one that cannot be read now, or was changed."""
        async with self._turns:
            try:
                opened = await self._recording(record.tenant, record)
            except (NoRecording, NameRefused, KeyShredded):
                return None
            with closing(opened):
                content_hash = await asyncio.to_thread(_hash, opened)
        return Sound(f"https://{self._domain}/v1/calls/{record.call_id}/recording", content_hash)


def _hash(sound: RecordedSound) -> str:
    """SHA-512 as draft-ietf-vcon-vcon-core writes it ("ContentHash")."""
    digest = hashlib.sha512()
    for part in sound.parts():
        digest.update(part)
    return "sha512-" + base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
