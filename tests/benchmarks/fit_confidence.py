"""Fits the weights of ``dialog.confidence`` and measures how well they are calibrated.

    python tests/benchmarks/fit_confidence.py --state DIR [--contexts N] [--questions N]

Fitted on SQuAD 2 dev (English; once with vectors, once by words alone) together with the example tenant's own
questions (``hanbit_questions.yaml``: English with vectors, Korean by words), all candidates of each question being
examples. KorQuAD 1.0 dev is for evaluation only and never fitted on. Three kinds of question: one whose passage is
there, one whose passage was taken away (near), one whose whole topic is absent (far), in the mix 70, 15 and 15 in a
hundred. An answer is right when what would be spoken holds the annotated answer. ``held_out`` is measured on every
second article and question after fitting on the others; ``shipped`` are the weights in the product. The last line
is JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import yaml
from bench_dialog import QUESTIONS
from bench_dialog import TENANT as TENANT_FOLDER
from bench_retrieval import DATA, TENANT, Question, fill, korquad, squad
from numpy.typing import NDArray

from dialog.answering import Candidate, weigh
from dialog.answering import Question as Asked
from dialog.confidence import BY_MEANING, BY_WORDS, Weights
from knowledge.document import Hit
from knowledge.embedder import model_place
from knowledge.hosting import KnowledgeHost, open_index
from knowledge.retriever import LocalRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings

Floats = NDArray[np.float64]
MIX = {"there": 0.70, "near": 0.15, "far": 0.15}
RIDGE = 1.0
LIKENESS = 3.0
OWN_WEIGHT = 3.0
TODAY = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what was found for it: its kind, the article it is from, its answers, and the hits."""

    kind: str
    group: int
    answers: tuple[str, ...]
    asked: Asked
    hits: tuple[Hit, ...]

    def right(self, candidate: Candidate) -> bool:
        """Whether what would be spoken holds an annotated answer."""
        said = _plain(candidate.extract.text)
        return any(_plain(answer) in said for answer in self.answers)


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def collect(
    retriever: LocalRetriever, questions: Sequence[Question], language: str, indexed: int, wanted: int
) -> list[Case]:
    """Cases in the mix, drawn evenly from ``questions``; contexts from ``indexed`` on are not in the index."""
    rng = random.Random(11)
    there = [question for question in questions if question.context < indexed]
    absent = [question for question in questions if question.context >= indexed]
    cases: list[Case] = []
    counts = {kind: round(share * wanted) for kind, share in MIX.items()}
    for kind, pool in (("there", there), ("near", there), ("far", absent)):
        for question in rng.sample(pool, min(counts[kind], len(pool))):
            found = retriever.search(tenant=TENANT, language=language, query=question.text, limit=12, on=TODAY)
            hits = [hit for hit in _only(found, indexed) if kind == "there" or not _gold(hit, question)]
            asked = Asked(question.text, language, 1.0)
            # Articles follow one another, a few dozen contexts each: a block of contexts stands for an article.
            cases.append(Case(kind, question.context // 30, question.answers, asked, tuple(hits[:5])))
    return cases


def _gold(hit: Hit, question: Question) -> bool:
    return int(hit.passage.document.id.split("-")[1]) == question.context


def candidates_of(cases: Sequence[Case], names: Sequence[str]) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Signals, whether right, and group, of all candidates of all cases."""
    rows, right, groups = [], [], []
    for case in cases:
        for candidate in weigh(case.asked, case.hits):
            rows.append([candidate.confidence.signals.get(name, 0.0) for name in names])
            right.append(float(case.right(candidate)))
            groups.append(case.group)
    return np.array(rows), np.array(right), np.array(groups, dtype=np.intp)


def decided(cases: Sequence[Case], weights: Weights) -> tuple[Floats, Floats]:
    """For each case the probability of the candidate that these weights choose, and whether it is right."""
    probabilities, right = [], []
    for case in cases:
        scored = [(weights.log_odds(found.confidence.signals), found) for found in weigh(case.asked, case.hits)]
        if not scored:
            probabilities.append(0.0)
            right.append(0.0)
            continue
        odds, chosen = max(scored, key=lambda item: item[0])
        probabilities.append(1 / (1 + math.exp(-odds)))
        right.append(float(case.right(chosen)))
    return np.array(probabilities), np.array(right)


def fit(rows: Floats, right: Floats, weight: Floats, prior: Floats) -> Floats:
    """Bias and weights of logistic regression drawn toward ``prior``, by Newton's method."""
    features = np.column_stack([np.ones(len(rows)), rows])
    pull = np.diag([1e-3, *([RIDGE] * rows.shape[1])])
    found = prior.copy()
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(features @ found, -30, 30)))
        gradient = features.T @ (weight * (p - right)) + pull @ (found - prior)
        hessian = (features * (weight * p * (1 - p))[:, None]).T @ features + pull
        found = found - np.linalg.solve(hessian, gradient)
    return found


def fitted(public: Sequence[Case], own: Sequence[Case], names: Sequence[str]) -> Weights:
    """Weights from public questions and the tenant's own. Public ones have no asked questions to be like, so what that
    is worth starts from ``LIKENESS``."""
    rows, right, _ = candidates_of(public, names)
    own_rows, own_right, _ = candidates_of(own, names)
    prior = np.array([0.0, *(LIKENESS if name == "question" else 0.0 for name in names)])
    weight = np.concatenate([np.ones(len(right)), np.full(len(own_right), OWN_WEIGHT)])
    found = fit(np.vstack([rows, own_rows]), np.concatenate([right, own_right]), weight, prior)
    return Weights(round(float(found[0]), 2), {n: round(float(w), 2) for n, w in zip(names, found[1:], strict=True)})


def report(p: Floats, right: Floats) -> dict[str, float]:
    """AUROC, expected calibration error over ten bins, Brier score, and coverage at 90 % precision."""
    order = np.argsort(-p)
    precision = np.cumsum(right[order]) / np.arange(1, len(p) + 1)
    good = np.flatnonzero(precision >= 0.9)
    edges = np.clip((p * 10).astype(int), 0, 9)
    ece = sum(abs(p[edges == b].mean() - right[edges == b].mean()) * np.mean(edges == b) for b in set(edges.tolist()))
    return {
        "n": len(p),
        "accuracy": round(float(right.mean()), 3),
        "auroc": round(_auroc(p[right == 1], p[right == 0]), 3),
        "ece": round(float(ece), 3),
        "brier": round(float(np.mean((p - right) ** 2)), 3),
        "coverage_at_p90": round(float((good[-1] + 1) / len(p)) if len(good) else 0.0, 3),
    }


def _auroc(high: Floats, low: Floats) -> float:
    if not len(high) or not len(low):
        return float("nan")
    return float(((high[:, None] > low[None]) + 0.5 * (high[:, None] == low[None])).mean())


def summary(cases: Sequence[Case], weights: Weights) -> dict[str, float]:
    """``report`` for the candidates that the weights choose, and how well they tell kinds of question apart."""
    p, right = decided(cases, weights)
    of = np.array([case.kind for case in cases])
    answerable = of == "there"
    return {
        **report(p, right),
        "right_of_answerable": round(float(right[answerable].mean()), 3),
        **{
            f"there_vs_{kind}": round(_auroc(p[answerable], p[of == kind]), 3)
            for kind in ("near", "far")
            if (of == kind).any()
        },
    }


def own_cases(host: KnowledgeHost, language: str) -> list[Case]:
    """The tenant's own questions; those that nothing answers count as far."""
    asked = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))[language]
    listed = [("there", str(text), tuple(holds)) for text, holds in asked["asked"]]
    listed += [("far", str(text), ()) for text in asked["nothing"]]
    return [
        Case(kind, at, holds, Asked(text, language, 1.0), tuple(host.search("hanbit-store", language, text, 5, TODAY)))
        for at, (kind, text, holds) in enumerate(listed)
    ]


def halves(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Every second group."""
    return [case for case in cases if case.group % 2 == 0], [case for case in cases if case.group % 2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--state", type=Path, required=True, help="directory that keeps the index")
    parser.add_argument("--contexts", type=int, default=400, help="SQuAD contexts to index (the rest is far)")
    parser.add_argument("--questions", type=int, default=1500, help="questions per language")
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f"no data in {DATA}; this needs SQuAD 2 and KorQuAD 1.0 there", file=sys.stderr)
        return 2
    settings = KnowledgeSettings()
    host = KnowledgeHost(QdrantSettings(), settings, options.state / "tenant")
    host.ingest(TENANT_FOLDER / "knowledge", "hanbit-store")
    own = {language: own_cases(host, language) for language in ("en", "ko")}
    host.close()
    words = settings.model_copy(update={"model_languages": ()})
    public = {
        "squad, vectors": gathered(settings, options.state, "en", options.contexts, options.questions),
        "squad, words": gathered(words, options.state / "words", "en", options.contexts, options.questions),
        "korquad, words": gathered(settings, options.state, "ko", 700, options.questions),
    }
    result: dict[str, object] = {}
    for label, language, shipped in (("squad, vectors", "en", BY_MEANING), ("squad, words", "ko", BY_WORDS)):
        names = tuple(shipped.of)
        seen, held = halves(public[label])
        own_seen, own_held = halves(own[language])
        half = fitted(seen, own_seen, names)
        whole = fitted(public[label], own[language], names)
        result[label] = {
            "fitted": {"bias": whole.bias, **whole.of},
            "held_out": summary(held, half),
            f"held_out, tenant {language}": summary(own_held, half),
            "shipped": summary(public[label], shipped),
            f"shipped, tenant {language}": summary(own[language], shipped),
        }
        if language == "ko":
            result["korquad, words"] = {
                "held_out": summary(public["korquad, words"], half),
                "shipped": summary(public["korquad, words"], shipped),
            }
    print(json.dumps(result, indent=1), file=sys.stderr)
    print(json.dumps(result))
    return 0


def gathered(settings: KnowledgeSettings, state: Path, language: str, indexed: int, wanted: int) -> list[Case]:
    """Cases of a public set, from an index of its first ``indexed`` contexts."""
    contexts, questions = squad() if language == "en" else korquad()
    index = open_index(QdrantSettings(), state)
    fill(index, contexts[:indexed], language, settings, state)
    cases = collect(LocalRetriever(index, settings, model_place(settings, state)), questions, language, indexed, wanted)
    index.close()
    return cases


def _only(hits: Sequence[Hit], indexed: int) -> list[Hit]:
    """Hits of contexts that count as indexed: an index that an earlier run filled further must not help."""
    return [hit for hit in hits if int(hit.passage.document.id.split("-")[1]) < indexed]


if __name__ == "__main__":
    raise SystemExit(main())
