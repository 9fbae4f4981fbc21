from __future__ import annotations

import asyncio
import io
import os
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from gateway.analytics import waveform
from gateway.analytics.errors import NoWaveform, TooManyWaveforms
from gateway.analytics.waveform import Waveforms, read_waveform
from gateway.session.recorded_sound import RecordedSound
from infra.storage.sealed_file import PAGE
from tests.gateway.session.sealed import OWNER, sealed_recording

RATE = 8_000


def recording(path: Path, left: np.ndarray, right: np.ndarray) -> Path:
    path.unlink(missing_ok=True)
    return sealed_recording(path, np.stack([left, right], axis=1), RATE)


def shape_of(path: Path, points: int) -> waveform.Waveform:
    with RecordedSound(path, OWNER) as sound:
        return read_waveform(sound, points)


async def of(shapes: Waveforms, path: Path, points: int) -> waveform.Waveform:
    with RecordedSound(path, OWNER) as sound:
        return await shapes.of(sound, points)


def test_each_channel_keeps_its_own_loudest_moments(tmp_path: Path) -> None:
    left, right = np.zeros(4 * RATE), np.zeros(4 * RATE)
    left[RATE + 5] = -32_768
    right[3 * RATE] = 16_384
    shape = shape_of(recording(tmp_path / "c.wav", left, right), points=4)
    assert shape.seconds == 4.0
    assert shape.channels == ((0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.5))


@pytest.mark.parametrize("samples", [1, 7, 1_000, waveform.BLOCK - 1, waveform.BLOCK + 1, 3 * waveform.BLOCK + 17])
def test_blocks_do_not_show(tmp_path: Path, samples: int) -> None:
    sound = np.random.default_rng(samples).integers(-32_768, 32_767, samples)
    shape = shape_of(recording(tmp_path / "c.wav", sound, -sound // 2), points=100)
    stretch = -(-samples // 100)
    whole = [np.abs(sound[i : i + stretch]).max() / 32_768 for i in range(0, samples, stretch)]
    assert shape.channels[0] == pytest.approx(whole, abs=0.0006)
    assert len(shape.channels[1]) == len(shape.channels[0]) <= 100


def test_a_recording_without_sound_is_flat_and_empty(tmp_path: Path) -> None:
    shape = shape_of(recording(tmp_path / "c.wav", np.zeros(0), np.zeros(0)), points=10)
    assert (shape.seconds, shape.channels) == (0.0, ((), ()))


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    eight = io.BytesIO()
    with wave.open(eight, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(b"\x80" * 10)
    for sound in (io.BytesIO(b"hello"), io.BytesIO(), io.BytesIO(eight.getvalue())):
        with pytest.raises(NoWaveform):
            read_waveform(sound, points=10)


def test_one_that_was_changed_has_no_shape(tmp_path: Path) -> None:
    path = recording(tmp_path / "c", np.zeros(RATE), np.zeros(RATE))
    data = bytearray(path.read_bytes())
    data[2 * PAGE + 9] ^= 1
    path.write_bytes(data)
    with pytest.raises(NoWaveform, match="changed"):
        shape_of(path, 10)


async def test_it_is_read_once_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[RecordedSound] = []

    def counted(sound: RecordedSound, points: int) -> waveform.Waveform:
        read.append(sound)
        return read_waveform(sound, points)

    monkeypatch.setattr(waveform, "read_waveform", counted)
    path = recording(tmp_path / "c.wav", np.zeros(RATE), np.zeros(RATE))
    shapes = Waveforms()
    together = await asyncio.gather(*(of(shapes, path, 10) for _ in range(5)))
    assert len(read) == 1 and len(set(map(id, together))) == 1
    recording(path, np.full(RATE, 99), np.zeros(2 * RATE)[:RATE])
    os.utime(path, ns=(1, 1))
    assert max((await of(shapes, path, 10)).channels[0]) > 0
    assert len(read) == 2


async def test_only_so_many_are_kept_and_the_one_not_asked_for_longest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(sound: RecordedSound, points: int) -> waveform.Waveform:
        read.append(sound.path.name)
        return read_waveform(sound, points)

    monkeypatch.setattr(waveform, "read_waveform", counted)
    a, b, c = (recording(tmp_path / name, np.zeros(8), np.zeros(8)) for name in ("a", "b", "c"))
    shapes = Waveforms(most_kept=2)
    for path in (a, b, a, c, a, b):
        await of(shapes, path, 4)
    assert read == ["a", "b", "c", "b"]


async def test_who_would_wait_behind_too_many_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_has_asked = threading.Event()

    def slow(sound: RecordedSound, points: int) -> waveform.Waveform:
        assert everybody_has_asked.wait(10)
        return read_waveform(sound, points)

    monkeypatch.setattr(waveform, "read_waveform", slow)
    paths = [recording(tmp_path / f"{i}", np.zeros(8), np.zeros(8)) for i in range(4)]
    shapes = Waveforms(most_waiting=2)
    asking = [asyncio.create_task(of(shapes, path, 4)) for path in paths]
    refused, waiting = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    while len(refused) < 2:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        assert done, "a third and a fourth were let in"
        refused |= done
    assert all(isinstance(task.exception(), TooManyWaveforms) for task in refused)
    everybody_has_asked.set()
    assert [(await task).seconds for task in waiting] == [8 / RATE] * 2
    assert (await of(shapes, paths[0], 4)).seconds == 8 / RATE
    with RecordedSound(paths[1], OWNER) as gone:
        paths[1].unlink()
        with pytest.raises(NoWaveform):
            await shapes.of(gone, 4)
