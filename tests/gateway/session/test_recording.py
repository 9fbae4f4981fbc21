"""Both sides of a call lie sealed in a file that is read whatever happens, as long as the contact's key is there."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from gateway.session import recording
from gateway.session.errors import NameRefused, NoRecording, RecordingError
from gateway.session.recorded_sound import about
from gateway.session.recording import BOT, CALLER, MOST_HELD, Recording, Recordings, open_recordings
from infra.audio import AudioFrame
from infra.storage.errors import KeyShredded, KeyUnavailable, SealBroken
from infra.storage.sealed_file import Owner, SealedWriter, torn
from infra.telemetry.metrics import metrics
from tests.gateway.session.sealed import MemoryKeys, samples_of

RATE = 8_000
DAY = date(2026, 11, 21)


def tone(level: int, seconds: float = 0.02) -> bytes:
    return np.full(round(seconds * RATE), level, dtype="<i2").tobytes()


def frame(level: int, at: float, seconds: float = 0.02) -> AudioFrame:
    return AudioFrame(tone(level, seconds), RATE, at)


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys()


@pytest.fixture
async def recordings(tmp_path: Path, keys: MemoryKeys) -> AsyncIterator[Recordings]:
    recordings = Recordings(tmp_path / "recordings", keys)
    recordings.start()
    yield recordings
    await recordings.close()


@pytest.fixture
def read(keys: MemoryKeys) -> Callable[[Path], np.ndarray]:
    """Reads a recording as its owner."""
    return lambda path: samples_of(path, keys.owner(path.parent.parent.name, path.stem))


Read = Callable[[Path], np.ndarray]


async def test_a_recording_is_a_stereo_file_in_its_tenants_folder(
    recordings: Recordings, tmp_path: Path, read: Read
) -> None:
    call = recordings.open("hanbit-store", "CA01", DAY)
    for n in range(50):
        call.caller(frame(1000, 3 + n * 0.02))
        call.bot(frame(-500, 3 + n * 0.02))
    stored = await call.finish()
    assert stored.path == tmp_path / "recordings" / "hanbit-store" / "2026-11-21" / "CA01.sealed"
    assert (stored.seconds, stored.lost_frames) == (1.0, 0)
    assert (read(stored.path) == [1000, -500]).all()
    assert len(read(stored.path)) == 8_000
    assert stored.path.stat().st_mode & 0o077 == 0
    assert stored.path.parent.stat().st_mode & 0o077 == 0


async def test_calls_side_by_side_have_a_file_each(recordings: Recordings, read: Read) -> None:
    calls = [recordings.open("t", f"c{n}", DAY) for n in range(5)]
    for step in range(30):
        for n, call in enumerate(calls):
            call.caller(frame(n + 1, step * 0.02))
    for n, call in enumerate(calls):
        assert (read((await call.finish()).path)[:, CALLER] == n + 1).all()


async def test_a_recording_without_sound_is_an_empty_file(recordings: Recordings, read: Read) -> None:
    stored = await recordings.open("t", "c", DAY).finish()
    assert (stored.seconds, len(read(stored.path))) == (0.0, 0)


async def test_nothing_is_written_before_a_recording_is_opened(recordings: Recordings, tmp_path: Path) -> None:
    recordings.open("t", "c", DAY)
    assert not (tmp_path / "recordings").exists()


async def test_another_rate_is_refused(recordings: Recordings) -> None:
    call = recordings.open("t", "c", DAY)
    with pytest.raises(ValueError, match="16000"):
        call.caller(AudioFrame(tone(1), 16_000, 0.0))
    await call.finish()


async def test_the_rate_is_a_choice(recordings: Recordings, keys: MemoryKeys) -> None:
    call = recordings.open("t", "c", DAY, rate=16_000)
    call.caller(AudioFrame(bytes(640), 16_000, 0.0))
    stored = await call.finish()
    assert stored.seconds == 0.02
    assert len(samples_of(stored.path, keys.owner("t", "c"), rate=16_000)) == 320


async def test_a_second_recording_does_not_overwrite_the_first(recordings: Recordings, read: Read) -> None:
    first = recordings.open("t", "c", DAY)
    first.caller(frame(5, 0.0))
    stored = await first.finish()
    failed = metrics.value("aicc_recordings_failed_total")
    second = recordings.open("t", "c", DAY)
    second.caller(frame(6, 0.0))
    with pytest.raises(RecordingError, match="File exists"):
        await second.finish()
    assert (read(stored.path)[:, CALLER] == 5).all()
    assert metrics.value("aicc_recordings_failed_total") == failed + 1


async def test_one_that_cannot_be_written_does_not_disturb_the_others(
    recordings: Recordings, tmp_path: Path, read: Read
) -> None:
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "blocked").write_text("a file where a folder should be")
    bad, good = recordings.open("blocked", "c", DAY), recordings.open("t", "c", DAY)
    for n in range(20):
        bad.caller(frame(1, n * 0.02))
        good.caller(frame(2, n * 0.02))
    with pytest.raises(RecordingError, match="blocked"):
        await bad.finish()
    assert len(read((await good.finish()).path)) == 20 * 160


@pytest.mark.parametrize("name", ["..", "../../etc", "a/b", "", ".x", "a\0b"])
async def test_names_do_not_lead_out_of_the_folder(recordings: Recordings, name: str) -> None:
    with pytest.raises(NameRefused):
        recordings.open(name, "c", DAY)
    with pytest.raises(NameRefused):
        recordings.open("t", name, DAY)


async def test_a_thread_that_does_not_keep_up_costs_sound_but_not_time(
    tmp_path: Path, keys: MemoryKeys, read: Read
) -> None:
    recordings = Recordings(tmp_path, keys, most_waiting=2)
    recordings.start()
    go_on = await occupy(recordings)
    call = await opened(recordings)
    for n in range(100):
        call.caller(frame(n + 1, n * 0.02))
    go_on()
    stored = await call.finish()
    sound = read(stored.path)[:, CALLER]
    kept = np.unique(sound[sound > 0])
    assert stored.lost_frames >= 70
    assert stored.lost_frames + len(kept) == 100
    assert all(sound[(level - 1) * 160] == level for level in kept), "what is there is where it belongs"
    await recordings.close()


async def occupy(recordings: Recordings) -> Callable[[], None]:
    """Give the thread something that it cannot finish before it is told to go on."""
    gate, busy = threading.Event(), threading.Event()

    def wait(result: object) -> None:
        busy.set()
        gate.wait(30)

    another = await opened(recordings, "another")
    recordings._waiting.put(recording._End(recording._Sound(another, (), ()), wait))
    assert await asyncio.to_thread(busy.wait, 30)
    return gate.set


async def opened(recordings: Recordings, call_id: str = "c") -> Recording:
    """One whose key is there."""
    call = recordings.open("t", call_id, DAY)
    await asyncio.wait({call.owner})
    return call


async def test_finishing_twice_or_recording_when_closed_is_refused(tmp_path: Path, keys: MemoryKeys) -> None:
    recordings = Recordings(tmp_path, keys)
    with pytest.raises(RecordingError, match="not started"):
        recordings.open("t", "c", DAY)
    recordings.start()
    call = recordings.open("t", "c", DAY)
    await call.finish()
    with pytest.raises(RecordingError, match="finished before"):
        await call.finish()
    await recordings.close()
    await recordings.close()


async def test_closing_keeps_what_was_not_finished(tmp_path: Path, keys: MemoryKeys, read: Read) -> None:
    recordings = Recordings(tmp_path, keys)
    recordings.start()
    call = await opened(recordings)
    for n in range(10):
        call.caller(frame(4, n * 0.02))
    await recordings.close()
    assert (read(call.path)[:, CALLER] == 4).all()


# --- Silence ----------------------------------------------------------------------------------------------------------


async def test_what_is_silenced_is_silent_in_the_file_also_long_after_it_was_written(
    recordings: Recordings, read: Read
) -> None:
    call = recordings.open("t", "c", DAY)
    for n in range(60):
        call.caller(frame(5, float(n), 1.0))
        call.bot(frame(6, float(n), 1.0))
    call.silence(12.5, 14.0)
    call.silence(58.0, 58.5)
    sound = read((await call.finish()).path)
    silent = np.flatnonzero(sound[:, CALLER] == 0)
    assert (len(silent), silent[0], silent[-1]) == (16_000, 100_000, 58.5 * RATE - 1)
    assert (sound[:, BOT] == 6).all()


async def test_our_side_is_silenced_by_itself(recordings: Recordings, read: Read) -> None:
    call = recordings.open("t", "c", DAY)
    for n in range(20):
        call.caller(frame(5, float(n), 1.0))
        call.bot(frame(6, float(n), 1.0))
    call.silence(2.0, 3.0, ours=True)
    sound = read((await call.finish()).path)
    assert np.flatnonzero(sound[:, BOT] == 0).tolist() == list(range(2 * RATE, 3 * RATE))
    assert (sound[:, CALLER] == 5).all()


async def test_that_something_is_to_be_silent_is_never_dropped(tmp_path: Path, keys: MemoryKeys, read: Read) -> None:
    recordings = Recordings(tmp_path, keys, most_waiting=1)
    recordings.start()
    call = await opened(recordings)
    for n in range(10):
        call.caller(frame(5, n * 0.1, 0.1))
    while call.tracks.samples < RATE:
        await asyncio.sleep(0.001)
    go_on = await occupy(recordings)
    recordings._waiting.put(recording._Sound(call, (), ()))
    call.silence(0.25, 0.5)
    go_on()
    sound = read((await call.finish()).path)[:, CALLER]
    assert np.flatnonzero(sound == 0).tolist() == list(range(2_000, 4_000))
    await recordings.close()


# --- Keys -------------------------------------------------------------------------------------------------------------


async def test_nothing_of_a_call_lies_on_the_disk_in_the_clear(recordings: Recordings) -> None:
    call = recordings.open("t", "c", DAY)
    noise = np.random.default_rng(1).integers(-9_000, 9_000, RATE).astype("<i2").tobytes()
    call.caller(AudioFrame(noise, RATE, 0.0))
    path = (await call.finish()).path
    assert noise[:8] not in path.read_bytes()


class SlowKeys(MemoryKeys):
    def __init__(self) -> None:
        super().__init__()
        self.there = asyncio.Event()

    async def of(self, tenant: str, subject: str) -> bytes:
        await self.there.wait()
        return await super().of(tenant, subject)


async def test_sound_waits_for_its_key_and_only_so_much_of_it(tmp_path: Path) -> None:
    keys = SlowKeys()
    recordings = Recordings(tmp_path, keys)
    recordings.start()
    call = recordings.open("t", "c", DAY)
    for n in range(MOST_HELD + 50):
        call.caller(frame(4, n * 0.02))
    call.silence(1.0, 2.0)
    keys.there.set()
    await asyncio.sleep(0)
    call.caller(frame(4, (MOST_HELD + 100) * 0.02))
    stored = await call.finish()
    sound = samples_of(stored.path, keys.owner("t", "c"))[:, CALLER]
    assert stored.lost_frames == 50
    assert not sound[RATE : 2 * RATE].any()
    assert np.count_nonzero(sound) == (MOST_HELD - 50 + 1) * 160
    await recordings.close()


async def test_without_a_key_nothing_is_written_and_that_is_told(tmp_path: Path) -> None:
    class NoKeys(MemoryKeys):
        async def of(self, tenant: str, subject: str) -> bytes:
            raise KeyUnavailable("the key service does not answer")

    failed = metrics.value("aicc_recordings_failed_total")
    async with open_recordings(tmp_path, NoKeys(), DAY) as recordings:
        call = recordings.open("t", "c", DAY)
        for n in range(100):
            call.caller(frame(4, n * 0.02))
        with pytest.raises(RecordingError, match="does not answer"):
            await call.finish()
    assert not call.path.exists()
    assert metrics.value("aicc_recordings_failed_total") == failed + 1


async def test_recordings_that_close_before_a_key_came_leave_nobody_waiting(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path, SlowKeys())
    recordings.start()
    call = recordings.open("t", "c", DAY)
    call.caller(frame(4, 0.0))
    await recordings.close()
    with pytest.raises(RecordingError, match="closed before"):
        await call.finish()
    assert not call.path.exists()


# --- Reading ----------------------------------------------------------------------------------------------------------


async def stored(recordings: Recordings, call_id: str = "c") -> Path:
    call = recordings.open("t", call_id, DAY)
    call.caller(frame(5, 0.0, 3.0))
    return (await call.finish()).path


async def test_a_recording_is_opened_by_its_call(recordings: Recordings) -> None:
    await stored(recordings)
    with await recordings.sound("t", "c", DAY) as sound:
        assert (sound.seconds, sound.rate) == (3.0, RATE)


async def test_without_its_key_it_is_not_opened_any_more(recordings: Recordings, keys: MemoryKeys) -> None:
    path = await stored(recordings)
    keys.shred("t", "c")
    with pytest.raises(KeyShredded):
        await recordings.sound("t", "c", DAY)
    path.unlink()
    with pytest.raises(NoRecording):
        await recordings.sound("t", "c", DAY)


async def test_one_that_was_exchanged_for_another_calls_does_not_open(recordings: Recordings) -> None:
    one, other = await stored(recordings, "c1"), await stored(recordings, "c2")
    one.write_bytes(other.read_bytes())
    with pytest.raises(SealBroken):
        await recordings.sound("t", "c1", DAY)


async def test_a_file_from_elsewhere_has_no_key(recordings: Recordings, keys: MemoryKeys) -> None:
    await stored(recordings)
    keys.keys.clear()
    with pytest.raises(RecordingError, match="no key"):
        await recordings.sound("t", "c", DAY)


# --- After a kill -----------------------------------------------------------------------------------------------------

KILLED = """
import asyncio, sys
from datetime import date
from pathlib import Path
from gateway.session.recording import Recordings
from infra.audio import AudioFrame

class Keys:
    async def of(self, tenant, subject):
        return bytes.fromhex(sys.argv[2])

async def main():
    recordings = Recordings(Path(sys.argv[1]), Keys())
    recordings.start()
    call = recordings.open("t", "c", date(2026, 11, 21))
    n = 0
    while True:
        call.caller(AudioFrame(b"\\x01\\x00" * 160, 8000, n * 0.02))
        n += 1
        if n == 100:
            print("recorded", flush=True)
        await asyncio.sleep(0.001)

asyncio.run(main())
"""


async def test_the_recording_of_a_killed_process_is_read_as_it_is_and_closed_at_the_next_start(
    tmp_path: Path, keys: MemoryKeys, read: Read
) -> None:
    key = (await keys.of("t", "c")).hex()
    command = [sys.executable, "-c", KILLED, str(tmp_path / "recordings"), key]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"recorded\n"
    path = tmp_path / "recordings" / "t" / "2026-11-21" / "c.sealed"
    async with asyncio.timeout(20):
        while not path.exists() or path.stat().st_size < 100 * 640:
            await asyncio.sleep(0.01)
    process.kill()
    await process.communicate()
    assert len(read(path)) >= 80 * 160, "what the thread had reached, but for the last 0.2 s"
    sounding = np.trim_zeros(read(path)[:, CALLER], "b")
    assert (sounding == 1).all()
    assert torn(path)
    async with open_recordings(tmp_path, keys, DAY):
        assert not torn(path)
    assert (np.trim_zeros(read(path)[:, CALLER], "b") == 1).all()


async def test_mending_passes_by_what_it_cannot_close(tmp_path: Path, keys: MemoryKeys) -> None:
    folder = tmp_path / "t" / "2026-11-21"
    left, theirs = ("left", await keys.of("t", "left")), ("theirs", bytes(32))
    for name, key in (left, theirs):
        writer = SealedWriter(folder / f"{name}.sealed", Owner(f"t/{name}", key), about(RATE))
        os.close(writer._pages.file)
    (folder / "foreign.sealed").write_bytes(b"RIFX" + bytes(5_000))
    old = tmp_path / "t" / "2026-11-18" / "left.sealed"
    old.parent.mkdir()
    old.write_bytes((folder / "left.sealed").read_bytes())
    keys.shred("t", "theirs")
    recordings = Recordings(tmp_path, keys)
    assert await recordings.mend(DAY) == [folder / "left.sealed"]
    assert await recordings.mend(DAY) == []
    assert torn(old)
    assert torn(folder / "theirs.sealed")
    assert (folder / "foreign.sealed").read_bytes() == b"RIFX" + bytes(5_000)
