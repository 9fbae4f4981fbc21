import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.session.conference import BOT, CALLER, CUSHION, LONGEST_WAIT, Conference, Mode
from infra.audio import FRAME_SECONDS

RATE = 8000
SAMPLES = round(RATE * FRAME_SECONDS)


def sound(level: int, rate: int = RATE) -> bytes:
    return np.full(round(rate * FRAME_SECONDS), level, "<i2").tobytes()


def heard(conference: Conference, sounds: dict[str, bytes], ticks: int = CUSHION + 1) -> dict[str, bytes]:
    """What each listener hears in the last of some ticks in which everybody speaks all the time."""
    mixes: dict[str, bytes] = {}
    for _ in range(CUSHION - 1):
        for who, pcm in sounds.items():
            conference.take(who, pcm)
    for _ in range(ticks):
        for who, pcm in sounds.items():
            conference.take(who, pcm)
        mixes = dict(conference.mixed())
    return mixes


def level(pcm: bytes) -> int:
    return int(np.median(np.frombuffer(pcm, "<i2")))


def test_an_agent_and_the_caller_hear_each_other_and_never_themselves():
    conference = Conference(RATE)
    conference.join("kim", RATE, Mode.TALK)
    mixes = heard(conference, {CALLER: sound(100), "kim": sound(200)})
    assert {who: level(pcm) for who, pcm in mixes.items()} == {CALLER: 200, "kim": 100}


def test_with_a_third_who_talks_everybody_hears_the_sum_of_the_others():
    conference = Conference(RATE)
    conference.join("kim", RATE, Mode.TALK)
    conference.join("lee", RATE, Mode.TALK)
    mixes = heard(conference, {CALLER: sound(100), "kim": sound(200), "lee": sound(400)})
    assert {who: level(pcm) for who, pcm in mixes.items()} == {CALLER: 600, "kim": 500, "lee": 300}


def test_a_whisper_reaches_the_agent_and_never_the_caller_and_a_listener_is_heard_by_nobody():
    conference = Conference(RATE)
    conference.join("kim", RATE, Mode.TALK)
    conference.join("lee", RATE, Mode.WHISPER)
    conference.join("cho", RATE, Mode.LISTEN)
    mixes = heard(conference, {CALLER: sound(1), "kim": sound(10), "lee": sound(100), "cho": sound(1000)})
    assert {who: level(pcm) for who, pcm in mixes.items()} == {CALLER: 10, "kim": 101, "lee": 11, "cho": 111}


def test_a_supervisor_hears_the_bot_and_the_caller_does_not_hear_it_twice():
    conference = Conference(RATE)
    conference.join("lee", RATE, Mode.LISTEN)
    mixes = heard(conference, {CALLER: sound(1), BOT: sound(10)})
    assert {who: level(pcm) for who, pcm in mixes.items()} == {"lee": 11}


def test_a_caller_on_hold_neither_hears_nor_is_heard_while_people_go_on_talking():
    conference = Conference(RATE)
    conference.join("kim", RATE, Mode.TALK)
    conference.join("lee", RATE, Mode.TALK)
    conference.held = True
    mixes = heard(conference, {CALLER: sound(1), BOT: sound(5), "kim": sound(10), "lee": sound(100)})
    assert {who: level(pcm) for who, pcm in mixes.items()} == {"kim": 100, "lee": 10}


def test_who_is_muted_is_heard_by_nobody_until_they_are_not():
    conference = Conference(RATE)
    conference.join("kim", RATE, Mode.TALK)
    conference.change("kim", muted=True)
    assert CALLER not in heard(conference, {"kim": sound(10)})
    conference.change("kim", muted=False)
    assert level(heard(conference, {"kim": sound(10)})[CALLER]) == 10


def test_nobody_can_be_changed_who_has_no_seat():
    with pytest.raises(KeyError):
        Conference(RATE).change("kim", muted=True)


def test_each_listener_gets_its_own_rate():
    conference = Conference(RATE)
    conference.join("kim", 16000, Mode.TALK)
    mixes = heard(conference, {CALLER: sound(100), "kim": sound(200, 16000)}, ticks=10)
    assert len(mixes["kim"]) == 2 * len(mixes[CALLER]) == 4 * SAMPLES
    assert abs(level(mixes["kim"]) - 100) <= 2
    assert abs(level(mixes[CALLER]) - 200) <= 2


def test_nothing_is_said_to_somebody_who_has_nothing_to_hear_and_a_first_frame_waits_for_its_cushion():
    conference = Conference(RATE)
    conference.join("kim", RATE, Mode.TALK)
    conference.take(CALLER, sound(1))
    assert conference.mixed() == []
    conference.take(CALLER, sound(1))
    assert [who for who, _ in conference.mixed()] == ["kim"]


def test_what_comes_faster_than_it_is_heard_is_dropped_the_oldest_first():
    conference = Conference(RATE)
    conference.join("kim", RATE, Mode.TALK)
    for number in range(LONGEST_WAIT + 1):
        conference.take(CALLER, sound(number))
    assert conference.dropped == LONGEST_WAIT + 1 - CUSHION
    assert level(dict(conference.mixed())["kim"]) == LONGEST_WAIT + 1 - CUSHION


def test_sound_is_not_kept_while_nobody_is_there_to_hear_it():
    conference = Conference(RATE)
    for _ in range(50):
        conference.take(CALLER, sound(1))
    conference.join("kim", RATE, Mode.TALK)
    assert conference.mixed() == []
    assert conference.dropped == 0


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=6))
def test_many_voices_never_wrap_around(levels):
    conference = Conference(RATE)
    sounds = {}
    for number, loud in enumerate(levels):
        conference.join(f"p{number}", RATE, Mode.TALK)
        sounds[f"p{number}"] = sound(loud)
    mixes = heard(conference, sounds)
    assert level(mixes[CALLER]) == max(-32768, min(32767, sum(levels)))
