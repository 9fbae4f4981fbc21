from __future__ import annotations

from pathlib import Path

import pytest

from gateway.commands.audio import read_audio
from infra.audio import AudioUnreadable, silence, write_wav


def test_a_wav_file_is_read_as_it_is(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", b"\x00\x10" * 800, 8000)
    assert read_audio(tmp_path / "a.wav") == (b"\x00\x10" * 800, 8000)


def test_two_channels_become_one(tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    soundfile.write(tmp_path / "a.wav", np.array([[0.5, 0.0]] * 160), 16000)
    pcm, rate = read_audio(tmp_path / "a.wav")
    assert rate == 16000
    assert np.frombuffer(pcm, "<i2").tolist() == [8192] * 160


@pytest.mark.parametrize("content", [b"", b"this is no sound", silence(8000, 0.1)])
def test_what_is_no_sound_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.m4a").write_bytes(content)
    with pytest.raises(AudioUnreadable, match=r"x\.m4a"):
        read_audio(tmp_path / "x.m4a")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioUnreadable, match="there is no file"):
        read_audio(tmp_path / "nowhere.wav")
