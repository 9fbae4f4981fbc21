"""Multinomial logistic regression in its dual form, and how surely what it gives is so.

In the dual form some hundreds of examples make a small problem however many features their texts have. Newton steps
with the fixed upper bound of the Hessian (Böhning, "Multinomial logistic regression algorithm", 1992) and Nesterov's
momentum. Time grows with the square of the examples, and beyond some thousands with their cube: a tenant's hundreds
take a fraction of a second, fifteen thousand some minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from dialog.understanding.features import Floats

Indices = NDArray[np.intp]

FOLDS = 3
ENOUGH = 2_000
"""Left-out examples by which everything can be calibrated."""
_STEPS = 60
_CLOSE = 0.02
"""Of the first step's residual: what is still left of it changes no answer."""
_PENALTY = np.float32(0.1)
"""Of the squared weights, beside the sum of all examples' losses."""
_TEMPERATURES = np.geomspace(0.1, 3.0, 60)


def softmax(scores: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Scores as shares, along the last axis."""
    shifted = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return np.asarray(shifted / np.sum(shifted, axis=-1, keepdims=True))


def fit(kernel: Floats, targets: Floats) -> Floats:
    """Dual coefficients (examples x classes); a text's scores are its likenesses to the examples times these."""
    curvature = 0.5 * kernel
    curvature[np.diag_indices_from(curvature)] += _PENALTY
    bound = cho_factor(curvature, overwrite_a=True, check_finite=False)
    duals = ahead = np.zeros_like(targets)
    close = 0.0
    for step in range(_STEPS):
        residual = softmax(kernel @ ahead) - targets + _PENALTY * ahead
        size = float(np.linalg.norm(residual))
        if step == 0:
            close = _CLOSE * size
        if size <= close:
            break
        moved = ahead - cho_solve(bound, residual, overwrite_b=True, check_finite=False)
        ahead = moved + np.float32(step / (step + 3)) * (moved - duals)
        duals = moved
    return duals


def folds(classes: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Which examples to learn from and which to leave out: each once, or, of very many, as many as tell enough."""
    fold = np.zeros(len(classes), dtype=np.intp)
    for label in np.unique(classes):
        members = np.flatnonzero(classes == label)
        fold[members] = np.arange(len(members)) % FOLDS
    for number in range(FOLDS if len(classes) < FOLDS * ENOUGH else 1):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if len(inside) and len(outside):
            yield inside, outside


def temperature(scores: Floats, classes: Indices) -> float:
    """The temperature under which these classes are most likely."""
    picked = np.arange(len(classes))
    losses = [-float(np.mean(np.log(softmax(scores / heat)[picked, classes] + 1e-12))) for heat in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])
