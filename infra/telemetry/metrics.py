"""Prometheus metrics: one registry for the process, and metrics that may be asked for more than once.

The name of a metric, its help and its labels stay with the module that counts; this one only keeps two modules (or two
instances, or two tests) from registering the same name twice, and one name from meaning two things.

Refuses: labels with unbounded values such as call ids or callers; nothing here can check that, its users must.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets for waits, in seconds."""

M = TypeVar("M", Counter, Gauge, Histogram)


class MetricConflict(ValueError):
    """One name was asked for as two kinds of metric, or with two sets of labels. A mistake in the program."""


class Metrics:
    """A registry whose metrics are made at the first request and handed out again at each further one."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._made: dict[str, tuple[tuple[str, ...], Counter | Gauge | Histogram]] = {}
        self._lock = Lock()

    def counter(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Counter:
        """A number that only grows. The exposition adds ``_total`` to its name."""
        return self._get(Counter, name, labels, lambda: Counter(name, documentation, labels, registry=self.registry))

    def gauge(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Gauge:
        """A number that goes up and down."""
        return self._get(Gauge, name, labels, lambda: Gauge(name, documentation, labels, registry=self.registry))

    def histogram(
        self, name: str, documentation: str, labels: Sequence[str] = (), buckets: Sequence[float] = SECONDS
    ) -> Histogram:
        """How values are distributed over ``buckets`` (their upper bounds)."""
        return self._get(
            Histogram,
            name,
            labels,
            lambda: Histogram(name, documentation, labels, registry=self.registry, buckets=buckets),
        )

    def value(self, name: str, labels: dict[str, str] | None = None) -> float:
        """The present value of a sample by its exposed name (``…_total``, ``…_count``), 0.0 if there is none yet."""
        return self.registry.get_sample_value(name, labels or {}) or 0.0

    def exposition(self) -> tuple[bytes, str]:
        """All of it in the Prometheus text format, and the content type to serve it with."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    def _get(self, kind: type[M], name: str, labels: Sequence[str], make: Callable[[], M]) -> M:
        with self._lock:
            if name not in self._made:
                self._made[name] = (tuple(labels), make())
            known_labels, metric = self._made[name]
            if not isinstance(metric, kind) or known_labels != tuple(labels):
                raise MetricConflict(f"metric {name} is a {type(metric).__name__} with labels {known_labels} already")
            return metric


metrics = Metrics()
"""The registry of this process, with what the system says of it: memory, processor, open files."""

ProcessCollector(registry=metrics.registry)
