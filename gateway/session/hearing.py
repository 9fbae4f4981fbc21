"""The caller's sound becomes events for turn-taking: voice activity opens the recognizer's ear, and silence closes it.

It gives the recognizer a little of what came before the voice was noticed, for a first syllable is over by then; it
keeps our own voice, given back by the line, from being taken for the caller's; and it numbers what recognizers say
through, also when one is lost and another goes on.

Refuses: deciding anything about turns.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

from gateway.session import turn_taking as turns
from gateway.session.echo import ECHO, NO_ECHO, TELLING, EchoWatch
from gateway.session.ports import TurnModel
from gateway.session.vote import Vote
from infra.audio import FRAME_SECONDS, AudioFrame
from stt.final_lag import FinalLag
from stt.recognizer import RecognizerStream
from stt.transcript import Transcript
from stt.vad import Segmenter, SpeechStarted, SpeechStopped, VoiceActivity

PRE_ROLL = 0.4
"""Seconds of sound before the voice was noticed that the recognizer gets as well."""

OUR_VOICE_LINGERS = 1.0
"""Seconds after our last word for which it may still come back as an echo."""

LOOK_AGAIN_EVERY = 0.1
"""Seconds between two comparisons while something is taken for an echo."""

DOUBTED = 0.8
"""Seconds for which a voice may be neither like ours nor unlike it; then it is the caller's."""

HELD_BACK = 1.0
"""Seconds of a suspected voice that are kept: proved wrong within them, we have missed nothing."""


class LegClock:
    """Media time of a leg against our monotonic time, learnt from arriving frames."""

    def __init__(self) -> None:
        self._zero: float | None = None

    def arrived(self, frame: AudioFrame, now: float) -> None:
        """A frame came in. The earliest arrival counts: it is the one that no jitter delayed."""
        zero = now - frame.until
        self._zero = zero if self._zero is None else min(zero, self._zero)

    def moment(self, media: float) -> float:
        """The monotonic time at which that media time was spoken; 0.0 before any frame came."""
        return (self._zero or 0.0) + media

    def media(self, moment: float) -> float:
        """The media time at that monotonic time; 0.0 before any frame came."""
        return 0.0 if self._zero is None else max(moment - self._zero, 0.0)


class _Ear:
    """A recognizer's stream, with its utterances numbered through from ``first`` on."""

    def __init__(self, stream: RecognizerStream, first: int) -> None:
        self.stream = stream
        self.first = first
        self.next = first
        self.fed = False
        """Whether anything was fed since the last final was asked for."""
        self.owed = 0
        """Finals that were asked for and have not come."""

    def numbered(self, transcript: Transcript) -> Transcript:
        number = self.first + transcript.utterance
        self.next = max(self.next, number + 1)
        self.owed -= transcript.final
        return replace(transcript, utterance=number)


@dataclass(slots=True)
class _Suspect:
    """A voice that may be an echo of ours: since when it sounds and when to look next (media times), and whether it has
    been found to be one."""

    since: float
    look_at: float
    proved: bool = False


class Hearing:
    """One caller's ear. ``tell`` gets turn-taking's events on the event loop."""

    def __init__(
        self,
        *,
        activity: VoiceActivity,
        segmenter: Segmenter,
        stream: RecognizerStream,
        lag: FinalLag,
        rate: int,
        clock: LegClock,
        tell: Callable[[turns.Event], None],
        melody: TurnModel | None = None,
    ) -> None:
        self._ear = _Ear(stream, 0)
        self._segmenter = segmenter
        self._lag = lag
        self._tell = tell
        self._clock = clock
        self._vad = activity.open(rate, self._window)
        self._echo = EchoWatch(rate)
        self._spoke_at = -math.inf
        self._suspect: _Suspect | None = None
        """The voice on the line that is, or may be, our own, if there is one."""
        self._vote = Vote(melody, rate, tell) if melody is not None else None
        self._recent: deque[AudioFrame] = deque(maxlen=round((PRE_ROLL + HELD_BACK) / FRAME_SECONDS))
        self._in_utterance = False
        self._held = False
        self._began: deque[float] = deque((0.0,), maxlen=2)
        self._until = 0.0

    def hold(self, held: bool) -> None:
        """The far end put us on hold, or took us back: what comes meanwhile is music, and is taken for silence."""
        self._held = held

    def frame(self, frame: AudioFrame) -> None:
        """Take 20 ms of the caller; never blocks."""
        self._until = frame.until
        if self._held:
            frame = replace(frame, pcm=bytes(len(frame.pcm)))
        if self._in_utterance:
            self._ear.fed = True
            self._ear.stream.feed(frame)
        else:
            self._recent.append(frame)
        if self._vote is not None:
            self._vote.frame(frame)
        if self._clock.moment(frame.at) < self._spoke_at + OUR_VOICE_LINGERS:
            self._echo.came(frame.pcm, frame.at)
        self._vad.feed(frame)

    def spoken(self, pcm: bytes, now: float) -> None:
        """We sent this to the caller at the (monotonic) time ``now``: it may come back."""
        self._spoke_at = now
        self._echo.sent(pcm, now)

    def cut(self, now: float) -> None:
        """Of what we sent the rest is not played."""
        self._echo.cut(now)

    @property
    def caller_speaks(self) -> bool:
        """Whether the recognizer is given what comes in."""
        return self._in_utterance

    @property
    def stretch(self) -> tuple[float, float]:
        """From when to when, in media time, the utterance that is being told was said, at the widest: the one before
        may still be on its way."""
        return max(0.0, self._began[0] - PRE_ROLL), self._until

    def end_utterance(self) -> None:
        """Ask the recognizer for the final of what was heard. It comes in any case."""
        self._in_utterance = False
        if self._ear.fed:
            self._ear.fed = False
            self._ear.owed += 1
            self._ear.stream.end_utterance()
        else:
            self._nothing_heard()

    def _nothing_heard(self) -> None:
        self._tell(turns.Recognized(Transcript(self._ear.next, "", (), True, "", 0.0)))

    def settle(self) -> None:
        """What was heard has been dealt with; what comes is something new."""
        self._ear.stream.settle()

    def expect(self, phrases: Sequence[str]) -> None:
        """What is likely to be said next."""
        self._ear.stream.expect(phrases)

    async def transcripts(self) -> AsyncIterator[Transcript]:
        """What the recognizer says it heard. Raises what the recognizer's stream raises."""
        async for transcript in self._ear.stream.transcripts():
            if transcript.final:
                self._lag.saw(transcript.lag)
            yield self._ear.numbered(transcript)

    async def replace(self, stream: RecognizerStream) -> None:
        """Go on with another stream: the old one was lost, and with it the utterance in progress."""
        lost, self._ear = self._ear, _Ear(stream, self._ear.next + 1)
        for _ in range(lost.owed):
            self._nothing_heard()
        await lost.stream.close()

    async def close(self) -> None:
        """Give voice activity and recognizer back."""
        self._vad.close()
        if self._vote is not None:
            self._vote.close()
        await self._ear.stream.close()

    def _window(self, at: float, probability: float, level: float) -> None:
        match self._segmenter.handle(at, probability, level):
            case SpeechStarted(at=start):
                self._noticed(start, at)
            case SpeechStopped(at=end):
                if self._suspect is None:
                    self._stopped(end)
                self._suspect = None
            case None:
                if self._suspect is not None and at >= self._suspect.look_at:
                    self._look(self._suspect, at)

    def _noticed(self, start: float, at: float) -> None:
        """A voice is on the line since ``start``: the caller's, unless it is ours."""
        moment = self._clock.moment(at)
        if moment >= self._spoke_at + OUR_VOICE_LINGERS:
            self._begin(start)
            return
        telling = start + TELLING if self._echo.begins(moment) else at
        self._suspect = _Suspect(start, telling)
        if at >= telling:
            self._look(self._suspect, at)

    def _look(self, suspect: _Suspect, at: float) -> None:
        """Whose voice is it? What was ours may by now be somebody who speaks over it."""
        likeness = self._echo.likeness(at, self._clock.moment(at))
        suspect.proved = suspect.proved or likeness >= ECHO
        if likeness < NO_ECHO or (not suspect.proved and at - suspect.since >= DOUBTED):
            self._suspect = None
            self._begin(suspect.since if at - suspect.since <= HELD_BACK else at)
        else:
            suspect.look_at = at + LOOK_AGAIN_EVERY

    def _stopped(self, end: float) -> None:
        ended = self._clock.moment(end)
        self._tell(turns.SpeechStopped(ended, self._lag.within))
        if self._vote is not None:
            self._vote.ask(end, ended)

    def _begin(self, start: float) -> None:
        self._in_utterance = True
        self._began.append(start)
        for frame in self._recent:
            if frame.until > start - PRE_ROLL:
                self._ear.fed = True
                self._ear.stream.feed(frame)
        self._recent.clear()
        self._tell(turns.SpeechStarted(self._clock.moment(start)))
