"""Learning how far to trust a decision: weights from labelled cases, drawn toward those that we ship, and the
thresholds that keep a risk's error below its limit. Pure.

A tenant has few labels and its turns come in topics, so two things are refused: to move far from what was learnt of
many before there is evidence (shrinkage), and to pick the threshold at which the error just happened to be low (the
bound is an upper one, over topics drawn anew).

Labels must come from turns picked at random; those that were handed over alone would teach that everything fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import Field

from dialog.answers.confidence import Calibration, Thresholds, Weights, answer_confidence, log_odds
from dialog.yaml_source import Shape, YamlFile

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

CALIBRATION = "calibration.yaml"
"""What ``aicc calibrate`` writes into a tenant's folder, and its releases hold."""

RISKS: Mapping[str, float] = {"answer": 0.25, "sure": 0.1}
"""The share that may be wrong of all that is said, and of what is said without naming its source. What is asked back
about is a question of cost: it is worth asking where one in four times that is what was meant (``Thresholds``)."""

_STEPS = 30
_LEAST_SPREAD = 1e-6
_LEAST_STRETCH = 0.1
"""Labels may take away trust in the signals, but never turn them round."""
_ROUNDS = 400
_SEED = 20261122
_LEAST_CASES = 20
"""A threshold is not believed on fewer cases above it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One decision of which it is known whether it was right: its signals, and the topic (a document, a day, a caller)
    that it shares with others."""

    signals: Mapping[str, float]
    right: bool
    topic: str
    weight: float = 1.0


def fitted(cases: Sequence[Labelled], names: Sequence[str], ridge: float) -> Weights:
    """Weights of logistic regression on the named signals. ``ridge`` holds standardized weights toward nought, and
    none is below it: what speaks for an answer never counts against one, however the cases happened to fall. That costs
    nothing where they are many, and holds among documents of another kind.

    Raises ``ValueError`` without both right and wrong cases.
    """
    rows = np.array([[case.signals.get(name, 0.0) for name in names] for case in cases], dtype=np.float64)
    right, weight = _outcomes(cases)
    means, spreads = rows.mean(axis=0), np.maximum(rows.std(axis=0), _LEAST_SPREAD)
    features = np.column_stack([(rows - means) / spreads, np.ones(len(rows))])
    pull = np.append(np.full(len(names), ridge), 1e-6)
    floor = np.append(np.zeros(len(names)), -np.inf)
    found = _regressed(features, right, weight, np.zeros(len(names) + 1), pull, floor)
    scaled = found[:-1] / spreads
    return Weights(float(found[-1] - scaled @ means), dict(zip(names, map(float, scaled), strict=True)))


def calibrated(cases: Sequence[Labelled], limits: Mapping[str, float], prior: float) -> Calibration:
    """What ``cases`` teach: shift and stretch of the shipped model, and thresholds within ``limits`` (see
    ``thresholds``).

    ``prior`` is how many cases the shipped model counts for: with as many labels, half of the way is gone.
    Raises ``ValueError`` without both right and wrong cases.
    """
    right, weight = _outcomes(cases)
    odds = np.array([log_odds(case.signals) for case in cases])
    features = np.column_stack([odds, np.ones(len(odds))])
    # A case tells at most a quarter (p (1 - p)) of its squared feature: this much is worth ``prior`` of them.
    pull = prior * 0.25 * np.array([max(float(np.mean(odds**2)), 1.0), 1.0])
    floor = np.array([_LEAST_STRETCH, -np.inf])
    stretch, shift = _regressed(features, right, weight, np.array([1.0, 0.0]), pull, floor)
    found = Calibration(float(shift), float(stretch), cases=len(cases))
    p = np.array([answer_confidence(case.signals, found).value for case in cases])
    topics = np.unique([case.topic for case in cases], return_inverse=True)[1].astype(np.intp)
    return replace(found, thresholds=thresholds(p, right, topics, limits))


def thresholds(p: Floats, right: Floats, topics: Indices, limits: Mapping[str, float]) -> Thresholds:
    """Thresholds such that of what passes no larger share is wrong than ``limits`` allow: ``sure``, ``answer``,
    ``clarify``. Where the labels cannot show that, the limit itself is the threshold, or the shipped one if stricter.
    """
    shipped = Thresholds()
    found = {}
    floor = 0.0
    for name in ("clarify", "answer", "sure"):
        at = safe_threshold(p, right, topics, limits[name]) if name in limits else None
        proud = max(getattr(shipped, name), 1 - limits[name]) if name in limits else getattr(shipped, name)
        floor = found[name] = max(floor, proud if at is None else at)
    return replace(shipped, **found)


def safe_threshold(p: Floats, right: Floats, topics: Indices, limit: float) -> float | None:
    """The lowest threshold above which at most ``limit`` is wrong, by an upper bound (90 %) over resampled topics.

    ``None`` when no threshold can be shown to keep the limit. From the surest downwards the first failure ends the
    search: scanning on would find a lucky stretch.
    """
    count = int(topics.max()) + 1 if len(topics) else 0
    if count < 2:
        return None
    drawn = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), size=_ROUNDS)
    kept = None
    for candidate in np.unique(np.round(np.quantile(p, np.linspace(0.98, 0.0, 50)), 3))[::-1]:
        passed = p >= candidate
        if passed.sum() < _LEAST_CASES:
            continue
        wrong = np.bincount(topics[passed], 1 - right[passed], count)
        size = np.bincount(topics[passed], minlength=count)
        sizes = drawn @ size
        errors = (drawn @ wrong)[sizes > 0] / sizes[sizes > 0]
        # No error seen is no proof of none: one case's worth is added.
        bound = float(np.quantile(errors, 0.9)) + 1.0 / int(passed.sum())
        if bound > limit:
            break
        kept = float(candidate)
    return kept


def _outcomes(cases: Sequence[Labelled]) -> tuple[Floats, Floats]:
    right = np.array([float(case.right) for case in cases])
    if not 0 < right.sum() < len(right):
        raise ValueError("both right and wrong cases are needed to learn what tells them apart")
    return right, np.array([case.weight for case in cases])


def _regressed(features: Floats, right: Floats, weight: Floats, start: Floats, pull: Floats, floor: Floats) -> Floats:
    """Logistic regression drawn toward ``start`` with the strength ``pull`` and kept at or above ``floor``, by Newton's
    method on what is not held there."""
    found = np.maximum(start, floor)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(features @ found, -30, 30)))
        gradient = features.T @ (weight * (p - right)) + pull * (found - start)
        hessian = (features * (weight * p * (1 - p))[:, None]).T @ features + np.diag(pull)
        free = (found > floor) | (gradient < 0)
        step = np.zeros_like(found)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        found = np.maximum(floor, found - step)
    return found


class _ThresholdsShape(Shape):
    answer: float = Field(ge=0, le=1)
    clarify: float = Field(ge=0, le=1)
    sure: float = Field(ge=0, le=1)


class _CalibrationShape(Shape):
    cases: int = Field(ge=1)
    shift: float = Field(ge=-20, le=20)
    stretch: float = Field(gt=0, le=10)
    thresholds: _ThresholdsShape


def read_calibration(file: YamlFile) -> Calibration:
    """What a tenant's ``calibration.yaml`` says. Raises ``TenantDialogInvalid`` that names file, line and key."""
    shape = file.shaped(_CalibrationShape)
    limits = shape.thresholds
    if not limits.clarify <= limits.answer <= limits.sure:
        raise file.complaint(("thresholds",), "must rise from clarify over answer to sure; calibrate anew")
    found = Thresholds(answer=limits.answer, clarify=limits.clarify, sure=limits.sure)
    return Calibration(shape.shift, shape.stretch, found, shape.cases)


def written(calibration: Calibration) -> str:
    """The file's text. Raises ``ValueError`` for what was learnt from nothing."""
    limits = calibration.thresholds
    if limits is None or not calibration.cases:
        raise ValueError("there is nothing to write: calibrate first")
    content = {
        "cases": calibration.cases,
        "shift": round(calibration.shift, 4),
        "stretch": round(calibration.stretch, 4),
        "thresholds": {name: round(getattr(limits, name), 3) for name in ("clarify", "answer", "sure")},
    }
    head = "# What this tenant's own turns have taught about confidence. Made by `aicc calibrate`; do not edit.\n"
    return head + yaml.safe_dump(content, sort_keys=False)
