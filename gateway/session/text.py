"""A conversation by text: the same dialog, ledger and hand-over as on the telephone, without sound.

Refuses: turn-taking; whoever types decides when a turn is over.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, assert_never

from dialog.conversation import CHAT
from dialog.parsers.yes_no import read_agreement
from dialog.phrasing import CERTAIN
from dialog.reply import Decision, Entry, EscalationReason, Expectation, Reply, Sentence
from dialog.turn import CallerTurn, Speaker, Utterance
from gateway.session.disclosure import Disclosure
from gateway.session.errors import LedgerError
from gateway.session.ledger import CallLog
from gateway.session.minutes import ACKNOWLEDGED_WITHIN, Minutes, SpokenReply, Stages
from gateway.session.opening import PURPOSE
from gateway.session.phrases import Phrase, say
from gateway.session.playback import ReplyOver
from gateway.session.ports import AgentDesk, Dialogue
from gateway.session.processing import AGREE_KEY, Answer, Processing
from gateway.session.records import EndReason, EventKind
from gateway.session.tenant import Consent
from gateway.session.turn_taking import TurnEnded

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What one turn brought: the replies in order, and whether the conversation is over."""

    replies: tuple[Reply, ...]
    over: bool


class TextSession:
    """One conversation by text from its greeting to its closed record."""

    def __init__(
        self,
        dialogue: Dialogue[Any],
        desk: AgentDesk,
        call_log: CallLog,
        language: str,
        disclosure: Disclosure | None = None,
        processing: Processing | None = None,
    ) -> None:
        """``processing``: whether whoever types lets a machine answer them; by default the greeting is notice."""
        self._dialogue = dialogue
        self._desk = desk
        self._minutes = Minutes(call_log, self._broke, disclosure=disclosure or Disclosure())
        self._processing = processing or Processing(Consent.NOTICE)
        self._language = language
        self._conversation = dialogue.begin(
            call_id=call_log.call_id, language=language, caller=None, journal=self._minutes, channel=CHAT
        )
        self._turns = 0
        self._replies = 0
        self._asked: Entry | None = None
        """What the latest reply asks for."""
        self._broken: LedgerError | None = None

    @property
    def id(self) -> str:
        """Its id in the ledger."""
        return self._minutes.log.call_id

    async def greet(self) -> Reply:
        """The disclosure and the greeting; text is not recorded as sound, so no notice of that."""
        reply = await self._dialogue.greet(self._conversation, recording_notice=False)
        if self._processing.to_ask:
            question = self._question()
            reply = replace(reply, sentences=(*reply.sentences, *question.sentences), expects=question.expects)
        await self._show(reply)
        if self._processing.policy is Consent.NOTICE and self._minutes.disclosure.heard:
            self._minutes.write(EventKind.CONSENT_ASSUMED, purpose=PURPOSE, policy=self._processing.policy)
        return reply

    async def turn(self, text: str) -> Said:
        """Answer one typed turn. Raises the ledger's error when the conversation can no longer be recorded."""
        self._turns += 1
        typed = TurnEnded(text, (), 1.0, "", not text.strip(), 0.0, entry=self._asked)
        self._minutes.turn(self._turns, typed, self._language)
        replies = []
        async with aclosing(self._replies_to(typed)) as answers:
            async for reply in answers:
                await self._show(reply)
                replies.append(reply)
        if self._broken is not None:
            raise self._broken
        over = any(reply.expects is Expectation.NOTHING or reply.escalation is not None for reply in replies)
        return Said(tuple(replies), over)

    async def _replies_to(self, typed: TurnEnded) -> AsyncGenerator[Reply, None]:
        agreed = read_agreement(typed.text, self._language) if self._processing.to_ask else None
        answer = replace(typed, digits=AGREE_KEY if agreed is not None and agreed.yes else "")
        match self._processing.answered(answer):
            case Answer.NONE:
                turn = CallerTurn(number=self._turns, text=typed.text, language=self._language, silent=typed.silent)
                async with aclosing(self._dialogue.respond(self._conversation, turn)) as replies:
                    async for reply in replies:
                        yield reply
            case Answer.AGAIN:
                yield self._question()
            case Answer.GIVEN:
                self._minutes.write(EventKind.CONSENT_GIVEN, purpose=PURPOSE, words=typed.text)
                yield self._saying(Phrase.GO_AHEAD, Expectation.SPEAKING)
            case Answer.DECLINED:
                self._minutes.write(EventKind.CONSENT_DECLINED, purpose=PURPOSE, words=typed.text)
                yield await self._dialogue.escalate(self._conversation, EscalationReason.PROCESSING_DECLINED)
            case unreachable:
                assert_never(unreachable)

    def _question(self) -> Reply:
        """Whether a machine may read and answer what is written."""
        self._processing.asked()
        self._minutes.write(EventKind.CONSENT_ASKED, purpose=PURPOSE)
        return self._saying(Phrase.MAY_WE_PROCESS_TYPED, Expectation.YES_NO)

    def _saying(self, phrase: Phrase, expects: Expectation) -> Reply:
        words = Sentence(say(phrase, self._language))
        return Reply(Decision.CONVERSE, self._language, (words,), CERTAIN, expects=expects)

    async def close(self, reason: EndReason = EndReason.COMPLETED) -> None:
        """Close the record; returns when that is durable. Raises the ledger's errors."""
        await self._dialogue.finish(self._conversation)
        self._minutes.log.end(reason)
        await self._minutes.log.acknowledged(timeout=ACKNOWLEDGED_WITHIN)

    async def _show(self, reply: Reply) -> None:
        """What is shown is read: a text reply is heard whole at once."""
        self._replies += 1
        self._asked = reply.entry
        self._minutes.decided(SpokenReply(self._replies, self._turns, reply, Stages(None, None, 0.0)))
        self._minutes.over(ReplyOver(self._replies, reply.text, True, True))
        self._dialogue.heard(self._conversation, Utterance(Speaker.BOT, reply.text, self._turns))
        if reply.escalation is not None:
            await self._desk.queue(self._minutes.log, reply.escalation, self._language)

    def _broke(self, error: LedgerError) -> None:
        log.error("the ledger takes no more of conversation %s: %s", self._minutes.log.call_id, error)
        self._broken = error
