from __future__ import annotations

from stt.final_lag import ENOUGH, FIRST, KEPT, LONGEST, SHORTEST, FinalLag


def test_while_little_is_known_we_are_cautious() -> None:
    lag = FinalLag()
    for _ in range(ENOUGH - 1):
        lag.saw(0.01)
    assert lag.within == FIRST


def test_then_it_is_what_was_measured_and_a_little_more() -> None:
    lag = FinalLag()
    for number in range(100):
        lag.saw(0.2 + number / 1000)
    assert 0.29 < lag.within < 0.5


def test_it_stays_within_reason_and_forgets_bad_times() -> None:
    lag = FinalLag()
    for _ in range(KEPT):
        lag.saw(30.0)
    assert lag.within == LONGEST
    for _ in range(KEPT):
        lag.saw(0.001)
    assert lag.within == SHORTEST
