"""The dialogue manager: one turn of the caller's in, a stream of replies out.

It asks the understander what was meant, lets the arbiter say what stands, and carries that out: a flow moves,
knowledge is searched, a human is called. State is committed before it is spoken: every reply is handed out only
after the conversation holds all that follows from it, so whoever stops listening cancels speech and nothing else.

Refuses: sound, turns (who speaks when), and how a hand-over is performed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import assert_never

from dialog import flow as flows
from dialog.acting import Acting, Said
from dialog.action import ActionPort, Journal
from dialog.action_runner import ActionRunner
from dialog.answering import Finding, KnowledgeSearch, Question, find, rivals, topic, weigh
from dialog.arbiter import stand
from dialog.classifier import Judgement
from dialog.clock import Clock, SystemClock
from dialog.command import (
    Affirm,
    AskKnowledge,
    Cancel,
    Choose,
    Command,
    CorrectSlot,
    Deny,
    Goodbye,
    NoInput,
    NotKnown,
    Repeat,
    SetSlot,
    SmallTalk,
    Source,
    StartFlow,
    describe,
)
from dialog.confidence import Verdict, answer_confidence, verdict
from dialog.conversation import AnythingElse, Conversation, Foreseen, OpenQuestion, TopicQuestion
from dialog.errors import LanguageNotSpoken
from dialog.escalation import Attempt, Case, Tried, escalate, exhausted, quoted, ruled, summarize
from dialog.intent import Does
from dialog.journal import Scribe
from dialog.parsers.text import canonical
from dialog.phrasing import CERTAIN, answered, hearing, say
from dialog.query import resolve
from dialog.release import Release
from dialog.reply import Confidence, Decision, EscalationReason, Expectation, Reply, Sentence, Summary
from dialog.settings import DialogSettings
from dialog.tenant import AfterSilence
from dialog.turn import CallerTurn, Speaker, Utterance
from dialog.understander import Understanding
from knowledge.document import Hit
from knowledge.errors import KnowledgeError

_ABOUT = frozenset({Does.ASK_KNOWLEDGE, Does.START_FLOW})
"""Intents that say what the caller wants."""
_FLOW_BOUND = SetSlot | CorrectSlot | Cancel | NotKnown


class DialogueManager:
    """The dialog of one tenant's release, for any number of conversations at once. It keeps no state of its own."""

    def __init__(
        self,
        release: Release,
        retriever: KnowledgeSearch,
        actions: ActionPort,
        clock: Clock | None = None,
        settings: DialogSettings | None = None,
    ) -> None:
        self.release = release
        self._retriever = retriever
        self._clock = clock or SystemClock()
        self._settings = settings or DialogSettings()
        runner = ActionRunner(actions, journal_timeout=self._settings.journal_timeout)
        self._acting = Acting(release, runner, self._settings, self._clock)

    def begin(self, *, call_id: str, language: str, caller: str | None, journal: Journal) -> Conversation:
        """A new conversation in the line's language, bound to this release."""
        return Conversation(
            call_id=call_id,
            language=language if language in self.release.templates else self.release.tenant.languages[0],
            caller=caller,
            release=self.release.id,
            scribe=Scribe(journal, timeout=self._settings.journal_timeout),
            history=deque(maxlen=self._settings.history_limit),
        )

    async def greet(self, conversation: Conversation, *, recording_notice: bool | None = None) -> Reply:
        """Say that a machine speaks and for whom, that the call is recorded if it is, and ask what is wanted.

        ``recording_notice`` None leaves it to the tenant's policy.
        """
        notice = self.release.policy.recording_notice if recording_notice is None else recording_notice
        keys = ("greeting.disclosure", *(("greeting.recording",) if notice else ()), "greeting.help")
        names = self.release.tenant.name
        name = names.get(conversation.language) or next(iter(names.values()), self.release.tenant.id)
        texts = self.release.texts(conversation.language)
        conversation.scribe.note("dialog.began", {"release": self.release.id, "language": conversation.language})
        sentences = [texts.render(key, name=name) for key in keys]
        reply = Reply(Decision.CONVERSE, texts.language, tuple(Sentence(text) for text in sentences), CERTAIN)
        conversation.last = reply
        return reply

    async def respond(self, conversation: Conversation, turn: CallerTurn) -> AsyncGenerator[Reply, None]:
        """What is said back to a turn, in order. Nothing at all once a human has spoken."""
        if conversation.handed is Speaker.AGENT:
            return
        async with aclosing(self._acting.finish(conversation)) as replies:
            async for said in replies:
                yield self._spoken(conversation, said)
        began = self._clock.monotonic()
        turn = replace(turn, text=canonical(turn.text))
        conversation.take(turn)
        if turn.continues and conversation.handed is not None:
            conversation.handed = None  # decided on half of what the caller had to say
            conversation.progressed()
        if turn.language in self.release.templates:
            conversation.language = turn.language
        try:
            understanding, commands = self._understand(conversation, turn)
        except LanguageNotSpoken:
            yield self._hand_over(conversation, EscalationReason.LANGUAGE_NOT_HEARD)
            return
        seconds = self._clock.monotonic() - began
        async with aclosing(self._carry_out(conversation, turn, commands, understanding.judgement)) as replies:
            async for said in replies:
                yield self._spoken(conversation, said, understood=seconds, remembered=not turn.silent)

    async def foresee(self, conversation: Conversation, turn: CallerTurn) -> None:
        """Search for what a turn seems to ask before it has ended. Nothing follows from it: what is found is looked at
        only when the caller's question is the same in the end."""
        turn = replace(turn, text=canonical(turn.text))
        if conversation.handed is not None or turn.language not in self.release.templates:
            return
        understanding, commands = self._read(conversation, turn)
        if not commands or not isinstance(commands[0], AskKnowledge):
            return
        question = self._question(conversation, turn, commands[0], understanding.judgement, conversation.question)
        hits = await self._search(question)
        conversation.foreseen = Foreseen(question.words, question.language, hits)

    def heard(self, conversation: Conversation, utterance: Utterance) -> None:
        """Take into the history what was really heard. An agent's words silence the bot for good."""
        conversation.heard(utterance)

    async def escalate(self, conversation: Conversation, reason: EscalationReason) -> Reply:
        """Hand over for a reason that only the session can see."""
        return self._hand_over(conversation, reason, again=True)

    def summary(self, conversation: Conversation) -> Summary:
        """What a human needs to know now, in the conversation's language."""
        return summarize(self._case(conversation), self.release.texts(conversation.language))

    def resume(self, conversation: Conversation) -> None:
        """The call was given back: the bot may speak and act again."""
        conversation.handed = None
        conversation.progressed()

    async def finish(self, conversation: Conversation) -> None:
        """Bring to its end what is still on its way: an action and the notes of the record. Each is bounded in time."""
        async with aclosing(self._acting.finish(conversation)) as replies:
            async for _ in replies:
                pass
        await conversation.scribe.settle()

    # Understanding

    def _read(self, conversation: Conversation, turn: CallerTurn) -> tuple[Understanding, tuple[Command, ...]]:
        listening = conversation.listening(tuple(self.release.flows.values()))
        understanding = self.release.understander.understand(turn, listening)
        return understanding, stand(understanding.commands, turn, listening, self.release.policy.bar)

    def _understand(self, conversation: Conversation, turn: CallerTurn) -> tuple[Understanding, tuple[Command, ...]]:
        understanding, commands = self._read(conversation, turn)
        judgement = understanding.judgement
        conversation.scribe.note(
            "turn.understood",
            {
                "turn": turn.number,
                "commands": [describe(command) for command in commands],
                "intent": judgement.intent if judgement else None,
                "probability": round(judgement.probability, 4) if judgement else None,
                "in_scope": round(judgement.in_scope, 4) if judgement else None,
            },
        )
        return understanding, commands

    # What is done about it

    async def _carry_out(
        self,
        conversation: Conversation,
        turn: CallerTurn,
        commands: tuple[Command, ...],
        judgement: Judgement | None,
    ) -> AsyncGenerator[Said, None]:
        main = commands[0] if commands else None
        if isinstance(main, NoInput):
            yield self._silence(conversation)
            return
        conversation.progress = replace(conversation.progress, no_input=0)
        rule = ruled(commands, turn.text, conversation.language, conversation.progress, self.release.policy)
        if rule is not None:
            self._want(conversation, turn, judgement)
            yield self._hand_over(conversation, rule[0], about=rule[1])
            return
        if isinstance(main, Repeat):
            yield self._repeat(conversation, turn, main)
            return
        question, conversation.question = conversation.question, None
        flowing = conversation.flow is not None
        if isinstance(main, _FLOW_BOUND | StartFlow) or (flowing and isinstance(main, Affirm | Deny | None)):
            async with aclosing(self._flow(conversation, turn, commands)) as replies:
                async for said in replies:
                    yield said
        elif isinstance(main, AskKnowledge):
            yield await self._answer(conversation, turn, main, judgement, question)
        else:
            yield self._converse(conversation, turn, main, question)

    def _converse(
        self, conversation: Conversation, turn: CallerTurn, main: Command | None, asked: OpenQuestion | None
    ) -> Reply:
        """What needs neither a search nor a flow."""
        texts = self.release.texts(conversation.language)
        match main:
            case Choose():
                return self._chosen(conversation, asked, main.index)
            case Affirm() | Deny():
                return self._agreed(conversation, turn, asked, yes=isinstance(main, Affirm))
            case Goodbye():
                conversation.flow = None
                return say(texts, "goodbye", expects=Expectation.NOTHING, confidence=_meant(main))
            case SmallTalk():
                return self._small_talk(conversation, main)
            case _:
                return self._unclear(conversation, turn)

    def _small_talk(self, conversation: Conversation, command: SmallTalk) -> Reply:
        texts = self.release.texts(conversation.language)
        intent = self.release.intents[texts.language][command.kind]
        expects = intent.expects
        if expects is Expectation.SPEAKING and conversation.flow is not None:
            expects = Expectation.DICTATING
        return say(texts, f"small_talk.{command.kind}", expects=expects, confidence=_meant(command))

    def _silence(self, conversation: Conversation) -> Reply:
        conversation.was_silent()
        ended = exhausted(conversation.progress, self.release.policy)
        texts = self.release.texts(conversation.language)
        if ended is not None:
            if self.release.policy.after_silence is AfterSilence.PERSON:
                return self._hand_over(conversation, ended[0])
            conversation.flow = None
            return say(texts, "goodbye", expects=Expectation.NOTHING)
        prompt = say(texts, "silence" if conversation.progress.no_input == 1 else "silence.again")
        if conversation.flow is None:
            return prompt
        asked = self._acting.repeat(conversation, CERTAIN)
        return replace(asked, sentences=(*prompt.sentences, *asked.sentences), decision=Decision.CONVERSE)

    def _repeat(self, conversation: Conversation, turn: CallerTurn, command: Repeat) -> Reply:
        """What was said last, whole: also what the caller did not hear of it because it was cut off."""
        last = conversation.last
        if last is None:
            nothing = say(self.release.texts(conversation.language), "repeat.nothing", confidence=hearing(turn))
            return replace(nothing, manner=command.manner)
        decision = Decision.CONVERSE if last.decision is Decision.ESCALATE else last.decision
        return replace(last, decision=decision, manner=command.manner, escalation=None, timings={})

    def _chosen(self, conversation: Conversation, asked: OpenQuestion | None, index: int) -> Reply:
        """The answer to a topic that the caller picked: which topic is meant is no longer in doubt."""
        assert isinstance(asked, TopicQuestion), "the arbiter lets a choice stand only where one was offered"
        candidate = asked.answers[index]
        signals = {**candidate.confidence.signals, "margin": 1.0, "chosen": 1.0}
        settled = replace(candidate, confidence=answer_confidence(signals))
        return self._say_answer(conversation, TopicQuestion(asked.query, (), (settled,)), 0)

    def _agreed(self, conversation: Conversation, turn: CallerTurn, asked: OpenQuestion | None, *, yes: bool) -> Reply:
        texts = self.release.texts(conversation.language)
        match asked:
            case TopicQuestion():
                if yes:
                    return self._chosen(conversation, asked, 0)
                return self._stuck(conversation) or say(texts, "clarify.declined", decision=Decision.CLARIFY)
            case AnythingElse():
                if yes:
                    return say(texts, "go_ahead", confidence=hearing(turn))
                return say(texts, "goodbye", expects=Expectation.NOTHING, confidence=hearing(turn))
            case None:
                return self._unclear(conversation, turn)
            case _:
                assert_never(asked)

    def _unclear(self, conversation: Conversation, turn: CallerTurn) -> Reply:
        """Nothing in the turn means anything here: it is asked for once more, then a human goes on."""
        conversation.dossier.tried(Attempt(Tried.NOT_UNDERSTOOD))
        stuck = self._stuck(conversation)
        if stuck is not None:
            return stuck
        texts = self.release.texts(conversation.language)
        return say(texts, "clarify.unclear", decision=Decision.CLARIFY, confidence=hearing(turn))

    def _stuck(self, conversation: Conversation) -> Reply | None:
        """Count a turn that brought nothing; the hand-over if it was the last one."""
        conversation.got_nowhere()
        ended = exhausted(conversation.progress, self.release.policy)
        return None if ended is None else self._hand_over(conversation, ended[0])

    # Flows

    async def _flow(
        self, conversation: Conversation, turn: CallerTurn, commands: tuple[Command, ...]
    ) -> AsyncGenerator[Said, None]:
        start = next((command for command in commands if isinstance(command, StartFlow)), None)
        main = commands[0] if commands else None
        if start is not None and (conversation.flow is None or conversation.flow.flow != start.flow):
            self._acting.begin(conversation, start.flow)
        if conversation.flow is None:
            yield self._unclear(conversation, turn)
            return
        event = _flow_event(main)
        confidence = hearing(turn) if main is None else _meant(main, turn)
        async with aclosing(self._acting.advance(conversation, event, confidence)) as replies:
            async for said in replies:
                yield said

    # Knowledge

    async def _answer(
        self,
        conversation: Conversation,
        turn: CallerTurn,
        command: AskKnowledge,
        judgement: Judgement | None,
        asked: OpenQuestion | None,
    ) -> Said:
        if conversation.flow is None:
            self._want(conversation, turn, judgement)
        question = self._question(conversation, turn, command, judgement, asked)
        conversation.query = question.topic
        try:
            finding = await self._find(conversation, question)
        except KnowledgeError:
            return self._hand_over(conversation, EscalationReason.DIALOG_FAILED)
        if conversation.flow is not None:
            return self._digress(conversation, turn, finding)
        return self._decide(conversation, turn, finding)

    def _question(
        self,
        conversation: Conversation,
        turn: CallerTurn,
        command: AskKnowledge,
        judgement: Judgement | None,
        question: OpenQuestion | None,
    ) -> Question:
        clarifies = question.query if isinstance(question, TopicQuestion) else ""
        wanted = resolve(command.query, conversation.language, before=conversation.query, clarifies=clarifies)
        return Question(wanted.words, conversation.language, turn.confidence, judgement, topic=wanted.topic)

    async def _search(self, question: Question) -> tuple[Hit, ...]:
        """Ask the knowledge. Raises a ``KnowledgeError``."""
        return await find(
            self._retriever,
            question,
            tenant=self.release.tenant.id,
            limit=self._settings.retrieval_limit,
            timeout=self._settings.retrieval_timeout,
            on=self._clock.today(self.release.tenant.time_zone),
        )

    async def _find(self, conversation: Conversation, question: Question) -> Finding:
        """Search and weigh. Raises a ``KnowledgeError``."""
        began = self._clock.monotonic()
        foreseen, conversation.foreseen = conversation.foreseen, None
        ahead = foreseen is not None and (foreseen.words, foreseen.language) == (question.words, question.language)
        hits = foreseen.hits if foreseen is not None and ahead else await self._search(question)
        found = self._clock.monotonic()
        candidates = weigh(question, hits)
        conversation.scribe.note(
            "retrieval.done",
            {
                "turn": conversation.turn,
                "query": question.words,
                "passages": [
                    {"id": hit.passage.id, "document": hit.passage.document.id, "score": round(hit.score, 4)}
                    for hit in hits
                ],
                "seconds": round(found - began, 4),
                "foreseen": ahead,
            },
        )
        timings = {"retrieve": found - began, "answer": self._clock.monotonic() - found}
        return Finding(question.words, candidates, hits, timings)

    def _decide(self, conversation: Conversation, turn: CallerTurn, finding: Finding) -> Reply:
        """Answer, ask back or give up, by how probably the best answer is right and what competes with it."""
        thresholds = self.release.policy.thresholds
        best = finding.best
        how = Verdict.GIVE_UP if best is None else verdict(best.confidence.value, thresholds)
        match how:
            case Verdict.GIVE_UP:
                return self._give_up(conversation, turn, finding)
            case Verdict.SAY | Verdict.SAY_WITH_SOURCE | Verdict.ASK_BACK:
                competing = rivals(finding.candidates, thresholds)[:1]
                if how is Verdict.ASK_BACK or competing:
                    return self._ask_back(conversation, finding, 1 + len(competing))
                answer = TopicQuestion(finding.query, (), finding.candidates[:1])
                return self._say_answer(conversation, answer, 0, how=how, timings=finding.timings)
            case _:
                assert_never(how)

    def _ask_back(self, conversation: Conversation, finding: Finding, count: int) -> Reply:
        """Ask which topic is meant; with one candidate, whether it is that."""
        candidates = finding.candidates[:count]
        beside = candidates[1].passage if count > 1 else None
        names = [topic(candidates[0].passage, beside)]
        names += [topic(other.passage, candidates[0].passage) for other in candidates[1:]]
        texts = self.release.texts(conversation.language)
        separator = texts.render("summary.separator")
        asking = Attempt(Tried.ASKED_BACK, quoted(finding.query), separator.join(names))
        conversation.dossier.tried(asking)
        stuck = self._stuck(conversation)
        if stuck is not None:
            return stuck
        conversation.question = TopicQuestion(finding.query, tuple(names), candidates)
        confidence, timings = candidates[0].confidence, finding.timings
        if count > 1:
            first, second = names
            return say(
                texts,
                "clarify.two",
                decision=Decision.CLARIFY,
                confidence=confidence,
                timings=timings,
                values={"first": first, "second": second},
            )
        return say(
            texts,
            "clarify.one",
            decision=Decision.CLARIFY,
            expects=Expectation.YES_NO,
            confidence=confidence,
            timings=timings,
            values={"topic": names[0]},
        )

    def _give_up(self, conversation: Conversation, turn: CallerTurn, finding: Finding) -> Reply:
        """A human goes on; but what was badly heard is asked for once more first."""
        heard_badly = turn.confidence < self.release.policy.thresholds.recognition
        if heard_badly and conversation.progress.no_match == 0:
            return replace(self._unclear(conversation, turn), timings=finding.timings)
        conversation.dossier.tried(Attempt(Tried.NOT_ANSWERED, quoted(finding.query)))
        reason = EscalationReason.LOW_CONFIDENCE if finding.related else EscalationReason.NO_ANSWER
        reply = self._hand_over(conversation, reason)
        best = finding.best
        confidence = reply.confidence if best is None else best.confidence
        return replace(reply, timings=finding.timings, confidence=confidence)

    def _say_answer(
        self,
        conversation: Conversation,
        question: TopicQuestion,
        index: int,
        *,
        how: Verdict = Verdict.SAY_WITH_SOURCE,
        timings: dict[str, float] | None = None,
    ) -> Reply:
        candidate = question.answers[index]
        texts = self.release.texts(conversation.language)
        title = candidate.passage.document.title
        conversation.dossier.tried(Attempt(Tried.ANSWERED, quoted(question.query), title))
        conversation.progressed()
        conversation.question = AnythingElse()
        return answered(texts, candidate, how, timings or {})

    def _digress(self, conversation: Conversation, turn: CallerTurn, finding: Finding) -> Reply:
        """A question within a flow: answered if that is sure, and the flow's own question asked again."""
        best = finding.best
        how = Verdict.GIVE_UP if best is None else verdict(best.confidence.value, self.release.policy.thresholds)
        asked = self._acting.repeat(conversation, hearing(turn))
        if best is None or how not in {Verdict.SAY, Verdict.SAY_WITH_SOURCE}:
            return self._stuck(conversation) or replace(asked, timings=finding.timings)
        answer = self._say_answer(
            conversation, TopicQuestion(finding.query, (), (best,)), 0, how=how, timings=finding.timings
        )
        conversation.question = None
        return replace(answer, sentences=(*answer.sentences, *asked.sentences), expects=asked.expects)

    # Handing over

    def _want(self, conversation: Conversation, turn: CallerTurn, judgement: Judgement | None) -> None:
        """Remember what the caller wants, in his own words, unless he only asks for a person."""
        if judgement is None or not turn.text:
            return
        intent = self.release.intents[conversation.language].get(judgement.intent)
        if intent is not None and intent.does in _ABOUT:
            conversation.dossier.wish = quoted(turn.text)
            conversation.dossier.about = intent.id

    def _hand_over(
        self, conversation: Conversation, reason: EscalationReason, *, about: str | None = None, again: bool = False
    ) -> Reply:
        """Decide that a human takes over. Once decided, it is not decided again unless the session says so."""
        texts = self.release.texts(conversation.language)
        if conversation.handed is not None and not again:
            conversation.progressed()
            return say(texts, "waiting", expects=Expectation.LISTENING)
        case = self._case(conversation, about)
        escalation = escalate(reason, case, self.release.policy, texts)
        conversation.handed = escalation
        conversation.progressed()
        conversation.flow = None
        conversation.question = None
        reply = say(texts, f"escalate.{reason.value}", decision=Decision.ESCALATE, expects=Expectation.LISTENING)
        return replace(reply, escalation=escalation)

    def _case(self, conversation: Conversation, about: str | None = None) -> Case:
        dossier = conversation.dossier
        return Case(
            language=conversation.language,
            caller=conversation.caller,
            wish=dossier.wish,
            about=about or dossier.about,
            known=dict(dossier.known),
            attempts=tuple(dossier.attempts),
        )

    def _spoken(
        self, conversation: Conversation, said: Said, *, understood: float = 0.0, remembered: bool = True
    ) -> Reply:
        """The last step before a reply leaves: all that it means for the conversation stands already.

        What is ``remembered`` is what "say that again" repeats; asking for patience is not.
        """
        reply = self._hand_over(conversation, said.reason) if isinstance(said, flows.GiveUp) else said
        if remembered and (reply.expects is not Expectation.LISTENING or reply.decision is Decision.ESCALATE):
            conversation.last = replace(reply, timings={})
        return replace(reply, timings={"understand": understood, **reply.timings})


def _meant(command: Command, turn: CallerTurn | None = None) -> Confidence:
    """The confidence of a reply that is right if the command was meant."""
    signals = {"command": command.confidence}
    if turn is not None and not turn.silent:
        signals["recognition"] = turn.confidence
    return Confidence(command.confidence, signals)


def _flow_event(command: Command | None) -> flows.Event:
    """What a command means to the flow under way."""
    match command:
        case SetSlot():
            keyed = command.source is Source.KEYS
            return flows.ValueHeard(command.slot, command.value, command.confidence, keyed)
        case CorrectSlot():
            return flows.ValueCorrected(command.slot, command.value, command.confidence)
        case Affirm():
            return flows.Agreed()
        case Deny():
            return flows.Refused()
        case Cancel():
            return flows.Cancelled()
        case NotKnown():
            return flows.ValueNotKnown()
        case StartFlow():
            return flows.Started()
        case _:
            return flows.NotUnderstood()
