"""While a secret is asked for, nothing of the caller is kept and no key can be read from what is heard."""

from __future__ import annotations

import numpy as np

from gateway.session.secrecy import BEFORE_KEY, LINGERS, Secrecy
from infra.audio import AudioFrame
from tests.gateway.session.tones import key_tone

RATE = 8_000
VOICE = np.random.default_rng(1).integers(-3_000, 3_000, 160).astype("<i2").tobytes()
KEY = key_tone(770.0, 1336.0, 0.02).astype("<i2").tobytes()
SILENCE = bytes(320)


class Caller:
    """Sends frames; ``asking`` is whether a secret is asked for."""

    def __init__(self) -> None:
        self.asking = False
        self.silent: list[tuple[float, float]] = []
        self.secrecy = Secrecy(
            lambda: self.asking, lambda start, end: self.silent.append((round(start, 3), round(end, 3)))
        )
        self.sent = 0

    def send(self, pcm: bytes, seconds: float = 0.02) -> list[tuple[bytes, bytes]]:
        """What is kept and what is heard of each frame."""
        out = []
        for _ in range(round(seconds / 0.02)):
            frame = AudioFrame(pcm, RATE, self.sent * 0.02)
            kept, heard = self.secrecy.frame(frame)
            assert (kept.at, kept.rate, heard.at) == (frame.at, RATE, frame.at)
            out.append((kept.pcm, heard.pcm))
            self.sent += 1
        return out


def test_a_call_that_asks_for_no_secret_is_kept_as_it_is() -> None:
    caller = Caller()
    for pcm in (VOICE, KEY, SILENCE):
        assert set(caller.send(pcm, 0.5)) == {(pcm, pcm)}
    caller.secrecy.end()
    assert caller.silent == []


def test_of_a_secret_nothing_is_kept_and_of_its_keys_nothing_heard() -> None:
    caller = Caller()
    caller.send(VOICE, 1.0)
    caller.asking = True
    assert set(caller.send(VOICE, 0.5)) == {(SILENCE, VOICE)}, "who says it has to be understood"
    assert set(caller.send(KEY, 0.5)) == {(SILENCE, SILENCE)}


def test_it_lasts_until_the_last_tone_has_faded() -> None:
    caller = Caller()
    caller.send(VOICE, 1.0)
    caller.asking = True
    caller.send(KEY, 1.0)
    caller.asking = False
    assert set(caller.send(KEY, LINGERS)) == {(SILENCE, SILENCE)}
    assert set(caller.send(VOICE, 1.0)) == {(VOICE, VOICE)}
    assert caller.silent == [(1.0, 2.0 + LINGERS)]


def test_one_secret_after_the_other_is_one_stretch() -> None:
    caller = Caller()
    caller.asking = True
    caller.send(VOICE, 1.0)
    caller.asking = False
    caller.send(VOICE, LINGERS / 2)
    caller.asking = True
    caller.send(VOICE, 1.0)
    caller.asking = False
    caller.send(VOICE, 2.0)
    assert len(caller.silent) == 1


def test_a_call_that_ends_meanwhile_tells_of_it() -> None:
    caller = Caller()
    caller.asking = True
    caller.send(VOICE, 1.0)
    caller.secrecy.end()
    caller.secrecy.end()
    assert caller.silent == [(0.0, 1.0 + LINGERS)]


def test_keys_that_were_pressed_too_early_are_silenced_afterwards() -> None:
    caller = Caller()
    caller.send(VOICE, 2.0)
    for _ in range(3):
        caller.send(KEY, 0.2)
        caller.secrecy.key(caller.sent * 0.02)
    caller.asking = True
    caller.send(VOICE)
    assert caller.silent == [(round(2.2 - BEFORE_KEY, 3), 2.6)], "from before the first of them"


def test_keys_of_a_turn_that_is_dealt_with_are_not() -> None:
    caller = Caller()
    caller.send(KEY, 1.0)
    caller.secrecy.key(1.0)
    caller.secrecy.turn_ended(hidden=False)
    caller.asking = True
    caller.send(VOICE)
    assert caller.silent == []


def test_keys_that_turn_out_to_be_nobodys_business_are_silenced_afterwards() -> None:
    caller = Caller()
    caller.send(VOICE, 2.0)
    for _ in range(3):
        caller.send(KEY, 0.2)
        caller.secrecy.key(caller.sent * 0.02)
    caller.send(VOICE)
    caller.secrecy.turn_ended(hidden=True)
    assert caller.silent == [(round(2.2 - BEFORE_KEY, 3), round(2.6 + LINGERS, 3))]
    caller.secrecy.turn_ended(hidden=True)
    assert len(caller.silent) == 1, "they are dealt with"


def test_keys_of_the_secret_itself_are_not_early_for_the_next_one() -> None:
    caller = Caller()
    caller.asking = True
    caller.send(KEY, 1.0)
    caller.secrecy.key(1.0)
    caller.secrecy.turn_ended(hidden=False)
    caller.asking = False
    caller.send(VOICE, 5.0)
    caller.asking = True
    caller.send(VOICE, 1.0)
    assert caller.silent == [(0.0, 1.0 + LINGERS)]
