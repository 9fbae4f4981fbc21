"""From an engine's own score of a word to the probability that the word is right.

A calibration is a few points of a rising curve, fitted on speech whose text is known; between them it is straight.

Refuses: inventing a curve. An engine without one gives its raw score and says that it is not calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from stt.errors import RecognizerUnavailable


@dataclass(frozen=True, slots=True)
class Calibration:
    """``scores`` rise strictly, ``probabilities`` do not fall; outside the first and last the curve is flat."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.scores) != len(self.probabilities) or not self.scores:
            raise ValueError("a calibration needs as many probabilities as scores, and at least one")
        if any(b <= a for a, b in zip(self.scores, self.scores[1:], strict=False)):
            raise ValueError("the scores of a calibration must rise")
        if any(b < a for a, b in zip(self.probabilities, self.probabilities[1:], strict=False)):
            raise ValueError("the probabilities of a calibration must not fall")

    def __call__(self, score: float) -> float:
        """The probability that a word with this score is right."""
        return float(np.interp(score, self.scores, self.probabilities))


def read(path: Path) -> Calibration:
    """A calibration that was fitted before: ``scores`` and ``probabilities`` in a YAML (or JSON) file.

    Raises ``RecognizerUnavailable`` when it is not there or damaged.
    """
    try:
        points = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Calibration(tuple(map(float, points["scores"])), tuple(map(float, points["probabilities"])))
    except (OSError, yaml.YAMLError, ValueError, KeyError, TypeError) as error:
        raise RecognizerUnavailable(
            f"{path} is no calibration ({error}); install the package again or fit it"
        ) from error


def fit(scores: Sequence[float], right: Sequence[bool], points: int = 8) -> Calibration:
    """The best rising curve through what was observed: pooled neighbours (isotonic regression), thinned to ``points``.

    Each point stands for an equal share of the words, with one imagined right and one imagined wrong word in it, so
    that no point says never or always. Raises ``ValueError`` with fewer words than points.
    """
    if len(scores) < points or len(scores) != len(right):
        raise ValueError(f"{points} points need at least as many words, each with a score")
    order = np.argsort(np.asarray(scores, np.float64), kind="stable")
    groups = np.array_split(order, points)
    centres = np.array([np.mean([scores[i] for i in group]) for group in groups])
    # Words of one score belong to one point, or the order in which they were observed would decide.
    firsts = np.flatnonzero(np.concatenate(([True], np.diff(centres) > 1e-9)))
    sizes = np.add.reduceat(np.array([len(group) for group in groups], np.float64), firsts)
    hits = np.add.reduceat(np.array([sum(right[i] for i in group) for group in groups], np.float64), firsts)
    rising = _pooled((hits + 1) / (sizes + 2), sizes)
    return Calibration(tuple(map(float, centres[firsts])), tuple(map(float, rising)))


def _pooled(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Pool adjacent violators: the closest sequence that does not fall."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        blocks.append((float(value), float(weight), 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (v1, w1, n1), (v2, w2, n2) = blocks[-2], blocks.pop()
            blocks[-1] = ((v1 * w1 + v2 * w2) / (w1 + w2), w1 + w2, n1 + n2)
    return np.concatenate([np.full(count, value) for value, _, count in blocks])


def utterance_confidence(words: Sequence[float]) -> float:
    """One figure for an utterance: the mean of its words' probabilities, 0 when there is none."""
    return sum(words) / len(words) if words else 0.0
