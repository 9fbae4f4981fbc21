"""The inside of a Whisper process: the model, and a session for each caller that gathers sound for it.

A turn is heard while it grows (partials, of which what was heard twice alike is confirmed) and when its end is asked
for. An end is a speculation until sound of another turn comes: sound that goes on with the turn withdraws the final,
and the next one covers the whole.

Refuses: keeping a turn's sound after it is settled or another has begun; languages that were not asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from infra.audio import SAMPLE_WIDTH, Resampler
from stt.confidence import Calibration, read
from stt.decoding_queue import Urgency
from stt.language_vote import LanguageVote, begin
from stt.partial_pace import PartialPace
from stt.speech_meter import SpeechMeter
from stt.transcript import Transcript
from stt.vad import SileroModel
from stt.whisper_decoder import Decoder, TurnTask
from stt.whisper_model import CtranslateWhisper, find_model
from stt.whisper_turn import Stretch, Turn
from stt.whisper_window import RATE, window_seconds

Emit = Callable[[Transcript], None]

CALIBRATION: Final = "calibration.json"
"""In the model's folder, see ``stt.confidence``; without it a transcript says that it is not calibrated."""
MOST_HINTS: Final = 30


@dataclass(frozen=True, slots=True)
class WhisperOptions:
    """How a process hears; ``floors`` are the least windows in seconds by language. Crosses to the process."""

    model: str
    models: str
    device: str = "cpu"
    compute_type: str = "int8"
    threads: int = 1
    floors: Mapping[str, float] = field(default_factory=lambda: {"en": 10.0, "ko": 15.0})
    period: float = 0.6
    retry_below: float = -1.0
    batch: int = 8


class WhisperHost:
    """What a worker process hosts."""

    def __init__(self, options: WhisperOptions) -> None:
        """Raises ``RecognizerUnavailable`` when the model or its calibration cannot be had."""
        folder = find_model(options.model, Path(options.models))
        model = CtranslateWhisper(folder, options.device, options.compute_type, options.threads)
        self._options = options
        self._voice = SileroModel()
        self._decoder = Decoder(
            model, most=options.batch, retry_below=options.retry_below, calibration=read_calibration(folder)
        )
        self._decoder.start()

    def open_session(self, emit: Emit, language: str, languages: tuple[str, ...] = ()) -> WhisperSession:
        """One caller's ear, who begins in ``language`` and may change to any of ``languages``."""
        return WhisperSession(emit, self._decoder, self._voice, self._options, begin(language, languages))

    def close(self) -> None:
        """End the model's thread."""
        self._decoder.close()


def read_calibration(folder: Path) -> Calibration | None:
    """The calibration that lies beside a model. Raises ``RecognizerUnavailable`` when it is damaged."""
    path = folder / CALIBRATION
    return read(path) if path.is_file() else None


@dataclass(slots=True)
class _Owed:
    """A final that was asked for, and what it is once it is known."""

    number: int
    task: TurnTask | None = None
    transcript: Transcript | None = None


class WhisperSession:
    """One caller's ear. The methods are those that ``stt.worker_stream`` asks a speculative session for."""

    def __init__(
        self, emit: Emit, decoder: Decoder, voice: SileroModel, options: WhisperOptions, vote: LanguageVote
    ) -> None:
        self._emit = emit
        self._decoder = decoder
        self._voice = voice
        self._options = options
        self._vote = vote
        self._turn: Turn | None = None
        self._owed: deque[_Owed] = deque()
        self._hints: tuple[str, ...] = ()
        self._rate = RATE
        self._resampler: Resampler | None = None

    # --- what the caller's stream asks for ----------------------------------------------------------------------------
    def hear(self, utterance: int, pcm: bytes, rate: int, at: float) -> None:
        """Gather the next stretch of a turn, which began at the media time ``at``."""
        if rate != self._rate:
            self._rate = rate
            self._resampler = Resampler(rate, RATE) if rate != RATE else None
        with self._decoder.changed:
            turn = self._turn
            if turn is None or turn.number != utterance:
                turn = self._turn = self._begin(utterance)
            self._withdraw(turn)
            turn.clock.advance(at, len(pcm) / SAMPLE_WIDTH / rate)
            turn.stretch.hear(self._resampler.process(pcm) if self._resampler is not None else pcm)
            if turn.stretch.full:
                self._submit(turn, turn.cut(), Urgency.FINAL, whole=True)
            elif turn.stretch.pace.due(turn.stretch.meter.speech, turn.stretch.meter.silence):
                self._submit(turn, turn.stretch, Urgency.PARTIAL)

    def end(self, utterance: int) -> None:
        """Owe the final of the turn so far; an empty one where there was no sound."""
        with self._decoder.changed:
            owed = _Owed(utterance)
            self._owed.append(owed)
            turn = self._turn
            if turn is None or turn.number != utterance:
                self._settle_with(owed, self._empty(utterance))
                return
            if self._resampler is not None:
                turn.stretch.hear(self._resampler.flush())
            turn.ended = turn.seconds
            owed.task = self._submit(turn, turn.stretch, Urgency.FINAL)

    def settle(self) -> None:
        """Forget what was ended; what came after that begins the turn of the next number."""
        with self._decoder.changed:
            before, self._turn = self._turn, None
            if before is None or before.seconds <= before.ended:
                return
            self._turn = self._begin(before.number + 1)
            sound = before.stretch.after(before.ended - before.stretch.offset)
            self._turn.clock.advance(before.clock.time_of(before.ended), len(sound) / SAMPLE_WIDTH / RATE)
            self._turn.stretch.hear(sound)

    def expect(self, phrases: tuple[str, ...]) -> None:
        """What is likely to be said next."""
        with self._decoder.changed:
            self._hints = tuple(phrase for phrase in (" ".join(one.split()) for one in phrases) if phrase)[:MOST_HINTS]

    def close(self) -> None:
        """Forget the sound, and want nothing any more."""
        with self._decoder.changed:
            self._decoder.queue.withdraw_all(self)
            self._turn = None
            self._owed.clear()

    # --- what the decoder tells, under its lock -----------------------------------------------------------------------
    def vote(self, detected: Mapping[str, float]) -> str:
        """See ``stt.whisper_decoder.Owner``."""
        self._vote = self._vote.heard(detected)
        return self._vote.language

    def tell(self, task: TurnTask, transcript: Transcript | None) -> None:
        """See ``stt.whisper_decoder.Owner``."""
        if task.urgency is Urgency.PARTIAL:
            task.stretch.pace.took(self._decoder.clock() - task.asked_at)
        if transcript is None:
            return
        transcript = replace(transcript, waited=task.waited)
        if not transcript.final:
            if task.turn is self._turn:
                self._emit(transcript)
            return
        for owed in self._owed:
            if owed.task is task:
                self._settle_with(owed, transcript)
                return

    # --- inside -------------------------------------------------------------------------------------------------------
    def _begin(self, number: int) -> Turn:
        period = self._options.period
        return Turn(
            number,
            self._vote.language,
            lambda offset: Stretch(offset, SpeechMeter(self._voice), PartialPace(period)),
        )

    def _submit(self, turn: Turn, stretch: Stretch, urgency: Urgency, *, whole: bool = False) -> TurnTask:
        task = TurnTask(
            owner=self,
            urgency=urgency,
            window=window_seconds(stretch.seconds, self._options.floors[turn.language]),
            turn=turn,
            stretch=stretch,
            samples=stretch.samples,
            speech=stretch.meter.speech,
            spoken_until=stretch.meter.spoken_until,
            candidates=self._vote.candidates,
            hints=self._hints,
            asked_at=self._decoder.clock(),
            whole=whole,
        )
        self._decoder.submit(task)
        return task

    def _withdraw(self, turn: Turn) -> None:
        """The turn goes on: the final that is owed for it comes empty."""
        for owed in tuple(self._owed):
            if owed.number == turn.number and owed.task is not None and not owed.task.withdrawn:
                owed.task.withdrawn = True
                self._decoder.queue.withdraw(owed.task)
                self._settle_with(owed, self._empty(owed.number))

    def _settle_with(self, owed: _Owed, transcript: Transcript) -> None:
        """What is owed is known; finals are told in the order in which they were asked for."""
        owed.transcript = transcript
        while self._owed and (known := self._owed[0].transcript) is not None:
            self._owed.popleft()
            self._emit(known)

    def _empty(self, number: int) -> Transcript:
        return Transcript(number, "", (), True, self._vote.language, 0.0)
