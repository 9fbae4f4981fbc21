"""Metrics may be asked for again and never mean two things."""

from __future__ import annotations

import pytest

from infra.telemetry.metrics import MetricConflict, Metrics


def test_the_same_metric_is_handed_out_again() -> None:
    metrics = Metrics()
    metrics.counter("calls", "Calls", ("line",)).labels("a").inc()
    metrics.counter("calls", "Calls", ("line",)).labels("a").inc(2)
    assert metrics.value("calls_total", {"line": "a"}) == 3


def test_registries_do_not_share_anything() -> None:
    one, other = Metrics(), Metrics()
    one.counter("calls", "Calls").inc()
    other.counter("calls", "Calls")
    assert (one.value("calls_total"), other.value("calls_total")) == (1, 0)


def test_one_name_is_one_kind_with_one_set_of_labels() -> None:
    metrics = Metrics()
    metrics.gauge("calls", "Calls")
    with pytest.raises(MetricConflict, match="calls is a Gauge"):
        metrics.counter("calls", "Calls")
    with pytest.raises(MetricConflict):
        metrics.gauge("calls", "Calls", ("line",))


def test_what_was_not_counted_is_zero() -> None:
    assert Metrics().value("nothing_total") == 0.0


def test_a_histogram_sorts_into_its_buckets() -> None:
    metrics = Metrics()
    waits = metrics.histogram("wait_seconds", "Waits", buckets=(0.1, 1.0))
    for wait in (0.05, 0.5, 5.0):
        waits.observe(wait)
    assert metrics.value("wait_seconds_bucket", {"le": "0.1"}) == 1
    assert metrics.value("wait_seconds_bucket", {"le": "1.0"}) == 2
    assert metrics.value("wait_seconds_count") == 3


def test_the_exposition_is_what_prometheus_reads() -> None:
    metrics = Metrics()
    metrics.gauge("calls_open", "Calls that are open").set(4)
    text, content_type = metrics.exposition()
    assert b"# HELP calls_open Calls that are open\n# TYPE calls_open gauge\ncalls_open 4.0\n" in text
    assert content_type.startswith("text/plain")
