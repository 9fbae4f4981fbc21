"""How sure an answer is: a probability from a few named signals, and what follows from it. Pure.

The probability that the emitted sentence is right is logistic in signals that are shares, not raw scores:
``sentence`` (how well the sentence meets the question), ``overlap`` (the question's content words that answer,
headings and title have), ``margin`` (how far the passage is ahead of the next document), ``form`` (whether it
answers with an amount where an amount was asked for, a time where a time), ``question`` (likeness to a question
that the source itself answers). Where retrieval also goes by meaning, sentences score higher for the same truth, so
there is one set of weights with vectors and one without. How well the caller was heard, and whether the turn is the
tenant's business at all, cannot be learnt from written questions; they enter with weights that are set by hand and
say so.
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


BY_MEANING = Weights(bias=-6.5, of={"sentence": 5.7, "overlap": 1.8, "margin": 2.6, "form": 1.8, "question": 0.5})
BY_WORDS = Weights(bias=-5.1, of={"sentence": 3.4, "overlap": 1.4, "margin": 2.7, "form": 2.0, "question": 2.3})
"""Weights where a language's retrieval has vectors, and where it goes by words alone.

Fitted by ``tests/benchmarks/fit_confidence.py`` on English questions (SQuAD 2 dev, of which 30 in a hundred have no
answer) and on the example tenant's own in both languages.
"""

RECOGNITION = 3.0
"""Log odds lost when nothing was heard surely (recognition 0), by hand: no labelled calls exist to fit it."""
SCOPE = 1.2
"""Log odds lost when the intent head finds the turn to be none of the tenant's business (in scope 0), by hand."""


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

    answer: float = 0.5
    clarify: float = 0.25
    sure: float = 0.75
    recognition: float = 0.6
    rival: float = 0.08


def answer_confidence(signals: Mapping[str, float]) -> Confidence:
    """The probability that an answer with these signals is right.

    ``recognition`` and ``in_scope`` (0..1) count as 1 when absent: typed text was not misheard.
    """
    weights = BY_MEANING if "dense" in signals else BY_WORDS
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
