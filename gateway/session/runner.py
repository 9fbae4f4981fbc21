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
from typing import Any, assert_never

from dialog.parsers.yes_no import read_agreement
from dialog.reply import Escalation, EscalationReason, Expectation, Reply
from gateway.session import call as calls
from gateway.session import playback
from gateway.session import turn_taking as turns
from gateway.session.alarm import Alarm
from gateway.session.errors import LedgerError
from gateway.session.hearing import Hearing, LegClock
from gateway.session.ledger import CallLog
from gateway.session.minutes import ACKNOWLEDGED_WITHIN, Minutes, SpokenReply
from gateway.session.outreach import Outreach
from gateway.session.phrases import Phrase, say
from gateway.session.ports import CallRecorder, Services
from gateway.session.records import EndReason, EventKind
from gateway.session.talk import Talk
from gateway.session.tenant import Consent, Line
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, LegEvent, MarkPlayed, MediaLeg, MediaReceived
from infra.audio import AudioFrame
from infra.errors import AiccError
from stt.errors import LanguageNotSupported
from stt.hotwords import hints
from stt.recognizer import RecognizerStream

log = logging.getLogger(__name__)

MOST_HINTS = 30
"""Terms that a recognizer is told to expect."""

REOPENINGS = 3
"""Times that a lost recognizer stream is opened again before a human takes over."""

_ENDINGS: dict[HangUpCause, EndReason] = {
    HangUpCause.FAR_END: EndReason.CALLER_HUNG_UP,
    HangUpCause.CONNECTION_LOST: EndReason.CONNECTION_LOST,
    HangUpCause.IDLE: EndReason.CONNECTION_LOST,
    HangUpCause.STALLED: EndReason.CONNECTION_LOST,
    HangUpCause.VIOLATION: EndReason.PROTOCOL_BROKEN,
    HangUpCause.OURS: EndReason.COMPLETED,
    HangUpCause.FAULT: EndReason.FAILED,
}

Event = calls.Event | turns.Event | playback.Event

_PLAYBACK_TICK, _TURNS_TICK, _CALL_TICK = playback.Tick(), turns.Tick(), calls.Tick()


@dataclass(slots=True)
class _Parts:
    """What a running call holds and must give back, and the numbers of the replies that mean something to it."""

    hearing: Hearing | None = None
    recorder: CallRecorder | None = None
    escalation: Escalation | None = None
    handoff: str | None = None
    greeting: int | None = None
    farewell: int | None = None
    consent_open: bool = False
    """The caller was asked whether the call may be recorded, and has not answered."""
    outreach: Outreach | None = None
    """What we called about; none when somebody called us."""
    question: Reply | None = None
    """The first question about it, until it is said."""


class Session:
    """One call from its first frame to its closed record."""

    def __init__(
        self, leg: MediaLeg, services: Services, line: Line, call_log: CallLog, outreach: Outreach | None = None
    ) -> None:
        self._leg = leg
        self._services = services
        self._line = line
        self._minutes = Minutes(call_log, self._ledger_broke)
        self._loop = asyncio.get_running_loop()
        self._clock = LegClock()
        self._call = calls.Call(services.tenant.limits.call_minutes * 60)
        self._turns = turns.TurnTaking(services.tenant.limits.no_input_seconds)
        self._playback = playback.Playback(leg.info.rate)
        self._parts = _Parts(outreach=outreach)
        self._inbox: deque[Event] = deque()
        self._alarm = Alarm(self._wake)
        self._over: asyncio.Future[EndReason] = self._loop.create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._talk = self._open_talk()

    @property
    def caller_speaks(self) -> bool:
        """Whether somebody speaks on the line at present who is not us."""
        hearing = self._parts.hearing
        return hearing is not None and hearing.caller_speaks

    def stop(self) -> None:
        """End the call now, in good order: the node shuts down."""
        self._post(calls.ShutDown())

    async def run(self) -> EndReason:
        """Serve the call to its end; returns when its record is closed and durable."""
        info = self._leg.info
        self._minutes.write(
            EventKind.CALL_ANSWERED,
            protocol=info.protocol,
            rate=info.rate,
            leg=info.leg_id,
            call_sid=info.call_sid,
        )
        if self._parts.outreach is not None:
            self._minutes.purpose(self._parts.outreach.call)
        reason = EndReason.FAILED
        try:
            await self._talk.recall()
            await self._open_hearing()
            self._leg.listen(self._take)
            self._spawn(self._talk.run(), "talk")
            self._post(calls.Answered())
            reason = await self._over
        except asyncio.CancelledError:
            reason = EndReason.SHUT_DOWN
            raise
        finally:
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
                if self._parts.hearing is not None:
                    self._parts.hearing.end_utterance()
            case turns.Settle():
                if self._parts.hearing is not None:
                    self._parts.hearing.settle()
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
                if not self._consent_answered(command):
                    self._talk.ask(command)
            case _:
                assert_never(command)

    def _do_playback(self, command: playback.Command) -> None:
        match command:
            case playback.SendFrame(pcm):
                if self._parts.hearing is not None:
                    self._parts.hearing.spoken(pcm, self._loop.time())
                self._leg.send(AudioFrame(pcm, self._leg.info.rate, 0.0))
            case playback.SendMark(name):
                self._leg.mark(name)
            case playback.ClearFarEnd():
                if self._parts.hearing is not None:
                    self._parts.hearing.cut(self._loop.time())
                self._leg.clear()
            case playback.Heard(pcm, at):
                if self._parts.recorder is not None:
                    self._parts.recorder.bot(AudioFrame(pcm, self._leg.info.rate, self._clock.media(at)))
            case playback.ReplyStarted(reply):
                self._minutes.started(reply, self._loop.time())
            case playback.ReplyOver():
                self._reply_over(command)
            case _:
                assert_never(command)

    def _do_call(self, command: calls.Command) -> None:
        match command:
            case calls.Greet():
                self._spawn(self._greet(), "greet")
            case calls.StopTalking():
                self._talk.stop()
            case calls.QueueHandoff():
                self._spawn(self._queue_handoff(), "hand-off")
            case calls.Comfort():
                self._spawn(self._comfort(), "comfort")
            case calls.PromiseCallback():
                self._spawn(self._promise_callback(), "farewell")
            case calls.AbandonHandoff():
                self._spawn(self._abandon_handoff(), "abandon")
            case calls.Escalate():
                self._spawn(self._talk.escalate(EscalationReason.NO_PROGRESS), "escalate")
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
            self._expect([citation.title for citation in spoken.reply.citations])
            self._after(spoken, event)
        self._rested()

    def _after(self, spoken: SpokenReply, event: playback.ReplyOver) -> None:
        """What a reply that has ended means for the call."""
        if spoken.number == self._parts.greeting:
            self._greeting_heard()
        elif spoken.number == self._parts.farewell:
            self._post(calls.FarewellHeard())
        elif spoken.reply.escalation is not None:
            if self._turns.continuing and not event.whole:
                return  # it was decided on half a sentence: with the other half the dialog decides again
            self._parts.escalation = spoken.reply.escalation
            self._post(calls.HandoverAnnounced(self._services.tenant.desk_open(self._services.now())))
        elif spoken.reply.expects is Expectation.NOTHING and event.whole:
            self._post(calls.ConversationOver())

    def _rested(self) -> None:
        """Nothing sounds and nothing is being prepared: the floor is the caller's."""
        if not self._playback.speaking and self._talk.idle:
            self._post(turns.BotEnded())

    # --- consent ------------------------------------------------------------------------------------------------------
    def _greeting_heard(self) -> None:
        consent = self._services.tenant.recording.consent
        if consent is Consent.NOTICE:
            self._minutes.write(EventKind.CONSENT_ASSUMED, purpose="recording", policy=consent)
            self._record()

    def _consent_answered(self, turn: turns.TurnEnded) -> bool:
        """Take the turn as the answer to the recording question. Anything but a clear yes is a no."""
        if not self._parts.consent_open:
            return False
        self._parts.consent_open = False
        answer = read_agreement(turn.text, self._talk.language)
        if answer is not None and answer.yes:
            self._minutes.write(EventKind.CONSENT_GIVEN, purpose="recording", words=turn.text)
            self._record()
        else:
            self._minutes.write(EventKind.CONSENT_DECLINED, purpose="recording", words=turn.text)
        if answer is None and turn.text:
            return False  # they went straight to what they called for
        question, self._parts.question = self._parts.question, None
        going_on = (
            self._announce(Phrase.GO_AHEAD, Expectation.SPEAKING) if question is None else self._talk.say(question)
        )
        self._spawn(going_on, "consent answered")
        return True

    def _record(self) -> None:
        call_log = self._minutes.log
        try:
            self._parts.recorder = self._services.record(
                call_log.call_id, call_log.started_at.date(), self._leg.info.rate
            )
        except AiccError as error:
            self._minutes.write(EventKind.RECORDING_FAILED, error=str(error))
        else:
            self._minutes.write(EventKind.RECORDING_STARTED, at=round(self._clock.media(self._loop.time()), 3))

    # --- what takes time ----------------------------------------------------------------------------------------------
    async def _greet(self) -> None:
        consent = self._services.tenant.recording.consent
        self._parts.greeting = 1
        notice, outreach = consent is Consent.NOTICE, self._parts.outreach
        if outreach is None:
            await self._talk.greet(recording_notice=notice)
        else:
            self._parts.question = await self._talk.reach_out(outreach.errand, recording_notice=notice)
        if consent is Consent.ASK and self._parts.hearing is not None:
            self._parts.consent_open = True
            await self._announce(Phrase.MAY_WE_RECORD, Expectation.YES_NO)
        elif self._parts.question is not None:
            question, self._parts.question = self._parts.question, None
            await self._talk.say(question)
        if outreach is not None:
            self._talk.rest()
        if self._parts.hearing is None:
            await self._talk.escalate(EscalationReason.LANGUAGE_NOT_HEARD)

    async def _announce(self, phrase: Phrase, expects: Expectation) -> None:
        await self._talk.announce(say(phrase, self._talk.language), expects)

    async def _comfort(self) -> None:
        await self._announce(Phrase.STILL_WAITING, Expectation.LISTENING)

    async def _promise_callback(self) -> None:
        self._parts.farewell = self._talk.next_reply
        await self._announce(Phrase.CALL_BACK, Expectation.NOTHING)

    async def _queue_handoff(self) -> None:
        if self._parts.escalation is not None:
            self._parts.handoff = await self._services.desk.queue(self._minutes.log, self._parts.escalation)

    async def _abandon_handoff(self) -> None:
        if self._parts.handoff is not None:
            await self._services.desk.abandon(self._minutes.log, self._parts.handoff)

    def _take(self, event: LegEvent) -> None:
        if self._over.done():
            return  # the call's record is being closed: what the leg still says comes too late for it
        match event:
            case MediaReceived(frame):
                self._clock.arrived(frame, self._loop.time())
                if self._parts.recorder is not None:
                    self._parts.recorder.caller(frame)
                if self._parts.hearing is not None:
                    self._parts.hearing.frame(frame)
            case DtmfReceived(digit, at):
                self._minutes.key(digit, at, secret=self._turns.secret)
                self._post(turns.KeyPressed(digit))
            case MarkPlayed(name):
                self._post(playback.CarrierMark(name))
            case HungUp(reason, cause):
                if cause is HangUpCause.VIOLATION:
                    self._minutes.write(EventKind.PROTOCOL_REJECTED, protocol=self._leg.info.protocol, reason=reason)
                self._post(calls.FarEndGone(_ENDINGS[cause]))
            case _:
                assert_never(event)

    # --- hearing ------------------------------------------------------------------------------------------------------
    async def _open_hearing(self) -> None:
        """Open the ear, if there is one for this language. Without it a human takes over after the greeting."""
        services = self._services
        try:
            stream = await self._open_ear()
        except AiccError as error:
            expected = isinstance(error, LanguageNotSupported)
            log.log(logging.INFO if expected else logging.WARNING, "no recognition in this call: %s", error)
            self._recognition_failed(error, "hand-over")
            return
        self._parts.hearing = Hearing(
            activity=services.activity,
            segmenter=services.segmenter(),
            stream=stream,
            lag=services.final_lag,
            rate=self._leg.info.rate,
            clock=self._clock,
            tell=self._post,
            melody=services.melody,
        )
        self._spawn(self._read_transcripts(self._parts.hearing), "transcripts")

    async def _open_ear(self) -> RecognizerStream:
        tenant = self._services.tenant
        return await self._services.recognizer.open(
            language=self._talk.language, tenant=tenant.id, languages=tenant.languages
        )

    def _expect(self, topic: list[str]) -> None:
        """Hint at what is likely to be said next: the words of the topic, and the tenant's own."""
        if self._parts.hearing is not None:
            own = self._services.hotwords(self._talk.language)
            self._parts.hearing.expect(hints(own, topic, MOST_HINTS))

    async def _read_transcripts(self, hearing: Hearing) -> None:
        for attempt in range(REOPENINGS + 1):
            try:
                async for transcript in hearing.transcripts():
                    if transcript.final:
                        self._minutes.transcript(transcript, self._services.recognizer.name, secret=self._turns.secret)
                    self._post(turns.Recognized(transcript))
                return
            except AiccError as error:
                self._recognition_failed(error, "opened again" if attempt < REOPENINGS else "hand-over")
            try:
                await hearing.replace(await self._open_ear())
            except AiccError as error:
                self._recognition_failed(error, "hand-over")
                break
        await self._talk.escalate(EscalationReason.LANGUAGE_NOT_HEARD)

    def _recognition_failed(self, error: AiccError, fallback: str) -> None:
        self._minutes.write(EventKind.COMPONENT_FAILED, component="recognition", error=str(error), fallback=fallback)

    # --- tasks --------------------------------------------------------------------------------------------------------
    def _open_talk(self) -> Talk:
        outreach = self._parts.outreach
        conversation = self._services.dialogue.begin(
            call_id=self._minutes.log.call_id,
            language=self._line.language,
            caller=self._leg.info.ani or None if outreach is None else outreach.call.number,
            journal=self._minutes,
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
        await self._finish_handoff()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._talk.finish()
        if self._parts.hearing is not None:
            await self._parts.hearing.close()
        await self._store_recording()
        try:
            self._minutes.log.end(reason)
            await self._minutes.log.acknowledged(timeout=ACKNOWLEDGED_WITHIN)
        except LedgerError as error:
            log.error("the end of call %s is not durable: %s", self._minutes.log.call_id, error)
        if self._parts.outreach is not None:
            await self._parts.outreach.ended(self._talk.disposition)
        await self._leg.hang_up(str(reason))

    async def _finish_handoff(self) -> None:
        """Let a hand-off that is being written finish: cancelled half-way it would be a promise nobody keeps."""
        writing = [task for task in self._tasks if task.get_name().endswith(("hand-off", "abandon"))]
        if writing:
            await asyncio.wait(writing, timeout=ACKNOWLEDGED_WITHIN)

    async def _store_recording(self) -> None:
        if self._parts.recorder is None:
            return
        try:
            stored = await self._parts.recorder.finish()
        except AiccError as error:
            self._minutes.write(EventKind.RECORDING_FAILED, error=str(error))
            return
        self._minutes.write(
            EventKind.RECORDING_STORED,
            path=str(stored.path),
            seconds=round(stored.seconds, 3),
            channels=2,
            rate=self._leg.info.rate,
            lost_frames=stored.lost_frames,
        )
