"""Reading: is what would be said first the right answer, end to end?

Every answerable question of a set is asked of the product's retriever; the product reads, extracts and weighs. Counted
is whether the sentence that the answer turns on holds the annotated answer (``first``), whether all that would be
spoken does (``spoken``), and whether the sentence that the reader puts first does (``read_first``), or one of its first
three (``among_3``), before anything is weighed.
"""

from __future__ import annotations

from pydantic import Field

from dialog.answers import reading as reader
from dialog.answers.answering import weigh
from dialog.yaml_source import Shape
from gateway.commands.evaluate.cases import Case, Condition, collected, holds
from gateway.commands.evaluate.figures import Figure, Findings
from gateway.commands.evaluate.kinds.retrieval import share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.library import opened
from gateway.commands.evaluate.reading_sets import Corpus, ReadingSet, read_corpus
from gateway.commands.evaluate.resampling import evenly

FIRST = 3
"""Sentences among which the right one may be."""


class Options(Shape):
    """A set of questions per language."""

    sets: dict[str, ReadingSet] = Field(min_length=1)


def measure(options: Options, around: Surroundings) -> Findings:
    """The shares per language, beside those of saying the retriever's own best sentence."""
    corpora = {code: read_corpus(code, chosen, around.data) for code, chosen in options.sets.items()}
    figures: dict[str, dict[str, Figure]] = {}
    problems: list[str] = []
    for code, corpus in corpora.items():
        questions = evenly(corpus.answerable, around.limit)
        with opened(corpus, code, around.work, around.tell) as library:
            cases = list(collected(corpus, library, Condition.THERE, questions, around.tell))
        figures[code], wrong = read(cases, corpus)
        problems += wrong
    return Findings(figures, problems=tuple(problems))


def read(cases: list[Case], corpus: Corpus) -> tuple[dict[str, Figure], list[str]]:
    """The figures of these cases, and the questions whose answer was not even among the first three."""
    first, said, foremost, among, simple, simple_among = [], [], [], [], [], []
    problems = []
    for case in cases:
        best = weigh(case.asked, case.hits)[:1]
        first.append(any(holds(candidate.extract.written, case.answers) for candidate in best))
        said.append(any(holds(candidate.extract.text, case.answers) for candidate in best))
        readings = reader.read(case.asked.words, case.hits, corpus.language)[:FIRST]
        sentences = [case.hits[one.hit].passage.sentences[one.sentence] for one in readings]
        foremost.append(any(holds(sentence, case.answers) for sentence in sentences[:1]))
        among.append(any(holds(sentence, case.answers) for sentence in sentences))
        plain = [hit.passage.sentences[hit.best] for hit in case.hits[:FIRST]]
        simple.append(any(holds(sentence, case.answers) for sentence in plain[:1]))
        simple_among.append(any(holds(sentence, case.answers) for sentence in plain))
        if not among[-1]:
            problems.append(f"{corpus.language}: {case.asked.words} – wanted: {' / '.join(case.answers)}")
    topics = [case.article for case in cases]
    return {
        "first": share(first, topics, simple),
        "spoken": share(said, topics),
        "read_first": share(foremost, topics, simple),
        f"among_{FIRST}": share(among, topics, simple_among),
    }, problems
