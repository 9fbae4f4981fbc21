"""The whole measurement, small: a real gateway and a bare echo, two calls each, for a moment."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from gateway.commands.bench import capacity as benchmark
from gateway.commands.bench.order import Order
from tests.house import EXAMPLE, small_tenant

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are read from /proc"),
    pytest.mark.xdist_group("house"),
]


async def test_two_calls_on_a_real_gateway_are_measured_against_the_floor(tmp_path: Path) -> None:
    allowed = os.sched_getaffinity(0)
    told: list[str] = []
    small_tenant(tmp_path, ())  # nothing is asked in so short a time, so nothing needs to be ingested
    order = Order("turn", tries=(2,), seconds=2.5, settle=0.0, slowest_ramp=0.2, warm_up=0.0)
    findings = await benchmark.capacity(order, EXAMPLE, tmp_path, told.append)
    (step,) = findings.steps
    assert (step.offered, step.carried, step.failed, step.refused) == (2, 2, 0, 0)
    assert step.cpu_ms_per_call_s is not None
    assert step.cpu_ms_per_call_s > 0
    assert step.p50_gap_ms is not None
    assert 15 <= step.p50_gap_ms <= 60, "the greeting comes at the pace of sound"
    assert step.rss_mb_per_call is not None
    assert step.floor_cpu_ms_per_call_s is not None
    assert 0 < step.floor_cpu_ms_per_call_s < step.cpu_ms_per_call_s
    assert sum(line.startswith("calls") for line in told) == 1
    figures = json.loads(json.dumps(findings.verdict()))
    assert {"calls", "p99_gap_ms", "loop_lag_p99_ms", "cpu_ms_per_call_s", "rss_mb_per_call"} <= figures.keys()
    assert os.sched_getaffinity(0) == allowed, "the machine is left as it was found"


async def test_the_floor_itself_can_be_searched(tmp_path: Path) -> None:
    findings = await benchmark.capacity(Order("floor", most=4, seconds=0.5), EXAMPLE, tmp_path, lambda _: None)
    assert {step.offered for step in findings.steps} >= {4}
    assert findings.steps[0].turns == 0
    assert findings.steps[0].times_the_floor is None, "it is the floor"


async def test_elsewhere_nothing_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(benchmark.NotMeasurable, match="Linux"):
        await benchmark.capacity(Order(), EXAMPLE, tmp_path, lambda _: None)
