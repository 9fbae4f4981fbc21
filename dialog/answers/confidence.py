"""How sure an answer is: probabilities from named signals, and what follows from them. Pure.

Three models, each logistic in signals that are shares, not raw scores (``dialog.answers.signals``): that the answer is
*right*; that the *passage* which answers is known at all, rather than one that only sounds like it; that the *topic*
is. The first decides what is done. Without a known passage no answer is said without its source, and the topic says for
which reason a human goes on (``dialog.answers.answering.Finding``). Their weights stand in
``confidence.yaml``, once for languages whose retrieval has vectors and once for those that go by words; none is below
nought, so that what speaks for an answer never counts against it. A tenant's own turns may shift and stretch the first
(``dialog.answers.calibration``).

How well the caller was heard, and whether the turn is the tenant's business at all, cannot be learnt from written
questions; they enter with weights that are set by hand and say so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from dialog.reply import Confidence
from dialog.yaml_source import Shape, read_yaml

WEIGHTS = Path(__file__).with_name("confidence.yaml")
"""Made by ``tests/benchmarks/fit_confidence.py``, which says of what."""

RECOGNITION = 3.0
"""Log odds lost when nothing was heard surely (recognition 0), by hand: no labelled calls exist to fit it."""
KNOWN = 0.5
"""A passage that is less probably known than this may only sound like the answer."""
SCOPE = 1.2
"""Log odds lost when the intent head finds the turn to be none of the tenant's business (in scope 0), by hand."""


class Estimate(StrEnum):
    """What a probability is of."""

    RIGHT = "right"
    PASSAGE = "passage"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model: ``bias`` and a weight for each signal."""

    bias: float
    of: Mapping[str, float]

    def log_odds(self, signals: Mapping[str, float]) -> float:
        """The log odds; a missing signal counts as 0."""
        return self.bias + sum(weight * signals.get(name, 0.0) for name, weight in self.of.items())


@dataclass(frozen=True, slots=True)
class Model:
    """One estimate's weights: ``meaning`` where retrieval has vectors (there is a signal ``dense``), else ``words``."""

    meaning: Weights
    words: Weights

    def log_odds(self, signals: Mapping[str, float]) -> float:
        """The log odds, by the weights that fit."""
        return (self.meaning if "dense" in signals else self.words).log_odds(signals)


class Verdict(StrEnum):
    """What may be done with an answer that was found."""

    SAY = "say"
    SAY_WITH_SOURCE = "say_with_source"
    ASK_BACK = "ask_back"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A tenant's limits on the probability that an answer is right (0..1), ``clarify <= answer <= sure``.

    At ``sure`` and above it is said as it is where its passage is known, too; from ``answer`` on with its source named;
    from ``clarify`` on the caller is asked whether that is what is meant; below, a human goes on. ``recognition`` is
    below what a turn counts as badly heard. ``rival`` is how close (in retrieval score) another topic must be to
    compete.
    """

    answer: float = 0.5
    clarify: float = 0.25
    sure: float = 0.75
    recognition: float = 0.6
    rival: float = 0.08


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a tenant's own turns have taught: the log odds of being right are stretched and shifted.

    ``thresholds`` are those that keep the error within its limits; ``cases`` is how many turns it was learnt from.
    """

    shift: float = 0.0
    stretch: float = 1.0
    thresholds: Thresholds | None = None
    cases: int = 0


UNCALIBRATED = Calibration()


def answer_confidence(signals: Mapping[str, float], calibration: Calibration = UNCALIBRATED) -> Confidence:
    """The probability that an answer with these signals is right.

    ``recognition`` and ``in_scope`` (0..1) count as 1 when absent: typed text was not misheard.
    """
    odds = calibration.shift + calibration.stretch * log_odds(signals)
    odds -= RECOGNITION * (1.0 - signals.get("recognition", 1.0))
    odds -= SCOPE * (1.0 - signals.get("in_scope", 1.0))
    return Confidence(probability(odds), dict(signals))


def log_odds(signals: Mapping[str, float]) -> float:
    """The shipped log odds that the answer is right, should it have been heard and be the tenant's business."""
    return shipped()[Estimate.RIGHT].log_odds(signals)


def known(signals: Mapping[str, float], estimate: Estimate) -> float:
    """The probability that the passage which answers, or the topic at all, is among what was ingested."""
    return probability(shipped()[estimate].log_odds(signals))


def verdict(confidence: Confidence, thresholds: Thresholds) -> Verdict:
    """What may be done with an answer."""
    if confidence.value >= thresholds.sure and known(confidence.signals, Estimate.PASSAGE) >= KNOWN:
        return Verdict.SAY
    if confidence.value >= thresholds.answer:
        return Verdict.SAY_WITH_SOURCE
    if confidence.value >= thresholds.clarify:
        return Verdict.ASK_BACK
    return Verdict.GIVE_UP


def probability(odds: float) -> float:
    """Log odds as a probability."""
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, odds))))


@cache
def shipped() -> Mapping[Estimate, Model]:
    """The models that ship. Raises ``TenantDialogInvalid`` when their file was spoilt."""
    shape = read_yaml(WEIGHTS).shaped(_ModelsShape)
    return {
        Estimate.RIGHT: shape.right.model(),
        Estimate.PASSAGE: shape.passage.model(),
        Estimate.TOPIC: shape.topic.model(),
    }


class _WeightsShape(Shape):
    bias: float
    of: dict[str, float]

    def weights(self) -> Weights:
        return Weights(self.bias, self.of)


class _ModelShape(Shape):
    meaning: _WeightsShape
    words: _WeightsShape

    def model(self) -> Model:
        return Model(self.meaning.weights(), self.words.weights())


class _ModelsShape(Shape):
    right: _ModelShape
    passage: _ModelShape
    topic: _ModelShape
