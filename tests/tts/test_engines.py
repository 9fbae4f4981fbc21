from __future__ import annotations

from pathlib import Path

import pytest

from tests.tts.listening import hear
from tests.tts.tinyvoice import build_lexicon_voice
from tts import engines, espeak
from tts.engines import ByLanguage, choose, describe, plan, warm
from tts.errors import LanguageNotSupported, SynthesizerUnavailable
from tts.scripted import ScriptedSynthesizer
from tts.settings import TtsSettings


@pytest.fixture
def without_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.espeak, "available", lambda: False)


@pytest.fixture
def with_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.espeak, "available", lambda: True)


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_lexicon_voice(tmp_path_factory.mktemp("voice"), {"hello": "helo"})


@pytest.mark.usefixtures("with_espeak")
def test_without_models_espeak_speaks_all(voice: Path) -> None:
    assert plan(TtsSettings()) == {"ko": "espeak", "en": "espeak"}
    assert plan(TtsSettings(model_en=voice)) == {"ko": "espeak", "en": "sherpa"}
    assert plan(TtsSettings(engine="sherpa", model_en=voice)) == {"en": "sherpa"}
    assert plan(TtsSettings(engine="espeak", model_en=voice)) == {"ko": "espeak", "en": "espeak"}
    assert plan(TtsSettings(engine="scripted")) == {"ko": "scripted", "en": "scripted"}


@pytest.mark.usefixtures("without_espeak")
def test_nothing_that_can_speak_is_said_with_the_remedy() -> None:
    assert plan(TtsSettings()) == {}
    with pytest.raises(SynthesizerUnavailable, match=r"aicc\[espeak\].*tts\.model_ko"):
        choose(TtsSettings())


@pytest.mark.usefixtures("without_espeak")
async def test_one_neural_voice_speaks_its_language_only(voice: Path) -> None:
    synthesizer = choose(TtsSettings(model_en=voice))
    assert (synthesizer.name, synthesizer.languages) == ("sherpa", {"en"})
    assert (await hear(synthesizer, "hello")).marks[0].estimated
    with pytest.raises(LanguageNotSupported):
        await hear(synthesizer, "안녕하세요", "ko")
    await synthesizer.close()


@pytest.mark.skipif(not espeak.available(), reason='espeak-ng is not installed: pip install "aicc[espeak]"')
async def test_each_language_goes_to_its_engine_and_both_warm_up(voice: Path) -> None:
    synthesizer = choose(TtsSettings(model_en=voice))
    assert (synthesizer.name, synthesizer.languages) == ("espeak+sherpa", {"ko", "en"})
    took = await warm(synthesizer)
    assert set(took) == {"ko", "en"}
    assert (await hear(synthesizer, "hello")).marks[0].estimated
    assert not (await hear(synthesizer, "안녕하세요", "ko")).marks[0].estimated
    await synthesizer.close()


def test_a_configured_voice_that_is_not_there_is_an_error_not_a_silent_fallback(tmp_path: Path) -> None:
    with pytest.raises(SynthesizerUnavailable, match="lacks"):
        choose(TtsSettings(model_ko=tmp_path))


async def test_by_language_refuses_what_none_of_them_speaks() -> None:
    inner = ScriptedSynthesizer()
    router = ByLanguage({"en": inner})
    assert (router.name, router.languages) == ("scripted", {"en"})
    with pytest.raises(LanguageNotSupported, match="not for 'ko'"):
        await hear(router, "안녕하세요", "ko")
    await router.close()
    with pytest.raises(SynthesizerUnavailable):
        await hear(inner, "hello")


@pytest.mark.usefixtures("with_espeak")
def test_the_doctor_sees_what_is_used_and_what_it_falls_back_to(tmp_path: Path, voice: Path) -> None:
    status = {engine.name: engine for engine in describe(TtsSettings(model_en=voice))}
    assert (status["sherpa"].active, status["sherpa"].available) == (("en",), True)
    assert status["espeak"].active == ("ko",)
    assert status["sherpa"].fallback == "espeak"
    assert "GPL-3" in status["espeak"].licence
    assert status["scripted"].active == ()
    broken = {engine.name: engine for engine in describe(TtsSettings(model_en=tmp_path))}
    assert not broken["sherpa"].available
    assert "lacks" in broken["sherpa"].note


@pytest.mark.usefixtures("without_espeak")
def test_the_doctor_says_how_to_install_what_is_missing() -> None:
    status = {engine.name: engine for engine in describe(TtsSettings())}
    assert not status["espeak"].available
    assert "pip install" in status["espeak"].note
    assert "tts.model_ko" in status["sherpa"].note
