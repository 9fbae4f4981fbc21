"""How sure an answer is: a probability from a few named signals, and what follows from it. Pure.

The probability that the emitted sentence is right is logistic in signals that mean the same in every language and
with every retriever: shares in 0..1, not raw scores. Retrieval by meaning (``dense``) is not there for every
language, so there is one set of weights with it and one without. How well the caller was heard and whether the turn
is the tenant's business at all cannot be learnt from written questions; they enter with weights that are set by
hand and say so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialog.reply import Confidence


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model: ``bias`` and a weight for each signal."""

    bias: float
    of: Mapping[str, float]

    def log_odds(self, signals: Mapping[str, float]) -> float:
        """The log odds that the answer is right; a missing signal counts as 0."""
        return self.bias + sum(weight * signals.get(name, 0.0) for name, weight in self.of.items())


WITH_DENSE = Weights(
    bias=-4.0, of={"coverage": 2.0, "sentence": 2.0, "overlap": 2.0, "margin": 1.5, "lead": 0.5, "dense": 2.0}
)
WITHOUT_DENSE = Weights(bias=-3.2, of={"coverage": 2.0, "sentence": 2.0, "overlap": 2.5, "margin": 1.5, "lead": 0.5})
"""Without ``dense``, for languages whose retrieval is by words alone."""

RECOGNITION = 3.0
"""Log odds lost when nothing was heard surely (recognition 0), by hand: no labelled calls exist to fit it."""
SCOPE = 1.2
"""Log odds lost when the intent head finds the turn to be none of the tenant's business (in scope 0), by hand."""

EXPLAINED = ("coverage", "sentence", "overlap", "margin", "lead", "dense", "lexical", "score")
"""Signals of an answer, as they are shown beside it."""


class Verdict(StrEnum):
    """What may be done with an answer that was found."""

    SAY = "say"
    SAY_WITH_SOURCE = "say_with_source"
    ASK_BACK = "ask_back"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A tenant's limits on the probability that an answer is right (0..1), ``clarify <= answer <= sure``.

    At ``sure`` and above it is said as it is, from ``answer`` on with its source named, from ``clarify`` on the caller
    is asked whether that is what is meant, below a human goes on. ``recognition`` is below what a turn counts as
    badly heard. ``rival`` is how close (in retrieval score) another topic must be to compete.
    """

    answer: float = 0.55
    clarify: float = 0.3
    sure: float = 0.75
    recognition: float = 0.55
    rival: float = 0.08


def answer_confidence(signals: Mapping[str, float]) -> Confidence:
    """The probability that an answer with these signals is right.

    ``recognition`` and ``in_scope`` (0..1) count as 1 when absent: typed text was not misheard.
    """
    weights = WITH_DENSE if "dense" in signals else WITHOUT_DENSE
    log_odds = weights.log_odds(signals)
    log_odds -= RECOGNITION * (1.0 - signals.get("recognition", 1.0))
    log_odds -= SCOPE * (1.0 - signals.get("in_scope", 1.0))
    return Confidence(_probability(log_odds), dict(signals))


def verdict(value: float, thresholds: Thresholds) -> Verdict:
    """What may be done with an answer that is right with probability ``value``."""
    if value >= thresholds.sure:
        return Verdict.SAY
    if value >= thresholds.answer:
        return Verdict.SAY_WITH_SOURCE
    if value >= thresholds.clarify:
        return Verdict.ASK_BACK
    return Verdict.GIVE_UP


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, log_odds))))
