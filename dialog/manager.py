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

from dialog.acting import Acting, Said
from dialog.actions.action import ActionPort, Journal
from dialog.actions.runner import ActionRunner
from dialog.actions.store import ActionStore
from dialog.advising import Advising
from dialog.answers.answering import KnowledgeSearch
from dialog.arbiter import stand
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
from dialog.conversation import (
    PHONE,
    AnythingElse,
    Conversation,
    MemoryQuestion,
    OpenQuestion,
    PersonOffered,
    TopicQuestion,
)
from dialog.errand import Disposition, Errand
from dialog.errors import LanguageNotSpoken
from dialog.escalation import exhausted, ruled, summarize
from dialog.explaining import Explaining
from dialog.flows import event as ev
from dialog.flows.speech import joined
from dialog.identification import Acquaintance
from dialog.informing import Informing
from dialog.journal import Scribe
from dialog.memory.memory import Preferences
from dialog.memory.remembering import Remembering
from dialog.memory.tenant import TenantMemory
from dialog.models.language_model import LanguageModel
from dialog.outreach import Outreach
from dialog.parsers.opt_out import refuses_calls
from dialog.parsers.text import canonical
from dialog.phrasing import CERTAIN, hearing, say
from dialog.recourse import Recourse
from dialog.releases.release import Release
from dialog.reply import Confidence, Decision, EscalationReason, Expectation, Reply, Sentence, Summary
from dialog.settings import DialogSettings
from dialog.tenant import AfterSilence
from dialog.turn import CallerTurn, Utterance
from dialog.understanding.classifier import Judgement
from dialog.understanding.intent import Does
from dialog.understanding.understander import Listening, Understander, Understanding
from dialog.wording import Draft, Wording

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
        store: ActionStore | None = None,
        model: LanguageModel | None = None,
        memory: TenantMemory | None = None,
    ) -> None:
        """``store`` keeps what actions change; without one it is forgotten with the process. ``model`` is asked where
        the heads are unsure, and words answers; whoever opened it closes it. ``memory`` is where callers are
        remembered, of a release ``with_memory``; without one nobody is."""
        self.release = release
        self._clock = clock or SystemClock()
        self._settings = settings or DialogSettings()
        runner = ActionRunner(
            actions,
            store=store,
            journal_timeout=self._settings.journal_timeout,
            now=lambda: self._clock.now("UTC"),
        )
        self._remembering = Remembering.of(release, self._clock, memory)
        self._acting = Acting(release, runner, self._settings, self._clock, self._remembering)
        self._recourse = Recourse(release)
        self.outreach = Outreach(release, self._acting, self._recourse)
        self._informing = Informing(release, retriever, self._settings, self._clock, self._recourse)
        self._wording = Wording(release, self._clock)
        self._explaining = Explaining(release)
        self._advising = None if model is None else Advising.of(release, model, self._clock)

    def renew(self, release: Release) -> None:
        """Let whoever understands ``release``, which is ours but for what its heads were taught, understand the
        conversations that begin from now on. Those under way keep who they began with."""
        if release.id != self.release.id:
            raise ValueError(f"{release.id} is another release than {self.release.id}: it needs a manager of its own")
        self.release = release
        if self._advising is not None:
            self._advising = replace(self._advising, release=release)

    def begin(
        self, *, call_id: str, language: str, caller: str | None, journal: Journal, channel: str = PHONE
    ) -> Conversation:
        """A new conversation in the line's language, bound to this release."""
        return Conversation(
            call_id=call_id,
            language=language if language in self.release.templates else self.release.tenant.languages[0],
            caller=caller,
            release=self.release.id,
            scribe=Scribe(journal, timeout=self._settings.journal_timeout),
            history=deque(maxlen=self._settings.history_limit),
            channel=channel,
            understander=self.release.understander,
            adviser=None if self._advising is None else self._advising.begin(),
        )

    async def recall(self, conversation: Conversation) -> Preferences | None:
        """How a caller who is known by their number likes to be served; to be asked before the greeting, which is then
        in their language. Bounded in time: None for whoever is not known, or not in time."""
        return await self._remembering.recall(conversation)

    async def greet(self, conversation: Conversation, *, recording_notice: bool | None = None) -> Reply:
        """Say that a machine speaks and for whom, that the call is recorded if it is, and ask what is wanted.

        ``recording_notice`` None leaves it to the tenant's policy.
        """
        notice = self.release.policy.recording_notice if recording_notice is None else recording_notice
        keys = ("greeting.disclosure", *(("greeting.recording",) if notice else ()), "greeting.help")
        texts = self.release.texts(conversation.language)
        conversation.scribe.note("dialog.began", {"release": self.release.id, "language": conversation.language})
        sentences = [texts.render(key, name=self.release.name(texts.language)) for key in keys]
        said = tuple(Sentence(text) for text in sentences)
        reply = Reply(
            Decision.CONVERSE,
            texts.language,
            said,
            CERTAIN,
            release=conversation.release,
            disclosure=sentences[0],
            disclosures=self.release.disclosures("greeting.disclosure"),
        )
        conversation.last = reply
        return reply

    async def reach_out(
        self, conversation: Conversation, errand: Errand, *, recording_notice: bool = False
    ) -> tuple[Reply, Reply]:
        """We called: who we are and why, and the first question about it. ``KeyError`` for what is no flow."""
        return await self.outreach.open(conversation, errand, recording_notice=recording_notice)

    def disposition(self, conversation: Conversation) -> Disposition:
        """What has come so far of a call of ours."""
        return self.outreach.disposition(conversation)

    async def respond(self, conversation: Conversation, turn: CallerTurn) -> AsyncGenerator[Reply, None]:
        """What is said back to a turn, in order. Nothing at all once a human has spoken."""
        if conversation.silenced:
            return
        async with aclosing(self._acting.finish(conversation)) as replies:
            async for said in replies:
                yield self._spoken(conversation, said)
        began = conversation.asked_at = self._clock.monotonic()
        turn = replace(turn, text=canonical(turn.text))
        conversation.take(turn)
        if turn.continues:
            await self._acting.interrupt(conversation, turn.text)  # what was read back was not heard
        if turn.continues and conversation.handed is not None:
            # It was decided on half of what the caller had to say.
            conversation.handed = conversation.dossier.handed_over = None
            conversation.progressed()
        if turn.language in self.release.templates:
            conversation.language = turn.language
        if conversation.errand is not None and refuses_calls(turn.text, conversation.language):
            yield self._spoken(conversation, await self.outreach.refused(conversation, turn))
            return
        try:
            understanding, commands = await self._understand(conversation, turn)
        except LanguageNotSpoken:
            yield self._recourse.hand_over(conversation, EscalationReason.LANGUAGE_NOT_HEARD)
            return
        if conversation.silenced:
            return  # a human spoke while a model was asked: nothing is done any more, either
        seconds = self._clock.monotonic() - began
        async with aclosing(self._carry_out(conversation, turn, commands, understanding.judgement)) as replies:
            async for said in replies:
                if conversation.silenced:
                    return
                yield self._spoken(conversation, said, understood=seconds, remembered=not turn.silent)

    async def foresee(self, conversation: Conversation, turn: CallerTurn) -> None:
        """Search for what a turn seems to ask before it has ended. Nothing follows from it: what is found is looked at
        only when the caller's question is the same in the end."""
        turn = replace(turn, text=canonical(turn.text))
        if conversation.handed is not None or turn.language not in self.release.templates:
            return
        listening = self._listening(conversation)
        understanding = await self._understander(conversation).understand(turn, listening)  # no model: it goes on
        commands = self._stand(understanding, turn, listening)
        if not commands or not isinstance(commands[0], AskKnowledge):
            return
        await self._informing.foresee(conversation, turn, commands[0], understanding.judgement)

    def heard(self, conversation: Conversation, utterance: Utterance) -> None:
        """Take into the history what was really heard. An agent's words silence the bot for good."""
        conversation.heard(utterance)

    def interrupted(self, conversation: Conversation) -> None:
        """The caller took the floor: an answer that is still being worded is not worded any further."""
        conversation.interrupt()

    async def escalate(self, conversation: Conversation, reason: EscalationReason) -> Reply:
        """Hand over for a reason that only the session can see."""
        handed_over = self._recourse.hand_over(conversation, reason, again=True)
        return replace(handed_over, release=conversation.release)

    def summary(self, conversation: Conversation) -> Summary:
        """What a human needs to know now, in the conversation's language."""
        return summarize(self._recourse.case(conversation), self.release.texts(conversation.language))

    def acquaintance(self, conversation: Conversation) -> Acquaintance:
        """Who calls, as far as it was shown: the conversation's own, so that what a person finds out counts in it."""
        return conversation.acquaintance

    async def take_up(self, conversation: Conversation, instruction: str) -> AsyncGenerator[Reply, None]:
        """A human has given the conversation back: what is said first. ``instruction`` is what they want done now, in
        words as the caller might have used; where it is nothing that can be done, the caller is asked what they want.

        What led to the hand-over is over with: it is not counted against the caller again.
        """
        conversation.handed = conversation.dossier.handed_over = None
        conversation.progressed()
        texts = self.release.texts(conversation.language)
        turn = CallerTurn(number=conversation.turn, text=canonical(instruction), language=texts.language)
        understanding, commands = await self._understand(conversation, turn)
        if not commands or not isinstance(commands[0], AskKnowledge | StartFlow):
            yield self._spoken(conversation, say(texts, "greeting.help"))
            return
        async with aclosing(self._carry_out(conversation, turn, commands, understanding.judgement)) as replies:
            async for said in replies:
                yield self._spoken(conversation, said)

    async def finish(self, conversation: Conversation) -> None:
        """Bring to its end what is still on its way: an action, what is to be remembered, and the notes of the record.
        Each is bounded in time."""
        async with aclosing(self._acting.finish(conversation)) as replies:
            async for _ in replies:
                pass
        await self._remembering.keep(conversation)
        await conversation.scribe.settle()

    # Understanding

    def _listening(self, conversation: Conversation) -> Listening:
        today = self._clock.today(self.release.tenant.time_zone)
        return conversation.listening(tuple(self.release.flows.values()), today)

    def _understander(self, conversation: Conversation) -> Understander:
        return conversation.understander or self.release.understander

    def _stand(self, understanding: Understanding, turn: CallerTurn, listening: Listening) -> tuple[Command, ...]:
        return stand(understanding.commands, turn, listening, self.release.policy.bar)

    async def _understand(
        self, conversation: Conversation, turn: CallerTurn
    ) -> tuple[Understanding, tuple[Command, ...]]:
        listening = self._listening(conversation)
        adviser = conversation.counsel
        if adviser is None:
            understanding = await self._understander(conversation).understand(turn, listening)
        else:
            history = tuple(conversation.history)
            understanding = await adviser.understand(turn, listening, history, conversation.scribe)
        commands = self._stand(understanding, turn, listening)
        commands = self._remembering.meant(conversation, turn, commands)
        judgement = understanding.judgement
        conversation.scribe.note(
            "turn.understood",
            {
                "turn": turn.number,
                "commands": [describe(command, secret=conversation.confided) for command in commands],
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
            yield await self._silence(conversation)
            return
        conversation.progress = replace(conversation.progress, no_input=0)
        rule = ruled(commands, turn.text, conversation.language, conversation.progress, self.release.policy)
        if rule is not None:
            self._recourse.want(conversation, turn, judgement)
            yield self._recourse.hand_over(conversation, rule[0], about=rule[1])
            return
        if isinstance(main, Repeat):
            yield await self._repeat(conversation, turn, main)
            return
        explained = self._explaining.explain(conversation, turn)
        if explained is not None:
            yield explained
            return
        question, conversation.question = conversation.question, None
        flowing = conversation.flow is not None
        if isinstance(main, _FLOW_BOUND | StartFlow) or (flowing and isinstance(main, Affirm | Deny | None)):
            async with aclosing(self._flow(conversation, turn, commands)) as replies:
                async for said in replies:
                    yield said
        elif (isinstance(main, AskKnowledge) and not flowing) or _picks(main, question):
            async with aclosing(self._inform(conversation, turn, main, judgement, question)) as replies:
                async for said in replies:
                    yield said
        elif isinstance(main, AskKnowledge):
            yield await self._digress(conversation, turn, main, judgement)
        elif isinstance(main, SmallTalk) and flowing:
            yield await self._small_talk_within(conversation, turn, main)
        else:
            yield self._converse(conversation, turn, main, question)

    async def _inform(
        self,
        conversation: Conversation,
        turn: CallerTurn,
        main: Command | None,
        judgement: Judgement | None,
        asked: OpenQuestion | None,
    ) -> AsyncGenerator[Reply, None]:
        """The answer to a question, or to the topic that was picked, as it is being worded; or what is said instead."""
        answer: Reply | Draft
        if isinstance(main, AskKnowledge):
            answer = await self._informing.answer(conversation, turn, main, judgement, asked)
        else:
            assert isinstance(asked, TopicQuestion), "a topic is picked only of those that were offered"
            answer = self._informing.chosen(conversation, turn, asked, main.index if isinstance(main, Choose) else 0)
        if isinstance(answer, Reply):
            yield answer
            return
        async with aclosing(self._wording.tell(conversation, answer)) as replies:
            async for reply in replies:
                yield reply

    async def _digress(
        self, conversation: Conversation, turn: CallerTurn, command: AskKnowledge, judgement: Judgement | None
    ) -> Said:
        """A question within a flow: answered if that is sure, and the flow's own question asked again."""
        answer = await self._informing.digress(conversation, turn, command, judgement)
        if answer is not None and answer.escalation is not None:
            return answer
        asked = await self._acting.again(conversation, hearing(turn))
        if answer is None or not isinstance(asked, Reply):
            return asked
        return replace(
            answer, sentences=(*answer.sentences, *asked.sentences), expects=asked.expects, entry=asked.entry
        )

    async def _small_talk_within(self, conversation: Conversation, turn: CallerTurn, command: SmallTalk) -> Said:
        """Politeness within a flow; what was read back for a yes is read back again, for it no longer stands."""
        reply = self._small_talk(conversation, command)
        if conversation.pending is None:
            entry = None if conversation.last is None else conversation.last.entry
            return replace(reply, entry=entry)  # it is still asked for, and as much a secret as before
        asked = await self._acting.again(conversation, hearing(turn))
        return joined(reply, asked) if isinstance(asked, Reply) else asked

    def _converse(
        self, conversation: Conversation, turn: CallerTurn, main: Command | None, asked: OpenQuestion | None
    ) -> Reply:
        """What needs neither a search nor a flow."""
        match main:
            case Affirm() | Deny():
                return self._agreed(conversation, turn, asked, yes=isinstance(main, Affirm))
            case Goodbye():
                return self._part(conversation, _meant(main))
            case SmallTalk():
                return self._small_talk(conversation, main)
            case _ if isinstance(asked, MemoryQuestion):
                return self._agreed(conversation, turn, asked, yes=False)
            case _:
                return self._recourse.unclear(conversation, turn)

    def _part(self, conversation: Conversation, confidence: Confidence) -> Reply:
        """Goodbye; or, where it is to be asked, first whether we may remember the caller."""
        conversation.drop()
        texts = self.release.texts(conversation.language)
        goodbye = say(texts, "goodbye", expects=Expectation.NOTHING, confidence=confidence)
        return self._remembering.parting(conversation) or goodbye

    def _small_talk(self, conversation: Conversation, command: SmallTalk) -> Reply:
        texts = self.release.texts(conversation.language)
        intent = self.release.intents[texts.language][command.kind]
        expects = intent.expects
        if expects is Expectation.SPEAKING and conversation.flow is not None:
            expects = Expectation.DICTATING
        return say(texts, f"small_talk.{command.kind}", expects=expects, confidence=_meant(command))

    async def _silence(self, conversation: Conversation) -> Said:
        conversation.was_silent()
        ended = exhausted(conversation.progress, self.release.policy)
        texts = self.release.texts(conversation.language)
        if ended is not None:
            if self.release.policy.after_silence is AfterSilence.PERSON:
                return self._recourse.hand_over(conversation, ended[0])
            conversation.drop()
            return say(texts, "goodbye", expects=Expectation.NOTHING)
        prompt = say(texts, "silence" if conversation.progress.no_input == 1 else "silence.again")
        if conversation.flow is None:
            return prompt
        asked = await self._acting.again(conversation, CERTAIN)
        if not isinstance(asked, Reply):
            return asked
        return replace(asked, sentences=(*prompt.sentences, *asked.sentences), decision=Decision.CONVERSE)

    async def _repeat(self, conversation: Conversation, turn: CallerTurn, command: Repeat) -> Said:
        """What was said last, whole: also what the caller did not hear of it because it was cut off."""
        last = conversation.last
        if conversation.pending is not None:
            asked = await self._acting.again(conversation, hearing(turn))
            return replace(asked, manner=command.manner) if isinstance(asked, Reply) else asked
        if last is None:
            nothing = say(self.release.texts(conversation.language), "repeat.nothing", confidence=hearing(turn))
            return replace(nothing, manner=command.manner)
        decision = Decision.CONVERSE if last.decision is Decision.ESCALATE else last.decision
        return replace(last, decision=decision, manner=command.manner, escalation=None, timings={})

    def _agreed(self, conversation: Conversation, turn: CallerTurn, asked: OpenQuestion | None, *, yes: bool) -> Reply:
        texts = self.release.texts(conversation.language)
        match asked:
            case TopicQuestion():
                return self._recourse.stuck(conversation) or say(texts, "clarify.declined", decision=Decision.CLARIFY)
            case AnythingElse():
                if yes:
                    return say(texts, "go_ahead", confidence=hearing(turn))
                return self._part(conversation, hearing(turn))
            case MemoryQuestion():
                return self._remembering.answered(conversation, turn, yes=yes)
            case PersonOffered() if yes:
                return self._recourse.hand_over(conversation, EscalationReason.POLICY_DENIED)
            case PersonOffered():
                conversation.question = AnythingElse()
                return say(texts, "more", confidence=hearing(turn))
            case None:
                return self._recourse.unclear(conversation, turn)
            case _:
                assert_never(asked)

    # Flows

    async def _flow(
        self, conversation: Conversation, turn: CallerTurn, commands: tuple[Command, ...]
    ) -> AsyncGenerator[Said, None]:
        start = next((command for command in commands if isinstance(command, StartFlow)), None)
        main = commands[0] if commands else None
        begins = start is not None and (conversation.flow is None or conversation.flow.flow != start.flow)
        if start is not None and begins:
            await self._acting.interrupt(conversation, turn.text)
            self._acting.begin(conversation, start.flow, start.confidence)
        if conversation.flow is None:
            yield self._recourse.unclear(conversation, turn)
            return
        if turn.confidence < self.release.policy.thresholds.recognition and isinstance(main, Affirm):
            main = None if conversation.pending is not None else main  # a yes that may have been none
        event = _flow_event(main, commands, begins=begins)
        confidence = hearing(turn) if main is None else _meant(main, turn)
        words = turn.text if main is None else main.evidence.text
        async with aclosing(self._acting.advance(conversation, event, confidence, words)) as replies:
            async for said in replies:
                yield said

    def _spoken(
        self, conversation: Conversation, said: Said, *, understood: float = 0.0, remembered: bool = True
    ) -> Reply:
        """The last step before a reply leaves: all that it means for the conversation stands already.

        What is ``remembered`` is what "say that again" repeats; asking for patience is not.
        """
        reply = self._recourse.hand_over(conversation, said.reason) if isinstance(said, ev.GiveUp) else said
        if reply.manner is not None:
            conversation.recollection.manners.append(reply.manner)
        if remembered and (reply.expects is not Expectation.LISTENING or reply.decision is Decision.ESCALATE):
            conversation.remember(reply)
        timings = {"understand": understood, **reply.timings}
        return replace(reply, timings=timings, release=conversation.release)


def _picks(main: Command | None, asked: OpenQuestion | None) -> bool:
    """Whether the caller said which of the topics is meant that we asked about."""
    return isinstance(asked, TopicQuestion) and isinstance(main, Choose | Affirm)


def _meant(command: Command, turn: CallerTurn | None = None) -> Confidence:
    """The confidence of a reply that is right if the command was meant."""
    signals = {"command": command.confidence}
    if turn is not None and not turn.silent:
        signals["recognition"] = turn.confidence
    return Confidence(command.confidence, signals)


def _flow_event(main: Command | None, commands: tuple[Command, ...], *, begins: bool) -> ev.Event:
    """What a turn's commands mean to the flow under way; ``begins`` when they have just started it."""
    given = tuple(_given(command) for command in commands if isinstance(command, SetSlot | CorrectSlot))
    match main:
        case SetSlot() | CorrectSlot() | StartFlow():
            return ev.Started(given) if begins else ev.ValuesHeard(given) if given else ev.Resumed()
        case Affirm():
            return ev.Agreed()
        case Deny():
            return ev.Refused()
        case Cancel():
            return ev.Cancelled()
        case NotKnown():
            return ev.ValueNotKnown()
        case _:
            return ev.NotUnderstood()


def _given(command: SetSlot | CorrectSlot) -> ev.ValueHeard:
    keyed = command.source is Source.KEYS
    corrected = isinstance(command, CorrectSlot)
    return ev.ValueHeard(command.slot, command.value, command.confidence, keyed, corrected)
