"""``aicc recording`` on a house's own data."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gateway.access.audit import COMMAND_LINE
from gateway.access.postgres import PostgresAccess
from gateway.commands import recording
from gateway.session.errors import NoRecording, RecordingError
from infra.storage.database import Database
from infra.storage.errors import KeyShredded, SealBroken
from infra.storage.key_file import FILE, FileKeyRing
from infra.storage.sealed_file import PAGE, Owner
from infra.storage.subject_keys import SubjectKeys
from tests.gateway.analytics.past_calls import ledger, new_tenant, past_call, said
from tests.gateway.session.sealed import sealed_recording
from tests.postgres import Postgres

SAMPLES = np.random.default_rng(5).integers(-9_000, 9_000, (8_000, 2))


@dataclass
class Archive:
    data: Path
    tenant: str
    keys: SubjectKeys
    database: Database
    path: Path

    async def export(self, call: str, name: str = "out.wav") -> str:
        out = io.StringIO()
        await recording.export(self.data, self.tenant, call, self.data / name, Console(file=out, width=200))
        return out.getvalue()

    async def deeds(self) -> list[tuple[str, str, str]]:
        entries = await PostgresAccess(self.database).entries(self.tenant)
        return [(kept.entry.what, kept.entry.whose, kept.entry.actor) for kept in entries]


@pytest.fixture
async def archive(
    database: Database,
    postgres: Postgres,
    database_name: str,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Archive:
    """A house with two calls, of which ``c1`` was recorded."""
    monkeypatch.setenv("AICC_DATABASE_URL", database_url)
    monkeypatch.setenv("AICC_DATABASE_MIGRATION_URL", postgres.superuser_url(database_name))
    tenant, keys = await new_tenant(database), SubjectKeys(database, FileKeyRing(tmp_path / FILE))
    async with ledger(database) as log:
        for call in ("c1", "c2"):
            await past_call(log, tenant, call, said("hello"), caller=None).acknowledged()
        record = await log.call(tenant, "c1")
    assert record is not None
    path = tmp_path / "recordings" / tenant / record.started_at.date().isoformat() / "c1.sealed"
    sealed_recording(path, SAMPLES, owner=Owner(f"{tenant}/c1", await keys.of(tenant, "c1")))
    return Archive(tmp_path, tenant, keys, database, path)


async def test_a_recording_is_written_for_whoever_plays_wav_and_that_is_in_the_audit(archive: Archive) -> None:
    told = await archive.export("c1")
    assert "1.0 s" in told
    with wave.open(str(archive.data / "out.wav")) as file:
        assert (np.frombuffer(file.readframes(9_000), "<i2").reshape(-1, 2) == SAMPLES).all()
    assert (archive.data / "out.wav").stat().st_mode & 0o077 == 0
    assert await archive.deeds() == [("recording.exported", "c1", COMMAND_LINE)]


async def test_what_was_not_recorded_or_never_was_is_told(archive: Archive) -> None:
    for call in ("c2", "nope"):
        with pytest.raises(NoRecording):
            await archive.export(call)
    assert await archive.deeds() == []


async def test_nothing_is_written_over(archive: Archive) -> None:
    (archive.data / "out.wav").write_bytes(b"mine")
    with pytest.raises(RecordingError, match=r"out\.wav"):
        await archive.export("c1")
    assert (archive.data / "out.wav").read_bytes() == b"mine"


async def test_of_one_that_was_changed_nothing_is_left(archive: Archive) -> None:
    data = bytearray(archive.path.read_bytes())
    data[-PAGE + 5] ^= 1
    archive.path.write_bytes(data)
    with pytest.raises(SealBroken):
        await archive.export("c1")
    assert not (archive.data / "out.wav").exists()


async def test_one_whose_key_was_destroyed_stays_shut(archive: Archive) -> None:
    await archive.keys.shred(archive.tenant, "c1")
    with pytest.raises(KeyShredded):
        await archive.export("c1")
