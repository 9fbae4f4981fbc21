"""Questions about passages, from files in SQuAD's format (which KorQuAD has too).

Nothing of such a set is kept in the project: KorQuAD's licence allows evaluating with it, not deriving from it.
Refuses: judging answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from dialog.yaml_source import Shape
from gateway.commands.evaluate.errors import DataAbsent
from gateway.commands.evaluate.suite import data_file


class ReadingSet(Shape):
    """What a suite says of a set: files whose questions are asked, and files whose passages only lie about."""

    questions: tuple[str, ...] = Field(min_length=1)
    distractors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the number of its context, and the strings that answer it (none: nothing there does)."""

    text: str
    context: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Contexts, each once; the number of the article that each is from; and the questions."""

    language: str
    contexts: tuple[str, ...]
    articles: tuple[int, ...]
    questions: tuple[Question, ...]

    @property
    def answerable(self) -> tuple[Question, ...]:
        """The questions that their context answers."""
        return tuple(question for question in self.questions if question.answers)

    def article(self, question: Question) -> int:
        """The article that a question is about."""
        return self.articles[question.context]


def read_corpus(language: str, chosen: ReadingSet, folder: Path) -> Corpus:
    """Read a set. Raises ``DataAbsent`` when a file is missing or not in the format."""
    numbers: dict[str, int] = {}
    articles: list[int] = []
    questions: list[Question] = []
    article = 0
    for name in (*chosen.questions, *chosen.distractors):
        for paragraphs in _articles(data_file(folder, name)):
            for paragraph in paragraphs:
                context = paragraph["context"]
                number = numbers.setdefault(context, len(numbers))
                if number == len(articles):
                    articles.append(article)
                if name in chosen.questions:
                    questions += [_question(item, number) for item in paragraph["qas"]]
            article += 1
    return Corpus(language, tuple(numbers), tuple(articles), tuple(questions))


def _articles(path: Path) -> Iterator[list[dict[str, Any]]]:
    try:
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            yield article["paragraphs"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataAbsent(f"{path} is not in SQuAD's format ({error!r}); fetch it anew") from error


def _question(item: dict[str, Any], number: int) -> Question:
    answers = () if item.get("is_impossible") else tuple(answer["text"] for answer in item["answers"])
    return Question(item["question"], number, tuple(dict.fromkeys(answers)))
