"""One call, run: the only place of a session that knows asyncio.

It carries events between a leg and the three machines, and what they command to those who do it. It keeps tasks, never
state: where the call stands is in ``Call``, whose turn it is in ``TurnTaking``, what was heard in ``Playback``.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, assert_never

from dialog.reply import Escalation, EscalationReason, Expectation
from dialog.turn import Speaker
from gateway.session import call as calls
from gateway.session import playback
from gateway.session import turn_taking as turns
from gateway.session.alarm import Alarm
from gateway.session.control import Owner
from gateway.session.disclosure import Disclosure
from gateway.session.errors import LedgerError
from gateway.session.handing_over import HandingOver
from gateway.session.hearing import LegClock
from gateway.session.ledger import CallLog
from gateway.session.listening import Listening
from gateway.session.live import Live
from gateway.session.minutes import ACKNOWLEDGED_WITHIN, Minutes, SpokenReply
from gateway.session.opening import Opening
from gateway.session.outreach import Outreach
from gateway.session.people import People, Person, turn_told
from gateway.session.phrases import Phrase, say
from gateway.session.ports import Services
from gateway.session.processing import Processing
from gateway.session.records import EndReason, EventKind
from gateway.session.room import Room
from gateway.session.secrecy import Secrecy
from gateway.session.silencing import when
from gateway.session.surveying import Next, Surveying
from gateway.session.talk import Talk
from gateway.session.taping import Taping
from gateway.session.tenant import Line
from gateway.session.transferring import Transferring
from gateway.session.waiting import music, wants_callback
from gateway.telephony.leg import (
    DtmfReceived,
    HangUpCause,
    HeldByFarEnd,
    HungUp,
    LegEvent,
    MarkPlayed,
    MediaLeg,
    MediaReceived,
)
from infra.audio import AudioFrame
from infra.telemetry.metrics import metrics

log = logging.getLogger(__name__)

_STALE = metrics.counter("aicc_stale_frames", "Frames held back at the last hop because hands had changed")

ENDINGS: dict[HangUpCause, EndReason] = {
    HangUpCause.FAR_END: EndReason.CALLER_HUNG_UP,
    HangUpCause.CONNECTION_LOST: EndReason.CONNECTION_LOST,
    HangUpCause.IDLE: EndReason.CONNECTION_LOST,
    HangUpCause.STALLED: EndReason.CONNECTION_LOST,
    HangUpCause.VIOLATION: EndReason.PROTOCOL_BROKEN,
    HangUpCause.OURS: EndReason.COMPLETED,
    HangUpCause.FAULT: EndReason.FAILED,
}
"""What the end of a leg means for its call."""

Event = calls.Event | turns.Event | playback.Event

_PLAYBACK_TICK, _TURNS_TICK, _CALL_TICK = playback.Tick(), turns.Tick(), calls.Tick()


@dataclass(slots=True)
class _Parts:
    """What a running call is made of, and the numbers of the replies that mean something to it."""

    taping: Taping
    listening: Listening
    room: Room
    desk: HandingOver
    transferring: Transferring
    opening: Opening
    surveying: Surveying
    secrecy: Secrecy
    outreach: Outreach | None = None
    """What we called about; none when somebody called us."""
    silent: bool = False
    """Whether the caller said nothing when it was their turn last."""


class Session:
    """One call from its first frame to its closed record."""

    def __init__(
        self, leg: MediaLeg, services: Services, line: Line, call_log: CallLog, outreach: Outreach | None = None
    ) -> None:
        self._leg = leg
        self._services = services
        self._line = line
        disclosure = Disclosure(services.tenant.disclosure.version)
        self._minutes = Minutes(call_log, self._ledger_broke, disclosure=disclosure)
        self._loop = asyncio.get_running_loop()
        self._clock = LegClock()
        policy = services.tenant.survey
        asks = outreach is None  # whoever we have called owes us no more of their time
        self._call = calls.Call(
            services.tenant.limits.call_minutes * 60, lambda person: asks and policy.asks(person=person)
        )
        self._turns = turns.TurnTaking(services.tenant.limits.no_input_seconds)
        self._playback = playback.Playback(leg.info.rate, leg.info.lead)
        self._inbox: deque[Event] = deque()
        self._alarm = Alarm(self._wake)
        self._over: asyncio.Future[EndReason] = self._loop.create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        caller = leg.info.ani or None if outreach is None else outreach.call.number
        self._talk = self._open_talk(caller)
        self._parts = self._open_parts(caller, outreach)

    @property
    def room(self) -> Room:
        """The call as people have it in hand."""
        return self._parts.room

    @property
    def caller_speaks(self) -> bool:
        """Whether somebody speaks on the line at present who is not us."""
        ear = self._parts.listening.ear
        return ear is not None and ear.caller_speaks

    def stop(self) -> None:
        """End the call now, in good order: the node shuts down."""
        self._post(calls.ShutDown())

    async def run(self) -> EndReason:
        """Serve the call to its end; returns when its record is closed and durable."""
        self._minutes.answered(self._leg.info, self._services.tenant.numbering)
        if self._parts.outreach is not None:
            self._minutes.purpose(self._parts.outreach.call)
        reason, over = EndReason.FAILED, self._over
        try:
            await self._talk.recall()
            if self._parts.opening.processing.permitted:
                await self._listen()
            self._leg.listen(lambda event: None if over.done() else self._take(event))
            self._spawn(self._talk.run(), "talk")
            self._post(calls.Answered())
            reason = await over
        except asyncio.CancelledError:
            reason = EndReason.SHUT_DOWN
            raise
        finally:
            over.cancel()  # if it is not: what the leg says from here on comes too late for the record
            await asyncio.shield(self._give_back(reason))
            # Its parts tell each other what happens, so they refer to each other in circles. Taken apart they are gone
            # at once; left to the garbage collector they would keep their sound for minutes.
            vars(self).clear()
        return reason

    # --- events in, commands out --------------------------------------------------------------------------------------
    def _post(self, event: Event) -> None:
        """Hand an event to its machine. Events that commands cause are handled after them, in order."""
        self._inbox.append(event)
        if len(self._inbox) > 1:
            return  # somebody above us on the stack is working the inbox off
        while self._inbox:
            try:
                self._dispatch(self._inbox[0])
            finally:
                self._inbox.popleft()
        self._arm()

    def _dispatch(self, event: Event) -> None:
        now = self._loop.time()
        if isinstance(event, playback.Event):
            for output in self._playback.handle(event, now):
                self._do_playback(output)
        elif isinstance(event, turns.Event):
            for command in self._turns.handle(event, now):
                self._do_turn(command)
        else:
            for step in self._call.handle(event, now):
                self._do_call(step)

    def _arm(self) -> None:
        """One alarm, set to the earliest deadline of the three machines."""
        due = None
        for machine in (self._playback, self._turns, self._call):
            if machine.deadline is not None and (due is None or machine.deadline < due):
                due = machine.deadline
        self._alarm.set(None if self._over.done() else due)

    def _wake(self) -> None:
        now = self._loop.time()
        for machine, tick in ((self._playback, _PLAYBACK_TICK), (self._turns, _TURNS_TICK), (self._call, _CALL_TICK)):
            if machine.deadline is not None and machine.deadline <= now:
                self._post(tick)
        self._arm()

    def _do_turn(self, command: turns.Command) -> None:
        match command:
            case turns.EndUtterance():
                if self._parts.listening.ear is not None:
                    self._parts.listening.ear.end_utterance()
            case turns.Settle():
                if self._parts.listening.ear is not None:
                    self._parts.listening.ear.settle()
            case turns.Foresee(text):
                self._talk.foresee(text)
            case turns.PauseOutput():
                self._post(playback.Pause())
            case turns.ResumeOutput():
                self._post(playback.Resume())
            case turns.DiscardOutput(evidence):
                if self._playback.speaking:
                    self._minutes.write(EventKind.BARGE_IN, evidence=evidence)
                self._talk.interrupt()
                self._post(playback.Discard())
            case turns.TurnEnded():
                self._turn_ended(command)
            case _:
                assert_never(command)

    def _do_playback(self, command: playback.Command) -> None:
        match command:
            case playback.SendFrame(pcm, epoch):
                if epoch != self._minutes.control.epoch:
                    _STALE.inc()
                    return
                self._send(pcm)
                self.room.people.bot(pcm)
            case playback.SendMark(name):
                self._leg.mark(name)
            case playback.ClearFarEnd():
                if self._parts.listening.ear is not None:
                    self._parts.listening.ear.cut(self._loop.time())
                self._leg.clear()
            case playback.Heard(pcm, at, private):
                self._parts.taping.heard(pcm, at, private=private)
            case playback.ReplyStarted(reply):
                self._minutes.started(reply, self._loop.time())
            case playback.ReplyOver():
                self._reply_over(command)
            case _:
                assert_never(command)

    def _do_call(self, command: calls.Command) -> None:
        match command:
            case calls.Greet():
                self._spawn(self._parts.opening.begin(self._parts.outreach), "greet")
            case calls.StopTalking():
                self._talk.stop()
            case calls.QueueHandoff(elsewhere):
                self._spawn(self._parts.desk.queue(elsewhere=elsewhere), "hand-off")
            case calls.Transfer():
                self._spawn(self._transfer(), "transfer")
            case calls.StopTransfer():
                self._parts.transferring.superseded()
            case calls.StillTrying():
                self._spawn(self._parts.transferring.comfort(), "comfort")
            case calls.Comfort():
                self._spawn(self._parts.desk.comfort(), "comfort")
            case calls.PromiseCallback(message):
                self._spawn(self._promise_callback(message=message), "farewell")
            case calls.Apologize():
                self._spawn(self._announce(Phrase.AGENT_LOST, Expectation.LISTENING), "apology")
            case calls.AnnounceTransfer():
                self._spawn(self._announce(Phrase.PASSED_ON, Expectation.LISTENING), "transfer")
            case calls.PlayMusic():
                self._talk.play(music(self._leg.info.rate))
            case calls.FallSilent():
                self._post(playback.Discard())
            case calls.TakeUpAgain(instruction):
                self._spawn(self._take_up(instruction), "take up")
            case calls.LeaveDesk():
                self._spawn(self._leave_desk(), "leave desk")
            case calls.AskSurvey(person):
                self._spawn(self._ask_survey(person=person), "survey")
            case calls.Escalate(asked):
                self._talk.resume()
                reason = EscalationReason.CALLER_ASKED if asked else EscalationReason.NO_PROGRESS
                self._spawn(self._talk.escalate(reason), "escalate")
            case calls.CloseRecord(reason):
                if not self._over.done():
                    self._over.set_result(reason)
            case _:
                assert_never(command)

    # --- replies ------------------------------------------------------------------------------------------------------
    def _reply_over(self, event: playback.ReplyOver) -> None:
        spoken = self._minutes.over(event)
        if spoken is not None:
            self._talk.heard(spoken, event.heard)
            self._parts.listening.expect([citation.title for citation in spoken.reply.citations])
            self._after(spoken, event)
        self._rested()

    def _after(self, spoken: SpokenReply, event: playback.ReplyOver) -> None:
        """What a reply that has ended means for the call."""
        following = self._parts.opening.over(spoken)
        if following is not None:
            self._spawn(following, "opening")
        elif spoken.number in (self._parts.desk.farewell, self._parts.surveying.farewell):
            self._post(calls.FarewellHeard())
        elif spoken.reply.escalation is not None:
            if self._turns.continuing and not event.whole:
                return  # it was decided on half a sentence: with the other half the dialog decides again
            self._hand_over(spoken.reply.escalation)
        elif spoken.reply.expects is Expectation.NOTHING and event.whole:
            self._post(calls.ConversationOver(self._parts.silent))

    def _hand_over(self, escalation: Escalation) -> None:
        tenant = self._services.tenant
        self._parts.desk.escalation = escalation
        self.room.target = tenant.target_of(escalation.queue)
        elsewhere = self.room.target is not None
        self._post(calls.HandoverAnnounced(tenant.desk_open(self._services.now()), elsewhere))

    def _rested(self) -> None:
        """Nothing is said and nothing is being prepared: the floor is the caller's."""
        if not self._playback.speaking and self._talk.idle:
            self._post(turns.BotEnded())
            if self._playback.quiet:
                self._post(calls.Quiet())

    # --- what the caller says -----------------------------------------------------------------------------------------
    def _asks_secret(self) -> bool:
        """Whether the bot asks for a secret now; what people ask for, they hear."""
        return self._turns.secret and self._minutes.control.grip.owner is Owner.BOT

    def _turn_ended(self, turn: turns.TurnEnded) -> None:
        self._parts.silent = turn.silent
        self._deal_with(turn)
        self._parts.secrecy.turn_ended(hidden=bool(turn.digits) and self._minutes.log.redaction.keys_hidden)

    def _deal_with(self, turn: turns.TurnEnded) -> None:
        if self._call.state in (calls.State.QUEUED, calls.State.TRANSFERRING, calls.State.WITH_PERSON):
            self._said_to_people(turn)
        elif self._call.state is calls.State.SURVEYING:
            self._rated(turn)
        elif (following := self._parts.opening.answered(turn)) is not None:
            self._spawn(following, "consent answered")
        else:
            self._talk.ask(turn)

    def _rated(self, turn: turns.TurnEnded) -> None:
        """The caller was asked how it was."""
        match self._parts.surveying.answered(turn):
            case Next.AGAIN:
                self._spawn(self._parts.surveying.ask(), "survey")
            case Next.THANK:
                self._spawn(self._parts.surveying.thank(), "farewell")
            case Next.PERSON:
                self._post(calls.PersonWanted())
            case unreachable:
                assert_never(unreachable)

    def _said_to_people(self, turn: turns.TurnEnded) -> None:
        """The bot does not answer: it is written down, and whoever waits may choose to be called back."""
        transferring = self._call.state is calls.State.TRANSFERRING
        if turn.silent:
            self._rested()
        else:
            self._talk.ask(turn)
            self._talk.overheard(Speaker.CALLER, turn.text)
        if transferring:
            self._parts.transferring.heard(turn)
        elif not turn.silent and wants_callback(turn.text, turn.digits, self._talk.language):
            self._post(calls.CallbackWanted())

    def _person_said(self, person: Person, turn: turns.TurnEnded) -> None:
        self._minutes.write(EventKind.AGENT_TURN, **turn_told(person, turn))
        if turn.words:
            for start, end in when(turn.text, turn.words, self._minutes.log.redaction.found):
                self._parts.taping.silence_said(start, end)
        self._talk.overheard(Speaker.AGENT, turn.text)

    # --- what takes time ----------------------------------------------------------------------------------------------
    async def _take_up(self, instruction: str) -> None:
        if self._parts.opening.processing.permitted:
            await self._talk.take_up(instruction)
        else:
            self._talk.resume()
            await self._parts.opening.again()

    async def _listen(self) -> None:
        """Open the caller's ear: from here on a machine understands them."""
        await self._parts.listening.open()
        self._spawn(self._understand(), "transcripts")

    async def _understand(self) -> None:
        if not await self._parts.listening.read():
            await self._talk.escalate(EscalationReason.LANGUAGE_NOT_HEARD)

    async def _announce(self, phrase: Phrase, expects: Expectation) -> None:
        await self._talk.announce(say(phrase, self._talk.language), expects)

    async def _promise_callback(self, *, message: bool) -> None:
        await self._written("hand-off")
        await self._parts.desk.promise_callback(message=message)

    async def _transfer(self) -> None:
        await self._written("hand-off")  # nothing leaves before it is durable
        if self.room.handoff is not None:
            await self._parts.transferring.begin()

    async def _ask_survey(self, *, person: bool) -> None:
        if person:
            await self.room.conclude()
        await self._parts.surveying.ask(person=person)

    async def _leave_desk(self) -> None:
        await self._written("hand-off")  # who leaves as they are queued has still been queued
        await self._parts.transferring.left()

    def _send(self, pcm: bytes) -> None:
        """Sound to the caller, of whomever it is; it may come back as an echo."""
        if self._parts.listening.ear is not None:
            self._parts.listening.ear.spoken(pcm, self._loop.time())
        self._leg.send(AudioFrame(pcm, self._leg.info.rate, 0.0))

    def _send_voice(self, pcm: bytes) -> None:
        """What people say to the caller: heard about when it is sent."""
        self._send(pcm)
        self._parts.taping.heard(pcm, self._loop.time())

    def _take(self, event: LegEvent) -> None:
        match event:
            case MediaReceived(frame):
                self._clock.arrived(frame, self._loop.time())
                kept, heard = self._parts.secrecy.frame(frame)
                self._parts.taping.caller(kept)
                if self._parts.listening.ear is not None:
                    self._parts.listening.ear.frame(heard)
                self.room.people.caller(kept.pcm)
            case DtmfReceived(digit, at):
                self._parts.secrecy.key(at)
                self._minutes.key(digit, at, secret=self._turns.secret)
                self._post(turns.KeyPressed(digit))
                self._parts.transferring.key(digit)
            case MarkPlayed(name):
                self._post(playback.CarrierMark(name))
            case HeldByFarEnd(held):
                self._held_by_far_end(held)
            case HungUp(reason, cause):
                if cause is HangUpCause.VIOLATION:
                    self._minutes.write(EventKind.PROTOCOL_REJECTED, protocol=self._leg.info.protocol, reason=reason)
                self._post(calls.FarEndGone(ENDINGS[cause]))
            case _:
                assert_never(event)

    def _held_by_far_end(self, held: bool) -> None:
        """Nobody hears us for a while, and what is heard of them is not theirs."""
        self._minutes.write(EventKind.CALL_HELD if held else EventKind.CALL_RESUMED, by="caller")
        if self._parts.listening.ear is not None:
            self._parts.listening.ear.hold(held)
        for event in (playback.Hold(held), turns.OnHold(held), calls.FarEndHeld(held)):
            self._post(event)

    # --- tasks --------------------------------------------------------------------------------------------------------
    def _open_talk(self, caller: str | None) -> Talk:
        conversation = self._services.dialogue.begin(
            call_id=self._minutes.log.call_id, language=self._line.language, caller=caller, journal=self._minutes
        )
        return Talk(
            self._services,
            self._minutes,
            conversation=conversation,
            language=self._line.language,
            rate=self._leg.info.rate,
            tell=self._post,
            rested=self._rested,
            clock=self._loop.time,
        )

    def _open_parts(self, caller: str | None, outreach: Outreach | None) -> _Parts:
        services, minutes, talk, rate = self._services, self._minutes, self._talk, self._leg.info.rate
        taping = Taping(services, minutes, self._clock, rate, self._loop.time)
        processing = Processing(services.tenant.processing.consent)
        room = self._open_room(caller, taping, processing)
        listening = Listening(
            services,
            minutes,
            room.live,
            rate=rate,
            clock=self._clock,
            tell=self._post,
            secret=lambda: self._turns.secret,
            silence=partial(taping.silence, why="personal"),
            language=lambda: talk.language,
        )
        secrecy = Secrecy(self._asks_secret, partial(taping.silence, why="secret"))
        desk = HandingOver(services.desk, room, talk)
        transferring = Transferring(
            services, self._leg, room, talk, taping, desk, line=self._line.number, tell=self._post
        )
        opening = Opening(
            minutes,
            talk,
            taping,
            processing,
            listen=self._listen,
            hears=lambda: listening.ear is not None,
        )
        surveying = Surveying(services.tenant.survey, minutes, talk)
        return _Parts(taping, listening, room, desk, transferring, opening, surveying, secrecy, outreach)

    def _open_room(self, caller: str | None, taping: Taping, processing: Processing) -> Room:
        live = Live()
        people = People(
            self._services,
            self._leg.info.rate,
            clock=self._clock,
            language=lambda: self._talk.language,
            to_caller=self._send_voice,
            note=self._minutes.write,
            said=self._person_said,
            live=live,
            heard=lambda: processing.permitted,
        )
        return Room(
            self._minutes,
            people,
            live,
            tell=self._post,
            summarize=self._talk.summary,
            acquaintance=self._talk.acquaintance,
            speaks=lambda: self._talk.language,
            recorded=lambda: taping.running,
            line=self._line.alias,
            caller=caller,
        )

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._loop.create_task(work, name=f"call {self._minutes.log.call_id}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        log.error("%s failed", task.get_name(), exc_info=error)
        self._post(calls.Failed())

    def _ledger_broke(self, error: LedgerError) -> None:
        log.error("the ledger takes no more of call %s: %s", self._minutes.log.call_id, error)
        self._loop.call_soon(self._post, calls.Failed())

    async def _give_back(self, reason: EndReason) -> None:
        """End every task, close the ear, store the recording, close the record; only then end the leg."""
        self._alarm.cancel()
        self._talk.stop()
        self._post(playback.Discard())  # what was still being said is heard only up to here
        await self._written("hand-off", "farewell", "leave desk")
        await self.room.close(str(reason))
        await self._parts.transferring.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._talk.finish()
        await self._parts.listening.close()
        self._parts.secrecy.end()
        await self._parts.taping.store()
        await self._minutes.close(reason)
        if self._parts.outreach is not None:
            await self._parts.outreach.ended(self._talk.disposition)
        await self._leg.hang_up(str(reason))

    async def _written(self, *names: str) -> None:
        """Let what is being written of a hand-over finish: cancelled half-way it would be a promise nobody keeps."""
        writing = [task for task in self._tasks if task.get_name().endswith(names)]
        if writing:
            await asyncio.wait(writing, timeout=ACKNOWLEDGED_WITHIN)
