"""Which recognizer hears which language on this machine, and what the doctor says about it."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stt.errors import LanguageNotSupported
from stt.languages import primary
from stt.pocketsphinx import PocketsphinxRecognizer
from stt.recognizer import Recognizer, RecognizerStream
from stt.scripted import ScriptedRecognizer
from stt.settings import SttSettings
from stt.whisper import WhisperRecognizer

LANGUAGES: Final = ("ko", "en")


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """One engine as it stands on this machine: ``active`` are the languages that it hears under these settings."""

    name: str
    languages: tuple[str, ...]
    active: tuple[str, ...]
    available: bool
    note: str
    licence: str
    fallback: str | None


_Pooled = PocketsphinxRecognizer | WhisperRecognizer


class Engines:
    """A ``Recognizer`` that opens each stream with the engine for its language."""

    def __init__(self, by_language: Mapping[str, Recognizer], *, language_model: bool) -> None:
        self._by_language = dict(by_language)
        self._language_model = language_model
        self.languages = frozenset(by_language)
        self._pooled = tuple(engine for engine in dict.fromkeys(by_language.values()) if isinstance(engine, _Pooled))
        self.name = "+".join(dict.fromkeys(engine.name for engine in by_language.values())) or "none"

    async def open(self, *, language: str, tenant: str, languages: tuple[str, ...] = ()) -> RecognizerStream:
        """See ``Recognizer.open``. A caller can change to languages that the same engine hears."""
        engine = self._by_language.get(primary(language))
        if engine is None:
            raise LanguageNotSupported(
                f"nobody here hears {language!r}; set AICC_STT_MODEL to a Whisper model (see `aicc models list`)"
            )
        within_reach = tuple(other for other in languages if self._by_language.get(primary(other)) is engine)
        return await engine.open(language=language, tenant=tenant, languages=within_reach)

    @property
    def waiting(self) -> float:
        """Seconds that sound waits at present for the slowest of the engines."""
        return max((engine.waiting for engine in self._pooled), default=0.0)

    @property
    def spent(self) -> float:
        """Processor seconds that the engines' processes have spent in all."""
        return sum(engine.spent for engine in self._pooled)

    @property
    def cores(self) -> int:
        """How many cores the engines' processes can keep busy; none where no engine has processes."""
        return sum(engine.cores for engine in self._pooled)

    async def learn(self, tenant: str, language: str, texts: Sequence[str]) -> None:
        """Let the engine for a language learn a tenant's words, if it can. Returns when later calls hear with them."""
        engine = self._by_language.get(primary(language))
        if self._language_model and isinstance(engine, PocketsphinxRecognizer):
            await engine.learn(tenant, texts)

    async def close(self) -> None:
        """See ``Recognizer.close``."""
        for engine in dict.fromkeys(self._by_language.values()):
            await engine.close()


def plan(settings: SttSettings) -> dict[str, str]:
    """The engine's name for each language that is heard."""
    if settings.engine == "scripted":
        return dict.fromkeys(LANGUAGES, "scripted")
    if settings.engine == "whisper" or (settings.engine == "auto" and settings.model):
        return dict.fromkeys(LANGUAGES, "whisper")
    return {"en": "pocketsphinx"}


async def choose(settings: SttSettings, data: Path, tenants: Sequence[str]) -> Engines:
    """The recognizers for these settings, started. ``tenants`` are those whose words are loaded at once.

    Raises ``RecognizerUnavailable`` when an engine that is wanted does not start.
    """
    planned = plan(settings)
    made: dict[str, Recognizer] = {}
    for name in dict.fromkeys(planned.values()):
        match name:
            case "scripted":
                made[name] = ScriptedRecognizer(settings.script.split("|") if settings.script else [])
            case "whisper":
                made[name] = whisper = WhisperRecognizer(settings, data / "models")
                await whisper.start()
            case _:
                made[name] = sphinx = PocketsphinxRecognizer(
                    data / "language-models", processes=settings.processes, streams=settings.streams, tenants=tenants
                )
                await sphinx.start()
    return Engines({language: made[name] for language, name in planned.items()}, language_model=settings.language_model)


def describe(settings: SttSettings) -> list[EngineStatus]:
    """Every engine, for the doctor: what is here, what is used, and what it falls back to."""
    planned = plan(settings)

    def active(name: str) -> tuple[str, ...]:
        return tuple(language for language, engine in planned.items() if engine == name)

    return [
        EngineStatus(
            "whisper",
            LANGUAGES,
            active("whisper") if settings.model else (),
            importlib.util.find_spec("faster_whisper") is not None,
            f"model {settings.model}" if settings.model else "no model: set AICC_STT_MODEL",
            "MIT",
            "pocketsphinx for en",
        ),
        EngineStatus(
            "pocketsphinx",
            ("en",),
            active("pocketsphinx"),
            importlib.util.find_spec("pocketsphinx") is not None,
            "bundled English model, with each tenant's own words",
            "BSD-2-Clause",
            "a human, after the greeting",
        ),
        EngineStatus(
            "scripted",
            LANGUAGES,
            active("scripted"),
            True,
            "its script, for tests; never chosen by itself",
            "part of this project",
            None,
        ),
    ]
