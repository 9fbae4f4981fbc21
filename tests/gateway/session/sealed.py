"""Recordings for tests: keys in memory, and files made and read as those of calls are."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from gateway.session.recorded_sound import RecordedSound, about
from infra.storage.envelope import new_key
from infra.storage.errors import KeyShredded
from infra.storage.sealed_file import Owner, SealedWriter


class MemoryKeys:
    """Contacts' keys as ``SubjectKeys`` has them."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], bytes | None] = {}

    async def of(self, tenant: str, subject: str) -> bytes:
        key = self.keys.setdefault((tenant, subject), new_key())
        if key is None:
            raise KeyShredded(f"the key of {subject} was destroyed")
        return key

    async def known(self, tenant: str, subject: str) -> bytes | None:
        return await self.of(tenant, subject) if (tenant, subject) in self.keys else None

    def shred(self, tenant: str, subject: str) -> None:
        self.keys[tenant, subject] = None

    def owner(self, tenant: str, subject: str) -> Owner:
        key = self.keys[tenant, subject]
        assert key is not None
        return Owner(f"{tenant}/{subject}", key)


OWNER = Owner("t/c", new_key())


def sealed_recording(path: Path, samples: np.ndarray, rate: int = 8_000, owner: Owner = OWNER) -> Path:
    """A finished recording of these samples, by time and channel."""
    writer = SealedWriter(path, owner, about(rate))
    writer.write(0, samples.astype("<i2").tobytes())
    writer.close()
    return path


def samples_of(path: Path, owner: Owner = OWNER, rate: int = 8_000) -> np.ndarray:
    """Samples by time and channel, as any player would read them."""
    with RecordedSound(path, owner) as sound, wave.open(sound) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, rate)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
