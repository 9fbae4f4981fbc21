"""The caller's sound becomes events for turn-taking: voice activity opens the recognizer's ear and the final closes it.

It gives the recognizer a little of what came before the voice was noticed, for a first syllable is over by then.

Refuses: deciding anything about turns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable

from gateway.session import turn_taking as turns
from infra.audio import FRAME_SECONDS, AudioFrame
from stt.recognizer import RecognizerStream
from stt.transcript import Transcript
from stt.vad import Segmenter, SpeechStarted, SpeechStopped, VoiceActivity

PRE_ROLL = 0.4
"""Seconds of sound before the voice was noticed that the recognizer gets as well."""


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


class Hearing:
    """One caller's ear. ``tell`` gets turn-taking's events on the event loop."""

    def __init__(
        self,
        *,
        activity: VoiceActivity,
        segmenter: Segmenter,
        stream: RecognizerStream,
        rate: int,
        clock: LegClock,
        tell: Callable[[turns.Event], None],
    ) -> None:
        self._stream = stream
        self._segmenter = segmenter
        self._tell = tell
        self._clock = clock
        self._vad = activity.open(rate, self._window)
        self._recent: deque[AudioFrame] = deque(maxlen=round(PRE_ROLL / FRAME_SECONDS))
        self._in_utterance = False

    def frame(self, frame: AudioFrame) -> None:
        """Take 20 ms of the caller; never blocks."""
        if self._in_utterance:
            self._stream.feed(frame)
        else:
            self._recent.append(frame)
        self._vad.feed(frame)

    def end_utterance(self) -> None:
        """Ask the recognizer for the final of what was heard."""
        self._in_utterance = False
        self._stream.end_utterance()

    def transcripts(self) -> AsyncIterator[Transcript]:
        """What the recognizer says it heard. Raises what the recognizer's stream raises."""
        return self._stream.transcripts()

    async def replace(self, stream: RecognizerStream) -> None:
        """Go on with another stream: the old one was lost, and with it the utterance in progress."""
        lost, self._stream = self._stream, stream
        await lost.close()

    async def close(self) -> None:
        """Give voice activity and recognizer back."""
        self._vad.close()
        await self._stream.close()

    def _window(self, at: float, probability: float, level: float) -> None:
        match self._segmenter.handle(at, probability, level):
            case SpeechStarted(at=start):
                self._in_utterance = True
                while self._recent:
                    self._stream.feed(self._recent.popleft())
                self._tell(turns.SpeechStarted(self._clock.moment(start)))
            case SpeechStopped(at=end):
                self._tell(turns.SpeechStopped(self._clock.moment(end)))
            case None:
                pass
