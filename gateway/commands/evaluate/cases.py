"""Questions under four conditions, each with what the product finds for it: what confidence has to tell apart.

The answer is there; its passage is absent (the rest of its article is there); its whole topic is absent; or the
question is one that sounds as if its passage answered it and does not. What is absent was never in the index: taking
hits away afterwards would leave a gap in the scores that gives it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialog.answers.answering import Question as Asked
from gateway.commands.evaluate.library import Library
from gateway.commands.evaluate.reading_sets import Corpus, Question
from knowledge.document import Hit

FOLDS = 4
"""Parts into which contexts or articles are dealt; each is absent in turn."""
HITS = 5
"""Hits per question, as many as a conversation asks for."""


class Condition(StrEnum):
    """What the index has for a question."""

    THERE = "there"
    PASSAGE_ABSENT = "passage_absent"
    TOPIC_ABSENT = "topic_absent"
    ADVERSARIAL = "adversarial"


@dataclass(frozen=True, slots=True)
class Case:
    """A question as it was asked, its article, the strings that answer it, and the hits that came back."""

    condition: Condition
    article: int
    answers: tuple[str, ...]
    asked: Asked
    hits: tuple[Hit, ...]

    def answered_by(self, text: str) -> bool:
        """Whether ``text`` holds an answer; never when nothing should have been answered."""
        return self.condition is Condition.THERE and holds(text, self.answers)


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether one of ``answers`` stands in ``text``; letters and digits only, for marks and spaces differ freely."""
    said = _letters(text)
    return any(_letters(answer) in said for answer in answers)


def collected(
    corpus: Corpus, library: Library, condition: Condition, questions: Sequence[Question], tell: Callable[[str], None]
) -> Iterator[Case]:
    """The ``questions`` of a corpus under a condition."""
    match condition:
        case Condition.THERE | Condition.ADVERSARIAL:
            parts: Iterable[tuple[Library, Sequence[Question]]] = [(library, questions)]
        case Condition.PASSAGE_ABSENT:
            parts = _dealt(library, corpus, questions, lambda context: context)
        case Condition.TOPIC_ABSENT:
            parts = _dealt(library, corpus, questions, lambda context: corpus.articles[context])
    done = 0
    for place, asked in parts:
        for question in asked:
            hits = tuple(place.search(question.text, HITS))
            words = Asked(question.text, corpus.language, 1.0)
            yield Case(condition, corpus.article(question), question.answers, words, hits)
            done += 1
            if done % 500 == 0:
                tell(f"{corpus.language}, {condition}: {done} of {len(questions)} questions asked")


def _dealt(
    library: Library, corpus: Corpus, questions: Sequence[Question], key: Callable[[int], int]
) -> Iterator[tuple[Library, list[Question]]]:
    """Each part of the questions with a library that lacks their contexts, or all that shares their key."""
    for fold in range(FOLDS):
        asked = [question for question in questions if key(question.context) % FOLDS == fold]
        if asked:
            left = {context for context in range(len(corpus.contexts)) if key(context) % FOLDS != fold}
            yield library.only(left), asked


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
