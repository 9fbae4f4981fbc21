"""Recordings whose words are known, as a call would bring them: what measuring and calibrating have in common.

A folder of recordings has an ``index.json``: a list of objects with ``file``, ``lang``, ``text``, ``transcript``,
``kind`` (human, TTS, noise), ``domain`` and ``seconds``. Long recordings are cut by voice activity, as a call is. A
short one is one utterance and ends as utterances end: with the silence after which a final is asked for.

Refuses: being imported by anything that serves calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from infra.audio import Resampler, mulaw_decode, mulaw_encode, read_wav
from stt import vad
from stt.lm_trie import bundled_directory
from stt.pronunciation import read_dictionary
from stt.spoken_text import sentences
from stt.training.bandwidth import over_the_line

LONG: Final = 15.0
"""Seconds from which a recording is no single utterance."""
PRE_ROLL: Final = 0.4
TRAIL: Final = 0.3
"""Seconds of silence at the end of an utterance: those after which a final is asked for, and what is on its way."""
PAUSE: Final = 0.25
"""Seconds of silence after which a gateway asks for a final."""
HISS: Final = 32768 * 10 ** (-65 / 20)
"""How loud that silence is: a quiet line."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: its words as they are said, and its sound (PCM, rate), cut into utterances.

    ``group`` is human, tts or digits; ``speaker`` is the same for recordings that may be of one voice.
    """

    name: str
    group: str
    speaker: str
    words: tuple[str, ...]
    utterances: tuple[tuple[bytes, int], ...]


def load(folder: Path) -> list[Recording]:
    """Every English recording whose words are known."""
    known = read_dictionary(bundled_directory() / "cmudict-en-us.dict")
    recordings = []
    for entry in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        if entry["lang"] != "en" or not entry["text"] or entry["transcript"] == "keywords":
            continue
        text = re.sub(r"(Agent|Customer):|\|", "\n", entry["text"])
        pcm, rate = decode(folder / entry["file"])
        pieces = cut(pcm, rate) if entry["seconds"] > LONG else [pcm + _silence(rate)]
        words = tuple(word for sentence in sentences(text, known) for word in sentence)
        group = "digits" if entry["domain"] == "digits" else entry["kind"].lower()
        utterances = tuple((piece, rate) for piece in pieces)
        recordings.append(Recording(entry["file"], group, _speaker(entry["file"], entry["source"]), words, utterances))
    return recordings


def _speaker(file: str, source: str) -> str:
    """Long calls stand alone; of the others, those of one collection, and in it of one name, are one voice."""
    if "call" in file:
        return file
    name = re.search(r"fsdd_[a-z]+|spk\d+", file)
    return f"{source.split(':')[1]}/{name[0] if name else ''}"


def decode(path: Path) -> tuple[bytes, int]:
    """Any recording to mono PCM."""
    if path.suffix in (".wav", ".flac", ".mp3"):
        return read_wav(path)
    from faster_whisper.audio import decode_audio

    samples = decode_audio(str(path), sampling_rate=16000)
    return np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes(), 16000


def at_rate(pcm: bytes, rate: int, wanted: int) -> bytes:
    """Resampled as a whole."""
    if rate == wanted:
        return pcm
    resampler = Resampler(rate, wanted)
    return resampler.process(pcm) + resampler.flush()


def wide(pcm: bytes, rate: int) -> tuple[bytes, int]:
    """As a wideband line brings it: 16 kHz."""
    return at_rate(pcm, rate, 16000), 16000


def telephone(pcm: bytes, rate: int) -> tuple[bytes, int]:
    """As it arrives over a telephone line: 200-3500 Hz, 8 kHz, mu-law."""
    if rate > 8000:
        samples = np.frombuffer(at_rate(pcm, rate, 16000), "<i2").astype(np.float64)
        pcm = at_rate(over_the_line(samples, 200, 3500), 16000, 8000)
    return mulaw_decode(mulaw_encode(pcm)), 8000


def cut(pcm: bytes, rate: int) -> list[bytes]:
    """A long recording by voice activity, with a little sound before each utterance."""
    sound = np.frombuffer(at_rate(pcm, rate, vad.RATE), "<i2").astype(np.float32) / 32768
    count = len(sound) // vad.WINDOW
    padded = np.concatenate((np.zeros(vad.CONTEXT, np.float32), sound[: count * vad.WINDOW]))
    windows = np.lib.stride_tricks.sliding_window_view(padded, vad.CONTEXT + vad.WINDOW)[:: vad.WINDOW]
    probabilities, *_ = vad.SileroModel().judge(np.ascontiguousarray(windows), *vad.fresh_state())
    levels = 10 * np.log10(np.mean(windows[:, vad.CONTEXT :] ** 2, axis=1) + 1e-10)
    machine = vad.Segmenter(min_silence=PAUSE)
    pieces: list[tuple[float, float]] = []
    begun = None
    for index, (probability, level) in enumerate(zip(probabilities, levels, strict=True)):
        match machine.handle(index * vad.WINDOW_SECONDS, float(probability), float(level)):
            case vad.SpeechStarted(at=at):
                begun = max(pieces[-1][1] if pieces else 0.0, at - PRE_ROLL)
            case vad.SpeechStopped(at=at) if begun is not None:
                pieces.append((begun, at + TRAIL))
                begun = None
    if begun is not None:
        pieces.append((begun, len(pcm) / 2 / rate))
    return [pcm[2 * int(start * rate) : 2 * int(end * rate)] for start, end in pieces]


def _silence(rate: int) -> bytes:
    noise = np.random.default_rng(0).normal(0, HISS, round(TRAIL * rate))
    return np.rint(noise).astype("<i2").tobytes()


def align(reference: Sequence[str], heard: Sequence[str]) -> tuple[int, list[bool]]:
    """Edit distance, and for each heard word whether it is right."""
    costs = np.zeros((len(reference) + 1, len(heard) + 1), int)
    costs[:, 0], costs[0] = np.arange(len(reference) + 1), np.arange(len(heard) + 1)
    for i, word in enumerate(reference, 1):
        for j, other in enumerate(heard, 1):
            costs[i, j] = min(costs[i - 1, j] + 1, costs[i, j - 1] + 1, costs[i - 1, j - 1] + (word != other))
    right, i, j = [False] * len(heard), len(reference), len(heard)
    while i and j:
        if costs[i, j] == costs[i - 1, j - 1] + (reference[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            right[j] = reference[i] == heard[j]
        elif costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return int(costs[-1, -1]), right
