"""What a scenario's caller sounds like: Korean made by espeak-ng, recorded English, and noise.

All sound is 8 kHz, 16 bit, mono; speech is brought to one loudness, so that "15 dB below the voice" means something.
Noise is computed, the same every time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.audio import SAMPLE_WIDTH, Resampler, read_wav
from stt.transcript import Word
from tests.calls.scenario import HERE
from tts.synthesizer import Synthesizer

RATE: Final = 8000
VOICE_DBFS: Final = -22.0
"""Loudness of speech (RMS where it is audible)."""

RECORDINGS = HERE / "audio"
EXAMPLE_RECORDINGS = HERE.parents[1] / "examples" / "hanbit-store" / "calls"
_PAUSE: Final = re.compile(r"\[(\d+(?:\.\d+)?)\]")
_SEED: Final = 20261121

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Speech:
    """Sound, and when in it which word is said (seconds from its beginning); no words where none are known."""

    pcm: bytes
    words: tuple[Word, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / SAMPLE_WIDTH / RATE


class SoundMissing(Exception):
    """A recording is not there; the message says how to make it."""


# --- speech ----------------------------------------------------------------------------------------------


def pieces(text: str) -> Iterator[str | float]:
    """``음 [0.9] 배송비요`` as what is said and the seconds between."""
    for index, piece in enumerate(_PAUSE.split(text)):
        if index % 2:
            yield float(piece)
        elif piece.strip():
            yield piece.strip()


def recording_name(text: str, voice: str) -> str:
    """The file that holds these words in that voice."""
    return f"{voice}-{re.sub(r'[^a-z0-9]+', '-', text.lower()).strip('-')[:80]}.wav"


def recorded(text: str, voice: str, louder_db: float = 0.0) -> Speech:
    """English, as it was recorded. Raises ``SoundMissing``."""
    return Speech(
        b"".join(
            _silence(piece) if isinstance(piece, float) else recording(recording_name(piece, voice), louder_db).pcm
            for piece in pieces(text)
        )
    )


def recording(file: str, louder_db: float = 0.0) -> Speech:
    """A sound file of the scenarios' or the example's recordings. Raises ``SoundMissing``."""
    path = next((path for folder in (RECORDINGS, EXAMPLE_RECORDINGS) if (path := folder / file).is_file()), None)
    if path is None:
        raise SoundMissing(f"there is no recording {file}; make it with: python -m tests.calls.audio.make_callers")
    return Speech(_loud(_at_rate(*read_wav(path)), louder_db))


async def spoken(
    text: str,
    mouth: Synthesizer,
    *,
    language: str = "ko",
    heard: str | None = None,
    confidence: float = 0.93,
    louder_db: float = 0.0,
) -> Speech:
    """Spoken now. With ``heard`` the recognizer will make those words of it, spread over the same time."""
    pcm, words = b"", list[Word]()
    for piece in pieces(text):
        if isinstance(piece, float):
            pcm += _silence(piece)
            continue
        begins = len(pcm) / SAMPLE_WIDTH / RATE
        sound, starts = await _said(piece, mouth, language)
        pcm += _loud(sound, louder_db)
        words += _timed(starts, begins, len(pcm) / SAMPLE_WIDTH / RATE, confidence)
    if heard is not None:
        marks = [(word, index / max(len(heard.split()), 1)) for index, word in enumerate(heard.split())]
        whole = len(pcm) / SAMPLE_WIDTH / RATE
        words = _timed([(word, share * whole) for word, share in marks], 0.0, whole, confidence)
    return Speech(pcm, tuple(words))


async def _said(text: str, mouth: Synthesizer, language: str) -> tuple[bytes, list[tuple[str, float]]]:
    pcm, starts, rate = bytearray(), list[tuple[str, float]](), RATE
    async with aclosing(mouth.speak(text, language=language)) as chunks:
        async for chunk in chunks:
            pcm += chunk.pcm
            rate = chunk.rate
            starts += [(text[mark.start : mark.end], mark.at) for mark in chunk.marks]
    return _at_rate(bytes(pcm), rate), starts


def _timed(starts: Sequence[tuple[str, float]], begins: float, ends: float, confidence: float) -> list[Word]:
    """Each word lasts until the next one begins; several that begin together share the time."""
    words = []
    for index, (text, at) in enumerate(starts):
        until = begins + starts[index + 1][1] if index + 1 < len(starts) else ends
        parts = text.split()
        each = (until - begins - at) / max(len(parts), 1)
        words += [
            Word(part, begins + at + n * each, begins + at + (n + 1) * each, confidence) for n, part in enumerate(parts)
        ]
    return words


# --- noise -----------------------------------------------------------------------------------------------


def effect(name: str, louder_db: float = 0.0) -> Speech:
    """A sound that is no speech: a cough, a clap, or a second of noise."""
    generator = np.random.default_rng(_SEED)
    if name == "cough":
        burst = np.concatenate([_burst(generator, 0.28, 0.07), np.zeros(RATE // 8), _burst(generator, 0.22, 0.05)])
        sound = _band(burst, 300, 2600)
    elif name == "clap":
        sound = _band(_burst(generator, 0.12, 0.015), 800, 3400)
    else:
        sound = _band(generator.normal(size=RATE), 100, 3400)
    return Speech(_loud(_pcm(sound / np.abs(sound).max()), louder_db))


def background(kind: str, snr_db: float, seconds: float = 30.0) -> NDArray[np.int32]:
    """Half a minute of noise, ``snr_db`` below the caller's voice, to be played round and round."""
    generator = np.random.default_rng(_SEED)
    size = round(RATE * seconds)
    match kind:
        case "cafe":
            murmur = _band(generator.normal(size=size), 200, 2500) * (1.0 + 0.6 * _slow(generator, size, 4.0))
            sound = murmur + 2.0 * _clinks(generator, size)
        case "street":
            sound = _band(generator.normal(size=size), 40, 700) * (1.0 + 0.7 * _slow(generator, size, 0.4))
        case "hum":
            time = np.arange(size) / RATE
            sound = sum(np.sin(2 * np.pi * 50 * n * time) / n for n in range(1, 8)) + 0.1 * generator.normal(size=size)
        case _:
            sound = _babble(generator, size)
    level = 10 ** ((VOICE_DBFS - snr_db) / 20) * 32768
    scaled: NDArray[np.int32] = np.rint(sound * (level / np.sqrt(np.mean(np.square(sound))))).astype(np.int32)
    return scaled


def _babble(generator: np.random.Generator, size: int) -> Samples:
    """Several of the recorded callers at once, none of them to be understood."""
    voices = [
        np.frombuffer(recording(path.name).pcm, "<i2").astype(float) for path in sorted(RECORDINGS.glob("*.wav"))[:24]
    ]
    mixed = np.zeros(size)
    for _ in range(6):
        order = generator.permutation(len(voices))
        line = np.concatenate([voices[i] for i in order])
        mixed += np.resize(np.roll(line, generator.integers(len(line))), size)
    return mixed


def _clinks(generator: np.random.Generator, size: int) -> Samples:
    sound = np.zeros(size)
    for at in generator.integers(0, size - RATE, size=size // (2 * RATE)):
        time = np.arange(RATE // 5) / RATE
        sound[at : at + len(time)] += np.exp(-time * 40) * np.sin(2 * np.pi * generator.uniform(1800, 3300) * time)
    return sound


def _burst(generator: np.random.Generator, seconds: float, decay: float) -> Samples:
    time = np.arange(round(RATE * seconds)) / RATE
    shaped: Samples = generator.normal(size=len(time)) * np.minimum(time / 0.01, 1.0) * np.exp(-time / decay)
    return shaped


def _band(sound: Samples, low: float, high: float) -> Samples:
    spectrum = np.fft.rfft(sound)
    frequency = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(frequency < low) | (frequency > high)] = 0
    filtered: Samples = np.fft.irfft(spectrum, len(sound))
    return filtered


def _slow(generator: np.random.Generator, size: int, hertz: float) -> Samples:
    """A wave of that many swings a second at most, between -1 and 1."""
    wave = _band(generator.normal(size=size), 0, hertz)
    return wave / np.abs(wave).max()


# --- levels ----------------------------------------------------------------------------------------------


def _at_rate(pcm: bytes, rate: int) -> bytes:
    if rate == RATE:
        return pcm
    resampler = Resampler(rate, RATE)
    return resampler.process(pcm) + resampler.flush()


def _loud(pcm: bytes, louder_db: float) -> bytes:
    """The same at the common loudness, or so many dB above or below it."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    audible = np.abs(samples) > 0.02 * np.abs(samples).max(initial=1.0)
    rms = np.sqrt(np.mean(np.square(samples[audible]))) if audible.any() else 1.0
    return _pcm(samples * (10 ** ((VOICE_DBFS + louder_db) / 20) * 32768 / rms) / 32768)


def _pcm(samples: Samples) -> bytes:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes()


def _silence(seconds: float) -> bytes:
    return bytes(SAMPLE_WIDTH * round(RATE * seconds))
