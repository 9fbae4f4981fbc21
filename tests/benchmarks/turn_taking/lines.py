"""What callers say, as samples at 8 kHz, and when it begins, ends and pauses by its energy alone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from dialog.reply import Entry, Expectation
from gateway.commands.audio import read_audio
from gateway.session import playback, speaking
from infra.audio import Resampler, mulaw_decode, mulaw_encode
from stt.training.bandwidth import over_the_line
from tts.espeak import EspeakEngine
from tts.threaded import ThreadedSynthesizer

RATE = 8000
BAND = (200, 3500)
AUDIBLE = 25.0
"""dB under the loudest frame down to which a frame belongs to the speech."""
CLICK = 3
"""Frames that are too few to be speech."""
HOP = 160
"""Samples of 20 ms."""
PAUSE = 0.3
"""Seconds of quiet inside an utterance that are a pause."""
HISS = 32768 * 10 ** (-65 / 20)
CALLERS = Path("examples/hanbit-store/calls")
BOTH_SIDES = ("en_loan_call_8k.wav", "tts_vcon")
"""Recordings of two people who speak with each other."""

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Said:
    """A word and when it sounds, in seconds."""

    word: str
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Clip:
    """One utterance. ``words`` are those of a scripted recognizer, None where the real one hears it."""

    name: str
    language: str
    sound: Samples
    words: tuple[Said, ...] | None = None
    expects: Expectation = Expectation.SPEAKING
    entry: Entry | None = None

    @property
    def span(self) -> tuple[float, float]:
        """Seconds at which it begins and ends to sound."""
        loud = np.flatnonzero(audible(self.sound))
        return float(loud[0] * HOP / RATE), float((loud[-1] + 1) * HOP / RATE)

    @property
    def pauses(self) -> int:
        """Stretches of quiet inside it that are long enough to be taken for its end."""
        gaps = np.diff(np.flatnonzero(audible(self.sound))) - 1
        return int((gaps * HOP / RATE >= PAUSE).sum())


def levels(sound: Samples) -> Samples:
    """dB of each 20 ms."""
    frames = sound[: len(sound) // HOP * HOP].reshape(-1, HOP)
    powers: Samples = 10 * np.log10((frames**2).mean(axis=1) + 1e-3)
    return powers


def audible(sound: Samples) -> NDArray[np.bool_]:
    """Which of its 20 ms belong to the speech: loud enough, and for long enough to be no click."""
    found = levels(sound)
    loud = found > found.max() - AUDIBLE
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False)).reshape(-1, 2)
    for begins, ends in edges:
        if ends - begins < CLICK:
            loud[begins:ends] = False
    return np.asarray(loud)


def telephone(path: Path) -> Samples:
    """A recording as a telephone line passes it on; G.711 comes when it is played."""
    pcm, rate = read_audio(path)
    if rate > RATE:
        pcm = _at(over_the_line(np.frombuffer(_at(pcm, rate, 16000), "<i2").astype(float), *BAND), 16000, RATE)
    return np.frombuffer(pcm, "<i2").astype(float)


def _at(pcm: bytes, rate: int, wanted: int) -> bytes:
    if rate == wanted:
        return pcm
    resampler = Resampler(rate, wanted)
    return resampler.process(pcm) + resampler.flush()


def mulaw(sound: Samples) -> bytes:
    """16-bit PCM after G.711."""
    return mulaw_decode(mulaw_encode(np.clip(np.rint(sound), -32768, 32767).astype("<i2").tobytes()))


def hiss(seconds: float, draw: np.random.Generator) -> Samples:
    """The noise of a quiet line."""
    return draw.normal(0, HISS, round(seconds * RATE))


def spread(text: str, sound: Samples) -> tuple[Said, ...]:
    """The words of a recording whose word times nobody knows, shared out over what is audible by their length."""
    loud = np.flatnonzero(audible(sound)) * HOP / RATE
    words = text.split()
    shares = np.cumsum([0, *(len(word) for word in words)]) / sum(len(word) for word in words)
    edges = [float(loud[min(round(share * len(loud)), len(loud) - 1)]) for share in shares]
    return tuple(Said(word, edges[i], edges[i + 1]) for i, word in enumerate(words))


# --- recordings -------------------------------------------------------------------------------------------------------
def recordings(data: Path) -> list[Clip]:
    """Every recording of one speaker, people first, without the single digits and the noises."""
    clips = []
    for entry in json.loads((data / "index.json").read_text(encoding="utf-8")):
        if entry["kind"] == "noise" or entry["domain"] == "digits" or entry["file"].startswith(BOTH_SIDES):
            continue
        sound = telephone(data / entry["file"])
        words = None if entry["lang"] == "en" else spread(entry["text"], sound) if entry["text"] else ()
        expects = Expectation.YES_NO if entry["text"] in ("yes", "no") else Expectation.SPEAKING
        clips.append(Clip(entry["file"], entry["lang"], sound, words, expects))
    return clips


def callers() -> list[Clip]:
    """The recorded callers of the example tenant, synthetic voices."""
    listed = yaml.safe_load((CALLERS / "callers.yaml").read_text(encoding="utf-8"))["callers"]
    states = {
        "order-number.wav": (Expectation.DICTATING, Entry(length=8)),
        "yes.wav": (Expectation.YES_NO, None),
        "no.wav": (Expectation.YES_NO, None),
    }
    clips = []
    for caller in listed:
        expects, entry = states.get(caller["file"], (Expectation.SPEAKING, None))
        sound = telephone(CALLERS / caller["file"])
        clips.append(Clip(caller["file"], "en", sound, None, expects, entry))
    return clips


def noises(data: Path) -> dict[str, Samples]:
    """The recorded noises, of the same loudness as speech."""
    found = {}
    for path in sorted(data.glob("noise_*.wav")):
        sound = telephone(path)
        found[path.stem] = sound * loudness(-26.0) / np.sqrt((sound**2).mean())
    return found


def loudness(dbov: float) -> float:
    """The root mean square, on the scale of 16 bits, of a level in dB below full scale."""
    return float(32768 * 10 ** (dbov / 20))


def dictated(data: Path, speaker: str, number: str, pause: float) -> Clip:
    """A number spoken digit by digit from single recordings, with a pause in its middle."""
    draw = np.random.default_rng(len(number))
    pieces = []
    for index, digit in enumerate(number):
        sound = telephone(data / f"en_fsdd_{speaker}_{digit}.wav")
        loud = np.flatnonzero(audible(sound)) * HOP
        pieces += [sound[loud[0] : loud[-1] + HOP], hiss(pause if index + 1 == len(number) // 2 else 0.12, draw)]
    name = f"{speaker} dictates {number} with {pause} s"
    return Clip(name, "en", np.concatenate(pieces[:-1]), None, Expectation.DICTATING, Entry(length=len(number)))


# --- pauses -----------------------------------------------------------------------------------------------------------
def with_pause(clip: Clip, at: float, pause: float) -> Clip:
    """The utterance with a pause at a time of it, filled with the line's hiss."""
    cut = round(at * RATE)
    sound = np.concatenate([clip.sound[:cut], hiss(pause, np.random.default_rng(cut)), clip.sound[cut:]])
    words = clip.words
    if words is not None:
        words = tuple(
            replace(w, begins=w.begins + pause, ends=w.ends + pause) if (w.begins + w.ends) / 2 >= at else w
            for w in words
        )
    return replace(clip, name=f"{clip.name} + {pause} s at {at:.2f}", sound=sound, words=words)


def quietest(clip: Clip) -> float | None:
    """The quietest moment in the middle half of an utterance, in seconds; None where it is too short for a pause."""
    begins, ends = clip.span
    if ends - begins < 1.2:
        return None
    first, last = (round((begins + share * (ends - begins)) * RATE / HOP) for share in (0.25, 0.75))
    found = levels(clip.sound)
    around = np.convolve(found, np.ones(3) / 3, mode="same")[first:last]
    return float((first + int(around.argmin()) + 0.5) * HOP / RATE)


# --- voices -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Speech:
    """Sentences as our own synthesizer makes them for playback."""

    language: str
    sentences: tuple[str, ...]
    events: tuple[playback.Event, ...]

    @property
    def sound(self) -> Samples:
        """All of it, one sentence after the other."""
        pcm = b"".join(event.pcm for event in self.events if isinstance(event, playback.SpeechReady))
        return np.frombuffer(pcm, "<i2").astype(float)

    @property
    def begins(self) -> tuple[float, ...]:
        """When each sentence begins."""
        lengths = [0.0] * len(self.sentences)
        for event in self.events:
            if isinstance(event, playback.SpeechReady):
                lengths[event.sentence] += len(event.pcm) / 2 / RATE
        return tuple(sum(lengths[:index]) for index in range(len(lengths)))

    @property
    def words(self) -> tuple[Said, ...]:
        """What is said as one thing, mostly a word, with its time from the beginning of the first sentence."""
        begins = self.begins
        marked = [
            (self.sentences[event.sentence][mark.start : mark.end], begins[event.sentence] + mark.at)
            for event in self.events
            if isinstance(event, playback.SpeechReady)
            for mark in event.marks
        ]
        ends = [at for _, at in marked[1:]] + [len(self.sound) / RATE]
        return tuple(Said(word, at, end) for (word, at), end in zip(marked, ends, strict=True))


def speak(*sentences: str, language: str, voice: str | None = None) -> Speech:
    """Our own voice, or another one of the same engine."""

    async def made() -> tuple[playback.Event, ...]:
        events: list[playback.Event] = []
        voices = {language: voice or {"ko": "ko", "en": "en-us"}[language]}
        synthesizer = ThreadedSynthesizer(EspeakEngine(voices))
        await speaking.speak(
            synthesizer,
            reply=1,
            sentences=sentences,
            language=language,
            pace=1.0,
            gain=0.0,
            rate=RATE,
            tell=events.append,
            wanted=lambda: True,
        )
        await synthesizer.close()
        return tuple(events)

    return Speech(language, sentences, asyncio.run(made()))


def spoken(text: str, language: str, voice: str, expects: Expectation = Expectation.SPEAKING) -> Clip:
    """A caller with a voice of the synthesizer's. What a Korean one says is told to the scripted recognizer."""
    speech = speak(text, language=language, voice=voice)
    words = speech.words if language == "ko" else None
    return Clip(f"{text} ({voice})", language, speech.sound, words, expects)


def cough(draw: np.random.Generator) -> Samples:
    """One to three bursts of noise with the falling loudness and the broad resonances of a cough."""
    bursts = []
    for _ in range(draw.integers(1, 4)):
        length = round(draw.uniform(0.12, 0.3) * RATE)
        spectrum = np.fft.rfft(draw.normal(0, 1, length))
        hertz = np.fft.rfftfreq(length, 1 / RATE)
        centre = draw.uniform(400, 900)
        shape = np.exp(-(((hertz - centre) / 500) ** 2)) + 0.5 * np.exp(-(((hertz - 2.4 * centre) / 700) ** 2))
        burst = np.fft.irfft(spectrum * shape, length) * np.exp(-np.arange(length) / RATE / 0.08)
        bursts += [burst, np.zeros(round(draw.uniform(0.05, 0.2) * RATE))]
    sound = np.concatenate(bursts)
    peak = loudness(draw.uniform(-14.0, -4.0))
    return np.asarray(sound / np.abs(sound).max() * peak)
