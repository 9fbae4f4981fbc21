"""How often the right sentence is said first, and is among three, end to end: retrieve five passages, order their
sentences.

    python -m tests.benchmarks.bench_reading --state DIR [--hits DIR] [--sample N] [--set NAME] [--fit]

Sets: ``squad`` (the answerable questions of SQuAD 2's labelled half, its unlabelled contexts as distractors), the same
found by ``words`` alone, ``korquad`` (KorQuAD 1.0 dev, which is for evaluation only), and the example tenant's
questions as callers ask them (``tenant-en``, ``tenant-ko``). A public sentence is right when it holds an annotated
answer, one of the tenant's when it holds all that its question wants. Beside ``dialog.answers.reading``
stand, in the same run, ``lexical`` (the share of the question's words, nothing else) and ``retrieval`` (the sentence
figure that retrieval gives); ``answer`` is what the product would say first, judged by its whole text.

``held_out`` are the articles and questions that no weights were fitted on: every second one. ``--fit`` prints weights
fitted on the others, ``BY_MEANING`` on ``squad`` and ``tenant-en``, ``BY_WORDS`` on ``words`` and ``tenant-ko``, and
``crossed`` figures, in which each half is read with weights from the other.

``--state DIR`` keeps the indexes, ``--hits DIR`` what was found in them (no index is needed the second time); both
belong outside the repository. The last line is JSON.
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
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from dialog.answers.answering import Question, weigh
from dialog.answers.reading import BY_MEANING, Reading, read
from knowledge.document import Hit
from knowledge.embedder import model_place
from knowledge.hosting import KnowledgeHost, open_index
from knowledge.query import Query
from knowledge.retriever import LocalRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings
from tests.benchmarks.bench_retrieval import DATA, TENANT, fill, korquad, squad

Floats = NDArray[np.float64]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TODAY = date(2026, 11, 22)
RIDGE = 1e-3
STEPS = 400
SEED = 7
TENANT_SHARE = 0.3
"""What all of the tenant's questions together weigh in fitting, beside all public ones."""
FITTED_ON = {"squad": "tenant-en", "words": "tenant-ko"}
LANGUAGES = {"squad": "en", "words": "en", "korquad": "ko", "tenant-en": "en", "tenant-ko": "ko"}


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the number of its article (or of its kind, for the tenant's), what answers it, whether a right
    sentence has ``all`` of that, and the passages found."""

    text: str
    group: int
    answers: tuple[str, ...]
    all: bool
    hits: tuple[Hit, ...]

    def right(self, said: str) -> bool:
        """Whether ``said`` answers the question."""
        if self.all:
            return all(_plain(answer) in _plain(said) for answer in self.answers)
        return any(answer.lower() in said.lower() for answer in self.answers)

    def holds(self, reading: Reading) -> bool:
        """Whether a sentence answers it."""
        return self.right(self.hits[reading.hit].passage.sentences[reading.sentence])


ORDERS: Mapping[str, Callable[[Reading, Case], float]] = {
    "lexical": lambda reading, case: reading.features["words"],
    "retrieval": lambda reading, case: case.hits[reading.hit].sentence_scores[reading.sentence],
    "reading": lambda reading, case: reading.score,
}


def cases(name: str, state: Path, kept: Path | None) -> list[Case]:
    """All cases of a set; taken from ``kept`` if they are there."""
    file = None if kept is None else kept / f"{name}.pickle"
    if file is not None and file.exists():
        loaded: list[Case] = pickle.loads(file.read_bytes())  # our own file, written below
        return loaded
    found = _of_tenant(LANGUAGES[name], state) if name.startswith("tenant") else _public(name, state)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(found))
    return found


def _public(name: str, state: Path) -> list[Case]:
    settings = KnowledgeSettings(model_languages=()) if name == "words" else KnowledgeSettings()
    place = state / name
    contexts, questions = korquad() if name == "korquad" else squad()
    index = open_index(QdrantSettings(), place)
    fill(index, contexts, LANGUAGES[name], settings, place)
    retriever = LocalRetriever(index, settings, model_place(settings, place))
    article = articles() if LANGUAGES[name] == "en" else list(range(len(contexts)))
    found = [
        Case(one.text, article[one.context], one.answers, False, tuple(_search(retriever, TENANT, name, one.text)))
        for one in questions
    ]
    index.close()
    return found


def _of_tenant(language: str, state: Path) -> list[Case]:
    host = KnowledgeHost(QdrantSettings(), KnowledgeSettings(), state / "tenant")
    host.ingest(EXAMPLES / "hanbit-store" / "knowledge", "hanbit-store")
    listed = yaml.safe_load((EXAMPLES / "suites" / "data" / f"faq.{language}.yaml").read_text(encoding="utf-8"))["faqs"]
    name = f"tenant-{language}"
    found = [
        Case(text, number, tuple(item["holds"]), True, tuple(_search(host.retriever, "hanbit-store", name, text)))
        for number, item in enumerate(listed)
        for text in (item["question"], *item["asked"])
    ]
    host.close()
    return found


def _search(retriever: LocalRetriever, tenant: str, name: str, text: str) -> list[Hit]:
    return retriever.search(Query(tenant, LANGUAGES[name], text, on=TODAY))


def articles() -> list[int]:
    """The number of the article of each labelled SQuAD context."""
    data = json.loads((DATA / "squad2-cs224n" / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]
    return [number for number, article in enumerate(data) for _ in article["paragraphs"]]


def measure(asked: Sequence[Case], language: str) -> dict[str, object]:
    """The share of questions whose first sentence is right, and of those with a right one among three, per order; of
    those that the product would answer right; the share that any order could reach; and what reading costs."""
    counts = {name: [0, 0] for name in ORDERS}
    reachable = answered = 0
    seconds = []
    for case in asked:
        begun = time.perf_counter()
        readings = read(case.text, case.hits, language)
        seconds.append(time.perf_counter() - begun)
        candidates = weigh(Question(case.text, language, 1.0), case.hits)
        answered += bool(candidates) and case.right(candidates[0].extract.text)
        reachable += any(map(case.holds, readings))
        for name, order in ORDERS.items():
            best = sorted(readings, key=lambda one, order=order, case=case: -order(one, case))[:3]
            good = [case.holds(reading) for reading in best]
            counts[name][0] += good[:1] == [True]
            counts[name][1] += any(good)
    seconds.sort()
    total = len(asked)
    return {
        "questions": total,
        **{name: _shares(good, total) for name, good in counts.items()},
        "answer": round(answered / total, 3),
        "reachable": round(reachable / total, 3),
        "p50_ms": round(1000 * seconds[total // 2], 2),
        "p95_ms": round(1000 * seconds[int(total * 0.95)], 2),
    }


def _shares(good: Sequence[float], total: int) -> dict[str, float]:
    return {"first": round(float(good[0]) / total, 3), "of_three": round(float(good[1]) / total, 3)}


def fit(parts: Sequence[tuple[Sequence[Case], str, float]]) -> dict[str, float]:
    """Weights under which the right sentences of each question are the likeliest among all that were found, by gradient
    ascent on the logarithm of that probability; ``parts`` are cases, their language and what they weigh together."""
    rows: list[list[float]] = []
    marks: list[bool] = []
    sizes: list[int] = []
    loads: list[float] = []
    names = tuple(BY_MEANING)
    for asked, language, load in parts:
        for case in asked:
            readings = read(case.text, case.hits, language)
            good = [case.holds(reading) for reading in readings]
            if any(good):
                rows += [[reading.features[name] for name in names] for reading in readings]
                marks += good
                sizes.append(len(readings))
                loads.append(load / len(asked))
    features, wanted = np.array(rows), np.array(marks, dtype=np.float64)
    scale = features.std(axis=0) + 1e-9
    features = (features - features.mean(axis=0)) / scale
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    load_of = np.repeat(np.array(loads) / sum(loads), sizes)

    def shares(powers: Floats) -> Floats:
        return powers / np.repeat(np.add.reduceat(powers, starts), sizes)

    weights = velocity = np.zeros(len(names))
    for _ in range(STEPS):
        scores = features @ weights
        powers = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        gradient = features.T @ (load_of * (shares(powers * wanted) - shares(powers))) - 2 * RIDGE * weights
        velocity = 0.9 * velocity + gradient
        weights = weights + 0.3 * velocity
    return {name: round(float(weight), 2) for name, weight in zip(names, weights / scale, strict=True)}


def half(asked: Sequence[Case], odd: bool) -> list[Case]:
    """Every second article or question."""
    return [case for case in asked if case.group % 2 == odd]


def crossed(public: Sequence[Case], own: Sequence[Case], language: str) -> dict[str, object]:
    """Weights fitted on the even half, and figures over all public questions with each half read by weights from the
    other."""
    fitted = [fit(((half(public, odd), "en", 1.0), (half(own, odd), language, TENANT_SHARE))) for odd in (False, True)]
    good = np.zeros(2)
    for weights, odd in ((fitted[0], True), (fitted[1], False)):
        for case in half(public, odd):
            readings = read(case.text, case.hits, "en")
            readings = sorted(readings, key=lambda one, of=weights: -sum(of[n] * v for n, v in one.features.items()))
            right = [case.holds(reading) for reading in readings[:3]]
            good += (right[:1] == [True], any(right))
    return {"weights": fitted[0], "crossed": _shares(good.tolist(), len(public))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--state", type=Path, help="directory that keeps the indexes")
    parser.add_argument("--hits", type=Path, help="directory that keeps what was found")
    parser.add_argument("--sample", type=int, default=0, help="questions per set, drawn at random; 0: all")
    parser.add_argument("--set", action="append", choices=tuple(LANGUAGES), help="one set only (may be repeated)")
    parser.add_argument("--fit", action="store_true", help="fit weights anew and cross-check them")
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f"no data in {DATA}; this benchmark needs SQuAD 2 and KorQuAD 1.0 there", file=sys.stderr)
        return 2
    result: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        state = options.state or Path(scratch)
        for name in options.set or LANGUAGES:
            asked = cases(name, state, options.hits)
            if options.sample:
                asked = random.Random(SEED).sample(asked, min(options.sample, len(asked)))
            language = LANGUAGES[name]
            result[name] = {"all": measure(asked, language)}
            if name != "korquad":
                result[name]["held_out"] = measure(half(asked, True), language)
            if options.fit and name in FITTED_ON:
                own = FITTED_ON[name]
                result[name] |= crossed(asked, cases(own, state, options.hits), LANGUAGES[own])
            print(f"{name}: {json.dumps(result[name])}", file=sys.stderr, flush=True)
    print(json.dumps(result))
    return 0


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


if __name__ == "__main__":
    raise SystemExit(main())
