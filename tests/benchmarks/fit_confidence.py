"""Fits the weights of ``dialog/answers/confidence.yaml``, and says which thresholds fit them.

    python tests/benchmarks/fit_confidence.py [--limit N] [--data DIR]

Fitted on every second article of SQuAD 2 dev (the even ones; the suite ``confidence`` asks about the others), once with
vectors and once by words alone, together with the example tenant's own questions (``hanbit_questions.yaml``: English
with vectors, Korean by words). KorQuAD is for evaluation only and never fitted on. A question's best candidate counts
fully, its others a little, so that the model also ranks; questions come in the mix of 70 whose passage is there, 15
whose passage and 15 whose topic is absent. The thresholds (the last line, JSON) are the lowest that keep what is said
within ``RISKS`` on public questions, each judged by weights that were fitted without its quarter of the articles; by an
upper bound over articles drawn anew. They are copied by hand into ``Thresholds``, the stricter of both where weights
differ. The work folder is that of ``aicc eval``, and so are the indexes in it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import yaml
from bench_dialog import QUESTIONS
from bench_dialog import TENANT as TENANT_FOLDER

from dialog.answers.answering import Question as Asked
from dialog.answers.answering import weigh
from dialog.answers.calibration import RISKS, Labelled, fitted, thresholds
from dialog.answers.confidence import WEIGHTS, Estimate, Thresholds, Weights, probability
from gateway.commands.evaluate.cases import Case, Condition, collected
from gateway.commands.evaluate.kinds.retrieval import Options
from gateway.commands.evaluate.library import opened
from gateway.commands.evaluate.reading_sets import read_corpus
from gateway.commands.evaluate.resampling import evenly
from gateway.commands.evaluate.settings import EvaluateSettings
from gateway.commands.evaluate.suite import data_folder, read_suite
from infra.config import load
from knowledge.hosting import KnowledgeHost
from knowledge.query import Query
from knowledge.settings import KnowledgeSettings, QdrantSettings

MIX = {Condition.THERE: 1.0, Condition.PASSAGE_ABSENT: 15 / 70, Condition.TOPIC_ABSENT: 15 / 70}
OWN = 3.0
"""What one of the tenant's own questions counts for."""
OTHERS = 0.15
"""What a candidate that would not be said counts for."""
ROUNDS = 2
RIDGE = 30.0
FOLDS = 4
NOT_FITTED = {"recognition", "in_scope", "intent"}
"""Signals that written questions cannot teach."""
TODAY = date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class Candidates:
    """A question's condition, what it counts for, and its candidates' cases."""

    condition: Condition
    weight: float
    cases: tuple[Labelled, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--limit", type=int, default=None, help="questions per condition; else all")
    parser.add_argument("--data", type=Path, default=None, help="folder of data sets")
    options = parser.parse_args()
    own = own_candidates(load(EvaluateSettings).workplace / "fit")
    meaning = public(options.data, options.limit, words_only=False)
    words = public(options.data, options.limit, words_only=True)
    fitted_weights = as_yaml(models([*meaning, *own["en"]]), models([*words, *own["ko"]]))
    WEIGHTS.write_text(fitted_weights, encoding="utf-8")
    print(f"written: {WEIGHTS}", file=sys.stderr)
    limits = {"meaning": held_out(meaning, own["en"]), "words": held_out(words, own["ko"])}
    print(json.dumps({name: {"answer": found.answer, "sure": found.sure} for name, found in limits.items()}))
    return 0


def public(data: Path | None, limit: int | None, *, words_only: bool) -> list[Candidates]:
    """Questions about the even articles of SQuAD under each condition of the mix."""
    chosen = read_suite("retrieval").options(Options).sets["en"]
    settings = load(EvaluateSettings)
    corpus = read_corpus("en", chosen, data_folder(data, settings.data))
    asked = evenly([question for question in corpus.answerable if corpus.article(question) % 2 == 0], limit)
    found: list[Candidates] = []
    with opened(corpus, "enw" if words_only else "en", settings.workplace, print, words_only=words_only) as library:
        for condition, weight in MIX.items():
            found += [candidates(case, weight) for case in collected(corpus, library, condition, asked, print)]
    return found


def own_candidates(state: Path) -> dict[str, list[Candidates]]:
    """The tenant's own questions by language; those that nothing answers count as of an absent topic."""
    host = KnowledgeHost(QdrantSettings(), KnowledgeSettings(), state)
    host.ingest(TENANT_FOLDER / "knowledge", "hanbit-store")
    asked = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    found: dict[str, list[Candidates]] = {}
    for code in ("en", "ko"):
        listed = [(Condition.THERE, str(text), tuple(holds)) for text, holds in asked[code]["asked"]]
        listed += [(Condition.TOPIC_ABSENT, str(text), ()) for text in asked[code]["nothing"]]
        found[code] = [
            candidates(
                Case(
                    condition,
                    at,
                    words,
                    Asked(text, code, 1.0),
                    tuple(host.search(Query("hanbit-store", code, text, on=TODAY))),
                ),
                OWN,
            )
            for at, (condition, text, words) in enumerate(listed)
        ]
    host.close()
    return found


def candidates(case: Case, weight: float) -> Candidates:
    """All that the product would consider to say."""
    weighed = weigh(case.asked, case.hits)
    return Candidates(
        case.condition,
        weight,
        tuple(
            Labelled(found.confidence.signals, case.answered_by(found.extract.text), str(case.article), weight)
            for found in weighed
        ),
    )


def models(questions: Sequence[Candidates]) -> dict[Estimate, Weights]:
    """Weights of the three estimates."""
    questions = [question for question in questions if question.cases]
    names = signals_of(questions)
    right = right_of(questions, names)
    said = [(question.condition, first(question, right)) for question in questions]
    passage = [replace(case, right=condition is Condition.THERE) for condition, case in said]
    topic = [
        replace(case, right=condition is Condition.THERE)
        for condition, case in said
        if condition is not Condition.PASSAGE_ABSENT
    ]
    return {
        Estimate.RIGHT: right,
        Estimate.PASSAGE: fitted(passage, names, RIDGE),
        Estimate.TOPIC: fitted(topic, names, RIDGE),
    }


def signals_of(questions: Sequence[Candidates]) -> list[str]:
    """The names of the signals that are fitted."""
    return sorted({name for question in questions for case in question.cases for name in case.signals} - NOT_FITTED)


def right_of(questions: Sequence[Candidates], names: Sequence[str]) -> Weights:
    """Weights of the estimate that an answer is right."""
    right = fitted([case for question in questions for case in question.cases], names, RIDGE)
    for _ in range(ROUNDS):
        right = fitted([case for question in questions for case in counted(question, right)], names, RIDGE)
    return right


def first(question: Candidates, right: Weights) -> Labelled:
    """What would be said."""
    return max(question.cases, key=lambda case: right.log_odds(case.signals))


def held_out(public: Sequence[Candidates], own: Sequence[Candidates]) -> Thresholds:
    """The lowest thresholds within ``RISKS`` on public questions that the weights do not know."""
    asked = [question for question in public if question.cases]
    known = [question for question in own if question.cases]
    names = signals_of([*asked, *known])
    articles = sorted({question.cases[0].topic for question in asked})
    p, right, topics = [], [], []
    for fold in range(FOLDS):
        left_out = set(articles[fold::FOLDS])
        rest = [question for question in asked if question.cases[0].topic not in left_out]
        weights = right_of([*rest, *known], names)
        for question in mixed([question for question in asked if question.cases[0].topic in left_out]):
            case = first(question, weights)
            p.append(probability(weights.log_odds(case.signals)))
            right.append(float(case.right))
            topics.append(articles.index(case.topic))
    return thresholds(np.array(p), np.array(right), np.array(topics, dtype=np.intp), RISKS)


def mixed(questions: Sequence[Candidates]) -> list[Candidates]:
    """As many questions of each condition as the mix has, evenly spread."""
    found: list[Candidates] = []
    for condition, share in MIX.items():
        those = [question for question in questions if question.condition is condition]
        found += evenly(those, round(len(those) * share))
    return found


def counted(question: Candidates, right: Weights) -> list[Labelled]:
    """Its candidates, those that would not be said counting little."""
    best = first(question, right)
    return [case if case is best else replace(case, weight=case.weight * OTHERS) for case in question.cases]


def as_yaml(meaning: dict[Estimate, Weights], words: dict[Estimate, Weights]) -> str:
    """The file of weights."""
    head = "# Weights of dialog/answers/confidence.py. Made by tests/benchmarks/fit_confidence.py; do not edit.\n"
    content = {name.value: {"meaning": _plain(meaning[name])} for name in Estimate}
    for name in (Estimate.PASSAGE, Estimate.TOPIC):  # that an answer is right is weighed by hand where words decide
        content[name.value]["words"] = _plain(words[name])
    return head + yaml.safe_dump(content, sort_keys=False)


def _plain(weights: Weights) -> dict[str, object]:
    return {"bias": round(weights.bias, 4), "of": {name: round(value, 4) for name, value in weights.of.items()}}


if __name__ == "__main__":
    raise SystemExit(main())
