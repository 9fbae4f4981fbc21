"""Fits the weights of ``dialog/answers/confidence.yaml``, and says which thresholds fit them.

    python -m tests.benchmarks.fit_confidence [--limit N] [--data DIR] [--dry]

Two sets of weights: ``meaning`` where retrieval has vectors, on English; ``words`` where it goes by words alone, on the
same English articles found without vectors and on the example shop's Korean questions. KorQuAD is for evaluation only
and never fitted on. Of SQuAD 2 dev the even articles are used (the suite ``confidence`` asks about the others), of the
shop's questions (``shop_questions``) the even half. Questions come in the mix of 70 whose passage is there, 15 whose
passage and 15 whose topic is absent; a question's best candidate counts fully, its others a little, so that the model
also ranks. That an answer is right is learnt from both kinds of documents; that its passage or topic is known, from
the articles alone, which can be taken out of an index for certain. With vectors, what sounds answered and is not (SQuAD
2's adversarial questions) counts as an absent passage, too, though less; words alone do not tell it.

``words`` holds in another language only as far as its signals mean the same there: shares of character pairs, names by
their capitals and runs of written words do not, and are left out (``SCRIPT``).

The last lines are JSON: figures on the shop's odd half, and the lowest thresholds that keep what is said within
``RISKS``, by an upper bound over topics drawn anew, each question judged by weights that were fitted without its
quarter of the topics. They are copied by hand into ``Thresholds``, the stricter of both where weights differ. The work
folder is that of ``aicc eval``, and so are the indexes in it. ``--dry`` writes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml

from dialog.answers.answering import weigh
from dialog.answers.calibration import RISKS, Labelled, fitted, thresholds
from dialog.answers.confidence import WEIGHTS, Estimate, Thresholds, Weights, probability
from gateway.commands.evaluate import scoring
from gateway.commands.evaluate.cases import Case, Condition, collected
from gateway.commands.evaluate.kinds.retrieval import Options
from gateway.commands.evaluate.library import opened
from gateway.commands.evaluate.reading_sets import read_corpus
from gateway.commands.evaluate.resampling import evenly
from gateway.commands.evaluate.settings import EvaluateSettings
from gateway.commands.evaluate.suite import data_folder, read_suite
from infra.config import load
from tests.benchmarks.shop_questions import ShopCase, shop_cases

MIX = {Condition.THERE: 1.0, Condition.PASSAGE_ABSENT: 15 / 70, Condition.TOPIC_ABSENT: 15 / 70}
SOUNDS_ANSWERED = 0.2
"""What an adversarial question counts for."""
SHOP = 0.5
"""What all of the shop's questions together count for, beside all public ones."""
OTHERS = 0.15
"""What a candidate that would not be said counts for."""
ROUNDS = 2
RIDGE = 30.0
FOLDS = 4
OF_TURN = {"recognition", "in_scope", "intent"}
"""Signals that written questions cannot teach."""
SCRIPT = {"overlap", "names_in_passage", "names_in_sentence", "runs_in_sentence"}
"""Signals that mean another thing where words are written otherwise."""
OF_LENGTH = {"lexical_share", "most_lexical_share", "ahead_lexical_share"}
"""Signals that depend on how long passages are: they help to tell what is known, but nothing to tell what is right."""
MEANING, WORDS = "meaning", "words"


@dataclass(frozen=True, slots=True)
class Candidates:
    """A question's condition, what it counts for, and its candidates' cases."""

    condition: Condition
    weight: float
    cases: tuple[Labelled, ...]

    @property
    def topic(self) -> str:
        """What it shares with others."""
        return self.cases[0].topic

    @property
    def mixed(self) -> bool:
        """Whether it is of the mix as it comes in calls."""
        return self.condition in MIX

    def counting(self, times: float) -> Candidates:
        """The same, worth so many times as much."""
        cases = tuple(replace(case, weight=case.weight * times) for case in self.cases)
        return replace(self, weight=self.weight * times, cases=cases)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--limit", type=int, default=None, help="public questions per condition; else all")
    parser.add_argument("--data", type=Path, default=None, help="folder of data sets")
    parser.add_argument("--dry", action="store_true", help="write no file")
    options = parser.parse_args()
    state = load(EvaluateSettings).workplace / "fit"
    written: dict[str, dict[Estimate, Weights]] = {}
    limits, figures = {}, {}
    for kind, code in ((MEANING, "en"), (WORDS, "ko")):
        shop = shop_cases(code, state)
        articles = public(options.data, options.limit, words_only=kind == WORDS)
        asked = [*articles, *own(shop, SHOP * loads(articles))]
        names = signals_of(asked, SCRIPT if kind == WORDS else set())
        right = right_of(asked, names)
        written[kind] = {Estimate.RIGHT: right, **known_of(articles, right, names)}
        limits[kind] = held_out(asked, names)
        figures[kind] = judged(shop, right)
    if not options.dry:
        WEIGHTS.write_text(as_yaml(written), encoding="utf-8")
        print(f"written: {WEIGHTS}", file=sys.stderr)
    print(json.dumps(figures))
    print(json.dumps({name: {"answer": found.answer, "sure": found.sure} for name, found in limits.items()}))
    return 0


def public(data: Path | None, limit: int | None, *, words_only: bool) -> list[Candidates]:
    """Questions about the even articles of SQuAD under each condition."""
    chosen = read_suite("retrieval").options(Options).sets["en"]
    settings = load(EvaluateSettings)
    corpus = read_corpus("en", chosen, data_folder(data, settings.data))
    even = [question for question in corpus.questions if corpus.article(question) % 2 == 0]
    found: list[Candidates] = []
    with opened(corpus, "enw" if words_only else "en", settings.workplace, print, words_only=words_only) as library:
        for condition in MIX if words_only else Condition:
            wanted = condition is not Condition.ADVERSARIAL
            asked = evenly([question for question in even if bool(question.answers) is wanted], limit)
            weight = MIX.get(condition, SOUNDS_ANSWERED)
            found += [
                candidates(case, str(case.article), weight)
                for case in collected(corpus, library, condition, asked, print)
            ]
    return [question for question in found if question.cases]


def own(shop: Sequence[ShopCase], load: float) -> list[Candidates]:
    """The even half of the shop's questions, which count for ``load`` together."""
    found = [candidates(case, case.topic, MIX[case.condition]) for case in shop if not case.odd]
    found = [question for question in found if question.cases]
    return [question.counting(load / loads(found)) for question in found]


def loads(questions: Iterable[Candidates]) -> float:
    """What the questions of the mix count for together."""
    return sum(question.weight for question in questions if question.mixed)


def candidates(case: Case | ShopCase, topic: str, weight: float) -> Candidates:
    """All that the product would consider to say; right as it is said or as it is written."""
    cases = []
    for found in weigh(case.asked, case.hits):
        right = case.answered_by(found.extract.text) or case.answered_by(found.extract.quoted)
        cases.append(Labelled(found.confidence.signals, right, topic, weight))
    return Candidates(case.condition, weight, tuple(cases))


def signals_of(questions: Sequence[Candidates], without: set[str]) -> list[str]:
    """The names of the signals that are fitted."""
    named = {name for question in questions for case in question.cases for name in case.signals}
    return sorted(named - OF_TURN - without)


def known_of(articles: Sequence[Candidates], right: Weights, names: Sequence[str]) -> dict[Estimate, Weights]:
    """Weights of the estimates that the passage, and that the topic is known, by what would be said."""
    said = [(question.condition, first(question, right)) for question in articles]
    passage = [replace(case, right=condition is Condition.THERE) for condition, case in said]
    topic = [
        replace(case, right=condition is Condition.THERE)
        for condition, case in said
        if condition in {Condition.THERE, Condition.TOPIC_ABSENT}
    ]
    return {Estimate.PASSAGE: fitted(passage, names, RIDGE), Estimate.TOPIC: fitted(topic, names, RIDGE)}


def right_of(asked: Sequence[Candidates], names: Sequence[str]) -> Weights:
    """Weights of the estimate that an answer is right."""
    names = [name for name in names if name not in OF_LENGTH]
    mixed = [question for question in asked if question.mixed]
    right = fitted([case for question in mixed for case in question.cases], names, RIDGE)
    for _ in range(ROUNDS):
        right = fitted([case for question in mixed for case in counted(question, right)], names, RIDGE)
    return right


def first(question: Candidates, right: Weights) -> Labelled:
    """What would be said."""
    return max(question.cases, key=lambda case: right.log_odds(case.signals))


def counted(question: Candidates, right: Weights) -> list[Labelled]:
    """Its candidates, those that would not be said counting little."""
    best = first(question, right)
    return [case if case is best else replace(case, weight=case.weight * OTHERS) for case in question.cases]


def held_out(asked: Sequence[Candidates], names: Sequence[str]) -> Thresholds:
    """The lowest thresholds within ``RISKS`` on questions whose topics the weights do not know."""
    topics = sorted({question.topic for question in asked})
    p, right, of = [], [], []
    for fold in range(FOLDS):
        left_out = set(topics[fold::FOLDS])
        weights = right_of([question for question in asked if question.topic not in left_out], names)
        for question in mix([question for question in asked if question.topic in left_out]):
            case = first(question, weights)
            p.append(probability(weights.log_odds(case.signals)))
            right.append(float(case.right))
            of.append(topics.index(case.topic))
    return thresholds(np.array(p), np.array(right), np.unique(of, return_inverse=True)[1].astype(np.intp), RISKS)


def mix(questions: Sequence[Candidates]) -> list[Candidates]:
    """As many questions of each condition as the mix has, evenly spread."""
    found: list[Candidates] = []
    there = sum(question.condition is Condition.THERE for question in questions)
    for condition, share in MIX.items():
        those = [question for question in questions if question.condition is condition]
        found += evenly(those, round(there * share))
    return found


def judged(shop: Sequence[ShopCase], right: Weights) -> Mapping[str, float | None]:
    """What the weights are worth on the odd half of the shop's questions, in the same mix."""
    asked = [candidates(case, case.topic, 1.0) for case in shop if case.odd]
    mixed = mix([question for question in asked if question.cases])
    best = [first(question, right) for question in mixed]
    p, outcomes = scoring.arrays(
        [probability(right.log_odds(case.signals)) for case in best], [float(case.right) for case in best]
    )
    there = np.array([question.condition is Condition.THERE for question in mixed])
    figures = {
        "right": float(outcomes[there].mean()),
        "auroc_right": scoring.auroc(p[there][outcomes[there] == 1], p[there][outcomes[there] == 0]),
        "auroc_right_mix": scoring.auroc(p[outcomes == 1], p[outcomes == 0]),
        "ece": scoring.calibration_error(p, outcomes),
        "coverage_at_p90": scoring.coverage_at(0.9, p[there], outcomes[there]),
        "cases": float(len(mixed)),
    }
    return {name: None if value is None else round(value, 3) for name, value in figures.items()}


def as_yaml(written: Mapping[str, Mapping[Estimate, Weights]]) -> str:
    """The file of weights."""
    head = "# Weights of dialog/answers/confidence.py. Made by tests/benchmarks/fit_confidence.py; do not edit.\n"
    content = {name.value: {kind: _plain(found[name]) for kind, found in written.items()} for name in Estimate}
    return head + yaml.safe_dump(content, sort_keys=False)


def _plain(weights: Weights) -> dict[str, object]:
    kept = {name: round(value, 4) for name, value in weights.of.items() if round(value, 4)}
    return {"bias": round(weights.bias, 4), "of": kept}


if __name__ == "__main__":
    raise SystemExit(main())
