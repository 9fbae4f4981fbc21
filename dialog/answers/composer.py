"""Answers that a language model words, from numbered evidence alone.

The model is given passages and results that this caller may hear, and writes sentences that each name their evidence.
Each is verified as soon as it stands, and said or not. What restricts a sentence is said with it, whether the model
thought of it or not. When and to whom it goes on is the ladder's affair (``dialog.answers.ladder``).

Refuses: saying anything that the verifier does not let pass, whoever asks for it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias, assert_never

from dialog.answers.evidence import alike
from dialog.answers.grounding import Backing
from dialog.answers.instructions import addresses_a_program
from dialog.answers.ladder import AnswerLadder, Heard, Move, Patience
from dialog.answers.shorten import ended, for_the_ear
from dialog.answers.verifier import Flaw, Verified, verify
from dialog.models.generator import End, Finish, Generator, GeneratorError, Limits
from dialog.models.prompt import NOTHING, composing, prompts
from dialog.parsers.language import language
from dialog.reply import Citation, Sentence
from knowledge.document import Passage

_CITED = re.compile(r"\s*((?:\[\s*\d+(?:\s*,\s*\d+)*\s*\]\s*)+)")
_NUMBER = re.compile(r"\d+")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_YES_OR_NO = re.compile(r"^(?:네|예|아니요|아니오|아닙니다|yes|no)[,.!]\s+(?=\S)", re.IGNORECASE)
"""What answers the question by one word, which no source can back; what follows says it in the source's words."""
_SAID_ALREADY = 0.5
"""A sentence that shares as much (0..1) with one that was said is not said again."""
_MOST_SENTENCES = 4


class Rung(StrEnum):
    """Who worded a sentence."""

    MODEL = "model"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in the caller's words, and the ``language`` to answer in."""

    words: str
    language: str


@dataclass(frozen=True, slots=True)
class Filling:
    """The caller is to be asked for patience."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A backed sentence to say, and who worded it. With ``more`` the next one is said in the same breath: what
    restricts a sentence is not parted from it."""

    sentence: Sentence
    rung: Rung
    more: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A sentence that the model wrote and that is not said, with what is wrong with it. For the record alone."""

    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class HandingOver:
    """Nobody has an answer: a human goes on."""


Composed: TypeAlias = Filling | Saying | Refused | HandingOver


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence as the model wrote it, and the numbers of the evidence that it names."""

    text: str
    numbers: tuple[int, ...]


def evidence_of(
    passages: Iterable[Passage], code: str, today: date, told: Iterable[tuple[str, str]] = ()
) -> tuple[Backing, ...]:
    """Numbered evidence: results first (``told``: action and the words that tell it), then passages of that day and
    language, without sentences that speak to a program."""
    results = [Backing.of_result(0, text, code, action) for action, text in told]
    valid = [p for p in passages if p.document.valid_on(today) and p.document.language == code]
    found = [*results, *(Backing.of_passage(0, passage) for passage in valid)]
    cleaned = [replace(one, sentences=tuple(s for s in one.sentences if not addresses_a_program(s))) for one in found]
    kept = [backing for backing in cleaned if backing.sentences]
    return tuple(replace(backing, number=number) for number, backing in enumerate(kept, 1))


class CitedSentences:
    """Cuts what a model writes into sentences with their numbers, as it is written. Pure."""

    def __init__(self) -> None:
        self._buffer = ""

    def feed(self, text: str) -> list[Cited]:
        """The sentences that ``text`` completes: at a line's end, or where the next one begins after the numbers."""
        self._buffer += text
        found = []
        while (cut := self._cut()) is not None:
            piece, self._buffer = self._buffer[:cut], self._buffer[cut:]
            found += _cited(piece)
        return found

    def rest(self) -> list[Cited]:
        """What remains at the end."""
        piece, self._buffer = self._buffer, ""
        return _cited(piece)

    def _cut(self) -> int | None:
        line = self._buffer.find("\n")
        match = _CITED.search(self._buffer)
        after = -1
        if match is not None and match.end() < len(self._buffer) and self._buffer[match.end()] != "[":
            after = match.end() + (self._buffer[match.end()] in ".!?。")
        places = [place for place in (line + 1, after) if place > 0]
        return min(places) if places else None


class Composer:
    """Words answers with one language model, within ``limits`` and ``patience``."""

    def __init__(self, generator: Generator, limits: Limits, patience: Patience | None = None) -> None:
        self._generator = generator
        self._limits = limits
        self._patience = patience or Patience()

    async def compose(
        self, question: Question, evidence: Sequence[Backing], *, today: date, extract: Sequence[Sentence] = ()
    ) -> AsyncGenerator[Composed, None]:
        """An answer, sentence by sentence. ``extract`` is the extracted answer, where there is one that may be said.

        Closing it stops the model.
        """
        clock = asyncio.get_running_loop().time
        ladder = AnswerLadder(clock(), extract=bool(extract), patience=self._patience)
        answer = _Answer(question, evidence, today)
        async with aclosing(self._written(question, evidence)) as sentences:
            waiting: asyncio.Task[Cited | Heard] | None = None
            try:
                while not ladder.over:
                    waiting = waiting or asyncio.ensure_future(_next(sentences))
                    deadline = ladder.deadline
                    assert deadline is not None, "a ladder that is not over has a deadline"
                    await asyncio.wait({waiting}, timeout=max(0.0, deadline - clock()))
                    judged: list[Composed] = []
                    if waiting.done():
                        heard, judged = answer.judge(waiting.result())
                        waiting = None
                        moves = ladder.handle(heard, clock()) if heard is not None else ()
                    else:
                        moves = ladder.tick(clock())
                    for event in _carried_out(moves, judged, answer, extract):
                        yield event
            finally:
                if waiting is not None:
                    waiting.cancel()
                    await asyncio.wait({waiting})

    async def _written(self, question: Question, evidence: Sequence[Backing]) -> AsyncGenerator[Cited | Heard, None]:
        """The model's sentences, then how it ended."""
        if not evidence:
            yield Heard.FAILED
            return
        messages = composing(prompts(question.language), question.words, evidence)
        cutter = CitedSentences()
        try:
            async with aclosing(self._generator.stream(messages, self._limits)) as events:
                async for event in events:
                    if isinstance(event, End):
                        for cited in cutter.rest() if event.finish is Finish.COMPLETE else ():
                            yield cited
                        yield Heard.ENDED
                        return
                    for cited in cutter.feed(event.text):
                        yield cited
        except GeneratorError:
            yield Heard.FAILED


class _Answer:
    """What was said of one answer, and what may still be."""

    def __init__(self, question: Question, evidence: Sequence[Backing], today: date) -> None:
        self._question = question
        self._evidence = evidence
        self._today = today
        self._said: list[str] = []

    def judge(self, written: Cited | Heard) -> tuple[Heard | None, list[Composed]]:
        """What a sentence is worth to the ladder, and what would follow. None: nothing new."""
        if isinstance(written, Heard):
            return written, []
        if written.text.strip(" .\"'") == NOTHING:
            return Heard.FAILED, []
        if self._known(written.text):
            return None, []
        if len(self._said) >= _MOST_SENTENCES:
            return Heard.ENDED, []
        code = self._question.language
        found = verify(
            written.text, written.numbers, self._evidence, code, today=self._today, asked=self._question.words
        )
        if not found.backed:
            return Heard.REFUSED, [Refused(found.flaws)]
        sentences = [_sentence(ended(written.text), found), *(self._owed(owed, found) for owed in found.owed)]
        return Heard.BACKED, self.saying(sentences, Rung.MODEL)

    def saying(self, sentences: Iterable[Sentence], rung: Rung) -> list[Composed]:
        """Those of ``sentences`` that were not said, in one breath; they count as said from now on."""
        fresh = [sentence for sentence in sentences if not self._known(sentence.text)]
        self._said += [sentence.text for sentence in fresh]
        return [Saying(sentence, rung, more=place < len(fresh)) for place, sentence in enumerate(fresh, 1)]

    def _known(self, text: str) -> bool:
        return any(alike(text, said) >= _SAID_ALREADY for said in self._said)

    def _owed(self, owed: str, found: Verified) -> Sentence:
        spoken = ended(for_the_ear(owed, language(self._question.language).prose))
        return _sentence(spoken, found, quote=owed)


def _carried_out(
    moves: Sequence[Move], judged: Sequence[Composed], answer: _Answer, extract: Sequence[Sentence]
) -> list[Composed]:
    """The events of the moves, after what is only for the record."""
    carried: list[Composed] = [event for event in judged if isinstance(event, Refused)]
    for move in moves:
        match move:
            case Move.FILL:
                carried.append(Filling())
            case Move.SAY:
                carried += [event for event in judged if isinstance(event, Saying)]
            case Move.EXTRACT:
                carried += answer.saying(extract, Rung.EXTRACT)
            case Move.HAND_OVER:
                carried.append(HandingOver())
            case _:
                assert_never(move)
    return carried


async def _next(sentences: AsyncGenerator[Cited | Heard, None]) -> Cited | Heard:
    return await anext(sentences, Heard.ENDED)


def _cited(piece: str) -> list[Cited]:
    """A piece of what was written as a sentence with its numbers; nothing for blank lines."""
    numbers = tuple(int(number) for match in _CITED.finditer(piece) for number in _NUMBER.findall(match.group(1)))
    text = _YES_OR_NO.sub("", _BULLET.sub("", _CITED.sub("", piece)).strip())
    text = text[:1].upper() + text[1:]
    return [Cited(text, tuple(dict.fromkeys(numbers)))] if any(map(str.isalnum, text)) else []


def _sentence(text: str, found: Verified, quote: str | None = None) -> Sentence:
    """A verified sentence with its source."""
    ground = found.ground
    assert ground is not None, "a backed sentence rests on something"
    backing = ground.backing
    if backing.passage is None:
        return Sentence(text, action=backing.action)
    document = backing.passage.document
    return Sentence(text, Citation(document.id, document.title, backing.passage.id, quote or ground.sentence))
