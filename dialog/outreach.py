"""A conversation that we begin: who calls, that a machine speaks, and why; then the question whether it is a good time.

The errand is a flow like any other: what comes after the greeting is its first question. Whoever says that they do not
want to be called any more is taken at their word, at once and without a question back.

Refuses: everything that is the same whoever has called whom.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace

from dialog.acting import Acting
from dialog.conversation import Conversation
from dialog.errand import Disposition, Errand, ErrandUnderWay
from dialog.flows import event as ev
from dialog.flows.speech import FlowSpeech, joined
from dialog.phrasing import CERTAIN, hearing, say
from dialog.recourse import Recourse
from dialog.releases.release import Release
from dialog.reply import Decision, EscalationReason, Expectation, Reply
from dialog.turn import CallerTurn
from infra.errors import AiccError


@dataclass(frozen=True, slots=True)
class Outreach:
    """For all conversations of one release. Keeps no state of its own."""

    release: Release
    acting: Acting
    recourse: Recourse

    async def open(self, conversation: Conversation, errand: Errand, *, recording_notice: bool) -> tuple[Reply, Reply]:
        """The greeting, and the errand's first question. The errand is under way when this returns.

        Raises ``KeyError`` for a purpose that is no flow.
        """
        flow = self.release.flows[errand.purpose]
        conversation.errand = ErrandUnderWay(errand)
        self.acting.begin(conversation, flow.id)
        state = conversation.flow
        assert state is not None, "it has just begun"
        given = tuple(
            ev.ValueHeard(slot.name, errand.details[slot.name], 1.0, keyed=True)
            for slot in flow.slots
            if slot.name in errand.details
        )
        texts = self.release.texts(conversation.language)
        question: Reply | None = None
        async with aclosing(self.acting.advance(conversation, ev.Started(given), CERTAIN)) as replies:
            async for said in replies:
                reply = said if isinstance(said, Reply) else self.recourse.hand_over(conversation, said.reason)
                question = joined(question, reply)
        assert question is not None, "a flow that begins has something to say"
        known = FlowSpeech(texts, flow, conversation.flow or replace(state, values=dict(errand.details))).known
        greeting = self._greeting(conversation, flow.id, known, recording_notice)
        conversation.remember(joined(greeting, question))
        conversation.scribe.note(
            "dialog.began",
            {"release": self.release.id, "language": conversation.language, "purpose": errand.purpose},
        )
        return (
            replace(greeting, release=conversation.release),
            replace(question, release=conversation.release),
        )

    def _greeting(
        self, conversation: Conversation, flow: str, known: dict[str, object], recording_notice: bool
    ) -> Reply:
        texts = self.release.texts(conversation.language)
        keys = ("outbound.disclosure", *(("greeting.recording",) if recording_notice else ()), f"{flow}.why")
        values = {**known, "name": self.release.name(texts.language)}
        greeting = say(texts, *keys, expects=Expectation.LISTENING, values=values)
        disclosures = self.release.disclosures("outbound.disclosure")
        return replace(greeting, disclosure=greeting.sentences[0].text, disclosures=disclosures)

    async def refused(self, conversation: Conversation, turn: CallerTurn) -> Reply:
        """Whoever was called wants no such calls any more: kept for good, then said, and that is the end."""
        under_way = conversation.errand
        assert under_way is not None, "only who was called by us can refuse it"
        await self.acting.interrupt(conversation, turn.text)
        try:
            await under_way.errand.refuse(turn.text)
        except AiccError:
            return self.recourse.hand_over(conversation, EscalationReason.ACTION_FAILED)
        under_way.refused = True
        conversation.scribe.note("calls.refused", {"turn": turn.number, "words": turn.text})
        conversation.drop()
        texts = self.release.texts(conversation.language)
        return say(
            texts,
            "outbound.opted_out",
            decision=Decision.ACT,
            expects=Expectation.NOTHING,
            confidence=hearing(turn),
        )

    def disposition(self, conversation: Conversation) -> Disposition:
        """What has come of the errand so far."""
        if conversation.errand is None:
            return Disposition.UNSETTLED
        return conversation.errand.disposition(handed_over=conversation.handed is not None)


def machine_message(release: Release, language: str) -> str:
    """What a machine is told that answers a call of ours: who called, and nothing of why."""
    texts = release.texts(language)
    return texts.render("outbound.message", name=release.name(texts.language))
