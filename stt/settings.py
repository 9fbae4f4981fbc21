"""Settings of hearing."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from infra.config import Section


class SttSettings(Section):
    """Which recognizers hear, and how much they may use."""

    section: ClassVar[str] = "stt"

    engine: Literal["auto", "pocketsphinx", "whisper", "scripted"] = Field(
        default="auto", description="auto: Whisper where a model is set, else pocketsphinx for English"
    )
    model: str | None = Field(
        default=None, description="Whisper model: a size such as small (fetched from the hub once), or a local folder"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="where Whisper runs")
    compute_type: str = Field(default="int8", description="Whisper's number format: int8, float16, float32 …")
    window_en: float = Field(
        default=10.0, ge=2, le=30, description="seconds of sound and silence that Whisper gets at least, English"
    )
    window_ko: float = Field(
        default=15.0, ge=2, le=30, description="the same for Korean, which is known to suffer from short windows"
    )
    partial_period: float = Field(
        default=0.6, ge=0.2, le=10, description="seconds of new speech after which Whisper hears a turn again"
    )
    retry_below: float = Field(
        default=-1.0,
        le=0,
        description="mean log-probability of a token under which Whisper hears a turn again in 30 s; -100: never",
    )
    batch: int = Field(default=8, ge=1, le=64, description="callers whose turns Whisper decodes together")
    threads: int = Field(default=1, ge=1, le=64, description="cores that each Whisper process may use")
    processes: int = Field(default=1, ge=1, le=64, description="worker processes that recognize")
    streams: int = Field(default=64, ge=1, le=512, description="calls that one of them listens to at once")
    language_model: bool = Field(
        default=True, description="teach pocketsphinx each tenant's own words at ingestion (about half a minute each)"
    )
    script: str = Field(default="", description="for tests: what the scripted engine hears, utterances parted by |")
    turn_model: Path | None = Field(
        default=None,
        description="ONNX file of an acoustic turn model (smart-turn v3's contract), which then has a vote on "
        "whether a caller has finished; none: words and silence decide",
    )
    vad_start: float = Field(
        default=0.4, ge=0, le=1, description="probability of speech from which an utterance begins"
    )
    vad_stop: float = Field(default=0.25, ge=0, le=1, description="probability of speech under which it may end")
    vad_margin: float = Field(default=10.0, ge=0, le=40, description="dB above the line's noise that speech must be")
    vad_min_speech: float = Field(default=0.096, gt=0, le=1, description="seconds of speech that begin an utterance")
    vad_min_silence: float = Field(default=0.25, gt=0, le=2, description="seconds of silence that end an utterance")
