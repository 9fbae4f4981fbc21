"""Durations counted in fine bins, and percentiles of them: what every figure of the benchmarks is made of.

A run sees some hundred thousand durations in several processes. Bins of a tenth of a millisecond are exact enough for
limits of tens of milliseconds, cost one addition each, travel as JSON and can be added up; a list would not.

Refuses: clocks, processes and opinions. What is too slow is said elsewhere.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

BINS_PER_MS = 10


class Distribution:
    """How often which duration was seen; milliseconds, to a tenth."""

    def __init__(self, durations: Iterable[float] = ()) -> None:
        self._bins: Counter[int] = Counter()
        for duration in durations:
            self.add(duration)

    def add(self, ms: float) -> None:
        """One more duration; a negative one (two clocks, one moment) counts as none."""
        self._bins[int(ms * BINS_PER_MS) if ms > 0 else 0] += 1

    def merge(self, other: Distribution) -> None:
        """Add what another one has seen."""
        self._bins.update(other._bins)

    @property
    def count(self) -> int:
        """How many durations there are."""
        return self._bins.total()

    def percentile(self, share: float) -> float | None:
        """The nearest-rank percentile in milliseconds (``share`` 0.99 for the 99th); none where nothing was seen."""
        rank = max(math.ceil(share * self.count), 1)
        for bin_, number in sorted(self._bins.items()):
            rank -= number
            if rank <= 0:
                return bin_ / BINS_PER_MS
        return None

    def as_json(self) -> dict[str, int]:
        """The bins that are not empty."""
        return {str(bin_): number for bin_, number in self._bins.items()}

    @classmethod
    def from_json(cls, bins: Mapping[str, int]) -> Distribution:
        """The distribution that ``as_json`` wrote."""
        made = cls()
        made._bins.update({int(bin_): number for bin_, number in bins.items()})
        return made


def scrape(exposition: str, name: str) -> dict[float, float]:
    """The cumulative counts by upper bound of a histogram in Prometheus' text format, over all its labels."""
    counts: dict[float, float] = {}
    for line in exposition.splitlines():
        if line.startswith(f"{name}_bucket{{"):
            labels, _, value = line.rpartition(" ")
            bound = float(labels.partition('le="')[2].partition('"')[0])
            counts[bound] = counts.get(bound, 0.0) + float(value)
    return counts


def histogram_percentile(before: Mapping[float, float], after: Mapping[float, float], share: float) -> float | None:
    """The percentile of what a histogram counted between two scrapes, in its own unit; none where it counted nothing.

    Within a bucket values are taken to lie evenly, as Prometheus' ``histogram_quantile`` does; in the last one,
    which has no upper bound, the answer is its lower one.
    """
    bounds = sorted(after)
    counts = [after[bound] - before.get(bound, 0.0) for bound in bounds]
    if not counts or counts[-1] <= 0:
        return None
    rank = share * counts[-1]
    lower, below = 0.0, 0.0
    for bound, count in zip(bounds, counts, strict=True):
        if count >= rank:
            return lower if math.isinf(bound) else lower + (bound - lower) * (rank - below) / (count - below)
        lower, below = bound, count
    return None
