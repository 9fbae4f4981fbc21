"""Settings of speech synthesis."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from infra.config import Section


class TtsSettings(Section):
    """Which voices speak, and how much they may use."""

    section: ClassVar[str] = "tts"

    engine: Literal["auto", "espeak", "sherpa", "scripted"] = Field(
        default="auto",
        description="auto: sherpa for a language that has a model, else espeak; scripted: tones, for load tests",
    )
    model_ko: Path | None = Field(default=None, description="folder of a sherpa-onnx voice that speaks Korean")
    model_en: Path | None = Field(default=None, description="folder of a sherpa-onnx voice that speaks English")
    speaker_ko: int = Field(default=0, ge=0, description="number of the speaker in the Korean model")
    speaker_en: int = Field(default=0, ge=0, description="number of the speaker in the English model")
    steps: int = Field(
        default=5,
        ge=1,
        le=50,
        description="refining steps of voices that have them (Supertonic): more is finer and slower",
    )
    espeak_voice_ko: str = Field(default="ko", description="espeak-ng's voice for Korean")
    espeak_voice_en: str = Field(default="en-us", description="espeak-ng's voice for English")
    pace: float = Field(default=1.0, ge=0.5, le=2.0, description="speed of all speech; 1.0 is the voice's own")
    threads: int = Field(default=1, ge=1, le=16, description="CPU threads of one run of a neural voice")
    capacity: int = Field(
        default=64, ge=1, le=4096, description="texts that one engine speaks at once; more are refused"
    )
    cache_bytes: int = Field(
        default=16 * 1024 * 1024, ge=0, description="memory for the sound of fixed phrases; 0 keeps none"
    )

    def model(self, language: str) -> Path | None:
        """The folder of the neural voice for a language, if one is set."""
        return {"ko": self.model_ko, "en": self.model_en}.get(language)

    def speaker(self, language: str) -> int:
        """The speaker's number in that voice."""
        return {"ko": self.speaker_ko, "en": self.speaker_en}.get(language, 0)
