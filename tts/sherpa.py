"""Neural voices by sherpa-onnx 2.x: VITS and Piper, Kokoro, Supertonic. The production runtime, one voice per language.

A voice is a folder as sherpa-onnx publishes them. The kind is told from the files in it. Voices without a lexicon need
phonemes, which espeak-ng makes (the optional extra); voices with a lexicon and Supertonic need nothing else.

The engine makes a clause at a time and tells nothing about words, so marks are estimates.

A broken voice makes sherpa-onnx end the whole process, not raise. So a voice is first loaded in a child process, which
may die; only then in this one.

Refuses: fetching voices, and using several processors for one server's worth of calls without being told to.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from infra.audio import SAMPLE_WIDTH
from tts import espeak
from tts.alignment import WordStart, shares
from tts.errors import SynthesizerUnavailable
from tts.settings import TtsSettings
from tts.threaded import Emit

LICENCE: Final = "sherpa-onnx, Apache-2.0; the voice has a licence of its own"
_SLICE_SECONDS: Final = 0.1
_PROBE_SECONDS: Final = 120.0


class VoiceKind(StrEnum):
    """The families of voices that are understood."""

    VITS = "vits"
    KOKORO = "kokoro"
    SUPERTONIC = "supertonic"


@dataclass(frozen=True, slots=True)
class VoiceFiles:
    """A voice on disk: its kind, its files by sherpa-onnx's names for them, and espeak's voice if it wants phonemes."""

    kind: VoiceKind
    language: str
    files: dict[str, str] = field(default_factory=dict)
    phonemes: str | None = None


def find_voice(folder: Path, language: str) -> VoiceFiles:
    """Tell from its files what voice a folder holds. Raises ``SynthesizerUnavailable`` that says what is missing."""
    if not folder.is_dir():
        raise SynthesizerUnavailable(
            f"{folder} is not a folder; set tts.model_{language} to that of a sherpa-onnx voice"
        )
    if _one(folder, "duration_predictor*.onnx"):
        return VoiceFiles(VoiceKind.SUPERTONIC, language, _required(folder, _SUPERTONIC_FILES))
    lexicon = ",".join(str(path) for path in sorted(folder.glob("lexicon*.txt")))
    kokoro = (folder / "voices.bin").is_file()
    files = _required(
        folder, {"model": "*.onnx", "tokens": "tokens.txt"} | ({"voices": "voices.bin"} if kokoro else {})
    )
    if lexicon:
        files["lexicon"] = lexicon
    phonemes = None if lexicon else _phoneme_voice(Path(files["model"]), language)
    return VoiceFiles(VoiceKind.KOKORO if kokoro else VoiceKind.VITS, language, files, phonemes)


_SUPERTONIC_FILES: Final = {
    "duration_predictor": "duration_predictor*.onnx",
    "text_encoder": "text_encoder*.onnx",
    "vector_estimator": "vector_estimator*.onnx",
    "vocoder": "vocoder*.onnx",
    "tts_json": "tts.json",
    "unicode_indexer": "unicode_indexer.*",
    "voice_style": "voice*.bin",
}


def _one(folder: Path, pattern: str) -> Path | None:
    """The file that fits; of several precisions the smallest (int8)."""
    return min(folder.glob(pattern), key=lambda path: path.stat().st_size, default=None)


def _required(folder: Path, patterns: dict[str, str]) -> dict[str, str]:
    found = {name: _one(folder, pattern) for name, pattern in patterns.items()}
    missing = [patterns[name] for name, path in found.items() if path is None]
    if missing:
        raise SynthesizerUnavailable(f"the voice in {folder} lacks {', '.join(missing)}; fetch it again")
    return {name: str(path) for name, path in found.items()}


def _phoneme_voice(model: Path, language: str) -> str:
    """The espeak voice that a Piper voice was trained with: its description says it."""
    try:
        described = json.loads(model.with_name(f"{model.name}.json").read_text(encoding="utf-8"))
        return str(described["espeak"]["voice"])
    except (OSError, ValueError, KeyError, TypeError):
        return espeak.VOICES[language]


def load(voice: VoiceFiles, threads: int) -> Any:
    """The sherpa-onnx engine of a voice. Ends the process if the voice is broken in certain ways: see ``probe``."""
    try:
        import sherpa_onnx
    except ImportError as error:
        raise SynthesizerUnavailable(f"sherpa-onnx cannot be loaded: {error}; install the package anew") from error
    model = sherpa_onnx.OfflineTtsModelConfig(num_threads=threads)
    match voice.kind:
        case VoiceKind.VITS:
            model.vits = sherpa_onnx.OfflineTtsVitsModelConfig(**voice.files)
        case VoiceKind.KOKORO:
            model.kokoro = sherpa_onnx.OfflineTtsKokoroModelConfig(**voice.files)
        case VoiceKind.SUPERTONIC:
            model.supertonic = sherpa_onnx.OfflineTtsSupertonicModelConfig(**voice.files)
    try:
        return sherpa_onnx.OfflineTts(sherpa_onnx.OfflineTtsConfig(model=model, max_num_sentences=1))
    except (RuntimeError, ValueError) as error:
        raise SynthesizerUnavailable(f"the {voice.language} voice does not load: {error}") from error


def probe(voice: VoiceFiles) -> None:
    """Load a voice in a child process that may die of it. Raises ``SynthesizerUnavailable`` with what it said."""
    asked = json.dumps({"kind": voice.kind, "language": voice.language, "files": voice.files})
    try:
        tried = subprocess.run(
            [sys.executable, "-m", "tts.sherpa", asked],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PROBE_SECONDS,
            check=False,
            cwd=Path(__file__).parent.parent,
        )
    except subprocess.TimeoutExpired as error:
        raise SynthesizerUnavailable(f"the {voice.language} voice did not load in {_PROBE_SECONDS:.0f} s") from error
    if tried.returncode != 0:
        said = tried.stderr.strip().splitlines()
        reason = said[-1] if said else f"exit status {tried.returncode}"
        raise SynthesizerUnavailable(f"the {voice.language} voice does not load: {reason}; fetch it again")


class SherpaEngine:
    """A ``tts.threaded.ClauseEngine``: one neural voice for each language, loaded when it is first used."""

    name = "sherpa"
    timed = False

    def __init__(self, settings: TtsSettings, languages: frozenset[str]) -> None:
        self.languages = languages
        self._settings = settings
        self._voices = {language: find_voice(_folder(settings, language), language) for language in languages}
        self._locks = {language: threading.Lock() for language in languages}
        self._engines: dict[str, Any] = {}
        self._broken: dict[str, str] = {}

    def speak(self, text: str, language: str, pace: float, emit: Emit) -> None:
        """See ``ClauseEngine``. One run at a time for each voice."""
        import sherpa_onnx

        with self._locks[language]:
            engine = self._engine(language)
            asked = sherpa_onnx.GenerationConfig()
            asked.sid = self._settings.speaker(language)
            asked.speed = self._settings.pace * pace
            asked.num_steps = self._settings.steps
            asked.extra = {"lang": language}
            if (voice := self._voices[language].phonemes) is not None:
                symbols = espeak.phonemes(text, voice)
                if not symbols:
                    return
                asked.phoneme_codepoints = [[ord(symbol) for symbol in symbols]]
            rate = int(engine.sample_rate)
            sound = b""

            def keep(samples: NDArray[np.float32], _progress: float) -> int:
                nonlocal sound
                sound += _pcm(samples)
                return 1 if emit(b"", rate, ()) else 0  # an empty emission only asks whether anybody listens

            engine.generate(text, asked, keep)
        _hand_out(sound, rate, shares(text, len(sound) / SAMPLE_WIDTH / rate), emit)

    def close(self) -> None:
        """Let the voices go."""
        self._engines.clear()

    def _engine(self, language: str) -> Any:
        if language in self._broken:  # tried once; trying again in every call would only cost time
            raise SynthesizerUnavailable(self._broken[language])
        if language not in self._engines:
            voice = self._voices[language]
            try:
                probe(voice)
                self._engines[language] = load(voice, self._settings.threads)
            except SynthesizerUnavailable as error:
                self._broken[language] = f"{error} (then start again)"
                raise
        return self._engines[language]


def _folder(settings: TtsSettings, language: str) -> Path:
    folder = settings.model(language)
    if folder is None:
        raise SynthesizerUnavailable(
            f"no neural voice for {language!r}: set tts.model_{language} to a sherpa-onnx voice"
        )
    return folder


def _pcm(samples: NDArray[np.float32]) -> bytes:
    linear: NDArray[np.int16] = np.clip(np.rint(samples * 32767.0), -32768, 32767).astype("<i2")
    return linear.tobytes()


def _hand_out(sound: bytes, rate: int, words: list[WordStart], emit: Emit) -> None:
    """The sound of a clause in slices, each with the words that begin in it."""
    step = round(rate * _SLICE_SECONDS) * SAMPLE_WIDTH
    for start in range(0, len(sound), step):
        begin, end = start / SAMPLE_WIDTH / rate, (start + step) / SAMPLE_WIDTH / rate
        if not emit(sound[start : start + step], rate, [word for word in words if begin <= word.at < end]):
            return


if __name__ == "__main__":  # the child process of ``probe``
    wanted = json.loads(sys.argv[1])
    load(VoiceFiles(VoiceKind(wanted["kind"]), wanted["language"], wanted["files"]), threads=1)
