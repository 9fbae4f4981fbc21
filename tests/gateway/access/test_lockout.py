from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.access.lockout import (
    FIRST_PAUSE,
    FORGOTTEN_AFTER,
    FREE_TRIES,
    LONGEST_PAUSE,
    Tries,
    pause_after,
    paused,
    tried,
)
from tests.gateway.access.people import NOW


def after(count: int) -> Tries:
    tries = None
    for _ in range(count):
        tries = tried(tries, NOW)
    assert tries is not None
    return tries


def test_the_first_tries_are_free_and_then_each_pause_is_twice_the_last() -> None:
    assert not paused(None, NOW)
    assert not paused(after(FREE_TRIES - 1), NOW)
    assert [pause_after(FREE_TRIES + more) for more in range(4)] == [FIRST_PAUSE * 2**more for more in range(4)]
    assert pause_after(1000) == LONGEST_PAUSE


def test_a_pause_ends_and_the_count_is_forgotten_later() -> None:
    tries = after(FREE_TRIES)
    assert paused(tries, NOW + FIRST_PAUSE - timedelta(seconds=1))
    assert not paused(tries, NOW + FIRST_PAUSE)
    assert tried(tries, NOW + FIRST_PAUSE).count == FREE_TRIES + 1
    assert tried(tries, NOW + FORGOTTEN_AFTER).count == 1


@given(st.lists(st.integers(min_value=0, max_value=4000), min_size=1, max_size=400))
def test_however_somebody_guesses_a_day_has_room_for_few(waits: list[int]) -> None:
    """Who guesses as fast as the pauses let, or waits for the count to be forgotten, whichever is more."""
    tries, now, made = None, NOW, 0
    for wait in waits:
        now += timedelta(seconds=wait)
        if now - NOW > timedelta(days=1):
            break
        if not paused(tries, now):
            tries, made = tried(tries, now), made + 1
    assert made <= 24 * (FREE_TRIES + 5)
