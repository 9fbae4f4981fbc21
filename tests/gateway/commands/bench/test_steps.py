from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.commands.bench.steps import Step, header, row, shown, verdict

HELD = Step(
    offered=20,
    carried=20,
    refused=0,
    failed=0,
    turns=100,
    unanswered=0,
    p50_gap_ms=20.0,
    p99_gap_ms=31.4,
    loop_lag_p99_ms=4.2,
    cpu_ms_per_call_s=6.05,
    rss_mb_per_call=0.41,
    first_audio_p50_ms=410.0,
    first_audio_p95_ms=480.0,
    workers_cpu_ms_per_call_s=1.0,
    database_cpu_ms_per_call_s=0.5,
    core_busy=0.12,
    generator_late_p99_ms=1.5,
    generator_busy=0.1,
    foreign=0.02,
    stolen=0.0,
    floor_cpu_ms_per_call_s=1.1,
)


def test_a_step_within_the_limits_holds() -> None:
    assert HELD.faults() == []
    assert HELD.doubts() == []


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"p99_gap_ms": 60.0}, "gap"),
        ({"p99_gap_ms": None}, "nothing was heard"),
        ({"loop_lag_p99_ms": 20.0}, "loop lag"),
        ({"cpu_ms_per_call_s": 8.01}, "CPU"),
        ({"rss_mb_per_call": 2.1}, "memory"),
        ({"failed": 1, "failures": ("1 x closed with 1011",)}, "closed with 1011"),
        ({"unanswered": 3}, "3 of 100"),
    ],
)
def test_each_limit_is_told_when_it_is_broken(broken: dict[str, object], why: str) -> None:
    (fault,) = replace(HELD, **broken).faults()  # type: ignore[arg-type]
    assert why in fault


def test_what_was_not_measured_breaks_no_limit_and_is_no_zero() -> None:
    unknown = replace(HELD, loop_lag_p99_ms=None, cpu_ms_per_call_s=None, rss_mb_per_call=None)
    assert unknown.faults() == []
    assert verdict([unknown], 20)["loop_lag_p99_ms"] is None
    assert unknown.times_the_floor is None
    assert shown(None) == "-"


@pytest.mark.parametrize("doubted", [{"generator_late_p99_ms": 9.0}, {"foreign": 0.2}, {"stolen": 0.1}])
def test_a_step_beside_other_work_is_not_valid(doubted: dict[str, object]) -> None:
    step = replace(HELD, **doubted)  # type: ignore[arg-type]
    assert len(step.doubts()) == 1
    assert step.faults() == []
    assert verdict([step], 20)["valid"] is False
    assert "not valid" in row(step)


def test_the_verdict_is_of_the_step_that_carried_the_most() -> None:
    broken = replace(HELD, offered=40, carried=40, p99_gap_ms=99.0)
    assert verdict([replace(HELD, offered=10, carried=10), HELD, broken], 20) == {
        "calls": 20,
        "p99_gap_ms": 31.4,
        "loop_lag_p99_ms": 4.2,
        "cpu_ms_per_call_s": 6.05,
        "rss_mb_per_call": 0.41,
        "times_the_floor": 5.5,
        "valid": True,
    }
    assert verdict([broken], 0)["p99_gap_ms"] is None


def test_refused_calls_are_not_carried_and_do_not_break_the_others() -> None:
    step = replace(HELD, offered=40, carried=20, refused=20)
    assert step.faults() == []
    assert row(step).startswith("20/40")


def test_the_table_stands_in_columns() -> None:
    assert header().index("verdict") == row(HELD).index("held")
