from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import numpy as np

from gateway.commands.bench.callers_sound import FRAME, audible, frames, noise_bed, trim, utterance
from infra.audio import mulaw_encode, write_wav


def tone(seconds: float, rate: int = 8000, amplitude: int = 10000) -> np.ndarray:
    return (amplitude * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 440 / rate)).astype("<i2")


def test_sound_is_cut_into_whole_frames() -> None:
    made = frames(tone(0.05).tobytes())
    assert [len(b64decode(frame)) for frame in made] == [FRAME] * 3


def test_an_utterance_is_its_loud_part_at_the_telephones_rate(tmp_path: Path) -> None:
    quiet = np.zeros(16000, "<i2")
    write_wav(tmp_path / "said.wav", np.concatenate((quiet, tone(0.5, 16000), quiet)).tobytes(), 16000)
    made = utterance(tmp_path / "said.wav")
    assert 24 <= len(made) <= 28
    assert audible(b64decode(made[0])) or audible(b64decode(made[1]))


def test_a_fading_tail_is_not_speech_but_a_pause_within_is_kept() -> None:
    sound = np.concatenate((tone(0.1), np.zeros(800, "<i2"), tone(0.1), tone(0.2, amplitude=100)))
    assert len(trim(sound)) == round(0.3 * 8000)


def test_the_line_is_quiet_but_not_dead_and_the_same_each_time() -> None:
    bed = noise_bed(1.0)
    assert len(bed) == 50
    assert bed == noise_bed(1.0)
    assert not any(audible(b64decode(frame)) for frame in bed)
    assert len(set(bed)) > 10


def test_speech_is_audible() -> None:
    assert audible(mulaw_encode(tone(0.02).tobytes()))
    assert not audible(b"")
