"""How good probabilities are: do they rank, do they keep their word, and what do the surest of them bring? Pure.

Refuses: a figure that the cases do not define (no wrong one to tell from right ones, say) – that is ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
OfCases = Callable[[NDArray[np.intp]], float | None]
"""A figure of the cases at some places."""

BINS = 10
_POINTS = 60


def auroc(high: Floats, low: Floats) -> float | None:
    """The share of pairs in which the one of ``high`` is above the one of ``low``; equal ones count half."""
    if not len(high) or not len(low):
        return None
    ordered = np.sort(low)
    below, not_above = np.searchsorted(ordered, high, "left"), np.searchsorted(ordered, high, "right")
    return float((below + not_above).mean() / 2 / len(low))


def reliability(p: Floats, right: Floats) -> tuple[tuple[float, float, int], ...]:
    """Ten bins of equal width, the empty ones left out: mean probability, share right, cases."""
    places = np.clip((p * BINS).astype(int), 0, BINS - 1)
    return tuple(
        (float(p[places == at].mean()), float(right[places == at].mean()), int((places == at).sum()))
        for at in range(BINS)
        if (places == at).any()
    )


def calibration_error(p: Floats, right: Floats) -> float | None:
    """The expected calibration error over those bins."""
    if not len(p):
        return None
    return sum(abs(promised - true) * count for promised, true, count in reliability(p, right)) / len(p)


def brier(p: Floats, right: Floats) -> float | None:
    """The mean squared error."""
    return float(np.mean((p - right) ** 2)) if len(p) else None


def risk_coverage(p: Floats, right: Floats) -> tuple[tuple[float, float], ...]:
    """Coverage, and the share wrong among the surest cases that make it up, at points evenly spread."""
    if not len(p):
        return ()
    order = np.argsort(-p, kind="stable")
    risk = 1 - np.cumsum(right[order]) / np.arange(1, len(p) + 1)
    counts = np.unique(np.linspace(max(1, len(p) // _POINTS), len(p), _POINTS).astype(int))
    return tuple((float(count / len(p)), float(risk[count - 1])) for count in counts)


def coverage_at(precision: float, p: Floats, right: Floats) -> float | None:
    """The largest share of cases, the surest, of which at least ``precision`` are right; 0 when there is none."""
    if not len(p):
        return None
    order = np.argsort(-p, kind="stable")
    good = np.flatnonzero(np.cumsum(right[order]) / np.arange(1, len(p) + 1) >= precision)
    return float(good[-1] + 1) / len(p) if len(good) else 0.0


def kept_away(kept: float, within: Floats, without: Floats) -> float | None:
    """The share of ``without`` that falls below the threshold which lets the share ``kept`` of ``within`` through."""
    if not len(within) or not len(without):
        return None
    return float((without < np.quantile(within, 1 - kept)).mean())


def arrays(*columns: Sequence[float]) -> tuple[Floats, ...]:
    """Columns as arrays of floats."""
    return tuple(np.asarray(column, dtype=np.float64) for column in columns)
