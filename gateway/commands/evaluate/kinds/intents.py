"""Intents: does the embedded head know what is wanted, and whether it is the tenant's business at all?

A head is trained as a tenant's is, on one part of a set, and judges the other; so does a plain one beside it. Accuracy
and calibration are of what is in scope; the probability of being in scope is held against texts that are none of the
tenant's business.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import Field

from dialog.understanding.classifier import Classifier, Judgement
from dialog.yaml_source import Shape
from gateway.commands.evaluate import scoring
from gateway.commands.evaluate.encodings import Sight, sight
from gateway.commands.evaluate.figures import Figure, Findings, Picture, Reliability
from gateway.commands.evaluate.intent_sets import IntentSet, Utterances, read_utterances
from gateway.commands.evaluate.kinds.retrieval import search_times, share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.plain_intents import PlainIntents
from gateway.commands.evaluate.resampling import evenly, interval

KEPT = 0.95
"""The share of what is in scope that a gate on being in scope shall let through."""
TIMED = 200
"""Judgements whose time is taken, encoding included."""
CONFUSIONS = 12
"""Pairs of intents that are told, those most often taken for one another."""


class Options(Shape):
    """Sets of labelled utterances by language and name."""

    sets: dict[str, dict[str, IntentSet]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a head was asked, and what it made of it: ``tested`` texts in scope with their intents, and others."""

    utterances: Utterances
    tested: Sequence[tuple[str, str]]
    inside: Sequence[Judgement]
    outside: Sequence[Judgement]

    @property
    def right(self) -> list[bool]:
        """Whether each text in scope was understood."""
        return [judged.intent == intent for (_, intent), judged in zip(self.tested, self.inside, strict=True)]

    @property
    def topics(self) -> list[int]:
        """The number of each text's intent."""
        names = {name: at for at, name in enumerate(self.utterances.train)}
        return [names.get(intent, len(names)) for _, intent in self.tested]


def measure(options: Options, around: Surroundings) -> Findings:
    """Figures per language, each named for its set."""
    figures: dict[str, dict[str, Figure]] = {}
    pictures: list[Picture] = []
    notes: list[str] = []
    problems: list[str] = []
    with sight(around.work, list(options.sets), around.tell) as seeing:
        for code, sets in options.sets.items():
            figures[code] = {}
            for name, chosen in sets.items():
                utterances = read_utterances(chosen, around.data, around.suite)
                trial, times = _tried(f"{code}.{name}", utterances, code, seeing, around)
                own = judged(trial)
                told = {**own, **beside(own, trial, PlainIntents(utterances.train, code)), **times}
                figures[code] |= {f"{name}.{what}": figure for what, figure in told.items()}
                pictures.append(_reliability(f"{code}.{name}", trial))
                notes += [f"{code}.{name}: {line}" for line in confusions(trial)]
                problems += [
                    f"{code}.{name}: {text} – {intent}, not {found.intent}"
                    for (text, intent), found in zip(trial.tested, trial.inside, strict=True)
                    if found.intent != intent
                ]
    return Findings(figures, tuple(pictures), tuple(notes), tuple(problems))


def _tried(
    name: str, utterances: Utterances, code: str, seeing: Sight, around: Surroundings
) -> tuple[Trial, dict[str, Figure]]:
    """Train a head and let it judge. Its times come along: of training in seconds, of judging in milliseconds."""
    examples = {intent: seeing.many(texts, code) for intent, texts in utterances.train.items()}
    elsewhere = seeing.many(utterances.off_topic_train, code)
    begun = time.perf_counter()
    head = Classifier.train(examples, elsewhere)
    seconds = time.perf_counter() - begun
    count = sum(map(len, utterances.train.values()))
    around.tell(f"{name}: head of {len(examples)} intents trained on {count} examples in {seconds:.1f} s")
    tested = evenly(utterances.test, around.limit)
    inside = [head.judge(text) for text in seeing.many([text for text, _ in tested], code)]
    outside = [head.judge(text) for text in seeing.many(evenly(utterances.off_topic_test, around.limit), code)]
    timed = []
    for text, _ in evenly(tested, TIMED):
        begun = time.perf_counter()
        head.judge(seeing.one(text, code))
        timed.append(time.perf_counter() - begun)
    return Trial(utterances, tested, inside, outside), {"train_s": Figure(seconds, count), **search_times(timed)}


def judged(trial: Trial) -> dict[str, Figure]:
    """The figures of one set; intervals are over intents."""
    topics, right = trial.topics, trial.right
    three = [
        intent in {name for name, _ in found.ranked[:3]}
        for (_, intent), found in zip(trial.tested, trial.inside, strict=True)
    ]
    p, true, within, without = scoring.arrays(
        [found.probability for found in trial.inside],
        right,
        [found.in_scope for found in trial.inside],
        [found.in_scope for found in trial.outside],
    )
    low, high = interval(lambda at: scoring.auroc(within[at], without), topics) or (None, None)
    return {
        "accuracy": share(right, topics),
        "among_3": share(three, topics),
        "ece": Figure(scoring.calibration_error(p, true), len(p)),
        "auroc_in_scope": Figure(scoring.auroc(within, without), len(without), low, high),
        "out_of_scope_kept_away": Figure(scoring.kept_away(KEPT, within, without), len(without)),
    }


def beside(own: Mapping[str, Figure], trial: Trial, plain: PlainIntents) -> dict[str, Figure]:
    """The figures that a plain head has as well, its own beside them. How probable its best intent is has to do for
    being in scope."""
    found, p = plain.judge([text for text, _ in trial.tested])
    _, elsewhere = plain.judge(evenly(trial.utterances.off_topic_test, len(trial.outside)))
    right = [intent == wanted for intent, (_, wanted) in zip(found, trial.tested, strict=True)]
    simple = {
        "accuracy": sum(right) / len(right) if right else None,
        "ece": scoring.calibration_error(p, *scoring.arrays(right)),
        "auroc_in_scope": scoring.auroc(p, elsewhere),
        "out_of_scope_kept_away": scoring.kept_away(KEPT, p, elsewhere),
    }
    return {name: replace(own[name], baseline=value) for name, value in simple.items()}


def confusions(trial: Trial) -> list[str]:
    """The pairs of intents that were most often taken for one another, with how often each way."""
    pairs = Counter(
        (wanted, found.intent)
        for (_, wanted), found in zip(trial.tested, trial.inside, strict=True)
        if found.intent != wanted
    )
    both: Counter[tuple[str, str]] = Counter()
    for (wanted, taken), times in pairs.items():
        both[min(wanted, taken), max(wanted, taken)] += times
    ordered = sorted(both.items(), key=lambda item: (-item[1], item[0]))
    return [
        f"{one} taken for {other} {pairs[one, other]} times, {other} for {one} {pairs[other, one]} times"
        for (one, other), _ in ordered[:CONFUSIONS]
    ]


def _reliability(name: str, trial: Trial) -> Reliability:
    p, right = scoring.arrays([found.probability for found in trial.inside], trial.right)
    return Reliability(f"{name}: promised and true", scoring.reliability(p, right))
