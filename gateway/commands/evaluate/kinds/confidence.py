"""Confidence: does it tell answers that are right from others, and does it keep its word?

Four conditions (see ``cases``) are told apart, each by the estimate that is made for it: AUROC against questions whose
answer is there, of the probability that the topic is known, or that the passage is; and, ``by_confidence``, of the
probability that what would be said first is right. Calibration, risk against coverage and coverage at a precision
are taken over a mix as it comes in calls: answerable questions with a share of unanswerable ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dialog.answers.answering import weigh
from dialog.answers.confidence import Estimate, known
from dialog.yaml_source import Shape
from gateway.commands.evaluate import scoring
from gateway.commands.evaluate.cases import Case, Condition, collected
from gateway.commands.evaluate.figures import Figure, Findings, Picture, Reliability, RiskCoverage
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.library import opened
from gateway.commands.evaluate.reading_sets import Corpus, ReadingSet, read_corpus
from gateway.commands.evaluate.resampling import evenly, interval
from gateway.commands.evaluate.scoring import Floats

Indices = NDArray[np.intp]
PRECISION = 0.9


class Options(Shape):
    """A set of questions per language; of how many in a hundred of the mix the passage, or the topic, is absent.

    ``odd_articles_only`` asks about every second article: those that the shipped weights were not fitted on.
    """

    sets: dict[str, ReadingSet] = Field(min_length=1)
    passage_absent: float = Field(default=0.15, ge=0, lt=0.5)
    topic_absent: float = Field(default=0.15, ge=0, lt=0.5)
    odd_articles_only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the cases: the probability that what would be said is right, whether it is, the probabilities
    that the passage and the topic are known, condition and article."""

    p: Floats
    right: Floats
    passage: Floats
    topic: Floats
    conditions: tuple[Condition, ...]
    articles: Indices

    def under(self, condition: Condition) -> Indices:
        """The places of a condition's cases."""
        return np.array([at for at, one in enumerate(self.conditions) if one is condition], dtype=np.intp)


def measure(options: Options, around: Surroundings) -> Findings:
    """Figures and pictures per language."""
    corpora = {code: read_corpus(code, chosen, around.data) for code, chosen in options.sets.items()}
    figures: dict[str, dict[str, Figure]] = {}
    pictures: list[Picture] = []
    for code, corpus in corpora.items():
        odd = code in options.odd_articles_only
        judged = judged_of(_cases(corpus, code, around, odd=odd))
        figures[code] = told(judged, options)
        mixed = mix(judged, options)
        p, right = judged.p[mixed], judged.right[mixed]
        pictures.append(Reliability(f"{code}: promised and true", scoring.reliability(p, right)))
        pictures.append(RiskCoverage(f"{code}: risk against coverage", scoring.risk_coverage(p, right)))
    return Findings(figures, tuple(pictures))


def judged_of(cases: Sequence[Case]) -> Judged:
    """The product's own choice for each case. Where it has nothing to say it is sure that this is no answer."""
    p, right, passage, topic = [], [], [], []
    for case in cases:
        best = next(iter(weigh(case.asked, case.hits)), None)
        p.append(0.0 if best is None else best.confidence.value)
        right.append(best is not None and case.answered_by(best.extract.text))
        passage.append(0.0 if best is None else known(best.confidence.signals, Estimate.PASSAGE))
        topic.append(0.0 if best is None else known(best.confidence.signals, Estimate.TOPIC))
    conditions = tuple(case.condition for case in cases)
    articles = np.array([case.article for case in cases], dtype=np.intp)
    sure, outcomes, passages, topics = scoring.arrays(p, right, passage, topic)
    return Judged(sure, outcomes, passages, topics, conditions, articles)


def mix(judged: Judged, options: Options) -> Indices:
    """Places of the cases of the mix: all whose answer is there, and of the absent ones as many as the mix wants."""
    there = judged.under(Condition.THERE)
    answerable = 1 - options.passage_absent - options.topic_absent
    places = [there]
    shares = {Condition.PASSAGE_ABSENT: options.passage_absent, Condition.TOPIC_ABSENT: options.topic_absent}
    for condition, part in shares.items():
        found = judged.under(condition)
        wanted = min(len(found), round(len(there) * part / answerable))
        places.append(found[np.linspace(0, len(found) - 1, wanted).astype(np.intp)] if wanted else found[:0])
    return np.concatenate(places)


def told(judged: Judged, options: Options) -> dict[str, Figure]:
    """All figures of one language."""
    there, mixed = judged.under(Condition.THERE), mix(judged, options)

    def apart(condition: Condition, estimate: Floats) -> Figure:
        def figure(at: Indices) -> float | None:
            of = np.array([judged.conditions[place] is Condition.THERE for place in at])
            other = np.array([judged.conditions[place] is condition for place in at])
            return scoring.auroc(estimate[at[of]], estimate[at[other]])

        return over(judged, np.concatenate([there, judged.under(condition)]), figure)

    def right_from_wrong(at: Indices) -> float | None:
        p, right = judged.p[at], judged.right[at] == 1
        return scoring.auroc(p[right], p[~right])

    def share_right(at: Indices) -> float | None:
        return float(judged.right[at].mean()) if len(at) else None

    estimates = {
        Condition.TOPIC_ABSENT: judged.topic,
        Condition.PASSAGE_ABSENT: judged.passage,
        Condition.ADVERSARIAL: judged.passage,
    }
    return {
        **{f"auroc_{condition}": apart(condition, estimate) for condition, estimate in estimates.items()},
        **{f"auroc_{condition}_by_confidence": apart(condition, judged.p) for condition in estimates},
        "auroc_right": over(judged, there, right_from_wrong),
        "auroc_right_mix": over(judged, mixed, right_from_wrong),
        "ece": over(judged, mixed, lambda at: scoring.calibration_error(judged.p[at], judged.right[at])),
        "ece_there": over(judged, there, lambda at: scoring.calibration_error(judged.p[at], judged.right[at])),
        "brier": over(judged, mixed, lambda at: scoring.brier(judged.p[at], judged.right[at])),
        "right": over(judged, there, share_right),
        "coverage_at_p90": over(
            judged, there, lambda at: scoring.coverage_at(PRECISION, judged.p[at], judged.right[at])
        ),
        "coverage_at_p90_mix": over(
            judged, mixed, lambda at: scoring.coverage_at(PRECISION, judged.p[at], judged.right[at])
        ),
    }


def over(judged: Judged, places: Indices, figure: scoring.OfCases) -> Figure:
    """A figure of the cases at ``places``, with its interval over articles."""
    value = figure(places)
    if value is None:
        return Figure(None)
    low, high = interval(lambda at: figure(places[at]), judged.articles[places]) or (None, None)
    return Figure(value, len(places), low, high)


def _cases(corpus: Corpus, code: str, around: Surroundings, *, odd: bool) -> list[Case]:
    cases: list[Case] = []
    asked = [question for question in corpus.questions if not odd or corpus.article(question) % 2]
    with opened(corpus, code, around.work, around.tell) as library:
        for condition in Condition:
            wanted = condition is not Condition.ADVERSARIAL
            questions = evenly([question for question in asked if bool(question.answers) is wanted], around.limit)
            cases += collected(corpus, library, condition, questions, around.tell)
    return cases
