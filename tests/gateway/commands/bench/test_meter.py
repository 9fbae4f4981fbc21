from __future__ import annotations

import json

import pytest

from gateway.commands.bench.meter import Distribution, histogram_percentile, scrape


def test_percentiles_are_of_the_nearest_rank() -> None:
    seen = Distribution(range(1, 101))
    assert [seen.percentile(share) for share in (0.01, 0.5, 0.95, 0.99, 1.0)] == [1.0, 50.0, 95.0, 99.0, 100.0]
    assert Distribution([20.04]).percentile(0.5) == 20.0
    assert Distribution().percentile(0.5) is None


def test_a_moment_that_two_clocks_disagree_on_is_no_time() -> None:
    assert Distribution([-0.3]).percentile(0.5) == 0.0


def test_what_several_generators_saw_adds_up_and_travels_as_json() -> None:
    one, other = Distribution([1.0, 2.0]), Distribution([2.0, 30.0])
    one.merge(Distribution.from_json(json.loads(json.dumps(other.as_json()))))
    assert one.count == 4
    assert one.percentile(0.75) == 2.0
    assert one.percentile(1.0) == 30.0


EXPOSITION = """
# TYPE lag_seconds histogram
lag_seconds_bucket{le="0.01",loop="main"} 90.0
lag_seconds_bucket{le="0.02",loop="main"} 100.0
lag_seconds_bucket{le="+Inf",loop="main"} 100.0
other_lag_seconds_bucket{le="0.01"} 7.0
lag_seconds_count{loop="main"} 100.0
"""


def test_a_histogram_is_read_from_the_metrics_page() -> None:
    assert scrape(EXPOSITION, "lag_seconds") == {0.01: 90.0, 0.02: 100.0, float("inf"): 100.0}
    assert scrape(EXPOSITION, "no_such") == {}


def test_only_what_was_counted_between_two_scrapes_counts() -> None:
    before = {0.01: 90.0, 0.02: 100.0, float("inf"): 100.0}
    after = {0.01: 90.0, 0.02: 200.0, float("inf"): 200.0}
    assert histogram_percentile(before, after, 0.5) == pytest.approx(0.015)
    assert histogram_percentile({}, before, 0.45) == pytest.approx(0.005)
    assert histogram_percentile(before, before, 0.5) is None
    assert histogram_percentile({}, {}, 0.5) is None


def test_beyond_the_last_bound_at_least_that_is_known() -> None:
    assert histogram_percentile({}, {0.1: 1.0, float("inf"): 100.0}, 0.99) == 0.1
