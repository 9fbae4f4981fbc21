from __future__ import annotations

from pathlib import Path

import pytest

from infra.config import load
from infra.errors import ConfigError
from tts.settings import TtsSettings


def test_each_language_has_its_own_model_and_speaker() -> None:
    environment = {"AICC_TTS_MODEL_KO": "/voices/ko", "AICC_TTS_SPEAKER_KO": "3", "AICC_TTS_PACE": "1.1"}
    settings = load(TtsSettings, environment)
    assert settings.model("ko") == Path("/voices/ko")
    assert settings.model("en") is None
    assert settings.model("fr") is None
    assert (settings.speaker("ko"), settings.speaker("en")) == (3, 0)
    assert settings.pace == 1.1


def test_an_engine_that_does_not_exist_is_refused_by_its_variable() -> None:
    with pytest.raises(ConfigError, match="AICC_TTS_ENGINE"):
        load(TtsSettings, {"AICC_TTS_ENGINE": "parrot"})
