"""A keypad's tones are known from whatever else is on a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from gateway.session.keypad_tones import COLUMNS, ROWS, is_keypad_tone
from infra.audio import mulaw_decode, mulaw_encode
from tests.gateway.session.tones import key_tone

KEYS = [(row, column) for row in ROWS for column in COLUMNS]
VOICES = Path(__file__).parents[2] / "calls" / "audio"


def frames(sound: np.ndarray, rate: int) -> list[bytes]:
    size = rate // 50
    return [sound[at : at + size].astype("<i2").tobytes() for at in range(0, len(sound) - size + 1, size)]


def share(sound: np.ndarray, rate: int) -> float:
    """How many of the frames are taken for a key."""
    found = [is_keypad_tone(frame, rate) for frame in frames(sound, rate)]
    return sum(found) / len(found)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize("level", [200, 3_000, 15_000])
def test_every_key_is_known_at_every_rate_and_level(rate: int, level: int) -> None:
    for row, column in KEYS:
        assert share(key_tone(row, column, 0.2, rate, level), rate) == 1.0, (row, column)


def test_a_key_is_known_on_a_bad_line() -> None:
    """Off by 1.8 % (what a receiver has to take, ITU-T Q.24), one of the two 6 dB louder, in noise of -15 dB."""
    noise = np.random.default_rng(1)
    for row, column in KEYS:
        for off in (0.982, 1.018):
            sound = 0.6 * key_tone(row * off, 0.0, 0.2, 8_000, 4_000) + 1.2 * key_tone(
                0.0, column / off, 0.2, 8_000, 4_000
            )
            sound = sound + noise.normal(0, np.sqrt(np.mean(sound**2) / 10**1.5), len(sound))
            assert share(sound, 8_000) >= 0.9, (row, column, off)


def test_a_key_is_known_behind_a_telephone_codec() -> None:
    for row, column in KEYS:
        sound = key_tone(row, column, 0.2, 8_000, 6_000).astype("<i2").tobytes()
        heard = np.frombuffer(mulaw_decode(mulaw_encode(sound)), "<i2")
        assert share(heard.astype(float), 8_000) == 1.0


@pytest.mark.parametrize("begins", [0.0, 0.004, 0.008])
def test_a_tone_that_fills_most_of_a_frame_is_one(begins: float) -> None:
    for row, column in KEYS:
        sound = key_tone(row, column, 0.02, 8_000, 4_000)
        sound[: round(begins * 8_000)] = 0
        assert is_keypad_tone(sound.astype("<i2").tobytes(), 8_000)


def test_people_are_not_taken_for_keys() -> None:
    taken = total = 0
    for path in sorted(VOICES.glob("*.wav")):
        sound, rate = soundfile.read(path, dtype="int16")
        found = [is_keypad_tone(frame, rate) for frame in frames(sound.astype(float), rate)]
        taken, total = taken + sum(found), total + len(found)
    assert total > 1_000
    assert taken / total < 0.01, f"{taken} of {total} frames of speech"


def test_silence_noise_single_tones_and_crumbs_are_no_keys() -> None:
    noise = np.random.default_rng(2).normal(0, 3_000, 8_000)
    for sound in (np.zeros(8_000), noise, key_tone(440.0, 480.0, 1.0, 8_000), key_tone(1_000.0, 0.0, 1.0, 8_000)):
        assert share(sound, 8_000) == 0.0
    for row in ROWS:
        assert share(key_tone(row, 0.0, 0.2, 8_000), 8_000) == 0.0
    assert not is_keypad_tone(b"", 8_000)
    assert not is_keypad_tone(b"\1\0" * 10, 8_000)
