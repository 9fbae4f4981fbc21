from __future__ import annotations

import pytest

from gateway.session.call_load import GUESS, SPEAKING, CallLoad


def measured(cores: float, each: float, *, calls: int, speaking: int, seconds: int) -> CallLoad:
    """A recognizer that takes ``each`` cores for every caller who speaks."""
    load = CallLoad(cores)
    for second in range(seconds + 1):
        load.saw(float(second), 100.0 + second * speaking * each, calls, speaking)
    return load


def most(load: CallLoad) -> int:
    return next(calls for calls in range(1000) if not load.bears(calls + 1))


def test_callers_who_come_together_are_taken_by_the_guess() -> None:
    assert most(CallLoad(0.75)) == int(0.75 / (GUESS * SPEAKING))


@pytest.mark.parametrize(("each", "expected"), [(0.05, 37), (0.4, 5)])
def test_what_was_measured_soon_outweighs_the_guess(each: float, expected: int) -> None:
    load = measured(0.75, each, calls=10, speaking=4, seconds=120)
    assert most(load) == pytest.approx(expected, abs=expected * 0.25)


def test_calls_that_were_only_greeted_so_far_make_none_seem_cheap() -> None:
    assert most(measured(0.75, 0.2, calls=9, speaking=0, seconds=30)) == int(0.75 / (GUESS * SPEAKING))


def test_callers_who_speak_more_than_most_count_as_what_they_are() -> None:
    talkative = measured(0.75, 0.2, calls=10, speaking=8, seconds=60)
    assert talkative.per_call == pytest.approx(0.2 * 0.8, rel=0.01)


def test_a_recognizer_that_was_behind_and_caught_up_has_cost_what_it_costs() -> None:
    load = CallLoad(0.75)
    for second in range(41):  # twelve speak for 20 s and cost 2.4 cores; there is one
        load.saw(float(second), float(second), 12, 12 if second <= 20 else 0)
    assert load.per_call > 0.12 * SPEAKING


def test_what_is_spent_while_nobody_calls_is_nobodys_cost() -> None:
    load = CallLoad(0.75)
    load.saw(0.0, 0.0, 0, 0)
    load.saw(10.0, 10.0, 0, 0)
    load.saw(11.0, 10.2, 1, 1)
    assert load.per_call == pytest.approx(GUESS, rel=0.05)


def test_a_clock_that_stands_and_a_process_that_began_anew_do_no_harm() -> None:
    load = CallLoad(0.75)
    load.saw(5.0, 50.0, 3, 1)
    load.saw(5.0, 51.0, 3, 1)
    load.saw(6.0, 0.1, 3, 1)
    assert 0 < load.per_call <= GUESS * SPEAKING


def test_where_recognition_costs_nothing_it_bears_everything() -> None:
    assert CallLoad(0.0).bears(10_000)
