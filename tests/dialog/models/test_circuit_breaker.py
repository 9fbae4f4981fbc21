"""When a service is left alone, and when it is asked again."""

from __future__ import annotations

from dialog.models.circuit_breaker import Backoff, Circuit, CircuitBreaker


def opened() -> CircuitBreaker:
    breaker = CircuitBreaker(failures=3, rest=10.0)
    for now in (1.0, 2.0, 3.0):
        assert breaker.admits(now)
        breaker.failed(now)
    return breaker


def test_failures_in_a_row_open_it_and_a_success_between_does_not() -> None:
    breaker = CircuitBreaker(failures=2, rest=10.0)
    breaker.failed(1.0)
    breaker.succeeded()
    breaker.failed(2.0)
    assert breaker.circuit(2.0) is Circuit.CLOSED
    breaker.failed(3.0)
    assert not breaker.admits(3.0)


def test_after_its_rest_one_trial_passes_and_closes_it() -> None:
    breaker = opened()
    assert not breaker.admits(12.9)
    assert breaker.admits(13.0)
    assert not breaker.admits(13.1)
    breaker.succeeded()
    assert breaker.circuit(13.2) is Circuit.CLOSED


def test_a_trial_that_fails_doubles_the_rest_up_to_a_limit() -> None:
    breaker = opened()
    now, rests = 13.0, []
    for _ in range(5):
        assert breaker.admits(now)
        breaker.failed(now)
        began = now
        while breaker.circuit(now) is not Circuit.HALF_OPEN:
            now += 1.0
        rests.append(now - began)
    assert rests == [20.0, 40.0, 80.0, 80.0, 80.0]


def test_a_trial_that_is_never_reported_on_does_not_close_the_door_for_ever() -> None:
    breaker = opened()
    assert breaker.admits(13.0)
    assert not breaker.admits(20.0)
    assert breaker.admits(23.0)


def test_pauses_double_with_jitter_and_end_with_the_attempts() -> None:
    backoff = Backoff(attempts=4, first=0.2, longest=0.5)
    assert [backoff.pause(attempt, 1.0, left=9.0) for attempt in (1, 2, 3, 4)] == [0.2, 0.4, 0.5, None]
    assert backoff.pause(1, 0.0, left=9.0) == 0.1


def test_nobody_waits_longer_than_there_is_time() -> None:
    assert Backoff().pause(1, 1.0, left=0.1) is None
    assert Backoff().pause(1, 1.0, left=9.0, asked_for=3.0) == 3.0
    assert Backoff().pause(1, 1.0, left=2.0, asked_for=3.0) is None
