"""espeak-ng, the voice that needs no model: Korean and English at a thousand times real time.

A minimal binding of our own, by ctypes, to the library that the package ``espeakng-loader`` carries. espeak-ng keeps
its state in globals and crashes when two threads enter it, so one lock of this process is held for each clause
(milliseconds). It also turns text into phonemes for neural voices.

Licence: espeak-ng is GPL-3. It is an optional extra (``pip install "aicc[espeak]"``) and is loaded only when chosen.

Refuses: being loaded at import, SSML, and playing sound.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib
import re
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Final

from infra.audio import SAMPLE_WIDTH
from tts.alignment import WordStart
from tts.errors import SynthesizerUnavailable
from tts.threaded import Emit

LICENCE: Final = "espeak-ng, GPL-3.0-or-later"
VOICES: Final = {"ko": "ko", "en": "en-us"}
CHUNK_MS: Final = 60

_WORDS_PER_MINUTE: Final = {"ko": 175, "en": 165}
"""espeak's own measure of rate, at pace 1.0."""

_LOCK: Final = threading.Lock()
_LONGEST_PATH: Final = 140
"""The library keeps the path of its data in 160 bytes and fails silently beyond."""

# From espeak-ng's speak_lib.h, version 1.52.
_SYNCHRONOUS: Final = 2
_DONT_EXIT: Final = 0x8000
_CHARS_UTF8: Final = 1
_POSITION_CHARACTER: Final = 1
_RATE: Final = 1
_EVENT_END: Final = 0
_EVENT_WORD: Final = 1
_PHONEMES_IPA: Final = 0x02
_OK: Final = 0


class _Id(ctypes.Union):
    _fields_: ClassVar = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
Sink = Callable[[bytes, list[WordStart]], bool]


class _Library:
    """The one instance of espeak-ng in this process. To be touched under ``_LOCK`` only."""

    def __init__(self) -> None:
        try:
            loader = importlib.import_module("espeakng_loader")
            self._library = ctypes.CDLL(str(loader.get_library_path()))
            data = Path(loader.get_data_path())
        except (ImportError, OSError, RuntimeError) as error:
            raise SynthesizerUnavailable(
                f'espeak-ng cannot be loaded: {error}; install it with: pip install "aicc[espeak]" (GPL-3)'
            ) from error
        self._declare()
        path = str(_short(data)).encode()
        self.rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, CHUNK_MS, path, _DONT_EXIT)
        if self.rate <= 0:
            raise SynthesizerUnavailable(f"espeak-ng does not start with its data in {data}; install the package anew")
        self._sink: Sink | None = None
        self._callback = _Callback(self._on_sound)  # kept: the library holds only a pointer to it
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, voice: str, words_per_minute: int, sink: Sink) -> None:
        """Synthesize one clause; ``sink`` gets the sound as it is made and returns False to stop."""
        self._use(voice)
        self._library.espeak_SetParameter(_RATE, words_per_minute, 0)
        encoded = text.encode("utf-8", errors="ignore") + b"\0"
        self._sink = sink
        try:
            status = self._library.espeak_Synth(
                encoded, len(encoded), 0, _POSITION_CHARACTER, 0, _CHARS_UTF8, None, None
            )
        finally:
            self._sink = None
        if status != _OK:
            raise SynthesizerUnavailable(f"espeak-ng failed with status {status}")

    def phonemes(self, text: str, voice: str) -> str:
        """The sounds of a clause in IPA."""
        self._use(voice)
        rest = ctypes.c_char_p(text.encode("utf-8", errors="ignore"))
        said = []
        while rest.value:
            part = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _CHARS_UTF8, _PHONEMES_IPA)
            said.append((part or b"").decode("utf-8", errors="replace"))
        return " ".join(part for part in said if part)

    def _use(self, voice: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()) != _OK:
            raise SynthesizerUnavailable(f"espeak-ng has no voice {voice!r}; its own are listed by: espeak-ng --voices")

    def _declare(self) -> None:
        library = self._library
        library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
        library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        library.espeak_SetParameter.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]
        library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p

    def _on_sound(self, wave: ctypes._Pointer[ctypes.c_short], samples: int, events: ctypes._Pointer[_Event]) -> int:
        """Called by the library for every 60 ms; 1 stops it."""
        if self._sink is None:
            return 1
        words = []
        index = 0
        while events[index].type != _EVENT_END:
            event = events[index]
            if event.type == _EVENT_WORD:
                words.append(WordStart(event.text_position - 1, event.audio_position / 1000))
            index += 1
        pcm = ctypes.string_at(wave, samples * SAMPLE_WIDTH) if wave and samples > 0 else b""
        return 0 if self._sink(pcm, words) else 1


@lru_cache(maxsize=1)
def _library() -> _Library:
    """Loaded once. Call under ``_LOCK``; a failure is not remembered, so that an installation mends it."""
    return _Library()


def _short(data: Path) -> Path:
    """The data's path, through a link if it is too long for the library."""
    if len(str(data).encode()) <= _LONGEST_PATH:
        return data
    folder = Path(tempfile.mkdtemp(prefix="aicc-espeak-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    link = folder / data.name
    link.symlink_to(data, target_is_directory=True)
    return link


def available() -> bool:
    """Whether the library loads here."""
    try:
        with _LOCK:
            _library()
    except SynthesizerUnavailable:
        return False
    return True


_LETTER_A: Final = re.compile(
    r"(?<=[^A-Za-z])A (?=\S)|^A (?=[A-Z]\b|(?:zero|one|two|three|four|five|six|seven|eight|nine)\b)"
)


def _letters(text: str, voice: str) -> str:
    """English text of the same length in which the *letter* A will not be said like the article."""
    return _LETTER_A.sub("A-", text) if voice.startswith("en") else text


_PUNCTUATION: Final = re.compile(r"([,.;:!?]+)")
_SWITCH: Final = re.compile(r"\([a-z-]+\)")


def phonemes(text: str, voice: str) -> str:
    """A clause as the phoneme string that Piper voices were trained on: IPA, decomposed, with its punctuation.

    Raises ``SynthesizerUnavailable``. Blocking for about a millisecond.
    """
    said = []
    with _LOCK:
        library = _library()
        for part in _PUNCTUATION.split(_letters(text, voice)):
            if _PUNCTUATION.fullmatch(part):
                said.append(part[0])
            elif part.strip():
                # espeak notes in brackets where it changes the language; no voice knows such a symbol
                said.append((" " if said else "") + _SWITCH.sub("", library.phonemes(part, voice)))
    return unicodedata.normalize("NFD", "".join(said))


class EspeakEngine:
    """A ``tts.threaded.ClauseEngine``. Any number of them share the library and its lock."""

    name = "espeak"
    timed = True

    def __init__(self, voices: Mapping[str, str] = VOICES, *, pace: float = 1.0) -> None:
        self.languages = frozenset(voices)
        self._voices = dict(voices)
        self._pace = pace

    def speak(self, text: str, language: str, pace: float, emit: Emit) -> None:
        """See ``ClauseEngine``. Waits for the lock, then takes a millisecond or two for each second of speech."""
        voice = self._voices[language]
        words_per_minute = round(_WORDS_PER_MINUTE.get(language, 170) * self._pace * pace)
        with _LOCK:
            library = _library()
            rate = library.rate

            def sink(pcm: bytes, words: list[WordStart]) -> bool:
                return emit(pcm, rate, words) if pcm or words else True

            library.say(_letters(text, voice), voice, max(80, min(450, words_per_minute)), sink)

    def close(self) -> None:
        """Nothing to give back: the library stays, others may use it."""
