"""The inside of a Whisper process: the model, and the sessions that gather a turn's sound for it.

A turn is transcribed when it ends. How a model makes text of samples is behind ``Transcriber``, so that another way of
driving it (shorter windows, partials) changes nothing around it.

Whisper invents sentences where nobody spoke. What it says is believed only when voice activity found speech in the
turn, when the model's own figures do not give the text away, when nobody would have had to speak impossibly fast, and
when it is none of the phrases that subtitles of films taught it for silence.

Refuses: keeping a turn's sound after its final; languages that were not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from infra.audio import Resampler
from stt.confidence import utterance_confidence
from stt.errors import RecognizerUnavailable
from stt.media_clock import MediaClock
from stt.transcript import Transcript, Word
from stt.vad import CONTEXT, WINDOW, WINDOW_SECONDS, SileroModel, fresh_state

Samples = NDArray[np.float32]
Emit = Callable[[Transcript], None]

RATE: Final = 16_000
LONGEST_TURN: Final = 60.0
"""Seconds of a turn that are kept; of a longer one the beginning is forgotten."""
LEAST_SPEECH: Final = 0.25
"""Seconds of speech that a turn must have by voice activity."""
SPEECH: Final = 0.5
"""Probability from which a window counts as speech here: the gate before us has already been stricter."""
NO_SPEECH: Final = 0.6
LEAST_LOG_PROBABILITY: Final = -1.0
MOST_COMPRESSION: Final = 2.4
"""Above it a text repeats itself: a loop of the decoder."""
DOUBTFUL: Final = 0.3
"""Probability of no speech from which the phrases below are not believed."""
MOST_LETTERS_PER_SECOND: Final = {"en": 32.0, "ko": 16.0}
"""Faster than anybody speaks: letters for English, syllable blocks for Korean. Over the whole turn."""
TOKENS_PER_SECOND: Final = 12
LEAST_TOKENS: Final = 16

_SUBTITLES: Final = re.compile(
    r"thanks? (you )?(so much )?for watching|subscribe|see you (in the )?next (video|time)|subtitles? by|amara\.?org"
    r"|시청해\s?주셔서|구독과 좋아요|다음 (영상|시간)에서? (만나|뵙)|한글\s?자막|자막 (제공|by)|(mbc|kbs|sbs|ytn) 뉴스",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text with the model's own figures. Words' times are seconds from the turn's beginning."""

    words: tuple[tuple[str, float, float, float], ...]
    no_speech: float
    log_probability: float
    compression: float

    @property
    def text(self) -> str:
        """Its words as the model set them, which for Korean is not one blank between any two."""
        return "".join(text for text, *_ in self.words).strip()


class Transcriber(Protocol):
    """A way to drive a model."""

    def transcribe(self, samples: Samples, language: str) -> Sequence[Segment]:
        """A whole turn of 16 kHz samples in -1..1 to text in ``language``."""


def believable(segment: Segment, language: str, seconds: float) -> bool:
    """Whether somebody said this in a turn of ``seconds``. Pure."""
    if segment.no_speech > NO_SPEECH and segment.log_probability < LEAST_LOG_PROBABILITY:
        return False
    if segment.compression > MOST_COMPRESSION:
        return False
    letters = sum(character.isalnum() for character in segment.text)
    if letters > MOST_LETTERS_PER_SECOND[language] * max(seconds, 1.0):
        return False
    return not (segment.no_speech > DOUBTFUL and _SUBTITLES.search(segment.text))


def speech_seconds(samples: Samples, model: SileroModel) -> float:
    """How much of a turn voice activity takes for speech."""
    count = len(samples) // WINDOW
    if count == 0:
        return 0.0
    padded = np.concatenate((np.zeros(CONTEXT, np.float32), samples[: count * WINDOW]))
    windows = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT + WINDOW)[::WINDOW]
    probabilities, *_ = model.judge(np.ascontiguousarray(windows), *fresh_state())
    return float((probabilities >= SPEECH).sum() * WINDOW_SECONDS)


class FasterWhisper:
    """``Transcriber`` with faster-whisper: greedy, without memory, with no more tokens than can be said."""

    def __init__(self, model: str, models: Path, device: str, compute_type: str, threads: int) -> None:
        from faster_whisper import WhisperModel

        folder = find_model(model, models)
        try:
            self._model = WhisperModel(str(folder), device=device, compute_type=compute_type, cpu_threads=threads)
        except (OSError, ValueError, RuntimeError) as error:
            raise RecognizerUnavailable(
                f"the Whisper model in {folder} does not load ({error}); give a folder with a CTranslate2 model"
            ) from error

    def transcribe(self, samples: Samples, language: str) -> Sequence[Segment]:
        """See ``Transcriber``."""
        most = LEAST_TOKENS + int(TOKENS_PER_SECOND * len(samples) / RATE)
        found, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            max_new_tokens=most,
        )
        return [
            Segment(
                tuple(
                    (word.word, float(word.start), float(word.end), float(word.probability))
                    for word in part.words or ()
                ),
                float(part.no_speech_prob),
                float(part.avg_logprob),
                float(part.compression_ratio),
            )
            for part in found
        ]


def find_model(model: str, models: Path) -> Path:
    """The folder of a model: one that is named, one that was pulled, one in the hub's cache, or fetched from the hub.

    Raises ``RecognizerUnavailable`` when there is none and none can be had.
    """
    for folder in (Path(model).expanduser(), models / f"whisper-{model}"):
        if (folder / "model.bin").is_file():
            return folder
    if "/" in model or model.startswith("."):
        raise RecognizerUnavailable(
            f"{model} holds no Whisper model (there is no model.bin); give a folder made by ct2-transformers-converter"
        )
    from faster_whisper import download_model

    cache = str(models / "hub")
    try:
        return Path(download_model(model, cache_dir=cache, local_files_only=True))
    except (OSError, ValueError):
        pass  # not here yet: ask the hub
    try:
        return Path(download_model(model, cache_dir=cache))
    except ValueError as error:
        raise RecognizerUnavailable(f"there is no Whisper model of the size {model!r}: {error}") from error
    except OSError as error:
        raise RecognizerUnavailable(
            f"the Whisper model {model!r} is not on this machine and the hub is out of reach ({type(error).__name__}); "
            f"run `aicc models pull whisper-{model}` where it can, or set AICC_STT_MODEL to a folder with the model"
        ) from error


class WhisperHost:
    """What a worker process hosts."""

    def __init__(self, model: str, models: str, device: str, compute_type: str, threads: int) -> None:
        self._transcriber: Transcriber = FasterWhisper(model, Path(models), device, compute_type, threads)
        self._voice = SileroModel()

    def open_session(self, emit: Emit, language: str) -> WhisperSession:
        """One caller's ear."""
        return WhisperSession(emit, self._transcriber, self._voice, language)


class WhisperSession:
    """One caller's turn. The methods are those that ``stt.worker_stream`` asks for."""

    def __init__(self, emit: Emit, transcriber: Transcriber, voice: SileroModel, language: str) -> None:
        self._emit = emit
        self._transcriber = transcriber
        self._voice = voice
        self._language = language
        self._sound = bytearray()
        self._clock = MediaClock()
        self._forgotten = 0.0
        self._rate = RATE
        self._resampler: Resampler | None = None

    def hear(self, utterance: int, pcm: bytes, rate: int, at: float) -> None:
        """Gather the next stretch of a turn, which began at the media time ``at``."""
        if rate != self._rate:
            self._rate = rate
            self._resampler = Resampler(rate, RATE) if rate != RATE else None
        self._clock.advance(at, len(pcm) / 2 / rate)
        self._sound += self._resampler.process(pcm) if self._resampler is not None else pcm
        if (over := len(self._sound) - 2 * int(LONGEST_TURN * RATE)) > 0:
            del self._sound[:over]
            self._forgotten += over / 2 / RATE

    def end(self, utterance: int) -> None:
        """Transcribe the turn and emit its final."""
        if self._resampler is not None:
            self._sound += self._resampler.flush()
        samples = np.frombuffer(bytes(self._sound), "<i2").astype(np.float32) / 32768.0
        clock, forgotten = self._clock, self._forgotten
        self.close()
        segments: Sequence[Segment] = ()
        if speech_seconds(samples, self._voice) >= LEAST_SPEECH:
            segments = [
                segment
                for segment in self._transcriber.transcribe(samples, self._language)
                if believable(segment, self._language, len(samples) / RATE)
            ]
        words = tuple(
            Word(text.strip(), clock.time_of(forgotten + start), clock.time_of(forgotten + end), probability)
            for segment in segments
            for text, start, end, probability in segment.words
            if text.strip()
        )
        text = " ".join(segment.text for segment in segments if segment.text)
        confidence = utterance_confidence([word.confidence for word in words])
        self._emit(Transcript(utterance, text, words, True, self._language, confidence))

    def close(self) -> None:
        """Forget the sound."""
        self._sound = bytearray()
        self._clock = MediaClock()
        self._forgotten = 0.0
