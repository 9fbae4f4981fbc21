"""From a caller's words to the one card that helps the agent who listens, or to none.

It asks what the bot would ask (the tenant's understander, the arbiter, the knowledge, the calibrated confidence), but
for an agent: documents for agents are found as well, no answer is said to anybody, and what is not sure enough is left
out rather than asked back about. An answer is shown from the tenant's own threshold ``answer`` on; that nothing was
found is told only where the caller asked something that is the tenant's business.

Refuses: what agents say (the card is for them), secrets, and waiting: whoever asks bounds the time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from dialog.answers.answering import OURS, KnowledgeSearch, Question, find, weigh
from dialog.answers.confidence import Verdict, verdict
from dialog.answers.evidence import content_words
from dialog.answers.instructions import readable
from dialog.answers.query import resolve
from dialog.arbiter import stand
from dialog.assist.card import Card, CardKind, CardSource, source_of
from dialog.assist.next_action import next_action
from dialog.assist.questions import asks
from dialog.assist.thread import Thread, given, wish
from dialog.clock import Clock, SystemClock
from dialog.command import AskKnowledge, Cancel, Command, StartFlow
from dialog.conversation import PHONE
from dialog.escalation import quoted
from dialog.flows.slot import Slot
from dialog.parsers.language import language
from dialog.parsers.text import canonical, tokens
from dialog.parsers.yes_no import read_agreement
from dialog.privacy.detector import without
from dialog.releases.release import Release
from dialog.settings import DialogSettings
from dialog.turn import CallerTurn
from dialog.understanding.understander import Listening
from knowledge.document import Hit, Passage
from knowledge.query import Query

AUDIENCE = "agent"
"""Who reads the cards: documents for agents are for them."""
CALLERS = "customer"
"""Who must not be read what is for agents only."""
MOST_FOUND = 10
"""Passages that an agent's own search shows."""
_SHORT = 2
"""Words that a yes or no may have and be nothing else."""
_SHOWN = frozenset({Verdict.SAY, Verdict.SAY_WITH_SOURCE})


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that an agent's own search found; ``score`` (0..1) orders those of one search."""

    source: CardSource
    score: float


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the caller said in the turn ``utterance``, to be searched for; ``asked`` is whether it asks
    something that is the tenant's business."""

    utterance: int
    question: Question
    asked: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a turn means for the agent: the ``thread`` after it, and a ``card`` at once, a ``remark`` or neither."""

    thread: Thread
    card: Card | None = None
    remark: Remark | None = None


@dataclass(frozen=True)
class Suggesting:
    """Cards for all calls of one tenant. Keeps no state of its own; ``release`` gives the one that serves now."""

    release: Callable[[], Release]
    knowledge: KnowledgeSearch
    settings: DialogSettings
    clock: Clock

    @classmethod
    def of(
        cls, release: Callable[[], Release], knowledge: KnowledgeSearch, settings: DialogSettings | None = None
    ) -> Suggesting:
        """With the machine's clock."""
        return cls(release, knowledge, settings or DialogSettings(), SystemClock())

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """The slots of all flows, by name, which means the same in all; one that is secret anywhere is."""
        slots = [slot for flow in self.release().flows.values() for slot in flow.slots]
        return {slot.name: slot for slot in sorted(slots, key=lambda slot: slot.secret)}

    def worth(self, turn: CallerTurn) -> bool:
        """Whether a turn can bring a card at all. "Yes" and "hm" cannot, and take the place of no question."""
        if turn.silent or turn.language not in self.release().templates:
            return False
        words = [token.text for token in tokens(turn.text)]
        if len(words) <= _SHORT and read_agreement(turn.text, turn.language) is not None:
            return False
        hesitations = language(turn.language).following.hesitations
        said = " ".join(word for word in words if word not in hesitations)
        topical = content_words(said, language(turn.language).prose)
        return bool(turn.digits or topical or any(map(str.isdigit, turn.text)))

    async def read(self, turn: CallerTurn, thread: Thread) -> Reading:
        """What a caller's turn means for the agent: the thread after it, and the card of an action that is wanted or
        what to search for. Takes milliseconds.

        Raises ``LanguageNotSpoken`` for a language that the tenant has no intents in.
        """
        turn = replace(turn, text=canonical(turn.text))
        release = self.release()
        listening = self._listening(release, thread)
        understanding = await release.understander.understand(turn, listening)
        commands = stand(understanding.commands, turn, listening, release.policy.bar)
        card, after = self._action(release, turn, commands, thread)
        if card is not None or not _may_be_asked(commands):
            return Reading(after, card)
        judgement = understanding.judgement
        wanted = resolve(turn.text, turn.language, before=thread.topic)
        context = thread.asked if wanted.follows else ()
        question = Question(
            wanted.words, turn.language, turn.confidence, judgement, topic=wanted.topic, context=context
        )
        ours = judgement is None or judgement.in_scope >= OURS
        asked = (ours or wanted.follows) and asks(turn.text, turn.language, follows=wanted.follows)
        if asked:
            after = after.leaning_on(question.topic, context, turn.text)
        return Reading(after, remark=Remark(turn.number, question, asked))

    async def answer(self, remark: Remark, *, channel: str = PHONE) -> Card | None:
        """The card for what a caller said: an answer that is sure enough, that nothing was found where they asked, or
        none. Raises a ``KnowledgeError`` where the knowledge does not answer."""
        release, question = self.release(), remark.question
        hits = await self._search(release, question, channel, self.settings.retrieval_limit)
        candidates = await asyncio.to_thread(weigh, question, hits, release.calibration)
        best = candidates[0] if candidates else None
        if best is not None and verdict(best.confidence, release.policy.thresholds) in _SHOWN:
            text = " ".join(sentence.text for sentence in readable(best.extract.sentences))
            if text:
                source = self._source(best.passage, best.extract.focus, channel)
                return Card(CardKind.ANSWER, remark.utterance, text, best.confidence.value, source)
        if not remark.asked:
            return None
        unlikely = 1.0 - (0.0 if best is None else best.confidence.value)
        return Card(CardKind.NOTHING, remark.utterance, quoted(question.words), unlikely)

    async def look_up(self, words: str, code: str, *, channel: str | None = None) -> tuple[Found, ...]:
        """What an agent's own search finds, best first. Raises a ``KnowledgeError``."""
        question = Question(canonical(words), code, 1.0)
        hits = await self._search(self.release(), question, channel, MOST_FOUND)
        return tuple(
            Found(self._source(hit.passage, hit.best, channel), hit.score) for hit in hits if hit.passage.sentences
        )

    def _listening(self, release: Release, thread: Thread) -> Listening:
        """What values may be heard: those of the flow that is wanted, or of any."""
        today = self.clock.today(release.tenant.time_zone)
        flow = None if thread.flow is None else release.flows.get(thread.flow)
        if flow is None:
            slots = tuple(slot for one in release.flows.values() for slot in one.slots if not slot.secret)
            return Listening(slots=slots, today=today)
        slots = tuple(slot for slot in flow.slots if not slot.secret)
        return Listening(flow=flow.id, slots=slots, standing=thread.values, calls_off=flow.calls_off, today=today)

    def _action(
        self, release: Release, turn: CallerTurn, commands: tuple[Command, ...], thread: Thread
    ) -> tuple[Card | None, Thread]:
        """The action that is wanted now, with what was given for it; none where neither is news."""
        if any(isinstance(command, Cancel) for command in commands):
            return None, thread.wanting(None, {})
        wished, values = wish(commands), given(commands, thread.values, self.slots)
        if wished is None and not values:
            return None, thread
        flow = thread.flow if wished is None else wished.flow
        after = thread.wanting(flow, values)
        action = None if flow is None else next_action(release, flow, after.values, turn.language)
        if action is None:
            return None, after.wanting(None, {})
        sure = max(command.confidence for command in commands) if wished is None else wished.confidence
        return Card(CardKind.ACTION, turn.number, action.title, sure, action=action), after

    async def _search(self, release: Release, question: Question, channel: str | None, limit: int) -> tuple[Hit, ...]:
        query = Query(
            tenant=release.tenant.id,
            language=question.language,
            text=without(question.words, question.language),
            limit=limit,
            on=self.clock.today(release.tenant.time_zone),
            context=tuple(without(words, question.language) for words in question.context),
            audience=AUDIENCE,
            channel=channel,
        )
        return await find(self.knowledge, question, query, timeout=self.settings.retrieval_timeout)

    def _source(self, passage: Passage, focus: int, channel: str | None) -> CardSource:
        today = self.clock.today(self.release().tenant.time_zone)
        return source_of(passage, focus, internal=not passage.document.told(today, CALLERS, channel))


def _may_be_asked(commands: tuple[Command, ...]) -> bool:
    """Whether the documents may have something on it: it was asked, or wished for and agents cannot have it done."""
    asked = any(isinstance(command, AskKnowledge) for command in commands)
    return asked and isinstance(commands[0], AskKnowledge | StartFlow)
