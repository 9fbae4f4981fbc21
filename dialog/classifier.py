"""The embedded intent head: trained at load from a tenant's examples, in numpy, within a fraction of a second.

It gives two numbers that are kept apart because one cannot do the other's work: the probability of each intent
*given* that the caller wants one of them (calibrated by a temperature), and the probability that he does (in
scope). Scaling by a temperature makes the first honest and worsens the second, so the second is made of distances,
never of the first.

Method: multinomial logistic regression in its dual form (a few hundred examples make a small kernel however many
pieces their texts have), by Newton steps with the fixed upper bound of the Hessian (Böhning, "Multinomial logistic
regression algorithm", 1992); in scope from the mean of the z-scored largest score, nearest example and nearest
centroid, each compared with what left-out examples of the tenant's own get, fitted against the tenant's off-topic
examples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialog.grams import Floats, Space, pieces

_FOLDS = 5
_STEPS = 40
_PENALTY = 0.1
"""Of the squared weights, beside the sum of all examples' losses."""
_TEMPERATURES = np.geomspace(0.1, 3.0, 60)
_LEAST_SPREAD = 1e-3
_DISTANCES = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the head makes of a text: all intents with their probability, most probable first; ``in_scope`` in 0..1."""

    ranked: tuple[tuple[str, float], ...]
    in_scope: float

    @property
    def intent(self) -> str:
        """The most probable intent."""
        return self.ranked[0][0]

    @property
    def probability(self) -> float:
        """How probable the most probable intent is, should the text be in scope."""
        return self.ranked[0][1]


@dataclass(frozen=True, slots=True)
class _Scope:
    """From three distances to a probability: their mean z-score through a logistic curve."""

    means: Floats
    spreads: Floats
    slope: float
    offset: float

    def probability(self, distances: Floats) -> float:
        z = float(np.mean((distances - self.means) / self.spreads))
        return float(_sigmoid(np.array(self.slope * z + self.offset)))


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained head. Immutable; judging takes well under a millisecond.

    ``table`` has a row for each piece: its weight for each intent, its part in each intent's centroid, and its part in
    each example, side by side, so that one gather of a text's pieces yields everything.
    """

    labels: tuple[str, ...]
    space: Space
    table: NDArray[np.float32]
    temperature: float
    scope: _Scope

    @classmethod
    def train(cls, examples: Mapping[str, Sequence[str]], off_topic: Sequence[str]) -> Classifier:
        """Train on ``examples`` (intent to utterances, at least two intents) and texts that are none of them."""
        labels = tuple(examples)
        classes = np.array([index for index, label in enumerate(labels) for _ in examples[label]], dtype=np.intp)
        bags = [pieces(text) for label in labels for text in examples[label]]
        space = Space.over(bags)
        rows = space.matrix(bags)
        kernel = rows @ rows.T
        targets = np.eye(len(labels))[classes]
        left_out = _left_out_scores(kernel, classes, targets)
        centroids = _centroids(rows, targets)
        table = np.concatenate([rows.T @ _fit(kernel, targets), centroids.T, rows.T], axis=1).astype(np.float32)
        inside = np.column_stack([left_out.max(axis=1), *_left_out_neighbours(kernel, targets)])
        outside = np.array([_distances(space, table, len(labels), pieces(text))[1] for text in off_topic])
        return cls(
            labels=labels,
            space=space,
            table=table,
            temperature=_temperature(left_out, classes),
            scope=_fit_scope(inside, outside.reshape(-1, _DISTANCES)),
        )

    def judge(self, text: str) -> Judgement:
        """The intents of ``text`` and whether it is in scope. A text without any known piece is out of scope."""
        scores, distances = _distances(self.space, self.table, len(self.labels), pieces(text))
        shares = _softmax(scores / self.temperature)
        ranked = tuple((self.labels[index], float(shares[index])) for index in np.argsort(-shares, kind="stable"))
        return Judgement(ranked, self.scope.probability(distances) if distances.any() else 0.0)


def _distances(space: Space, table: NDArray[np.float32], count: int, bag: Counter[str]) -> tuple[Floats, Floats]:
    """A text's score for each intent; and its largest score, nearest example and nearest centroid."""
    places, values = space.sparse(bag)
    if not len(places):
        return np.zeros(count), np.zeros(_DISTANCES)
    products = (values.astype(np.float32) @ table[places]).astype(np.float64)
    scores = products[:count]
    near = [float(scores.max()), float(products[2 * count :].max()), float(products[count : 2 * count].max())]
    return scores, np.array(near)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0))))


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return np.asarray(shifted / np.sum(shifted, axis=-1, keepdims=True))


def _fit(kernel: Floats, targets: Floats) -> Floats:
    """Dual coefficients (examples x intents) of the penalized multinomial logistic regression."""
    duals = np.zeros(targets.shape)
    bound = np.linalg.inv(0.5 * kernel + _PENALTY * np.eye(len(kernel)))
    ahead = duals
    for step in range(_STEPS):
        residual = _softmax(kernel @ ahead) - targets + _PENALTY * ahead
        moved = ahead - bound @ residual
        ahead = moved + step / (step + 3) * (moved - duals)  # Nesterov's momentum
        duals = moved
    return duals


def _left_out_scores(kernel: Floats, classes: NDArray[np.intp], targets: Floats) -> Floats:
    """Every example's scores from a head that was trained without it (and without a fifth of the others)."""
    folds = np.zeros(len(classes), dtype=np.intp)
    for label in np.unique(classes):
        members = np.flatnonzero(classes == label)
        folds[members] = np.arange(len(members)) % _FOLDS
    scores = np.zeros(targets.shape)
    for fold in range(_FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if len(inside) and len(outside):
            duals = _fit(kernel[np.ix_(inside, inside)], targets[inside])
            scores[outside] = kernel[np.ix_(outside, inside)] @ duals
    return scores


def _centroids(rows: Floats, targets: Floats) -> Floats:
    sums = targets.T @ rows
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9))


def _left_out_neighbours(kernel: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """For every example, its nearest other example, and the nearest centroid once it is taken out of its own."""
    others = kernel - np.diag(np.diag(kernel))
    toward = kernel @ targets
    squared = np.einsum("il,il->l", targets, toward)
    own = targets.astype(bool)
    shrunk = np.where(own, squared[None, :] - 2 * toward + np.diag(kernel)[:, None], squared[None, :])
    reached = np.where(own, toward - np.diag(kernel)[:, None], toward)
    central = reached / np.sqrt(np.maximum(shrunk, 1e-9))
    return others.max(axis=1), central.max(axis=1)


def _temperature(scores: Floats, classes: NDArray[np.intp]) -> float:
    """The temperature under which the left-out probabilities are most likely."""
    picked = np.arange(len(classes))
    losses = [
        -float(np.mean(np.log(_softmax(scores / temperature)[picked, classes] + 1e-12)))
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _fit_scope(inside: Floats, outside: Floats) -> _Scope:
    """A logistic curve over the mean z-score. Both sides weigh the same, whatever their number."""
    means = inside.mean(axis=0)
    spreads = np.maximum(inside.std(axis=0), _LEAST_SPREAD)
    if not len(outside):
        return _Scope(means, spreads, slope=2.0, offset=3.0)
    z = np.concatenate([((side - means) / spreads).mean(axis=1) for side in (inside, outside)])
    wanted = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    weight = np.concatenate([np.full(len(inside), 0.5 / len(inside)), np.full(len(outside), 0.5 / len(outside))])
    features = np.column_stack([z, np.ones(len(z))])
    curve = np.array([1.0, 0.0])
    for _ in range(30):  # Newton's method; a small ridge keeps separable sides finite.
        p = _sigmoid(features @ curve)
        gradient = features.T @ (weight * (p - wanted)) + 1e-3 * curve
        hessian = (features * (weight * p * (1 - p))[:, None]).T @ features + 1e-3 * np.eye(2)
        curve = curve - np.linalg.solve(hessian, gradient)
    return _Scope(means, spreads, slope=float(curve[0]), offset=float(curve[1]))
