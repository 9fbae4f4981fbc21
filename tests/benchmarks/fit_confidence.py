"""Fits the weights of ``dialog.confidence`` and measures how well they are calibrated.

    python tests/benchmarks/fit_confidence.py --state DIR [--contexts N] [--questions N]

Fitted on SQuAD 2 dev (English; once with vectors, once by words alone), evaluated on articles that were not fitted
on, and on KorQuAD 1.0 dev (Korean, by words alone), which is for evaluation only and never fitted on. Three kinds
of question: one whose passage is there, one whose passage was taken away (near), one whose whole topic is absent
(far). An answer is right when what would be spoken holds the annotated answer; for the last two kinds nothing is
right unless the words happen to stand elsewhere. The mix is 70, 15 and 15 in a hundred. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from bench_retrieval import DATA, TENANT, Question, fill, korquad, squad
from numpy.typing import NDArray

from dialog.answering import Candidate, weigh
from dialog.answering import Question as Asked
from dialog.confidence import WITH_DENSE, WITHOUT_DENSE, Weights
from knowledge.document import Hit
from knowledge.embedder import model_place
from knowledge.hosting import open_index
from knowledge.retriever import LocalRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings

Floats = NDArray[np.float64]
MIX = {"there": 0.70, "near": 0.15, "far": 0.15}
RIDGE = 1.0
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


def table(cases: Sequence[Case], names: Sequence[str], best_only: bool) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Signals, whether right, and group, of each case's best candidate or of all its candidates."""
    rows, right, groups = [], [], []
    for case in cases:
        candidates = weigh(case.asked, case.hits)
        for candidate in candidates[:1] if best_only else candidates:
            rows.append([candidate.confidence.signals.get(name, 0.0) for name in names])
            right.append(float(case.right(candidate)))
            groups.append(case.group)
    return np.array(rows), np.array(right), np.array(groups, dtype=np.intp)


def fit(rows: Floats, right: Floats) -> tuple[float, Floats]:
    """Bias and weights of ridge logistic regression, by Newton's method."""
    features = np.column_stack([np.ones(len(rows)), rows])
    pull = np.diag([1e-6, *([RIDGE] * rows.shape[1])])
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-features @ weights))
        gradient = features.T @ (p - right) + pull @ weights
        hessian = (features * (p * (1 - p))[:, None]).T @ features + pull
        weights = weights - np.linalg.solve(hessian, gradient)
    return float(weights[0]), weights[1:]


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


def predicted(rows: Floats, bias: float, weights: Floats) -> Floats:
    """Probabilities."""
    return np.asarray(1 / (1 + np.exp(-(rows @ weights + bias))))


def kinds(cases: Sequence[Case], p: Floats) -> dict[str, float]:
    """AUROC of questions whose passage is there against the near and the far ones."""
    of = np.array([case.kind for case in cases])
    return {f"there_vs_{kind}": round(_auroc(p[of == "there"], p[of == kind]), 3) for kind in ("near", "far")}


def shipped(weights: Weights, cases: Sequence[Case]) -> dict[str, object]:
    """What the weights that are in the product achieve on cases."""
    names = tuple(weights.of)
    cases = [case for case in cases if weigh(case.asked, case.hits)]
    rows, right, _ = table(cases, names, best_only=True)
    p = predicted(rows, weights.bias, np.array([weights.of[name] for name in names]))
    return {**report(p, right), **kinds(cases, p)}


def study(cases: Sequence[Case], weights: Weights, label: str) -> dict[str, object]:
    """Fit on half of the articles and measure on the other half; then fit on all, for the product."""
    names = tuple(weights.of)
    rows, right, groups = table(cases, names, best_only=True)
    held = groups % 2 == 1
    bias, slopes = fit(rows[~held], right[~held])
    halves = report(predicted(rows[held], bias, slopes), right[held])
    bias, slopes = fit(rows, right)
    fitted = {name: round(float(slope), 2) for name, slope in zip(names, slopes, strict=True)}
    print(f"{label}: bias {bias:.2f}, {fitted}", file=sys.stderr)
    return {"held_out": halves, "bias": round(bias, 2), "weights": fitted}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--state", type=Path, required=True, help="directory that keeps the index")
    parser.add_argument("--contexts", type=int, default=400, help="SQuAD contexts to index (the rest is far)")
    parser.add_argument("--questions", type=int, default=1500, help="questions per language")
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f"no data in {DATA}; this needs SQuAD 2 and KorQuAD 1.0 there", file=sys.stderr)
        return 2
    result: dict[str, object] = {}
    settings = KnowledgeSettings()
    contexts, questions = squad()
    korean, korean_questions = korquad()
    runs: Mapping[str, tuple[KnowledgeSettings, Weights, str]] = {
        "squad, vectors": (settings, WITH_DENSE, "en"),
        "squad, words": (settings.model_copy(update={"model_languages": ()}), WITHOUT_DENSE, "en"),
        "korquad, words": (settings, WITHOUT_DENSE, "ko"),
    }
    for label, (chosen, weights, language) in runs.items():
        texts, asked = (contexts, questions) if language == "en" else (korean, korean_questions)
        indexed = options.contexts if language == "en" else 700
        state = options.state if chosen is settings else options.state / "words"
        index = open_index(QdrantSettings(), chosen, state)
        fill(index, texts[:indexed], language, chosen, state)
        retriever = LocalRetriever(index, chosen, model_place(chosen, state))
        cases = collect(retriever, asked, language, indexed, options.questions)
        result[label] = {"shipped": shipped(weights, cases)}
        if language == "en":
            result[label] = {**study(cases, weights, label), **result[label]}  # type: ignore[dict-item]
        print(f"{label}: {result[label]}", file=sys.stderr)
        index.close()
    print(json.dumps(result))
    return 0


def _only(hits: Sequence[Hit], indexed: int) -> list[Hit]:
    """Hits of contexts that count as indexed: an index that an earlier run filled further must not help."""
    return [hit for hit in hits if int(hit.passage.document.id.split("-")[1]) < indexed]


if __name__ == "__main__":
    raise SystemExit(main())
