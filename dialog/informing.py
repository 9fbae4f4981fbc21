"""Answers what callers ask from the enterprise's documents: searches, weighs, then answers, asks back or gives up.

It finds nothing by itself (the search comes in) and composes nothing; the answer is a passage's own sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from dialog.answers.answering import Candidate, Finding, KnowledgeSearch, Question, find, rivals, topic, weigh
from dialog.answers.confidence import Verdict, answer_confidence, verdict
from dialog.answers.conflicts import contradicting
from dialog.answers.instructions import readable
from dialog.answers.query import resolve
from dialog.clock import Clock
from dialog.command import AskKnowledge
from dialog.conversation import AnythingElse, Conversation, Foreseen, OpenQuestion, TopicQuestion
from dialog.escalation import Attempt, Tried, quoted
from dialog.phrasing import answered, say
from dialog.recourse import Recourse
from dialog.releases.release import Release
from dialog.reply import Decision, EscalationReason, Expectation, Reply
from dialog.settings import DialogSettings
from dialog.turn import MASK, CallerTurn
from dialog.understanding.classifier import Judgement
from dialog.wording import Draft
from knowledge.document import Hit
from knowledge.errors import KnowledgeError
from knowledge.query import Query

AUDIENCE = "customer"
"""Who calls: what documents are for agents or staff only is not told here."""
CONTEXT = 4
"""Earlier questions about the same topic that are searched with."""


@dataclass(frozen=True, slots=True)
class Informing:
    """Answers for all conversations of one release. Keeps no state of its own."""

    release: Release
    retriever: KnowledgeSearch
    settings: DialogSettings
    clock: Clock
    recourse: Recourse

    async def answer(
        self,
        conversation: Conversation,
        turn: CallerTurn,
        command: AskKnowledge,
        judgement: Judgement | None,
        asked: OpenQuestion | None,
    ) -> Reply | Draft:
        """The answer, a question back, or the hand-over. ``asked`` is what was open when the caller asked."""
        self.recourse.want(conversation, turn, judgement)
        finding = await self._ask(conversation, turn, command, judgement, asked)
        if finding is None:
            return self.recourse.hand_over(conversation, EscalationReason.DIALOG_FAILED)
        return self._decide(conversation, turn, finding)

    async def digress(
        self, conversation: Conversation, turn: CallerTurn, command: AskKnowledge, judgement: Judgement | None
    ) -> Reply | None:
        """The answer to a question that comes in the middle of a flow, if it is sure; else the hand-over, or None."""
        finding = await self._ask(conversation, turn, command, judgement, None)
        if finding is None:
            return self.recourse.hand_over(conversation, EscalationReason.DIALOG_FAILED)
        best = finding.best
        how = Verdict.GIVE_UP if best is None else verdict(best.confidence, self.release.policy.thresholds)
        own = () if best is None else readable(best.extract.sentences)
        if best is None or not own or how not in {Verdict.SAY, Verdict.SAY_WITH_SOURCE}:
            return self.recourse.stuck(conversation)
        self._settle(conversation, finding.query, best)
        conversation.question = None
        return answered(self.release.texts(conversation.language), best, own, how, finding.timings)

    async def foresee(
        self, conversation: Conversation, turn: CallerTurn, command: AskKnowledge, judgement: Judgement | None
    ) -> None:
        """Search for what seems to be asked before it was asked. Raises a ``KnowledgeError``."""
        question = self._question(conversation, turn, command, judgement, conversation.question)
        hits = await self._search(conversation, question)
        conversation.foreseen = Foreseen(question.words, question.language, hits)

    async def _ask(
        self,
        conversation: Conversation,
        turn: CallerTurn,
        command: AskKnowledge,
        judgement: Judgement | None,
        asked: OpenQuestion | None,
    ) -> Finding | None:
        """What the knowledge has, or None when it cannot be asked."""
        question = self._question(conversation, turn, command, judgement, asked)
        if not conversation.confided:  # the next question may lean on it, and be told to a model
            conversation.query = question.topic
            conversation.asked = (*question.context, command.query)[-CONTEXT:]
        try:
            return await self._find(conversation, question)
        except KnowledgeError:
            return None

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
        return Question(
            wanted.words,
            conversation.language,
            turn.confidence,
            judgement,
            topic=wanted.topic,
            context=conversation.asked if wanted.follows else (),
        )

    async def _search(self, conversation: Conversation, question: Question) -> tuple[Hit, ...]:
        """Ask the knowledge. Raises a ``KnowledgeError``."""
        query = Query(
            tenant=self.release.tenant.id,
            language=question.language,
            text=conversation.personal.without(question.words),
            limit=self.settings.retrieval_limit,
            on=self.clock.today(self.release.tenant.time_zone),
            context=tuple(conversation.personal.without(words) for words in question.context),
            audience=AUDIENCE,
            channel=conversation.channel,
        )
        return await find(self.retriever, question, query, timeout=self.settings.retrieval_timeout)

    async def _find(self, conversation: Conversation, question: Question) -> Finding:
        """Search and weigh. Raises a ``KnowledgeError``."""
        began = self.clock.monotonic()
        foreseen, conversation.foreseen = conversation.foreseen, None
        ahead = foreseen is not None and (foreseen.words, foreseen.language) == (question.words, question.language)
        hits = foreseen.hits if foreseen is not None and ahead else await self._search(conversation, question)
        found = self.clock.monotonic()
        candidates = weigh(question, hits, self.release.calibration)
        asked = MASK if conversation.confided else question.words
        conversation.scribe.note(
            "retrieval.done",
            {
                "turn": conversation.turn,
                "query": asked,
                "passages": [
                    {"id": hit.passage.id, "document": hit.passage.document.id, "score": round(hit.score, 4)}
                    for hit in hits
                ],
                "seconds": round(found - began, 4),
                "foreseen": ahead,
            },
        )
        timings = {"retrieve": found - began, "answer": self.clock.monotonic() - found}
        return Finding(asked, candidates, hits, timings)

    def _decide(self, conversation: Conversation, turn: CallerTurn, finding: Finding) -> Reply | Draft:
        """Answer, ask back or give up, by how probably the best answer is right and what competes with it."""
        thresholds = self.release.policy.thresholds
        best = finding.best
        how = Verdict.GIVE_UP if best is None else verdict(best.confidence, thresholds)
        match how:
            case Verdict.GIVE_UP:
                return self._give_up(conversation, turn, finding)
            case Verdict.SAY | Verdict.SAY_WITH_SOURCE | Verdict.ASK_BACK:
                competing = rivals(finding.candidates, thresholds)[:1]
                if how is Verdict.ASK_BACK or competing:
                    return self._ask_back(conversation, finding, 1 + len(competing))
                return self._answer(conversation, turn, finding, how)
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
        stuck = self.recourse.stuck(conversation)
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
            return replace(self.recourse.unclear(conversation, turn), timings=finding.timings)
        conversation.dossier.tried(Attempt(Tried.NOT_ANSWERED, quoted(finding.query)))
        reason = EscalationReason.LOW_CONFIDENCE if finding.related else EscalationReason.NO_ANSWER
        reply = self.recourse.hand_over(conversation, reason)
        best = finding.best
        confidence = reply.confidence if best is None else best.confidence
        return replace(reply, timings=finding.timings, confidence=confidence)

    def _answer(self, conversation: Conversation, turn: CallerTurn, finding: Finding, how: Verdict) -> Reply | Draft:
        """The best candidate's answer: in the passage's own words, or to be worded by a language model."""
        best = finding.candidates[0]
        own = readable(best.extract.sentences)
        if not own:
            return self._give_up(conversation, turn, finding)
        adviser = conversation.counsel
        if adviser is None or conversation.language not in adviser.languages:
            self._settle(conversation, finding.query, best)
            return answered(self.release.texts(conversation.language), best, own, how, finding.timings)
        clarify, today = self.release.policy.thresholds.clarify, self.clock.today(self.release.tenant.time_zone)
        offered = (best, *(one for one in finding.candidates[1:] if one.confidence.value >= clarify))
        passages = [one.passage for one in offered]
        against = contradicting(finding.query, passages, conversation.language, today)
        if against is not None:
            return self._contradicted(conversation, turn, replace(finding, candidates=(best, offered[against])))
        self._settle(conversation, finding.query, best)
        return Draft(finding.query, offered, own, how, finding.timings, adviser)

    def _contradicted(self, conversation: Conversation, turn: CallerTurn, finding: Finding) -> Reply:
        """Two passages differ. Which one is right the caller can know, by what they are about, or nobody here."""
        first, second = (candidate.passage for candidate in finding.candidates)
        if topic(first, second) == topic(second, first):
            return self._give_up(conversation, turn, finding)
        return self._ask_back(conversation, finding, 2)

    def _settle(self, conversation: Conversation, asked: str, best: Candidate) -> None:
        """What follows for the conversation from an answer that is given."""
        conversation.dossier.tried(Attempt(Tried.ANSWERED, quoted(asked), best.passage.document.title))
        conversation.progressed()
        conversation.question = AnythingElse()

    def chosen(self, conversation: Conversation, turn: CallerTurn, asked: TopicQuestion, index: int) -> Reply | Draft:
        """The answer to a topic that the caller picked: which topic is meant is no longer in doubt."""
        candidate = asked.answers[index]
        signals = {**candidate.confidence.signals, "margin": 1.0, "apart": 1.0, "chosen": 1.0}
        settled = replace(candidate, confidence=answer_confidence(signals, self.release.calibration))
        return self._answer(conversation, turn, Finding(asked.query, (settled,), (), {}), Verdict.SAY_WITH_SOURCE)
