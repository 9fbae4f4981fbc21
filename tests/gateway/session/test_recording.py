"""Both sides of a call lie where the caller heard them, in a file that can always be played."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
import wave
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from gateway.session import recording
from gateway.session.errors import NameRefused, RecordingError
from gateway.session.recording import BOT, CALLER, LONGEST_GAP, WINDOW, Recordings, Tracks, header, mend
from infra.audio import AudioFrame
from infra.telemetry.metrics import metrics

RATE = 8_000
DAY = date(2026, 11, 21)


def tone(level: int, seconds: float = 0.02) -> bytes:
    return np.full(round(seconds * RATE), level, dtype="<i2").tobytes()


def frame(level: int, at: float, seconds: float = 0.02) -> AudioFrame:
    return AudioFrame(tone(level, seconds), RATE, at)


def read(path: Path) -> np.ndarray:
    """Samples by time and channel, as any player would read them."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)


def assemble(tracks: Tracks) -> np.ndarray:
    data = bytearray()
    for offset, block in tracks.drain():
        data.extend(bytes(max(0, offset + len(block) - len(data))))
        data[offset : offset + len(block)] = block
    return np.frombuffer(bytes(data), dtype="<i2").reshape(-1, 2)


@pytest.fixture
async def recordings(tmp_path: Path) -> AsyncIterator[Recordings]:
    recordings = Recordings(tmp_path / "recordings")
    recordings.start()
    yield recordings
    await recordings.close()


# --- The time line ----------------------------------------------------------------------------------------------------


def test_each_side_lies_at_its_media_time_to_the_sample() -> None:
    tracks = Tracks(RATE)
    for n in range(5):
        tracks.place(CALLER, 10 + n * 0.02, tone(100 + n))
    tracks.place(BOT, 10.05, tone(7))
    sound = assemble(tracks)
    assert len(sound) == 800
    assert [int(sound[n * 160, CALLER]) for n in range(5)] == [100, 101, 102, 103, 104]
    assert sound[:400, BOT].max() == 0
    assert (sound[400:560, BOT] == 7).all()
    assert sound[560:, BOT].max() == 0


def test_silence_is_where_nobody_gave_sound() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 0.0, tone(1))
    tracks.place(CALLER, 2.0, tone(2))
    sound = assemble(tracks)
    assert len(sound) == 16_160
    assert not sound[160:16_000].any()


def test_frames_that_miss_each_other_by_a_clocks_jitter_are_joined() -> None:
    tracks = Tracks(RATE)
    for n, jitter in enumerate((0.0, 0.004, -0.003, 0.009, 0.0)):
        tracks.place(BOT, n * 0.02 + jitter, tone(n + 1))
    sound = assemble(tracks)
    assert [int(v) for v in sound[::160, BOT]] == [1, 2, 3, 4, 5]
    assert len(sound) == 800


def test_a_drift_is_not_followed_for_ever() -> None:
    tracks = Tracks(RATE)
    for n in range(100):
        tracks.place(BOT, n * 0.021, tone(n + 1))  # 5 % slow
    assert tracks.seconds == pytest.approx(99 * 0.021 + 0.02, abs=recording.SNAP)


def test_sound_that_is_known_later_still_finds_its_place() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 0.0, tone(1, 5.0))
    first = tracks.drain()
    tracks.place(BOT, 1.0, tone(9, 0.5))
    ((offset, block),) = tracks.drain()
    assert [len(block) for _, block in first] == [40_000 * 4]
    assert (offset, len(block)) == (8_000 * 4, 4_000 * 4)
    again = np.frombuffer(block, dtype="<i2").reshape(-1, 2)
    assert (again == [1, 9]).all(), "the caller's side of what is written again is still there"


def test_what_comes_too_late_or_cannot_be_meant_is_dropped_and_counted() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 100.0, tone(1))
    tracks.place(BOT, 50.0, tone(2))
    tracks.place(BOT, 100.0 + LONGEST_GAP + 1, tone(2))
    for n in range(1, 4):
        tracks.place(CALLER, 100.0 + n * WINDOW, tone(3))
    tracks.place(BOT, 100.0, tone(2))
    assert tracks.lost == 3
    assert not assemble(tracks)[:, BOT].any()


def test_a_long_call_needs_no_more_memory_than_a_short_one() -> None:
    tracks = Tracks(RATE)
    written = 0
    for second in range(120):
        tracks.place(CALLER, float(second), tone(second, 1.0))
        blocks = tracks.drain()
        written += sum(len(block) for _, block in blocks)
    assert written == 120 * RATE * 4
    assert tracks.seconds == 120
    assert tracks._sound.nbytes == 2 * WINDOW * RATE * 4


def test_a_silence_longer_than_the_window_keeps_what_was_before() -> None:
    tracks = Tracks(RATE)
    tracks.place(CALLER, 0.0, tone(1))
    tracks.place(CALLER, 90.0, tone(2))
    tracks.place(BOT, 85.0, tone(3))
    sound = assemble(tracks)
    assert [int(sound[at * RATE, channel]) for at, channel in ((0, CALLER), (90, CALLER), (85, BOT))] == [1, 2, 3]
    assert int(np.count_nonzero(sound)) == 3 * 160


# --- Files ------------------------------------------------------------------------------------------------------------


async def test_a_recording_is_a_stereo_file_in_its_tenants_folder(recordings: Recordings, tmp_path: Path) -> None:
    call = recordings.open("hanbit-store", "CA01", DAY)
    for n in range(50):
        call.caller(frame(1000, 3 + n * 0.02))
        call.bot(frame(-500, 3 + n * 0.02))
    stored = await call.finish()
    assert stored.path == tmp_path / "recordings" / "hanbit-store" / "2026-11-21" / "CA01.wav"
    assert (stored.seconds, stored.lost_frames) == (1.0, 0)
    assert (read(stored.path) == [1000, -500]).all()
    assert len(read(stored.path)) == 8_000
    assert stored.path.stat().st_mode & 0o077 == 0
    assert stored.path.parent.stat().st_mode & 0o077 == 0


async def test_calls_side_by_side_have_a_file_each(recordings: Recordings) -> None:
    calls = [recordings.open("t", f"c{n}", DAY) for n in range(5)]
    for step in range(30):
        for n, call in enumerate(calls):
            call.caller(frame(n + 1, step * 0.02))
    for n, call in enumerate(calls):
        assert (read((await call.finish()).path)[:, CALLER] == n + 1).all()


async def test_a_recording_without_sound_is_an_empty_file(recordings: Recordings) -> None:
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


async def test_the_rate_is_a_choice(recordings: Recordings) -> None:
    call = recordings.open("t", "c", DAY, rate=16_000)
    call.caller(AudioFrame(bytes(640), 16_000, 0.0))
    stored = await call.finish()
    assert stored.seconds == 0.02
    with wave.open(str(stored.path)) as file:
        assert file.getframerate() == 16_000


async def test_a_second_recording_does_not_overwrite_the_first(recordings: Recordings) -> None:
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


async def test_one_that_cannot_be_written_does_not_disturb_the_others(recordings: Recordings, tmp_path: Path) -> None:
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


async def test_a_thread_that_does_not_keep_up_costs_sound_but_not_time(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path, most_waiting=2)
    recordings.start()
    go_on = occupy(recordings)
    call = recordings.open("t", "c", DAY)
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


def occupy(recordings: Recordings) -> Callable[[], None]:
    """Give the thread something that it cannot finish before it is told to go on."""
    gate, busy = threading.Event(), threading.Event()

    def wait(result: object) -> None:
        busy.set()
        gate.wait(5)

    recordings._waiting.put(recording._End(recordings.open("t", "another", DAY), wait))
    assert busy.wait(5)
    return gate.set


async def test_finishing_twice_or_recording_when_closed_is_refused(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    with pytest.raises(RecordingError, match="not started"):
        recordings.open("t", "c", DAY)
    recordings.start()
    call = recordings.open("t", "c", DAY)
    await call.finish()
    with pytest.raises(RecordingError, match="finished before"):
        await call.finish()
    await recordings.close()
    await recordings.close()


async def test_closing_keeps_what_was_not_finished(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    recordings.start()
    call = recordings.open("t", "c", DAY)
    for n in range(10):
        call.caller(frame(4, n * 0.02))
    await recordings.close()
    assert (read(call.path)[:, CALLER] == 4).all()


KILLED = """
import asyncio, sys
from datetime import date
from pathlib import Path
from gateway.session.recording import Recordings
from infra.audio import AudioFrame

async def main():
    recordings = Recordings(Path(sys.argv[1]))
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


def test_the_file_of_a_killed_process_can_be_played_as_it_is(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"recorded\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    path = tmp_path / "t" / "2026-11-21" / "c.wav"
    assert len(read(path)) >= 80 * 160, "at most the last 0.2 s and what the thread had not reached"
    assert (read(path) == [1, 0]).all()


def test_mending_tells_the_header_of_the_last_moments(tmp_path: Path) -> None:
    torn = tmp_path / "t" / "2026-11-21" / "torn.wav"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(header(RATE, 4) + b"\1\0\2\0" * 100 + b"\1")
    whole = torn.with_name("whole.wav")
    whole.write_bytes(header(RATE, 8) + bytes(8))
    foreign = torn.with_name("foreign.wav")
    foreign.write_bytes(b"RIFX" + bytes(60))
    old = tmp_path / "t" / "2026-11-18" / "old.wav"
    old.parent.mkdir()
    old.write_bytes(header(RATE, 0) + bytes(8))
    assert Recordings(tmp_path).mend(DAY) == [torn]
    assert len(read(torn)) == 100
    assert foreign.read_bytes() == b"RIFX" + bytes(60)
    assert Recordings(tmp_path).mend(DAY) == []
    assert not mend(whole)


def test_a_header_never_promises_more_than_the_format_can() -> None:
    riff, data = (
        struct.unpack_from("<I", header(RATE, 2**40), 4)[0],
        struct.unpack_from("<I", header(RATE, 2**40), 40)[0],
    )
    assert riff == 0xFFFF_FFFF - 8
    assert data == riff - 36
