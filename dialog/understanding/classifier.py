"""The embedded intent head: trained at load from a tenant's examples, in numpy, within a fraction of a second.

It gives two numbers that are kept apart because one cannot do the other's work: the probability of each intent
*given* that the caller wants one of them (calibrated by a temperature), and the probability that he does (in
scope). Scaling by a temperature makes the first honest and worsens the second, so the second is made of distances,
never of the first.

Method: multinomial logistic regression in its dual form (a few hundred examples make a small kernel however many
pieces their texts have), by Newton steps with the fixed upper bound of the Hessian (Böhning, "Multinomial logistic
regression algorithm", 1992). The tenant's off-topic examples are a class of their own within it, which is never an
answer. In scope is logistic in the score, the nearest example and the nearest centroid of the intents, each by
itself and against those of the off-topic class, every example judged by a head that had not seen it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialog.understanding.grams import Floats, Space, pieces

_FOLDS = 3
_STEPS = 20
_PENALTY = 0.1
"""Of the squared weights, beside the sum of all examples' losses."""
_TEMPERATURES = np.geomspace(0.1, 3.0, 60)
_LEAST_SPREAD = 1e-3
_DISTANCES = 6
_PRIOR_SLOPE = 0.6
"""Every distance speaks for being in scope; how much, few examples may only correct."""
_PRIOR_WEIGHT = 0.05


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
    """From standardized distances to a probability."""

    means: Floats
    spreads: Floats
    slopes: Floats
    offset: float

    def probability(self, distances: Floats) -> float:
        z = (distances - self.means) / self.spreads
        return float(_sigmoid(np.array(z @ self.slopes + self.offset)))


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained head. Immutable; judging takes well under a millisecond.

    ``table`` has a row for each piece: its weight for each intent and for being off topic, its part in the centroid of
    each, and its part in each example (the ``inside`` ones of intents first), side by side, so that one gather of a
    text's pieces yields everything.
    """

    labels: tuple[str, ...]
    space: Space
    table: NDArray[np.float32]
    inside: int
    temperature: float
    scope: _Scope

    @classmethod
    def train(cls, examples: Mapping[str, Sequence[str]], off_topic: Sequence[str]) -> Classifier:
        """Train on ``examples`` (intent to utterances, at least two intents) and texts that are none of them."""
        labels = tuple(examples)
        texts = [text for label in labels for text in examples[label]]
        known = [index for index, label in enumerate(labels) for _ in examples[label]]
        classes = np.array([*known, *(len(labels) for _ in off_topic)], dtype=np.intp)
        bags = [pieces(text) for text in (*texts, *off_topic)]
        space = Space.over(bags)
        rows = space.matrix(bags)
        kernel = rows @ rows.T
        targets = np.eye(len(labels) + 1)[classes]
        scores = _left_out_scores(kernel, classes, targets)
        distances = _distances(scores, *_left_out_neighbours(kernel, targets))
        inside = len(texts)
        return cls(
            labels=labels,
            space=space,
            table=np.concatenate([rows.T @ _fit(kernel, targets), _centroids(rows, targets).T, rows.T], axis=1).astype(
                np.float32
            ),
            inside=inside,
            temperature=_temperature(scores[:inside, :-1], classes[:inside]),
            scope=_fit_scope(distances[:inside], distances[inside:]),
        )

    def judge(self, text: str) -> Judgement:
        """The intents of ``text`` and whether it is in scope. A text without any known piece is out of scope."""
        count = len(self.labels) + 1
        places, values = self.space.sparse(pieces(text))
        if not len(places):
            even = 1.0 / len(self.labels)
            return Judgement(tuple((label, even) for label in self.labels), 0.0)
        products = (values.astype(np.float32) @ self.table[places]).astype(np.float64)
        scores, central, near = products[:count], products[count : 2 * count], products[2 * count :]
        nearest = np.array([near[: self.inside].max(), near[self.inside :].max(initial=0.0)])
        shares = _softmax(scores[:-1] / self.temperature)
        ranked = tuple((self.labels[index], float(shares[index])) for index in np.argsort(-shares, kind="stable"))
        distances = _distances(scores[None, :], nearest[None, :], central[None, :])[0]
        return Judgement(ranked, self.scope.probability(distances))


def _distances(scores: Floats, nearest: Floats, central: Floats) -> Floats:
    """What tells being in scope, a row for each text: of scores, neighbours (inside, outside) and centroids, the best
    of the intents by itself, and against being off topic."""
    best, middle = scores[:, :-1].max(axis=1), central[:, :-1].max(axis=1)
    return np.column_stack(
        [best, nearest[:, 0], middle, best - scores[:, -1], nearest[:, 0] - nearest[:, 1], middle - central[:, -1]]
    )


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0))))


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return np.asarray(shifted / np.sum(shifted, axis=-1, keepdims=True))


def _fit(kernel: Floats, targets: Floats) -> Floats:
    """Dual coefficients (examples x intents) of the penalized multinomial logistic regression."""
    kernel, targets = kernel.astype(np.float32), targets.astype(np.float32)  # half the work, exact enough
    duals = np.zeros_like(targets)
    bound = np.linalg.inv(0.5 * kernel + _PENALTY * np.eye(len(kernel), dtype=np.float32))
    ahead = duals
    for step in range(_STEPS):
        residual = _softmax(kernel @ ahead) - targets + _PENALTY * ahead
        moved = ahead - bound @ residual
        ahead = moved + np.float32(step / (step + 3)) * (moved - duals)  # Nesterov's momentum
        duals = moved
    return duals.astype(np.float64)


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
    """For every example, the nearest other one of the intents and the nearest off topic; and the nearness of all
    centroids once it is taken out of its own."""
    others = kernel - np.diag(np.diag(kernel))
    off_topic = targets[:, -1].astype(bool)
    nearest = np.column_stack(
        [others[:, ~off_topic].max(axis=1, initial=0.0), others[:, off_topic].max(axis=1, initial=0.0)]
    )
    toward = kernel @ targets
    squared = np.einsum("il,il->l", targets, toward)
    own = targets.astype(bool)
    shrunk = np.where(own, squared[None, :] - 2 * toward + np.diag(kernel)[:, None], squared[None, :])
    reached = np.where(own, toward - np.diag(kernel)[:, None], toward)
    return nearest, reached / np.sqrt(np.maximum(shrunk, 1e-9))


def _temperature(scores: Floats, classes: NDArray[np.intp]) -> float:
    """The temperature under which the left-out probabilities are most likely."""
    picked = np.arange(len(classes))
    losses = [
        -float(np.mean(np.log(_softmax(scores / temperature)[picked, classes] + 1e-12)))
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _fit_scope(inside: Floats, outside: Floats) -> _Scope:
    """Logistic regression toward a prior; both sides weigh the same, whatever their number."""
    means = inside.mean(axis=0)
    spreads = np.maximum(inside.std(axis=0), _LEAST_SPREAD)
    prior = np.append(np.full(_DISTANCES, _PRIOR_SLOPE), 2.0)
    if not len(outside):
        return _Scope(means, spreads, prior[:-1], float(prior[-1]))
    z = (np.concatenate([inside, outside]) - means) / spreads
    wanted = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    weight = np.concatenate([np.full(len(inside), 0.5 / len(inside)), np.full(len(outside), 0.5 / len(outside))])
    features = np.column_stack([z, np.ones(len(z))])
    pull = _PRIOR_WEIGHT * np.append(np.ones(_DISTANCES), 1e-3)
    curve = prior.copy()
    for _ in range(30):  # Newton's method
        p = _sigmoid(features @ curve)
        gradient = features.T @ (weight * (p - wanted)) + pull * (curve - prior)
        hessian = (features * (weight * p * (1 - p))[:, None]).T @ features + np.diag(pull)
        curve = curve - np.linalg.solve(hessian, gradient)
    return _Scope(means, spreads, curve[:-1], float(curve[-1]))
