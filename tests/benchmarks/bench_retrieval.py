"""Retrieval quality and speed, measured through the index that serves.

    python -m tests.benchmarks.bench_retrieval [--sample N] [--language en|ko] [--state DIR] [--passages N]

Data: SQuAD 2 (646 dev contexts with their answerable questions, 570 test contexts as distractors) and KorQuAD 1.0 dev,
which is for evaluation only. A context is one passage. Passages go through the preparing process and the embedded
index as those of any document do; questions go through ``LocalRetriever``. Beside it, in the same run, stands plain
BM25 over words parted by spaces and signs. The last line is JSON.

Besides the questions as they were written: the same as a recognizer might hear them (``speech_noise``), and follow-ups,
which keep the last two words of a passage's second question ("and Norman castle?") after its first one was asked, once
alone and once with that turn as context; and a new topic after a turn about another. These rows ask ``ROW`` questions.

``--state DIR`` keeps the index there and reuses it (embedding takes most of the time).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge.document import Document, Passage
from knowledge.embedder import model_place
from knowledge.hosting import open_index
from knowledge.index import Index, Record, Space
from knowledge.preparing import Preparing
from knowledge.query import Query
from knowledge.retriever import LocalRetriever
from knowledge.sentences import split
from knowledge.settings import KnowledgeSettings, QdrantSettings
from tests.benchmarks.speech_noise import NOISES

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "qa"
TENANT = "benchmark"
BATCH = 64
ROW = 500
"""Questions of each row beside the clean one."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the number of its context, the strings that answer it, and the turns before it."""

    text: str
    context: int
    answers: tuple[str, ...]
    before: tuple[str, ...] = ()


def squad() -> tuple[list[str], list[Question]]:
    """Contexts of both files, questions of the labelled one that have an answer."""
    contexts: list[str] = []
    questions: list[Question] = []
    for name in ("dev-v2.0.json", "test-v2.0.json"):
        for paragraph in _paragraphs(DATA / "squad2-cs224n" / name):
            contexts.append(paragraph["context"])
            for item in paragraph.get("qas", []) if name.startswith("dev") else []:
                if item.get("answers") and not item.get("is_impossible"):
                    answers = tuple(answer["text"] for answer in item["answers"])
                    questions.append(Question(item["question"], len(contexts) - 1, answers))
    return contexts, questions


def korquad() -> tuple[list[str], list[Question]]:
    """All contexts once, all questions."""
    numbers: dict[str, int] = {}
    questions: list[Question] = []
    for paragraph in _paragraphs(DATA / "korquad1" / "KorQuAD_v1.0_dev.json"):
        number = numbers.setdefault(paragraph["context"], len(numbers))
        for item in paragraph["qas"]:
            answers = tuple(answer["text"] for answer in item["answers"])
            questions.append(Question(item["question"], number, answers))
    return list(numbers), questions


def _paragraphs(path: Path) -> Iterator[dict[str, Any]]:
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        yield from article["paragraphs"]


def fill(index: Index, contexts: Sequence[str], language: str, settings: KnowledgeSettings, state: Path) -> None:
    """Each context as one document of one passage, staged and published; those that are there already are skipped."""
    place = model_place(settings, state)
    known = {record.document.id for record in index.records(TENANT)}
    missing = [at for at in range(len(contexts)) if f"{language}-{at}" not in known]
    with Preparing(place, settings.embed_batch) as preparing:
        dense = language in settings.model_languages
        space = Space(TENANT, language, place.name, preparing.model()) if dense else Space(TENANT, language)
        for start in range(0, len(missing), BATCH):
            passages = [_passage(at, contexts[at], language) for at in missing[start : start + BATCH]]
            index.put(space, preparing.entries(space, passages, "1", 0.0))
            for passage in passages:
                index.publish(TENANT, Record(passage.document, "1", "benchmark", space.model, 1))
            print(f"  {language}: {start + len(passages)} of {len(missing)} contexts indexed", file=sys.stderr)
        index.seal(space)


def _passage(number: int, context: str, language: str) -> Passage:
    digest = hashlib.sha256(context.encode()).hexdigest()
    document = Document(f"{language}-{number}", "", language, digest)
    return Passage(f"{language}-{number}#0", document, 0, (), context, split(context))


class PlainBM25:
    """The baseline: lower case, words, k1 1.5, b 0.75, nothing else."""

    def __init__(self, contexts: Sequence[str]) -> None:
        documents = [Counter(self.words(context)) for context in contexts]
        self._lengths = [sum(document.values()) for document in documents]
        self._mean = sum(self._lengths) / len(documents)
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for at, document in enumerate(documents):
            for word, count in document.items():
                self._postings[word].append((at, count))

    @staticmethod
    def words(text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())

    def best(self, question: str, limit: int) -> list[int]:
        scores: dict[int, float] = defaultdict(float)
        total = len(self._lengths)
        for word in set(self.words(question)):
            held = self._postings.get(word, [])
            inverse = math.log((total - len(held) + 0.5) / (len(held) + 0.5) + 1)
            for at, count in held:
                penalty = 1.5 * (0.25 + 0.75 * self._lengths[at] / self._mean)
                scores[at] += inverse * count * 2.5 / (count + penalty)
        return sorted(scores, key=lambda at: -scores[at])[:limit]


def rows(questions: Sequence[Question], language: str) -> dict[str, list[Question]]:
    """What is asked beside the clean questions, by the name of its row."""
    some = _spread(questions, ROW)
    made = {name: [replace(one, text=noise(one.text)) for one in some] for name, noise in NOISES[language].items()}
    by_context: dict[int, list[Question]] = defaultdict(list)
    for question in questions:
        by_context[question.context].append(question)
    pairs = [asked[:2] for asked in by_context.values() if len(asked) > 1]
    opener = "and" if language == "en" else "그럼"
    ellipses = [replace(second, text=f"{opener} {' '.join(second.text.split()[-2:])}") for _, second in pairs]
    follow = [replace(short, before=(first.text,)) for short, (first, _) in zip(ellipses, pairs, strict=True)]
    shifted = pairs[len(pairs) // 2 :] + pairs[: len(pairs) // 2]
    new = [replace(second, before=(other.text,)) for (_, second), (other, _) in zip(pairs, shifted, strict=True)]
    topics = {"follow-up alone": ellipses, "follow-up": follow, "new topic": new}
    return made | {name: _spread(asked, ROW) for name, asked in topics.items()}


def _spread(questions: Sequence[Question], wanted: int) -> list[Question]:
    step = max(1, len(questions) // wanted) if wanted else 1
    return list(questions[::step])


def measure(
    retriever: LocalRetriever, plain: PlainBM25, questions: Sequence[Question], language: str
) -> dict[str, float]:
    """Recall, the share of questions whose best hit's best sentence holds the answer, the baseline, and times."""
    found: Counter[str] = Counter()
    seconds: list[float] = []
    for question in questions:
        begun = time.perf_counter()
        hits = retriever.search(Query(TENANT, language, question.text, context=question.before))
        seconds.append(time.perf_counter() - begun)
        numbers = [int(hit.passage.document.id.split("-")[1]) for hit in hits]
        baseline = plain.best(question.text, 5)
        found["recall@1"] += numbers[:1] == [question.context]
        found["recall@5"] += question.context in numbers
        found["baseline@1"] += baseline[:1] == [question.context]
        found["baseline@5"] += question.context in baseline
        if hits:
            said = hits[0].passage.sentences[hits[0].best].lower()
            found["sentence@1"] += any(answer.lower() in said for answer in question.answers)
    seconds.sort()
    shares = {
        name: round(found[name] / len(questions), 4)
        for name in ("recall@1", "recall@5", "sentence@1", "baseline@1", "baseline@5")
    }
    return {
        **shares,
        "p50_ms": round(1000 * seconds[len(seconds) // 2], 2),
        "p95_ms": round(1000 * seconds[int(len(seconds) * 0.95)], 2),
        "questions": len(questions),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sample", type=int, default=0, help="questions per language, evenly spread; 0: all")
    parser.add_argument("--language", choices=("en", "ko"), help="one language only")
    parser.add_argument("--state", type=Path, help="directory that keeps the index")
    parser.add_argument("--passages", type=int, default=0, help="contexts to index: the size of a tenant; 0: all")
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f"no data in {DATA}; this benchmark needs SQuAD 2 and KorQuAD 1.0 there", file=sys.stderr)
        return 2
    settings = KnowledgeSettings()
    result: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        state = options.state or Path(scratch)
        index = open_index(QdrantSettings(), state)
        retriever = LocalRetriever(index, settings, model_place(settings, state))
        for language, load in (("en", squad), ("ko", korquad)):
            if options.language in (None, language):
                contexts, questions = load()
                if options.passages:
                    contexts = contexts[: options.passages]
                    questions = [question for question in questions if question.context < len(contexts)]
                fill(index, contexts, language, settings, state)
                retriever.warm([language])
                plain = PlainBM25(contexts)
                asked = {"clean": _spread(questions, options.sample), **rows(questions, language)}
                result[language] = {}
                for name, some in asked.items():
                    result[language][name] = measure(retriever, plain, some, language)
                    print(f"{language} {name}: {result[language][name]}", file=sys.stderr)
        index.close()
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
