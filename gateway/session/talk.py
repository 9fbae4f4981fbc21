"""The dialog's side of a call: turns go in, replies come out in order and are made into sound.

One task works the turns off, one after the other, so that the dialog never answers two at once. A turn whose answer was
interrupted is still worked to its end: speech is cancelled, an effect never is.

Refuses: whose turn it is (turn-taking), pacing (playback), and the life of the call (call).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from dialog.errand import Disposition, Errand
from dialog.identification import Acquaintance
from dialog.reply import Confidence, Decision, Entry, EscalationReason, Expectation, Reply, Sentence, Summary
from dialog.turn import CallerTurn, HeardWord, Speaker, Utterance
from gateway.session import playback, speaking
from gateway.session import turn_taking as turns
from gateway.session.control import DECIDED_UNDER, Grip
from gateway.session.delivery import Delivery
from gateway.session.minutes import Minutes, SpokenReply, Stages
from gateway.session.phrases import Phrase, say
from gateway.session.ports import Services
from gateway.session.records import EventKind
from infra.errors import AiccError

log = logging.getLogger(__name__)

DWELL = 1.5
"""Seconds of thinking after which the caller is told that we are at it: sooner it would only be noise."""

MOST_WAITING = 8
"""Turns that may wait to be answered; further ones are dropped and noted: a caller never gets that far ahead."""

Event = playback.Event | turns.Event


@dataclass(frozen=True, slots=True)
class _Asked:
    """A turn to be answered. ``generation`` is that of the output when the caller spoke, ``grip`` who had the call."""

    number: int
    turn: turns.TurnEnded
    at: float
    generation: int
    grip: Grip


class Talk:
    """One call's dialog.

    ``tell`` posts events to the session's machines, ``rested`` is called when nothing more is being prepared, and
    ``clock`` is the loop's monotonic time.
    """

    def __init__(
        self,
        services: Services,
        minutes: Minutes,
        *,
        conversation: object,
        language: str,
        rate: int,
        tell: Callable[[Event], None],
        rested: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._services = services
        self._minutes = minutes
        self._conversation = conversation
        self._delivery = Delivery(language)
        self._rate = rate
        self._tell = tell
        self._rested = rested
        self._clock = clock
        self._asked: asyncio.Queue[_Asked] = asyncio.Queue(MOST_WAITING)
        self._generation = 0
        """Counts interruptions: what was decided before the last one is not spoken any more."""
        self._turns = 0
        self._replies = 0
        self._foreseeing: tuple[str, asyncio.Task[None]] | None = None
        self._busy = True
        self._stopped = False

    @property
    def _grip(self) -> Grip:
        return self._minutes.control.grip

    @property
    def idle(self) -> bool:
        """Whether nothing more is being prepared."""
        return not self._busy and self._asked.empty()

    @property
    def language(self) -> str:
        """The language of the conversation as it stands: the caller may have changed it."""
        return self._delivery.language

    def ask(self, turn: turns.TurnEnded) -> None:
        """Take a turn of the caller's; it is answered in its order."""
        self._turns += 1
        if turn.language in self._services.tenant.languages and turn.language != self.language:
            self._minutes.write(EventKind.LANGUAGE_CHANGED, before=self.language, after=turn.language)
            self._delivery = replace(self._delivery, language=turn.language)
        self._minutes.turn(self._turns, turn, self.language)
        if self._stopped:
            self._rested()
            return
        try:
            self._asked.put_nowait(_Asked(self._turns, turn, self._clock(), self._generation, self._grip))
        except asyncio.QueueFull:
            self._minutes.write(
                EventKind.COMPONENT_FAILED, component="dialog", error="turns overflow", fallback="dropped"
            )

    def foresee(self, text: str) -> None:
        """A turn may end with these words. Of what is prepared only the last counts, and nothing of it is ever said
        before the turn has ended."""
        if self._stopped or self._busy:
            return
        self._forget_foreseen()
        self._foreseeing = text, asyncio.create_task(self._foresee(text), name="foresee")

    def _forget_foreseen(self) -> None:
        if self._foreseeing is not None:
            self._foreseeing[1].cancel()
            self._foreseeing = None

    async def _foreseen(self, text: str) -> None:
        """Wait for what is being prepared for exactly these words; anything else is thrown away."""
        if self._foreseeing is not None and self._foreseeing[0] == text:
            await asyncio.wait({self._foreseeing[1]})
        self._forget_foreseen()

    async def _foresee(self, text: str) -> None:
        turn = CallerTurn(number=self._turns + 1, text=text, language=self.language)
        try:
            await self._services.dialogue.foresee(self._conversation, turn)
        except AiccError as error:
            log.info("nothing was prepared for the turn: %s", error)  # it will be looked for when the turn has ended

    def interrupt(self) -> None:
        """What was decided so far is not spoken any more, and nothing more of it is worded."""
        self._generation += 1
        self._services.dialogue.interrupted(self._conversation)

    def stop(self) -> None:
        """Answer nothing more, unless the call is given back."""
        self._stopped = True
        self._forget_foreseen()
        self.interrupt()
        while not self._asked.empty():
            self._asked.get_nowait()

    def resume(self) -> None:
        """Answer again, after ``stop``."""
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether nothing is answered any more, unless the call is given back."""
        return self._stopped

    async def take_up(self, instruction: str) -> None:
        """The call was given back: answer again, and begin with what the person who gave it back wants done."""
        self.resume()
        DECIDED_UNDER.set(self._grip)
        async with aclosing(self._services.dialogue.take_up(self._conversation, instruction)) as replies:
            async for reply in replies:
                await self.say(reply)
        self.rest()

    def summary(self) -> Summary:
        """What a human would have to know now."""
        return self._services.dialogue.summary(self._conversation)

    def acquaintance(self) -> Acquaintance:
        """Who calls, as far as it was shown."""
        return self._services.dialogue.acquaintance(self._conversation)

    def overheard(self, speaker: Speaker, text: str) -> None:
        """What was said while a person had the call, for when it is given back."""
        self._services.dialogue.heard(self._conversation, Utterance(speaker, text, self._turns))

    def play(self, pcm: bytes) -> None:
        """Let the caller hear something that nobody says, in the background."""
        self._replies += 1
        number = self._replies
        self._tell(playback.ReplyBegun(number, ("",), epoch=self._grip.epoch, background=True))
        self._tell(playback.SpeechReady(number, 0, pcm, ()))
        self._tell(playback.SentenceReady(number, 0))

    async def finish(self) -> None:
        """Bring to its end what the dialog still has on its way: an action is never cut off half-way."""
        await self._services.dialogue.finish(self._conversation)

    def heard(self, spoken: SpokenReply, text: str) -> None:
        """Tell the dialog what the caller heard of a reply."""
        if text:
            self._services.dialogue.heard(self._conversation, Utterance(Speaker.BOT, text, spoken.turn))

    async def recall(self) -> None:
        """Speak to a caller who is known as they like it, from the first word on. Bounded in time."""
        liked = await self._services.dialogue.recall(self._conversation)
        if liked is None:
            return
        spoken = liked.language in self._services.tenant.languages
        language = liked.language if spoken else self.language
        if language != self.language:
            self._minutes.write(EventKind.LANGUAGE_CHANGED, before=self.language, after=language, why="remembered")
        self._delivery = self._delivery.as_before(language, liked.manners)

    async def greet(self, *, recording_notice: bool) -> None:
        """Disclose, greet. The disclosure cannot be interrupted: the caller must have heard it. Whoever asks for it
        says when nothing more is being prepared."""
        reply = await self._services.dialogue.greet(self._conversation, recording_notice=recording_notice)
        await self.say(reply, interruptible=False)

    async def reach_out(self, errand: Errand, *, recording_notice: bool) -> Reply:
        """Say who calls and why. The question that comes next is given back, to be said when its turn has come."""
        greeting, question = await self._services.dialogue.reach_out(
            self._conversation, errand, recording_notice=recording_notice
        )
        await self.say(greeting, interruptible=False)
        return question

    @property
    def disposition(self) -> Disposition:
        """What has come so far of a call of ours."""
        return self._services.dialogue.disposition(self._conversation)

    async def escalate(self, reason: EscalationReason) -> None:
        """Hand over for a reason that the dialog cannot see."""
        if not self._stopped:
            await self.say(await self._services.dialogue.escalate(self._conversation, reason))

    @property
    def next_reply(self) -> int:
        """The number that the next reply will have; a disclosure that is owed comes before it."""
        return self._replies + (1 if self._minutes.disclosure.owed(self.language) is None else 2)

    async def announce(self, text: str, expects: Expectation, entry: Entry | None = None) -> None:
        """Say something that is not the dialog's, and ask for that ``entry`` if there is one."""
        sure = Confidence(1.0)
        await self.say(Reply(Decision.CONVERSE, self.language, (Sentence(text),), sure, expects=expects, entry=entry))

    async def run(self) -> None:
        """Answer turns until cancelled."""
        while True:
            asked = await self._asked.get()
            self._busy = True
            await self._answer(asked)
            self.rest()

    async def say(self, reply: Reply, *, asked: _Asked | None = None, interruptible: bool = True) -> None:
        """Speak a reply after those that wait; returns when all its sound is made. A caller who has not heard yet in
        this language that a machine speaks, because that was cut off or the language was another, hears it first."""
        owed = None if reply.disclosure else self._minutes.disclosure.owed(reply.language)
        if owed is not None:
            await self._say(owed, asked=asked, interruptible=False)
        await self._say(reply, asked=asked, interruptible=interruptible)

    async def _say(self, reply: Reply, *, asked: _Asked | None, interruptible: bool) -> None:
        self._replies += 1
        number = self._replies
        self._delivery = self._delivery.asked(reply.manner)
        generation = asked.generation if asked is not None else self._generation
        grip = asked.grip if asked is not None else self._grip
        now = self._clock()
        ended = asked.turn.speech_ended if asked is not None and not asked.turn.silent else None
        stages = Stages(ended, asked.at if asked is not None else None, now)
        self._minutes.decided(SpokenReply(number, asked.number if asked is not None else self._turns, reply, stages))
        texts = tuple(sentence.text for sentence in reply.sentences)
        private = tuple(self._minutes.private(text) for text in texts)
        self._tell(playback.ReplyBegun(number, texts, interruptible, grip.epoch, private=private))
        if generation != self._generation or not self._minutes.control.holds(grip):
            self._tell(playback.Discard())  # decided too late: recorded, never spoken
            return
        self._tell(turns.BotBegan(reply.expects, interruptible, reply.text, reply.entry))

        def made(event: playback.Event) -> None:
            if stages.synthesized is None and isinstance(event, playback.SpeechReady) and event.pcm:
                stages.synthesized = self._clock()
            self._tell(event)

        try:
            await speaking.speak(
                self._services.synthesizer,
                reply=number,
                sentences=texts,
                language=reply.language,
                pace=self._services.tenant.pace(reply.language) * self._delivery.pace,
                gain=self._delivery.gain,
                rate=self._rate,
                tell=made,
                wanted=lambda: generation == self._generation,
            )
        except AiccError as error:
            log.warning("speech failed: %s", error)
            self._minutes.write(EventKind.COMPONENT_FAILED, component="synthesis", error=str(error), fallback="silence")

    async def _answer(self, asked: _Asked) -> None:
        DECIDED_UNDER.set(asked.grip)
        try:
            await self._foreseen(asked.turn.text)
            async with aclosing(self._respond(asked)) as replies:
                await self._dwell(first := asyncio.ensure_future(anext(replies, None)), asked)
                reply = await first
                while reply is not None and not self._stopped:
                    await self.say(reply, asked=asked)
                    reply = await anext(replies, None)
        except Exception as error:
            # A supervisor: whatever breaks in one turn, the caller is not left in silence but goes to a human.
            log.exception("the dialog failed on a turn")
            self._minutes.write(EventKind.COMPONENT_FAILED, component="dialog", error=repr(error), fallback="hand-over")
            await self.escalate(EscalationReason.DIALOG_FAILED)

    async def _dwell(self, first: asyncio.Future[Reply | None], asked: _Asked) -> None:
        """Wait for the first reply; when it takes its time and the caller is silent, say that we are at it."""
        try:
            await asyncio.wait({first}, timeout=DWELL)
            if not first.done() and asked.generation == self._generation and not self._stopped:
                await self.announce(say(Phrase.ONE_MOMENT, self.language), Expectation.LISTENING)
            await asyncio.wait({first})
        except asyncio.CancelledError:
            first.cancel()
            await asyncio.wait({first})  # a stream that still runs cannot be closed
            raise

    def _respond(self, asked: _Asked) -> AsyncGenerator[Reply, None]:
        turn = asked.turn
        return self._services.dialogue.respond(
            self._conversation,
            CallerTurn(
                number=asked.number,
                text=turn.text,
                language=self.language,
                confidence=turn.confidence,
                words=tuple(HeardWord(word.text, word.confidence) for word in turn.words),
                digits=turn.digits,
                silent=turn.silent,
                continues=turn.continues,
            ),
        )

    def rest(self) -> None:
        """Nothing more is being prepared."""
        self._busy = False
        self._rested()
