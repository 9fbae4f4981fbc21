"""The embedded intent head: trained at load from a tenant's examples, within a fraction of a second.

It gives two numbers that are kept apart because one cannot do the other's work: the probability of each intent
*given* that the caller wants one of them (calibrated by a temperature), and the probability that he does (in
scope). Scaling by a temperature makes the first honest and worsens the second, so the second is made of signals of its
own (``scope``), never of the first.

The tenant's off-topic examples are a class of their own, which is never an answer. Whatever is calibrated is so on
examples judged by a head that had not seen them. All there is to a text is how alike it and each example are: intents,
neighbours and centres are read from that one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dialog.understanding.features import Floats, Gallery, Seen, Space
from dialog.understanding.regression import Indices, fit, folds, softmax, temperature
from dialog.understanding.scope import Scope, Signals, signals


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
class _Readings:
    """What is read from likenesses to examples: ``duals`` make scores of them, ``centres`` nearness to each class's
    centre, and the first ``inside`` examples are those of intents."""

    duals: Floats
    centres: Floats
    inside: int

    @classmethod
    def learnt(cls, kernel: Floats, targets: Floats) -> _Readings:
        """Learnt from examples, those of being off topic the last."""
        sizes = np.sqrt(np.einsum("il,il->l", targets, kernel @ targets))
        return cls(fit(kernel, targets), targets / np.maximum(sizes, 1e-6), int(targets[:, :-1].sum()))

    def of(self, likeness: Floats) -> tuple[Floats, Signals]:
        """The scores of texts for every class, and the signals of being in scope; a row of each for each text."""
        scores = likeness @ self.duals
        ours, others = likeness[:, : self.inside], likeness[:, self.inside :]
        near = np.column_stack([ours.max(axis=1, initial=0.0), others.max(axis=1, initial=0.0)])
        return scores, signals(scores, near, likeness @ self.centres)


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained head. Immutable; judging a tenant's text takes well under a millisecond."""

    labels: tuple[str, ...]
    space: Space
    examples: Gallery
    readings: _Readings
    temperature: float
    scope: Scope

    @classmethod
    def train(cls, examples: Mapping[str, Sequence[Seen]], off_topic: Sequence[Seen]) -> Classifier:
        """Train on ``examples`` (intent to utterances, at least two intents) and texts that are none of them."""
        labels = tuple(examples)
        texts = [*(text for label in labels for text in examples[label]), *off_topic]
        known = [index for index, label in enumerate(labels) for _ in examples[label]]
        classes = np.array([*known, *(len(labels) for _ in off_topic)], dtype=np.intp)
        targets = np.eye(len(labels) + 1, dtype=np.float32)[classes]
        space = Space.over(texts)
        rows = space.rows(texts)
        gallery = Gallery.of(rows)
        kernel = gallery.likeness(rows)
        left, scores, found = _left_out(kernel, classes, targets)
        ours = classes[left] < len(labels)
        return cls(
            labels=labels,
            space=space,
            examples=gallery,
            readings=_Readings.learnt(kernel, targets),
            temperature=temperature(scores[ours, :-1], classes[left[ours]]),
            scope=Scope.fit(found[ours], found[~ours]),
        )

    def judge(self, text: Seen) -> Judgement:
        """The intents of ``text`` and whether it is in scope. A text of which nothing is known is out of scope."""
        row = self.space.rows([text])
        if not row.nnz:
            even = 1.0 / len(self.labels)
            return Judgement(tuple((label, even) for label in self.labels), 0.0)
        scores, found = self.readings.of(self.examples.likeness(row))
        shares = softmax(scores[0, :-1].astype(np.float64) / self.temperature)
        ranked = tuple((self.labels[index], float(shares[index])) for index in np.argsort(-shares, kind="stable"))
        return Judgement(ranked, self.scope.probability(found[0]))


def _left_out(kernel: Floats, classes: Indices, targets: Floats) -> tuple[Indices, Floats, Signals]:
    """Examples with their scores and signals, from a head that was trained without them (and without some others)."""
    parts = []
    for kept, left in folds(classes):
        readings = _Readings.learnt(kernel[np.ix_(kept, kept)], targets[kept])
        parts.append((left, *readings.of(kernel[np.ix_(left, kept)])))
    examples, scores, found = (np.concatenate(part) for part in zip(*parts, strict=True))
    return examples, scores, found
