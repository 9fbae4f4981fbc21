"""A conversation by text: the same dialog, ledger and hand-over as on the telephone, without sound.

Refuses: turn-taking; whoever types decides when a turn is over.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from dialog.conversation import CHAT
from dialog.reply import Entry, Expectation, Reply
from dialog.turn import CallerTurn, Speaker, Utterance
from gateway.session.errors import LedgerError
from gateway.session.ledger import CallLog
from gateway.session.minutes import ACKNOWLEDGED_WITHIN, Minutes, SpokenReply, Stages
from gateway.session.playback import ReplyOver
from gateway.session.ports import AgentDesk, Dialogue
from gateway.session.records import EndReason
from gateway.session.turn_taking import TurnEnded

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What one turn brought: the replies in order, and whether the conversation is over."""

    replies: tuple[Reply, ...]
    over: bool


class TextSession:
    """One conversation by text from its greeting to its closed record."""

    def __init__(self, dialogue: Dialogue[Any], desk: AgentDesk, call_log: CallLog, language: str) -> None:
        self._dialogue = dialogue
        self._desk = desk
        self._minutes = Minutes(call_log, self._broke)
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
        await self._show(reply)
        return reply

    async def turn(self, text: str) -> Said:
        """Answer one typed turn. Raises the ledger's error when the conversation can no longer be recorded."""
        self._turns += 1
        typed = TurnEnded(text, (), 1.0, "", not text.strip(), 0.0, entry=self._asked)
        self._minutes.turn(self._turns, typed, self._language)
        turn = CallerTurn(number=self._turns, text=text, language=self._language, silent=not text.strip())
        replies = []
        async for reply in self._dialogue.respond(self._conversation, turn):
            await self._show(reply)
            replies.append(reply)
        if self._broken is not None:
            raise self._broken
        over = any(reply.expects is Expectation.NOTHING or reply.escalation is not None for reply in replies)
        return Said(tuple(replies), over)

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
