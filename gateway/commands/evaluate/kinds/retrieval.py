"""Retrieval: is the passage that answers among the first found?

Every context of a set is a document of a tenant's, every answerable question is asked of the product's own retriever;
plain BM25 over the same texts answers the same questions. Refuses: sets whose answers are not in their contexts.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from pydantic import Field

from dialog.yaml_source import Shape
from gateway.commands.evaluate.figures import Figure, Findings
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.library import Library, number_of, opened
from gateway.commands.evaluate.plain_bm25 import PlainBM25
from gateway.commands.evaluate.reading_sets import Corpus, ReadingSet, read_corpus
from gateway.commands.evaluate.resampling import evenly, mean_interval

DEPTHS = (1, 5)


class Options(Shape):
    """A set of questions per language; ``spaces: false`` asks without any."""

    sets: dict[str, ReadingSet] = Field(min_length=1)
    spaces: bool = True


def measure(options: Options, around: Surroundings) -> Findings:
    """Recall at 1 and 5 per language, with the baseline's. Raises ``DataAbsent``, or a ``KnowledgeError``."""
    corpora = {code: read_corpus(code, chosen, around.data) for code, chosen in options.sets.items()}
    figures = {}
    for code, corpus in corpora.items():
        with opened(corpus, code, around.work, around.tell) as library:
            figures[code] = _recall(corpus, library, around, spaces=options.spaces)
    return Findings(figures)


def _recall(corpus: Corpus, library: Library, around: Surroundings, *, spaces: bool) -> dict[str, Figure]:
    questions = evenly(corpus.answerable, around.limit)
    plain = PlainBM25(corpus.contexts)
    ours: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    theirs: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    seconds = []
    for done, question in enumerate(questions):
        text = question.text if spaces else question.text.replace(" ", "")
        begun = time.perf_counter()
        found = [number_of(hit) for hit in library.search(text, max(DEPTHS))]
        seconds.append(time.perf_counter() - begun)
        simple = plain.best(text, max(DEPTHS))
        for depth in DEPTHS:
            ours[depth].append(question.context in found[:depth])
            theirs[depth].append(question.context in simple[:depth])
        if done % 500 == 499:
            around.tell(f"{corpus.language}: {done + 1} of {len(questions)} questions asked")
    articles = [corpus.article(question) for question in questions]
    return {
        **{f"recall@{depth}": share(ours[depth], articles, theirs[depth]) for depth in DEPTHS},
        **search_times(seconds),
    }


def share(hits: Sequence[float], topics: Sequence[int], baseline: Sequence[float] | None = None) -> Figure:
    """The share of cases that are hits, with its interval over topics; nothing is known of no cases."""
    if not hits:
        return Figure(None)
    low, high = mean_interval(hits, topics) or (None, None)
    simple = sum(baseline) / len(baseline) if baseline else None
    return Figure(sum(hits) / len(hits), len(hits), low, high, simple)


def search_times(seconds: Sequence[float]) -> dict[str, Figure]:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return {"p50_ms": Figure(None), "p95_ms": Figure(None)}
    return {
        f"p{percent}_ms": Figure(1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], len(ordered))
        for percent in (50, 95)
    }
