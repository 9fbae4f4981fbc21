"""How often the right sentence is said first, and is among three, end to end: retrieve five passages, order their
sentences.

    python tests/benchmarks/bench_reading.py --state DIR [--hits DIR] [--sample N] [--language en|ko] [--fit]

Data: SQuAD 2 (the answerable questions of its labelled half, its unlabelled contexts as distractors) and KorQuAD 1.0
dev, which is for evaluation only. A sentence is right when it holds an annotated answer. Beside ``dialog.reading``
stand, in the same run, ``lexical`` (the share of the question's words, nothing else) and ``retrieval`` (the sentence
figure that retrieval gives); ``answer`` is the focus of the answer that the product would give. ``held_out`` are the
articles that the weights were not fitted on; Korean weights come from English alone, so all of KorQuAD is held out.
``--fit`` fits anew: weights from every second English article for ``shipped``, and ``crossed`` figures, in which each
half is read with weights from the other.

``--state DIR`` keeps the index, ``--hits DIR`` what was found in it (without an index the second time); both belong
outside the repository. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias

import numpy as np
from bench_retrieval import DATA, TENANT, Question, fill, korquad, squad
from numpy.typing import NDArray

from dialog.answering import Question as Heard
from dialog.answering import weigh
from dialog.reading import BY_MEANING, Reading, read
from knowledge.document import Hit
from knowledge.embedder import model_place
from knowledge.hosting import open_index
from knowledge.retriever import LocalRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings

Floats: TypeAlias = NDArray[np.float64]
Asked: TypeAlias = "list[tuple[Question, tuple[Hit, ...]]]"
Order: TypeAlias = "Callable[[Reading, Sequence[Hit]], float]"
TODAY = date(2026, 11, 22)
RIDGE = 1e-3
STEPS = 400
SEED = 7

ORDERS: Mapping[str, Order] = {
    "lexical": lambda reading, hits: reading.features["words"],
    "retrieval": lambda reading, hits: hits[reading.hit].sentence_scores[reading.sentence],
    "reading": lambda reading, hits: reading.score,
}


def found(language: str, dense: bool, state: Path, kept: Path | None) -> Asked:
    """Every question with the five passages found for it; taken from ``kept`` if they are there."""
    name = f"{language}-{'dense' if dense else 'words'}.pickle"
    if kept is not None and (kept / name).exists():
        return pickle.loads((kept / name).read_bytes())  # our own file, written below
    settings = KnowledgeSettings() if dense else KnowledgeSettings(model_languages=())
    place = state if dense else state / "words"
    index = open_index(QdrantSettings(), place)
    contexts, questions = squad() if language == "en" else korquad()
    fill(index, contexts, language, settings, place)
    retriever = LocalRetriever(index, settings, model_place(settings, place))
    asked = [
        (question, tuple(retriever.search(tenant=TENANT, language=language, query=question.text, limit=5, on=TODAY)))
        for question in questions
    ]
    index.close()
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        (kept / name).write_bytes(pickle.dumps(asked))
    return asked


def articles() -> list[int]:
    """The number of the article of each labelled SQuAD context."""
    data = json.loads((DATA / "squad2-cs224n" / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]
    return [number for number, article in enumerate(data) for _ in article["paragraphs"]]


def right(question: Question, sentence: str) -> bool:
    """Whether a sentence holds an annotated answer."""
    said = sentence.lower()
    return any(answer.lower() in said for answer in question.answers)


def measure(asked: Asked, language: str) -> dict[str, object]:
    """The share of questions whose first sentence is right, and of those with a right one among three, per order; the
    share that any order could reach; and what reading costs."""
    counts = {name: [0, 0] for name in ORDERS}
    reachable = answered = 0
    seconds = []
    for question, hits in asked:
        begun = time.perf_counter()
        readings = read(question.text, hits, language)
        seconds.append(time.perf_counter() - begun)
        answers = weigh(Heard(question.text, language, 1.0), hits)
        answered += bool(answers) and right(question, answers[0].extract.written)
        sure = {
            (reading.hit, reading.sentence)
            for reading in readings
            if right(question, hits[reading.hit].passage.sentences[reading.sentence])
        }
        reachable += bool(sure)
        for name, order in ORDERS.items():
            best = sorted(readings, key=lambda reading, order=order, hits=hits: -order(reading, hits))[:3]
            good = [(reading.hit, reading.sentence) in sure for reading in best]
            counts[name][0] += good[:1] == [True]
            counts[name][1] += any(good)
    seconds.sort()
    total = len(asked)
    return {
        "questions": total,
        **{
            name: {"first": round(one / total, 3), "of_three": round(three / total, 3)}
            for name, (one, three) in counts.items()
        },
        "answer": round(answered / total, 3),
        "reachable": round(reachable / total, 3),
        "p50_ms": round(1000 * seconds[total // 2], 2),
        "p95_ms": round(1000 * seconds[int(total * 0.95)], 2),
    }


def fit(asked: Asked, language: str, names: Sequence[str]) -> dict[str, float]:
    """Weights under which the right sentences of each question are the likeliest among all that were found, by gradient
    ascent on the logarithm of that probability."""
    rows, marks, segments = [], [], []
    for number, (question, hits) in enumerate(asked):
        readings = read(question.text, hits, language)
        good = [right(question, hits[one.hit].passage.sentences[one.sentence]) for one in readings]
        if any(good):
            rows += [[one.features[name] for name in names] for one in readings]
            marks += good
            segments += [number] * len(readings)
    features, wanted = np.array(rows), np.array(marks, dtype=np.float64)
    scale = features.std(axis=0) + 1e-9
    features = (features - features.mean(axis=0)) / scale
    starts = np.flatnonzero(np.diff(segments, prepend=-1))
    sizes = np.diff(np.append(starts, len(segments)))
    weights: Floats = np.zeros(len(names))
    velocity = np.zeros(len(names))
    for _ in range(STEPS):
        scores = features @ weights
        powers = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        every = powers / np.repeat(np.add.reduceat(powers, starts), sizes)
        good_powers = powers * wanted
        chosen = good_powers / np.repeat(np.add.reduceat(good_powers, starts), sizes)
        gradient = features.T @ (chosen - every) / len(starts) - 2 * RIDGE * weights
        velocity = 0.9 * velocity + gradient
        weights = weights + 0.3 * velocity
    return {name: round(float(weight), 2) for name, weight in zip(names, weights / scale, strict=True)}


def crossed(asked: Asked, language: str) -> dict[str, object]:
    """Fitted weights, and figures over all questions with each half read by weights from the other."""
    article = articles()
    halves = [[item for item in asked if article[item[0].context] % 2 == half] for half in (0, 1)]
    names = tuple(BY_MEANING)
    fitted = [fit(half, language, names) for half in halves]
    good = np.zeros(2)
    for weights, half in zip(reversed(fitted), halves, strict=True):
        for question, hits in half:
            readings = read(question.text, hits, language)
            best = sorted(
                readings, key=lambda one, weights=weights: -sum(weights[n] * v for n, v in one.features.items())
            )
            correct = [right(question, hits[one.hit].passage.sentences[one.sentence]) for one in best[:3]]
            good += (correct[:1] == [True], any(correct))
    first, of_three = good / len(asked)
    return {"shipped": fitted[0], "crossed": {"first": round(float(first), 3), "of_three": round(float(of_three), 3)}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--state", type=Path, help="directory that keeps the index")
    parser.add_argument("--hits", type=Path, help="directory that keeps what was found")
    parser.add_argument("--sample", type=int, default=0, help="questions per language, drawn at random; 0: all")
    parser.add_argument("--language", choices=("en", "ko"), help="one language only")
    parser.add_argument("--fit", action="store_true", help="fit weights anew on English and cross-check them")
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f"no data in {DATA}; this benchmark needs SQuAD 2 and KorQuAD 1.0 there", file=sys.stderr)
        return 2
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as scratch:
        state = options.state or Path(scratch)
        for language, dense in (("en", True), ("en", False), ("ko", True)):
            if options.language not in (None, language):
                continue
            label = f"{language}, {'vectors' if dense and language == 'en' else 'words'}"
            asked = found(language, dense, state, options.hits)
            if options.sample:
                asked = random.Random(SEED).sample(asked, min(options.sample, len(asked)))
            result[label] = {"all": measure(asked, language)}
            if language == "en":
                article = articles()
                held = [item for item in asked if article[item[0].context] % 2]
                result[label] |= {"held_out": measure(held, language)}  # type: ignore[operator]
                if options.fit:
                    result[label] |= crossed(asked, language)  # type: ignore[operator]
            print(f"{label}: {json.dumps(result[label])}", file=sys.stderr)
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
