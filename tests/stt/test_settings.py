from __future__ import annotations

import pytest

from infra.config import load
from infra.errors import ConfigError
from stt.settings import SttSettings


def test_without_a_word_english_is_heard_on_the_processor() -> None:
    settings = load(SttSettings, {})
    assert (settings.engine, settings.model, settings.device) == ("auto", None, "auto")
    assert settings.vad_stop < settings.vad_start


def test_the_environment_decides() -> None:
    settings = load(
        SttSettings,
        {
            "AICC_STT_ENGINE": "scripted",
            "AICC_STT_SCRIPT": "hello|goodbye",
            "AICC_STT_STREAMS": "3",
            "AICC_STT_LANGUAGE_MODEL": "false",
            "AICC_STT_VAD_MIN_SILENCE": "0.4",
        },
    )
    assert settings.engine == "scripted"
    assert settings.script == "hello|goodbye"
    assert settings.streams == 3
    assert settings.language_model is False
    assert settings.vad_min_silence == 0.4


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AICC_STT_ENGINE", "telepathy"),
        ("AICC_STT_DEVICE", "tpu"),
        ("AICC_STT_PROCESSES", "0"),
        ("AICC_STT_STREAMS", "513"),
        ("AICC_STT_THREADS", "many"),
        ("AICC_STT_WINDOW_KO", "31"),
        ("AICC_STT_WINDOW_EN", "1"),
        ("AICC_STT_PARTIAL_PERIOD", "0.1"),
        ("AICC_STT_RETRY_BELOW", "0.5"),
        ("AICC_STT_BATCH", "0"),
        ("AICC_STT_VAD_START", "1.1"),
        ("AICC_STT_VAD_MIN_SPEECH", "0"),
        ("AICC_STT_VAD_MIN_SILENCE", "3"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_variable(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        load(SttSettings, {variable: value})
