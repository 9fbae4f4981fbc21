"""Intents: does the embedded head know what is wanted, and whether it is the tenant's business at all?

A head is trained as a tenant's is, on one part of a set, and judges the other. Accuracy and calibration are of what is
in scope; the probability of being in scope is held against texts that are none of the tenant's business.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from pydantic import Field

from dialog.understanding.classifier import Classifier, Judgement
from dialog.yaml_source import Shape
from gateway.commands.evaluate import scoring
from gateway.commands.evaluate.figures import Figure, Findings, Picture, Reliability
from gateway.commands.evaluate.intent_sets import IntentSet, Utterances, read_utterances
from gateway.commands.evaluate.kinds.retrieval import share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.resampling import evenly, interval

KEPT = 0.95
"""The share of what is in scope that a gate on being in scope shall let through."""


class Options(Shape):
    """Sets of labelled utterances, by name."""

    sets: dict[str, IntentSet] = Field(min_length=1)


def measure(options: Options, around: Surroundings) -> Findings:
    """Figures per set."""
    sets = {name: read_utterances(chosen, around.data, around.suite) for name, chosen in options.sets.items()}
    figures: dict[str, dict[str, Figure]] = {}
    pictures: list[Picture] = []
    problems: list[str] = []
    for name, utterances in sets.items():
        begun = time.perf_counter()
        head = Classifier.train(utterances.train, utterances.off_topic_train)
        seconds = time.perf_counter() - begun
        count = sum(map(len, utterances.train.values()))
        around.tell(f"{name}: head of {len(utterances.train)} intents trained on {count} examples in {seconds:.1f} s")
        tested = evenly(utterances.test, around.limit)
        inside = [head.judge(text) for text, _ in tested]
        outside = [head.judge(text) for text in evenly(utterances.off_topic_test, around.limit)]
        figures[name] = told(utterances, tested, inside, outside)
        figures[name]["train_s"] = Figure(seconds, count)
        pictures.append(_reliability(name, tested, inside))
        problems += [
            f"{name}: {text} – {intent}, not {judged.intent}"
            for (text, intent), judged in zip(tested, inside, strict=True)
            if judged.intent != intent
        ]
    return Findings(figures, tuple(pictures), problems=tuple(problems))


def told(
    utterances: Utterances,
    tested: Sequence[tuple[str, str]],
    inside: Sequence[Judgement],
    outside: Sequence[Judgement],
) -> dict[str, Figure]:
    """The figures of one set; intervals are over intents."""
    names = {name: at for at, name in enumerate(utterances.train)}
    topics = [names.get(intent, len(names)) for _, intent in tested]
    right = [judged.intent == intent for (_, intent), judged in zip(tested, inside, strict=True)]
    three = [
        intent in {name for name, _ in judged.ranked[:3]} for (_, intent), judged in zip(tested, inside, strict=True)
    ]
    p, true, within, without = scoring.arrays(
        [judged.probability for judged in inside],
        right,
        [judged.in_scope for judged in inside],
        [judged.in_scope for judged in outside],
    )
    low, high = interval(lambda at: scoring.auroc(within[at], without), topics) or (None, None)
    return {
        "accuracy": share(right, topics),
        "among_3": share(three, topics),
        "ece": Figure(scoring.calibration_error(p, true), len(p)),
        "auroc_in_scope": Figure(scoring.auroc(within, without), len(without), low, high),
        "out_of_scope_kept_away": Figure(scoring.kept_away(KEPT, within, without), len(without)),
    }


def _reliability(name: str, tested: Sequence[tuple[str, str]], inside: Sequence[Judgement]) -> Reliability:
    p, right = scoring.arrays(
        [judged.probability for judged in inside],
        [judged.intent == intent for (_, intent), judged in zip(tested, inside, strict=True)],
    )
    return Reliability(f"{name}: promised and true", scoring.reliability(p, right))
