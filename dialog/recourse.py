"""What the dialog does when it does not get on by itself: asks again, notes what was wanted, calls a human.

Every way to a human goes through here, so that it is decided once and the summary is always the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dialog.conversation import Conversation
from dialog.escalation import Attempt, Case, Tried, escalate, exhausted, quoted
from dialog.memory.summary import lines
from dialog.phrasing import hearing, say
from dialog.releases.release import Release
from dialog.reply import Decision, EscalationReason, Expectation, Reply
from dialog.turn import CallerTurn
from dialog.understanding.classifier import Judgement
from dialog.understanding.intent import Does

_ABOUT = frozenset({Does.ASK_KNOWLEDGE, Does.START_FLOW})
"""Intents that say what the caller wants."""


@dataclass(frozen=True, slots=True)
class Recourse:
    """For all conversations of one release. Keeps no state of its own."""

    release: Release

    def unclear(self, conversation: Conversation, turn: CallerTurn) -> Reply:
        """Nothing in the turn means anything here: it is asked for once more, then a human goes on."""
        conversation.dossier.tried(Attempt(Tried.NOT_UNDERSTOOD))
        stuck = self.stuck(conversation)
        if stuck is not None:
            return stuck
        texts = self.release.texts(conversation.language)
        return say(texts, "clarify.unclear", decision=Decision.CLARIFY, confidence=hearing(turn))

    def stuck(self, conversation: Conversation) -> Reply | None:
        """Count a turn that brought nothing; the hand-over if it was the last one."""
        conversation.got_nowhere()
        ended = exhausted(conversation.progress, self.release.policy)
        return None if ended is None else self.hand_over(conversation, ended[0])

    def want(self, conversation: Conversation, turn: CallerTurn, judgement: Judgement | None) -> None:
        """Remember what the caller wants, in his own words, unless he only asks for a person, was badly heard or said
        it in confidence."""
        if judgement is None or not turn.text or conversation.confided:
            return
        if turn.confidence < self.release.policy.thresholds.recognition:
            return
        intent = self.release.intents[conversation.language].get(judgement.intent)
        if intent is not None and intent.does in _ABOUT:
            conversation.dossier.wish = quoted(turn.text)
            conversation.dossier.about = intent.id

    def hand_over(
        self, conversation: Conversation, reason: EscalationReason, *, about: str | None = None, again: bool = False
    ) -> Reply:
        """Decide that a human takes over. Once decided, it is not decided again unless the session says so."""
        texts = self.release.texts(conversation.language)
        if conversation.handed is not None and not again:
            conversation.progressed()
            return say(texts, "waiting", expects=Expectation.LISTENING)
        case = self.case(conversation, about)
        escalation = escalate(reason, case, self.release.policy, texts)
        conversation.handed, conversation.dossier.handed_over = escalation, reason
        conversation.progressed()
        conversation.drop()
        reply = say(texts, f"escalate.{reason.value}", decision=Decision.ESCALATE, expects=Expectation.LISTENING)
        return replace(reply, escalation=escalation)

    def case(self, conversation: Conversation, about: str | None = None) -> Case:
        """What is known, for whoever takes over."""
        dossier = conversation.dossier
        return Case(
            language=conversation.language,
            caller=conversation.caller,
            wish=dossier.wish,
            about=about or dossier.about,
            known=dict(dossier.known),
            attempts=tuple(dossier.attempts),
            identity=conversation.acquaintance.identity,
            customer=conversation.acquaintance.customer,
            earlier=lines(
                conversation.recollection.contacts,
                self.release.texts(conversation.language),
                self.release.tenant.time_zone,
            ),
        )
