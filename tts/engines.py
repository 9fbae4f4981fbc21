"""Which engine speaks which language here, by the settings and by what is installed."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from tts import espeak, sherpa
from tts.cached import CachedSynthesizer
from tts.errors import LanguageNotSupported, SynthesizerUnavailable
from tts.normalizer import LANGUAGES
from tts.scripted import ScriptedSynthesizer
from tts.settings import TtsSettings
from tts.speech import SpeechChunk
from tts.synthesizer import Synthesizer
from tts.threaded import ThreadedSynthesizer

_GREETINGS: Final = {"ko": "안녕하세요", "en": "hello"}


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """One engine as it stands on this machine: ``active`` are the languages that it speaks under these settings."""

    name: str
    languages: tuple[str, ...]
    active: tuple[str, ...]
    available: bool
    note: str
    licence: str
    fallback: str | None


class ByLanguage:
    """A ``Synthesizer`` that hands each text to the one for its language."""

    def __init__(self, synthesizers: Mapping[str, Synthesizer]) -> None:
        self._synthesizers = dict(synthesizers)
        self.languages = frozenset(synthesizers)
        self.name = "+".join(dict.fromkeys(synthesizer.name for synthesizer in synthesizers.values()))

    async def speak(self, text: str, *, language: str, pace: float = 1.0) -> AsyncGenerator[SpeechChunk, None]:
        """See ``Synthesizer``."""
        synthesizer = self._synthesizers.get(language)
        if synthesizer is None:
            raise LanguageNotSupported(
                f"there are voices for {', '.join(sorted(self.languages))}, not for {language!r}"
            )
        async with aclosing(synthesizer.speak(text, language=language, pace=pace)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def close(self) -> None:
        """End every one of them."""
        for synthesizer in dict.fromkeys(self._synthesizers.values()):
            await synthesizer.close()


def plan(settings: TtsSettings) -> dict[str, str]:
    """The engine's name for each language that can be spoken. Loads no voice, but looks whether espeak-ng loads."""
    if settings.engine == "scripted":
        return dict.fromkeys(LANGUAGES, "scripted")
    planned = {}
    for language in LANGUAGES:
        if settings.engine != "espeak" and settings.model(language) is not None:
            planned[language] = "sherpa"
        elif settings.engine != "sherpa" and espeak.available():
            planned[language] = "espeak"
    return planned


def choose(settings: TtsSettings) -> CachedSynthesizer:
    """The synthesizer for these settings, with a memory for fixed phrases. Voices load when they first speak.

    Raises ``SynthesizerUnavailable`` if nothing here can speak, or if a configured voice is not there.
    """
    planned = plan(settings)
    if not planned:
        raise SynthesizerUnavailable(
            'nothing here can speak: install espeak-ng with: pip install "aicc[espeak]" (GPL-3), '
            "or set tts.model_ko and tts.model_en to folders of sherpa-onnx voices"
        )
    made: dict[str, Synthesizer] = {}
    for name in dict.fromkeys(planned.values()):
        made[name] = _engine(name, settings, frozenset(language for language in planned if planned[language] == name))
    chosen = next(iter(made.values()))
    if len(made) > 1 or chosen.languages != frozenset(planned):
        chosen = ByLanguage({language: made[name] for language, name in planned.items()})
    return CachedSynthesizer(chosen, most_bytes=settings.cache_bytes)


def _engine(name: str, settings: TtsSettings, languages: frozenset[str]) -> Synthesizer:
    match name:
        case "scripted":
            return ScriptedSynthesizer()
        case "sherpa":
            engine = sherpa.SherpaEngine(settings, languages)
            return ThreadedSynthesizer(engine, threads=len(languages), capacity=settings.capacity)
        case _:
            voices = {"ko": settings.espeak_voice_ko, "en": settings.espeak_voice_en}
            spoken = {language: voices[language] for language in languages}
            # One thread: the library lets only one in at a time.
            return ThreadedSynthesizer(espeak.EspeakEngine(spoken, pace=settings.pace), capacity=settings.capacity)


async def warm(synthesizer: Synthesizer) -> dict[str, float]:
    """Load every voice by a word in each language; the seconds to the first sound of each.

    Raises ``SynthesizerUnavailable`` if one does not load: better at the start than in a call.
    """
    took = {}
    for language in sorted(synthesizer.languages):
        began = asyncio.get_running_loop().time()
        async with aclosing(synthesizer.speak(_GREETINGS[language], language=language)) as chunks:
            async for _ in chunks:
                break
        took[language] = asyncio.get_running_loop().time() - began
    return took


def describe(settings: TtsSettings) -> list[EngineStatus]:
    """Every engine, for the doctor: what is here, what is used, and what it falls back to."""
    planned = plan(settings)

    def active(name: str) -> tuple[str, ...]:
        return tuple(language for language in planned if planned[language] == name)

    has_espeak = espeak.available()
    broken = _broken_voices(settings)
    with_model = tuple(language for language in LANGUAGES if settings.model(language) is not None)
    has_sherpa = importlib.util.find_spec("sherpa_onnx") is not None
    return [
        EngineStatus(
            name="sherpa",
            languages=with_model,
            active=active("sherpa"),
            available=has_sherpa and bool(with_model) and not broken,
            note=broken or ("" if with_model else "no voice: set tts.model_ko and tts.model_en to folders of voices"),
            licence=sherpa.LICENCE,
            fallback="espeak" if settings.engine == "auto" else None,
        ),
        EngineStatus(
            name="espeak",
            languages=tuple(espeak.VOICES),
            active=active("espeak"),
            available=has_espeak,
            note="" if has_espeak else 'not installed: pip install "aicc[espeak]"',
            licence=espeak.LICENCE,
            fallback=None,
        ),
        EngineStatus(
            name="scripted",
            languages=tuple(LANGUAGES),
            active=active("scripted"),
            available=True,
            note="tones for tests, never chosen by itself",
            licence="part of this project",
            fallback=None,
        ),
    ]


def _broken_voices(settings: TtsSettings) -> str:
    problems = []
    for language in LANGUAGES:
        folder = settings.model(language)
        if folder is not None:
            try:
                sherpa.find_voice(folder, language)
            except SynthesizerUnavailable as error:
                problems.append(str(error))
    return "; ".join(problems)
