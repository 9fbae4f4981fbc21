"""Confidence: does it tell answers that are right from others, and does it keep its word?

Four conditions (see ``cases``) are told apart, each by the estimate that is made for it: AUROC against questions whose
answer is there, of the probability that the topic is known, or that the passage is; and, ``by_confidence``, of the
probability that what would be said first is right. Calibration, risk against coverage and coverage at a precision
are taken over a mix as it comes in calls: answerable questions with a share of unanswerable ones.

Two things stand beside that. The baseline of every figure is the plainest confidence there is, the share of the
question's words in the passage that is spoken from. And ``…_calibrated`` is what ``aicc calibrate`` makes of it: learnt
from the labelled questions of half of the articles, asked about the other half, both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dialog.answers.answering import weigh
from dialog.answers.calibration import RISKS, Labelled, calibrated
from dialog.answers.confidence import Estimate, answer_confidence, known
from dialog.yaml_source import Shape
from gateway.commands.evaluate import scoring
from gateway.commands.evaluate.cases import Case, Condition, collected
from gateway.commands.evaluate.figures import Figure, Findings, Picture, Reliability, RiskCoverage
from gateway.commands.evaluate.kinds.retrieval import share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.library import opened
from gateway.commands.evaluate.reading_sets import Corpus, ReadingSet, read_corpus
from gateway.commands.evaluate.resampling import evenly, interval
from gateway.commands.evaluate.scoring import Floats

Indices = NDArray[np.intp]
OfEstimate = Callable[[Floats, Indices], float | None]
"""A figure of an estimate and the cases at some places."""

PRECISION = 0.9
PRIOR = 100.0
"""Labelled questions that the shipped model counts for, as in ``aicc calibrate``."""


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
    that the passage and the topic are known, the ``plain`` confidence, what was said with its signals, condition and
    article."""

    p: Floats
    right: Floats
    passage: Floats
    topic: Floats
    plain: Floats
    said: tuple[Labelled | None, ...]
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
    said = [_said(case) for case in cases]

    def of(figure: Callable[[Labelled], float]) -> Floats:
        return np.array([0.0 if one is None else figure(one) for one in said], dtype=np.float64)

    return Judged(
        p=of(lambda one: answer_confidence(one.signals).value),
        right=of(lambda one: float(one.right)),
        passage=of(lambda one: known(one.signals, Estimate.PASSAGE)),
        topic=of(lambda one: known(one.signals, Estimate.TOPIC)),
        plain=of(lambda one: one.signals["coverage"]),
        said=tuple(said),
        conditions=tuple(case.condition for case in cases),
        articles=np.array([case.article for case in cases], dtype=np.intp),
    )


def _said(case: Case) -> Labelled | None:
    """What would be said first, with its signals, and whether it is right: as it is said or, with the brackets that no
    ear needs, as it is written."""
    best = next(iter(weigh(case.asked, case.hits)), None)
    if best is None:
        return None
    right = case.answered_by(best.extract.text) or case.answered_by(best.extract.quoted)
    return Labelled(best.confidence.signals, right, str(case.article))


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
        def figure(of: Floats, at: Indices) -> float | None:
            within = np.array([judged.conditions[place] is Condition.THERE for place in at])
            other = np.array([judged.conditions[place] is condition for place in at])
            return scoring.auroc(of[at[within]], of[at[other]])

        return over(judged, np.concatenate([there, judged.under(condition)]), figure, estimate)

    def right_from_wrong(of: Floats, at: Indices) -> float | None:
        right = judged.right[at] == 1
        return scoring.auroc(of[at][right], of[at][~right])

    def error(of: Floats, at: Indices) -> float | None:
        return scoring.calibration_error(of[at], judged.right[at])

    def coverage(of: Floats, at: Indices) -> float | None:
        return scoring.coverage_at(PRECISION, of[at], judged.right[at])

    def squared(of: Floats, at: Indices) -> float | None:
        return scoring.brier(of[at], judged.right[at])

    estimates = {
        Condition.TOPIC_ABSENT: judged.topic,
        Condition.PASSAGE_ABSENT: judged.passage,
        Condition.ADVERSARIAL: judged.passage,
    }
    learnt = recalibrated(judged, mixed)
    return {
        **{f"auroc_{condition}": apart(condition, estimate) for condition, estimate in estimates.items()},
        **{f"auroc_{condition}_by_confidence": apart(condition, judged.p) for condition in estimates},
        "auroc_right": over(judged, there, right_from_wrong, judged.p),
        "auroc_right_mix": over(judged, mixed, right_from_wrong, judged.p),
        "ece": over(judged, mixed, error, judged.p),
        "ece_there": over(judged, there, error, judged.p),
        "ece_calibrated": Figure(None) if learnt is None else over(judged, mixed, error, learnt),
        "brier": over(judged, mixed, squared, judged.p),
        "right": share(judged.right[there].tolist(), judged.articles[there].tolist()),
        "coverage_at_p90": over(judged, there, coverage, judged.p),
        "coverage_at_p90_mix": over(judged, mixed, coverage, judged.p),
    }


def recalibrated(judged: Judged, mixed: Indices) -> Floats | None:
    """The probabilities after calibration on the other half of the articles; ``None`` where one half cannot teach."""
    found = judged.p.copy()
    half = np.unique(judged.articles, return_inverse=True)[1] % 2
    for odd in (False, True):
        taught = [judged.said[at] for at in mixed if half[at] != odd]
        try:
            calibration = calibrated([one for one in taught if one is not None], RISKS, PRIOR)
        except ValueError:
            return None
        for at in mixed:
            said = judged.said[at]
            if said is not None and half[at] == odd:
                found[at] = answer_confidence(said.signals, calibration).value
    return found


def over(judged: Judged, places: Indices, figure: OfEstimate, estimate: Floats) -> Figure:
    """A figure of an estimate over the cases at ``places``, with its interval over articles and the plain
    confidence's."""
    value = figure(estimate, places)
    if value is None:
        return Figure(None)
    low, high = interval(lambda at: figure(estimate, places[at]), judged.articles[places]) or (None, None)
    return Figure(value, len(places), low, high, figure(judged.plain, places))


def _cases(corpus: Corpus, code: str, around: Surroundings, *, odd: bool) -> list[Case]:
    cases: list[Case] = []
    asked = [question for question in corpus.questions if not odd or corpus.article(question) % 2]
    with opened(corpus, code, around.work, around.tell) as library:
        for condition in Condition:
            wanted = condition is not Condition.ADVERSARIAL
            questions = evenly([question for question in asked if bool(question.answers) is wanted], around.limit)
            cases += collected(corpus, library, condition, questions, around.tell)
    return cases
