"""A turn as Whisper hears it: its sound, what is confirmed of it, and the transcript that it makes.

A turn is one stretch of sound, or several when somebody speaks for longer than the model's window: then it is cut at a
pause, what was said is kept as text, and the sound before the cut is forgotten.

Refuses: threads, queues and the model; whoever drives it does one thing at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from infra.audio import SAMPLE_WIDTH
from stt.confidence import Calibration, utterance_confidence
from stt.hallucination import Evidence, plausible
from stt.local_agreement import LocalAgreement, TokenWord, text_of
from stt.media_clock import MediaClock
from stt.partial_pace import PartialPace
from stt.speech_meter import SpeechMeter
from stt.transcript import Transcript, Word
from stt.whisper_model import Aligned, Hypothesis, Sound
from stt.whisper_window import FULL, MARGIN, RATE, Samples

CUT_FROM: Final = 22.0
"""Seconds from which a stretch is cut at the next pause."""
CUT_AT: Final = FULL - MARGIN
"""Seconds at which it is cut wherever it is."""
CUT_PAUSE: Final = 0.2
HEARD_OUT: Final = 0.1
"""Seconds of silence at its end that tell that a hypothesis has heard the last word to its end."""
SHORTEST_WORD: Final = 0.02


class Stretch:
    """Up to 28 s of a turn that the model hears at once; ``offset`` is where it begins in the turn, in seconds."""

    def __init__(self, offset: float, meter: SpeechMeter, pace: PartialPace) -> None:
        self.offset = offset
        self.meter = meter
        self.pace = pace
        self.agreement = LocalAgreement()
        self.latest: tuple[Sound, Hypothesis] | None = None
        """The last hypothesis, with the words that were believed, and the sound that it was made of."""
        self._sound = bytearray()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self._sound) / SAMPLE_WIDTH / RATE

    @property
    def samples(self) -> Samples:
        """Its sound so far."""
        return _samples(self._sound)

    @property
    def full(self) -> bool:
        """Whether to cut here."""
        return self.seconds >= (CUT_FROM if self.meter.silence >= CUT_PAUSE else CUT_AT)

    def hear(self, pcm: bytes) -> None:
        """More sound at 16 kHz."""
        self._sound += pcm
        self.meter.hear(_samples(pcm))

    def after(self, seconds: float) -> bytes:
        """The sound from there on."""
        return bytes(self._sound[SAMPLE_WIDTH * max(0, round(seconds * RATE)) :])

    def hypothesis(self, sound: Sound, hypothesis: Hypothesis, words: Sequence[TokenWord], *, tentative: bool) -> None:
        """The model heard it again; ``words`` are what was believed. While it is ``tentative`` none is confirmed."""
        if tentative:
            self.agreement = LocalAgreement()
        self.agreement.hear(words)
        self.latest = (sound, replace(hypothesis, words=self.agreement.tail))

    def heard_out(self, spoken_until: float) -> tuple[Sound, Hypothesis] | None:
        """The last hypothesis, if all speech up to there was in it."""
        if self.latest is None or self.latest[0].seconds < spoken_until + HEARD_OUT:
            return None
        return self.latest

    def believed(self, hypothesis: Hypothesis, speech: float, language: str) -> tuple[TokenWord, ...]:
        """What may have been said beyond what is confirmed."""
        evidence = Evidence(speech, hypothesis.no_speech, hypothesis.log_probability)
        return plausible(hypothesis.words, evidence, language, self.agreement.confirmed)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in a stretch, for good."""

    text: str
    words: tuple[Word, ...]


class Turn:
    """One utterance. ``stretch`` makes the next stretch from where it begins; ``language`` is the call's so far."""

    def __init__(self, number: int, language: str, stretch: Callable[[float], Stretch]) -> None:
        self.number = number
        self.language = language
        self.voted = False
        """Whether the language of this turn was looked for in its sound."""
        self.clock = MediaClock()
        self.ended = 0.0
        """How many seconds it had when its end was last asked for."""
        self._make_stretch = stretch
        self.stretch = stretch(0.0)
        self._said: tuple[Said, ...] = ()
        self._told = ""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.stretch.offset + self.stretch.seconds

    def cut(self) -> Stretch:
        """Begin another stretch, and give the one that is complete."""
        complete, self.stretch = self.stretch, self._make_stretch(self.seconds)
        return complete

    def keep(self, said: Said) -> None:
        """A complete stretch was heard."""
        self._said += (said,)

    def spoken_in(self, language: str, stretch: Stretch) -> None:
        """The language was looked for in this stretch; what was heard of it in another one is forgotten."""
        self.voted = True
        if language != self.language:
            self.language = language
            stretch.agreement, stretch.latest = LocalAgreement(), None

    def partial(self, stretch: Stretch) -> Transcript | None:
        """The partial after another hypothesis of the present stretch, if there is news in it."""
        agreement = stretch.agreement
        before = _joined(said.text for said in self._said)
        text = _joined((before, agreement.text))
        if text == self._told or not text:
            return None
        self._told = text
        stable = len(_joined((before, text_of(agreement.confirmed))))
        return Transcript(self.number, text, (), False, self.language, 0.0, stable=stable)

    def said(
        self, stretch: Stretch, words: Sequence[TokenWord], aligned: Sequence[Aligned], calibration: Calibration | None
    ) -> Said:
        """The words of a stretch with their times in the call; a word has no blank in it."""
        found: list[Word] = []
        for group in _between_blanks(words, aligned):
            text = text_of(word for word, _ in group)
            score = sum(one.probability for _, one in group) / len(group)
            begin = self.clock.time_of(stretch.offset + group[0][1].start)
            begin = max(begin, found[-1].end) if found else begin
            end = max(self.clock.time_of(stretch.offset + group[-1][1].end), begin + SHORTEST_WORD)
            found.append(Word(text, begin, end, calibration(score) if calibration else min(1.0, score)))
        return Said(text_of(words), tuple(found))

    def final(self, said: Said, *, calibrated: bool) -> Transcript:
        """The final of all that was heard, of which ``said`` is the last stretch."""
        everything = (*self._said, said)
        text = _joined(part.text for part in everything)
        words = tuple(word for part in everything for word in part.words)
        confidence = utterance_confidence([word.confidence for word in words])
        return Transcript(
            self.number, text, words, True, self.language, confidence, calibrated=calibrated, stable=len(text)
        )


def _samples(pcm: bytes | bytearray) -> Samples:
    return np.frombuffer(bytes(pcm), "<i2").astype(np.float32) / np.float32(32768)


def _joined(texts: Iterable[str]) -> str:
    return " ".join(text for text in texts if text)


def _between_blanks(words: Sequence[TokenWord], aligned: Sequence[Aligned]) -> list[list[tuple[TokenWord, Aligned]]]:
    """Punctuation and a Korean particle that was confirmed later belong to the word before them."""
    groups: list[list[tuple[TokenWord, Aligned]]] = []
    for word, one in zip(words, aligned, strict=True):
        if not groups or word.text.startswith(" "):
            groups.append([])
        groups[-1].append((word, one))
    return [group for group in groups if text_of(word for word, _ in group)]
