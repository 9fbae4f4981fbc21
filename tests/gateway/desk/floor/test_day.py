"""A day on the floor against what theory says of it. (The whole day, with figures: tests/benchmarks/bench_floor.py.)"""

from __future__ import annotations

from math import factorial

import pytest

from tests.gateway.desk.floor.day import (
    Play,
    Staffing,
    erlang_c,
    expected_service_level,
    expected_wait,
    first_come_first_served,
    interval,
    service_level,
    traffic,
)

T_39 = 2.023
"""Student's t for 40 days and a two-sided interval of 95 %."""

SMALL = Staffing(calls=250, agents=8, hours=2.0, handling=190.0)
WHOLE = Staffing()


@pytest.mark.parametrize(("agents", "erlangs"), [(1, 0.5), (2, 1.0), (10, 8.0), (40, 34.7)])
def test_erlang_c_is_the_known_one(agents: int, erlangs: float) -> None:
    all_busy = erlangs**agents / factorial(agents) * agents / (agents - erlangs)
    known = all_busy / (sum(erlangs**n / factorial(n) for n in range(agents)) + all_busy)
    assert erlang_c(agents, erlangs) == pytest.approx(known)


@pytest.mark.parametrize("seed", range(3))
def test_every_caller_waits_exactly_as_long_as_first_come_first_served_lets_them(seed: int) -> None:
    day = traffic(SMALL, seed)
    ideal = first_come_first_served(day, SMALL.agents)
    assert max(ideal) > 0, "on such a day somebody waits"
    assert Play(day, SMALL.agents).run() == pytest.approx(ideal, abs=1e-5)


def test_first_come_first_served_is_what_erlang_says() -> None:
    """Forty days of 2,000 calls and 40 agents, which the floor plays exactly like that."""
    waits = [first_come_first_served(traffic(WHOLE, seed, before=1_000), WHOLE.agents)[1_000:] for seed in range(40)]
    low, high = interval([service_level(day) for day in waits], T_39)
    assert low < expected_service_level(WHOLE) < high
    assert high - low < 0.1
    low, high = interval([sum(day) / len(day) for day in waits], T_39)
    assert low < expected_wait(WHOLE) < high
