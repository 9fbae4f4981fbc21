"""A sealed recording plays like any WAV file, from anywhere, and says that a machine speaks in it."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from gateway.session.errors import RecordingError
from gateway.session.recorded_sound import AT_ONCE, LARGEST_DATA, SYNTHETIC, RecordedSound, header
from infra.storage.errors import SealBroken
from infra.storage.sealed_file import PAGE, Owner, SealedWriter
from tests.gateway.session.sealed import OWNER, sealed_recording

SAMPLES = np.random.default_rng(3).integers(-20_000, 20_000, (3 * AT_ONCE // 4 + 11, 2))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return sealed_recording(tmp_path / "c.sealed", SAMPLES, 16_000)


def test_it_is_a_wav_file_to_those_who_read_such(path: Path, tmp_path: Path) -> None:
    with RecordedSound(path, OWNER) as sound:
        with wave.open(sound) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 16_000)
            assert (np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) == SAMPLES).all()
        sound = RecordedSound(path, OWNER)
        (tmp_path / "c.wav").write_bytes(b"".join(sound.parts()))
        assert sound.seconds == len(SAMPLES) / 16_000
        sound.close()
    found, rate = soundfile.read(tmp_path / "c.wav", dtype="int16")
    assert rate == 16_000
    assert (found == SAMPLES).all()


def test_any_part_of_it_is_the_same_as_of_the_whole(path: Path) -> None:
    with RecordedSound(path, OWNER) as sound:
        whole = b"".join(sound.parts())
        assert len(whole) == sound.size
        for start, size in ((0, 1), (40, 200), (300, 5_000), (AT_ONCE - 3, 9), (sound.size - 5, 100), (sound.size, 1)):
            assert sound.part(start, size) == whole[start : start + size]
        sound.seek(-10, 2)
        assert (sound.read(), sound.tell()) == (whole[-10:], len(whole))
        sound.seek(5)
        sound.seek(5, 1)
        assert sound.read(3) == whole[10:13]


def test_players_and_archives_are_told_that_a_machine_speaks(path: Path) -> None:
    with RecordedSound(path, OWNER) as sound:
        head = sound.part(0, 400)
    told = head[head.index(b"INFO") :]
    assert SYNTHETIC.encode() in told
    assert b"Channel 2" in told
    assert b"synthetic" in told[told.index(b"ICMT") : told.index(b"IKEY")]


def test_the_header_counts_what_it_holds() -> None:
    made = header(8_000, 100)
    assert struct.unpack_from("<I", made, 4)[0] == len(made) + 100 - 8
    assert made[-8:] == b"data" + struct.pack("<I", 100)
    assert len(made) % 2 == 0
    assert struct.unpack_from("<I", header(8_000, LARGEST_DATA), 4)[0] < 2**32


def test_a_frame_that_a_kill_cut_in_half_is_left_out(tmp_path: Path) -> None:
    writer = SealedWriter(tmp_path / "c.sealed", OWNER, {"rate": 8_000})
    writer.write(0, bytes(4_003))
    writer.close()
    with RecordedSound(tmp_path / "c.sealed", OWNER) as sound:
        assert sound.seconds == 1_000 / 8_000


def test_what_was_changed_is_not_played(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[5 * PAGE + 77] ^= 1
    path.write_bytes(data)
    with RecordedSound(path, OWNER) as sound, pytest.raises(SealBroken):
        list(sound.parts())


def test_sealed_is_not_yet_a_recording(tmp_path: Path) -> None:
    SealedWriter(tmp_path / "f", OWNER, {"kind": "note"}).close()
    with pytest.raises(RecordingError, match="no recording"):
        RecordedSound(tmp_path / "f", OWNER)
    with pytest.raises(SealBroken):
        RecordedSound(sealed_recording(tmp_path / "c", SAMPLES), Owner("t/other", OWNER.key))
