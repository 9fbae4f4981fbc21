"""What comes before the conversation: the greeting that discloses, the consents that the tenant asks for, and the first
question of a call of ours.

In that order, one at a time: the next question is asked when the one before has been answered. Until the caller lets a
machine process what they say, their sound goes to no recognizer.

Refuses: what is recorded (``taping.py``), and how a hand-over is performed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, assert_never

from dialog.reply import EscalationReason, Expectation, Reply
from gateway.session.minutes import Minutes, SpokenReply
from gateway.session.outreach import Outreach
from gateway.session.phrases import Phrase, say
from gateway.session.processing import ENTRY, Answer, Processing
from gateway.session.records import EventKind
from gateway.session.talk import Talk
from gateway.session.taping import Taping, Word
from gateway.session.tenant import Consent
from gateway.session.turn_taking import TurnEnded

PURPOSE = "processing"
"""What consent to being understood and answered by a machine is called in the record."""


class Opening:
    """One call's. ``listen`` opens the caller's ear; ``hears`` is whether there is one for their language."""

    def __init__(
        self,
        minutes: Minutes,
        talk: Talk,
        taping: Taping,
        processing: Processing,
        *,
        listen: Callable[[], Awaitable[None]],
        hears: Callable[[], bool],
    ) -> None:
        self.processing = processing
        self._minutes = minutes
        self._talk = talk
        self._taping = taping
        self._listen = listen
        self._hears = hears
        self._greeting: int | None = None
        self._question: Reply | None = None
        """The first question of a call of ours, until it is said."""
        self._noticed = False
        """Agreement that the tenant's policy takes for granted was written down."""

    async def begin(self, outreach: Outreach | None) -> None:
        """Say who speaks, and why we call where we do. What we ask comes when that was heard."""
        self._greeting = self._talk.next_reply
        notice = self._taping.consent is Consent.NOTICE
        if outreach is None:
            await self._talk.greet(recording_notice=notice)
        else:
            self._question = await self._talk.reach_out(outreach.errand, recording_notice=notice)
        if not self._asks:
            self._talk.rest()

    @property
    def _asks(self) -> bool:
        """Whether anything is said after the greeting before it is the caller's turn."""
        if self.processing.to_ask or self._question is not None or not self._hears():
            return True
        return self._taping.to_ask

    def over(self, spoken: SpokenReply) -> Coroutine[Any, Any, None] | None:
        """A reply has ended; what follows if it was the greeting: what it told is taken for granted from here on."""
        if self._minutes.disclosure.heard and not self._noticed and self.processing.policy is Consent.NOTICE:
            self._noticed = True
            self._minutes.write(EventKind.CONSENT_ASSUMED, purpose=PURPOSE, policy=self.processing.policy)
        if spoken.number != self._greeting:
            return None
        self._taping.announced()
        return self._ask() if self._asks else None

    def answered(self, turn: TurnEnded) -> Coroutine[Any, Any, None] | None:
        """What follows from a turn that answers one of our questions; None where the dialog is to deal with it."""
        match self.processing.answered(turn):
            case Answer.NONE:
                answer = self._taping.answered(turn, self._talk.language)
                return None if answer is Word.NO_ANSWER else self._say_first()
            case Answer.AGAIN:
                return self._ask()
            case Answer.GIVEN:
                self._minutes.write(EventKind.CONSENT_GIVEN, purpose=PURPOSE, words=turn.digits)
                return self._permitted()
            case Answer.DECLINED:
                self._minutes.write(EventKind.CONSENT_DECLINED, purpose=PURPOSE, words=turn.digits)
                return self._talk.escalate(EscalationReason.PROCESSING_DECLINED)
            case unreachable:
                assert_never(unreachable)

    async def again(self) -> None:
        """The call came back to us before the caller had let a machine process what they say, or although they had not:
        it is asked now, or a person goes on."""
        if self.processing.declined:
            await self._talk.escalate(EscalationReason.PROCESSING_DECLINED)
        else:
            await self._ask()

    async def _permitted(self) -> None:
        await self._listen()
        await (self._ask() if self._asks else self._say_first())

    async def _ask(self) -> None:
        """The next question, unless a person has the call by now; then it is the caller's turn."""
        if not self._talk.stopped:
            await self._ask_next()
        self._talk.rest()

    async def _ask_next(self) -> None:
        if self.processing.to_ask:
            self.processing.asked()
            self._minutes.write(EventKind.CONSENT_ASKED, purpose=PURPOSE)
            await self._talk.announce(say(Phrase.MAY_WE_PROCESS, self._talk.language), Expectation.YES_NO, ENTRY)
        elif not self._hears():
            await self._talk.escalate(EscalationReason.LANGUAGE_NOT_HEARD)
        elif self._taping.to_ask:
            self._taping.asked()
            await self._talk.announce(say(Phrase.MAY_WE_RECORD, self._talk.language), Expectation.YES_NO)
        else:
            await self._say_first()

    async def _say_first(self) -> None:
        """Our question about a call of ours, or what the caller wants."""
        question, self._question = self._question, None
        if question is None:
            await self._talk.announce(say(Phrase.GO_AHEAD, self._talk.language), Expectation.SPEAKING)
        else:
            await self._talk.say(question)
