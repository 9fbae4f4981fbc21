"""The stack's formats become a leg's, and back."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.telephony.sip.call_sound import Received, Sent, leg_rate


@pytest.mark.parametrize(("stack", "leg"), [(8_000, 8_000), (16_000, 16_000), (48_000, 16_000), (32_000, 16_000)])
def test_a_leg_is_narrow_or_wide(stack: int, leg: int) -> None:
    assert leg_rate(stack) == leg


def tone(rate: int, hz: float = 440.0, seconds: float = 0.5) -> np.ndarray:
    return (8_000 * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)).astype("<i2")


def test_what_fits_is_passed_on_as_it_is() -> None:
    pcm = tone(8_000).tobytes()
    assert Received(8_000, 1, 8_000).convert(pcm) == pcm
    assert Sent(8_000, 1, 8_000).convert(pcm) == pcm


def test_two_channels_become_one_and_48_khz_16() -> None:
    stereo = np.repeat(tone(48_000), 2).tobytes()
    mono = np.frombuffer(Received(48_000, 2, 16_000).convert(stereo), "<i2")
    assert abs(len(mono) - 8_000) <= 1
    expected = tone(16_000)
    likeness = [np.corrcoef(mono[delay : delay + 4_000], expected[:4_000])[0, 1] for delay in range(33)]
    assert max(likeness) > 0.995, "alike, and at most 2 ms late"


def test_the_other_way_round_both_channels_carry_the_same() -> None:
    sent = Sent(48_000, 2, 16_000)
    stereo = np.frombuffer(sent.convert(tone(16_000).tobytes()), "<i2").reshape(-1, 2)
    assert abs(len(stereo) - 24_000) <= 1
    assert (stereo[:, 0] == stereo[:, 1]).all()
    assert sent.bytes_per_second == 192_000
