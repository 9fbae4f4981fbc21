"""Whether this call is recorded, and its recording: what the tenant's policy and the caller's word allow, and no more.

Refuses: how a recording is written (``recording.py``), and what is said about it (the session).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from dialog.parsers.wishes import wants_person
from dialog.parsers.yes_no import read_agreement
from gateway.session.conference import LONGEST_WAIT
from gateway.session.hearing import LegClock
from gateway.session.minutes import Minutes
from gateway.session.ports import CallRecorder, Services
from gateway.session.records import EventKind
from gateway.session.tenant import Consent
from gateway.session.transfer import Consent as MessageConsent
from gateway.session.turn_taking import TurnEnded
from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH, AudioFrame
from infra.errors import AiccError

PERSONAL = "personal"
"""Why most of what is silent in a recording is."""

ONE_WORDS_REST = 0.5
"""Seconds within which what is private goes on, told as one stretch; sound comes in pieces, some a little late."""


class Word(Enum):
    """What a turn was to the question whether we may record."""

    NO_ANSWER = auto()
    """Nobody had asked, or the caller went straight to what they called for: the turn is to be dealt with."""
    ANSWER = auto()


class Taping:
    """One call's. ``now`` is the loop's monotonic time, ``rate`` the leg's."""

    def __init__(
        self, services: Services, minutes: Minutes, clock: LegClock, rate: int, now: Callable[[], float]
    ) -> None:
        self._services = services
        self._minutes = minutes
        self._clock = clock
        self._rate = rate
        self._now = now
        self._recorder: CallRecorder | None = None
        self._withheld: tuple[float, float] | None = None
        """What of our side is not recorded just now: media times of its beginning and of its end so far."""
        self._asked: bool | None = None
        """Whether the caller was asked if the call may be recorded and has not answered; none: nobody has asked yet."""

    @property
    def consent(self) -> Consent:
        """The tenant's policy."""
        return self._services.tenant.recording.consent

    @property
    def running(self) -> bool:
        """Whether the call is being recorded."""
        return self._recorder is not None

    @property
    def for_message(self) -> MessageConsent:
        """What has to be known of the caller before a message of theirs is recorded."""
        if self.consent is Consent.NEVER:
            return MessageConsent.REFUSED
        asks = self.consent is Consent.ASK and not self.running
        return MessageConsent.TO_BE_ASKED if asks else MessageConsent.GIVEN

    def announced(self) -> None:
        """The greeting was heard, and with it the notice where the policy is one."""
        if self.consent is Consent.NOTICE:
            self._minutes.write(EventKind.CONSENT_ASSUMED, purpose="recording", policy=self.consent)
            self._begin()

    @property
    def to_ask(self) -> bool:
        """Whether the caller still has to be asked if the call may be recorded."""
        return self.consent is Consent.ASK and self._asked is None

    def asked(self) -> None:
        """The caller is being asked."""
        self._asked = True
        self._minutes.write(EventKind.CONSENT_ASKED, purpose="recording")

    def answered(self, turn: TurnEnded, language: str) -> Word:
        """Take a turn as the answer, if one is waited for. Anything but a clear yes is a no."""
        if not self._asked:
            return Word.NO_ANSWER
        self._asked = False
        answer = read_agreement(turn.text, language)
        if answer is not None and answer.yes:
            self._minutes.write(EventKind.CONSENT_GIVEN, purpose="recording", words=turn.text)
            self._begin()
        else:
            self._minutes.write(EventKind.CONSENT_DECLINED, purpose="recording", words=turn.text)
        more = answer is None or wants_person(turn.text, language)
        return Word.NO_ANSWER if more and (turn.text or turn.digits) else Word.ANSWER

    def message(self) -> float:
        """The caller leaves a message, and has been told that it is recorded; where in the recording it begins. What is
        not recorded yet is from here on."""
        if self._recorder is None:
            self._minutes.write(EventKind.CONSENT_GIVEN, purpose="message", words="")
            self._begin()
        return round(self._clock.media(self._now()), 3)

    def caller(self, frame: AudioFrame) -> None:
        """The caller's sound."""
        if self._recorder is not None:
            self._recorder.caller(frame)

    def heard(self, pcm: bytes, at: float, *, private: bool = False) -> None:
        """What the caller heard of our side, from the monotonic time ``at`` on. What is ``private`` is never recorded,
        and that it is not stands in the record."""
        if self._recorder is None:
            return
        begins = self._clock.media(at)
        if self._withheld is not None and not (private and begins < self._withheld[1] + ONE_WORDS_REST):
            self._tell_withheld()
        if private:
            since = self._withheld[0] if self._withheld is not None else begins
            self._withheld = since, begins + len(pcm) / SAMPLE_WIDTH / self._rate
        else:
            self._recorder.bot(AudioFrame(pcm, self._rate, begins))

    def silence(self, start: float, end: float, why: str, *, ours: bool = False) -> None:
        """Let the recording hold nothing of the caller, or of our side, between two media times, whenever that was."""
        if self._recorder is not None:
            self._recorder.silence(start, end, ours=ours)
            self._tell_silenced(start, end, why, ours=ours)

    def silence_said(self, start: float, end: float) -> None:
        """The same for what a person said to the caller between two media times, which is heard a little later."""
        self.silence(start, end + LONGEST_WAIT * FRAME_SECONDS, PERSONAL, ours=True)

    async def store(self) -> None:
        """Write the rest, and where the recording lies."""
        if self._recorder is None:
            return
        self._tell_withheld()
        try:
            stored = await self._recorder.finish()
        except AiccError as error:
            self._minutes.write(EventKind.RECORDING_FAILED, error=str(error))
            return
        self._minutes.write(
            EventKind.RECORDING_STORED,
            path=str(stored.path),
            seconds=round(stored.seconds, 3),
            channels=2,
            rate=self._rate,
            lost_frames=stored.lost_frames,
            synthetic=True,
        )

    def _tell_withheld(self) -> None:
        if self._withheld is not None:
            self._tell_silenced(*self._withheld, PERSONAL, ours=True)
            self._withheld = None

    def _tell_silenced(self, start: float, end: float, why: str, *, ours: bool) -> None:
        self._minutes.write(
            EventKind.RECORDING_SILENCED,
            at=round(start, 3),
            seconds=round(end - start, 3),
            why=why,
            channel="ours" if ours else "caller",
        )

    def _begin(self) -> None:
        log = self._minutes.log
        try:
            self._recorder = self._services.record(log.call_id, log.started_at.date(), self._rate)
        except AiccError as error:
            self._minutes.write(EventKind.RECORDING_FAILED, error=str(error))
        else:
            self._minutes.write(EventKind.RECORDING_STARTED, at=round(self._clock.media(self._now()), 3))
