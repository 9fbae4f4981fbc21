"""Whether a text is the tenant's business at all: a probability out of several signals, none of which is the intent's.

Each signal is held against how it is for examples that the head had not seen (a z-score); their mean is the score.
Where off-topic examples are known, how much nearer a text is to the intents than to those counts as well, and a
logistic regression may correct the weights a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialog.understanding.regression import softmax

Signals = NDArray[np.float64]
_Numbers = NDArray[np.floating[Any]]

_LEAST_SPREAD = 1e-3
_SLOPE = 0.6
_OFFSET = 2.0
"""What is believed beforehand: every signal speaks for being in scope; how much, few examples may only correct."""
_PULL = 0.05
_STEPS = 200


def signals(scores: _Numbers, near: _Numbers, central: _Numbers) -> Signals:
    """A row of signals for each text: of scores, of likenesses to the nearest examples (inside, outside) and to the
    centres of classes, being off topic the last class."""
    own = scores[:, :-1]
    best, middle = own.max(axis=1), central[:, :-1].max(axis=1)
    return np.column_stack(
        [
            softmax(own).max(axis=1),
            best - own.mean(axis=1),
            near[:, 0],
            middle,
            best - scores[:, -1],
            near[:, 0] - near[:, 1],
            middle - central[:, -1],
        ]
    ).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Scope:
    """From signals to a probability."""

    means: Signals
    spreads: Signals
    slopes: Signals
    offset: float

    @classmethod
    def fit(cls, inside: Signals, outside: Signals) -> Scope:
        """Learn from left-out examples that are in scope and off topic (these may be missing). Both sides weigh the
        same, whatever their number."""
        means, spreads = inside.mean(axis=0), np.maximum(inside.std(axis=0), _LEAST_SPREAD)
        prior = np.append(np.full(inside.shape[1], _SLOPE), _OFFSET)
        if not len(outside):
            return cls(means, spreads, prior[:-1], _OFFSET)
        texts = np.concatenate([inside, outside])
        features = np.column_stack([(texts - means) / spreads, np.ones(len(texts))])
        wanted = np.repeat([1.0, 0.0], [len(inside), len(outside)])
        weight = np.repeat([0.5 / len(inside), 0.5 / len(outside)], [len(inside), len(outside)])
        pull = _PULL * np.append(np.ones(inside.shape[1]), 1e-3)
        bound = np.linalg.inv(0.25 * features.T @ (features * weight[:, None]) + np.diag(pull))
        curve = prior.copy()
        for _ in range(_STEPS):  # Newton's method with an upper bound of the curvature, so that no step goes too far
            gradient = features.T @ (weight * (_sigmoid(features @ curve) - wanted)) + pull * (curve - prior)
            curve = curve - bound @ gradient
        return cls(means, spreads, curve[:-1], float(curve[-1]))

    def probability(self, found: Signals) -> float:
        """How probable it is that a text with these signals is in scope."""
        return float(_sigmoid((found - self.means) / self.spreads @ self.slopes + self.offset))


def _sigmoid(x: Signals) -> Signals:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0))))
