from __future__ import annotations

import pytest

from gateway.session.call_load import GUESS, CallLoad


def measured(cores: float, per_call: float, calls: int, seconds: int) -> CallLoad:
    load = CallLoad(cores)
    for second in range(seconds + 1):
        load.saw(float(second), 100.0 + second * calls * per_call, calls)
    return load


def most(load: CallLoad) -> int:
    return next(calls for calls in range(1000) if not load.bears(calls + 1))


def test_callers_who_come_together_are_taken_by_the_guess() -> None:
    assert most(CallLoad(0.75)) == int(0.75 / GUESS)


@pytest.mark.parametrize(("per_call", "expected"), [(0.02, 33), (0.15, 5)])
def test_what_was_measured_soon_outweighs_the_guess(per_call: float, expected: int) -> None:
    assert most(measured(0.75, per_call, calls=10, seconds=120)) == pytest.approx(expected, abs=expected * 0.25)


def test_what_is_spent_while_nobody_calls_is_nobodys_cost() -> None:
    load = CallLoad(0.75)
    load.saw(0.0, 0.0, 0)
    load.saw(10.0, 10.0, 0)
    load.saw(11.0, 10.05, 1)
    assert load.per_call == pytest.approx(GUESS, rel=0.05)


def test_a_clock_that_stands_and_a_process_that_began_anew_do_no_harm() -> None:
    load = CallLoad(0.75)
    load.saw(5.0, 50.0, 3)
    load.saw(5.0, 51.0, 3)
    load.saw(6.0, 0.1, 3)
    assert 0 < load.per_call <= GUESS


def test_where_recognition_costs_nothing_it_bears_everything() -> None:
    assert CallLoad(0.0).bears(10_000)
