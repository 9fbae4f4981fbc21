"""Says an answer that was decided in a language model's words, as far as they are backed, else in the passages' own.

That it may be said, and what follows from it for the conversation, is settled before; only its words are not. They come
from the passages that could have been offered as answers, and what a sentence rests on decides whether its source is
named. The model stops as soon as nobody listens any more.

Refuses: answering what would not be answered without a model.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import assert_never

from dialog.advising import Adviser
from dialog.answers.answering import Candidate
from dialog.answers.composer import Composed, Filling, HandingOver, Question, Refused, Rung, Saying, evidence_of
from dialog.answers.confidence import Verdict
from dialog.answers.ladder import Patience
from dialog.clock import Clock
from dialog.conversation import Conversation
from dialog.interruptible import Interruptible
from dialog.phrasing import answered, say
from dialog.releases.release import Release
from dialog.reply import Expectation, Reply, Sentence

_PATIENCE = Patience()
_AHEAD = 0.1
"""Seconds: whoever speaks for us fills a silence as long as our patience with words of its own; ours come before."""
_LEAST = 0.5
"""Seconds that a model is given however late it is: less, and it would only be asked in vain."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that is decided and not yet worded: to which ``question``, from which ``candidates``, ``how`` the first
    of them is said (without a model in the words of ``extract``), and the seconds that it took so far."""

    question: str
    candidates: tuple[Candidate, ...]
    extract: tuple[Sentence, ...]
    how: Verdict
    timings: Mapping[str, float]
    adviser: Adviser


@dataclass(slots=True)
class _Telling:
    """How far the telling of one answer has come."""

    draft: Draft
    breath: list[Sentence] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """Documents that were spoken from: a source is named once."""
    rungs: list[Rung] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def judged(self, sentence: Sentence) -> tuple[Candidate, Verdict]:
        """The candidate that a sentence rests on, and how it is therefore said."""
        best = self.draft.candidates[0]
        passage = None if sentence.citation is None else sentence.citation.passage
        found = next((one for one in self.draft.candidates if one.passage.id == passage), best)
        if found.passage.document.id in self.named:
            return found, Verdict.SAY
        return found, self.draft.how if found is best else Verdict.SAY_WITH_SOURCE


@dataclass(frozen=True, slots=True)
class Wording:
    """For all conversations of one release. Keeps no state of its own."""

    release: Release
    clock: Clock

    async def tell(self, conversation: Conversation, draft: Draft) -> AsyncGenerator[Reply, None]:
        """The answer, as it comes to be; a plea for patience where that takes long."""
        telling = _Telling(draft)
        began = self.clock.monotonic()
        stream = conversation.composing = Interruptible(self._composed(conversation, draft, began))
        try:
            async with aclosing(stream.events()) as events:
                async for event in events:
                    match event:
                        case Filling():
                            texts = self.release.texts(conversation.language)
                            yield say(texts, "answer.wait", expects=Expectation.LISTENING)
                        case Saying():
                            telling.breath.append(event.sentence)
                            if not event.more:
                                telling.rungs.append(event.rung)
                                yield self._reply(conversation, telling, self.clock.monotonic() - began)
                        case Refused():
                            telling.refused += [flaw.value for flaw in event.flaws]
                        case HandingOver():
                            pass  # never while there are words of the passage's own
                        case _:
                            assert_never(event)
        finally:
            conversation.composing = None
            self._note(conversation, telling, stopped=stream.stopped)

    def _composed(self, conversation: Conversation, draft: Draft, now: float) -> AsyncGenerator[Composed, None]:
        today = self.clock.today(self.release.tenant.time_zone)
        waited = now - conversation.asked_at
        patience = Patience(
            filler_after=max(0.0, _PATIENCE.filler_after - _AHEAD - waited),
            rung_after=max(_LEAST, _PATIENCE.rung_after - waited),
        )
        evidence = evidence_of((one.passage for one in draft.candidates), conversation.language, today)
        return draft.adviser.composer(patience).compose(
            Question(draft.question, conversation.language),
            evidence,
            today=today,
            extract=draft.extract,
        )

    def _reply(self, conversation: Conversation, telling: _Telling, seconds: float) -> Reply:
        """What was gathered for one breath, with its source named where it is not beyond doubt."""
        sentences, telling.breath = tuple(telling.breath), []
        candidate, how = telling.judged(sentences[0])
        telling.named.add(candidate.passage.document.id)
        first = len(telling.rungs) == 1
        timings = {**(telling.draft.timings if first else {}), "compose": seconds}
        reply = answered(self.release.texts(conversation.language), candidate, sentences, how, timings)
        model = telling.draft.adviser.model.identity if telling.rungs[-1] is Rung.MODEL else ""
        return replace(reply, model=model)

    def _note(self, conversation: Conversation, telling: _Telling, *, stopped: bool) -> None:
        conversation.scribe.note(
            "answer.composed",
            {
                "turn": conversation.turn,
                **telling.draft.adviser.signature(conversation.language),
                "rungs": [rung.value for rung in telling.rungs],
                "refused": telling.refused,
                "stopped": stopped,
            },
        )
