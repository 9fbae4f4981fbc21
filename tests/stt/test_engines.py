from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.audio import AudioFrame, silence
from stt import engines
from stt.engines import Engines, choose, describe, plan
from stt.errors import LanguageNotSupported, RecognizerUnavailable
from stt.pocketsphinx import PocketsphinxRecognizer
from stt.scripted import ScriptedRecognizer
from stt.settings import SttSettings


class Ear(ScriptedRecognizer):
    """Counts how often it is started and closed."""

    def __init__(self, name: str = "ear") -> None:
        super().__init__([name])
        self.name = name
        self.started = 0
        self.closed = 0

    async def start(self) -> None:
        self.started += 1

    async def close(self) -> None:
        self.closed += 1


class Learner(PocketsphinxRecognizer):
    """Notes what it shall learn and builds nothing."""

    def __init__(self, models: Path) -> None:
        super().__init__(models)
        self.learned: list[tuple[str, list[str]]] = []

    async def learn(self, tenant: str, texts: Sequence[str]) -> Path:
        self.learned.append((tenant, list(texts)))
        return self._models


BOTH_WHISPER = {"ko": "whisper", "en": "whisper"}
BOTH_SCRIPTED = {"ko": "scripted", "en": "scripted"}
ENGLISH_ONLY = {"en": "pocketsphinx"}


@pytest.mark.parametrize(
    ("settings", "planned"),
    [
        (SttSettings(), ENGLISH_ONLY),
        (SttSettings(model="small"), BOTH_WHISPER),
        (SttSettings(engine="whisper", model="small"), BOTH_WHISPER),
        (SttSettings(engine="whisper"), BOTH_WHISPER),
        (SttSettings(engine="pocketsphinx"), ENGLISH_ONLY),
        (SttSettings(engine="pocketsphinx", model="small"), ENGLISH_ONLY),
        (SttSettings(engine="scripted"), BOTH_SCRIPTED),
        (SttSettings(engine="scripted", model="small"), BOTH_SCRIPTED),
    ],
)
def test_the_settings_decide_who_hears_what(settings: SttSettings, planned: dict[str, str]) -> None:
    assert plan(settings) == planned


async def test_the_scripted_engine_hears_its_script_from_end_to_end(tmp_path: Path) -> None:
    ears = await choose(SttSettings(engine="scripted", script="주문 조회|네"), tmp_path, ["hanbit-store"])
    assert (ears.name, ears.languages) == ("scripted", {"ko", "en"})
    stream = await ears.open(language="ko", tenant="hanbit-store")
    for number in range(2):
        stream.feed(AudioFrame(silence(8000, 0.1), 8000, float(number)))
        stream.end_utterance()
    await stream.close()
    assert [t.text async for t in stream.transcripts() if t.final] == ["주문 조회", "네"]
    await ears.close()


async def test_an_empty_script_understands_nothing(tmp_path: Path) -> None:
    ears = await choose(SttSettings(engine="scripted"), tmp_path, [])
    stream = await ears.open(language="en", tenant="hanbit-store")
    stream.feed(AudioFrame(silence(8000, 0.1), 8000, 0.0))
    stream.end_utterance()
    await stream.close()
    assert [(t.text, t.final) async for t in stream.transcripts()] == [("", True)]


async def test_whisper_without_a_model_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(RecognizerUnavailable, match="AICC_STT_MODEL"):
        await choose(SttSettings(engine="whisper"), tmp_path, [])


async def test_pocketsphinx_is_started_with_the_tenants_and_its_share_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[Path, dict[str, object]]] = []
    ear = Ear("pocketsphinx")

    def make(models: Path, **options: object) -> Ear:
        made.append((models, options))
        return ear

    monkeypatch.setattr(engines, "PocketsphinxRecognizer", make)
    ears = await choose(SttSettings(processes=2, streams=5), tmp_path, ["one", "two"])
    assert made == [(tmp_path / "language-models", {"processes": 2, "streams": 5, "tenants": ["one", "two"]})]
    assert (ears.name, ears.languages, ear.started) == ("pocketsphinx", {"en"}, 1)


async def test_one_whisper_is_started_for_both_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Ear] = []

    def make(settings: SttSettings, models: Path) -> Ear:
        assert (settings.model, models) == ("small", tmp_path / "models")
        made.append(Ear("whisper"))
        return made[-1]

    monkeypatch.setattr(engines, "WhisperRecognizer", make)
    ears = await choose(SttSettings(model="small"), tmp_path, [])
    await ears.close()
    assert (ears.name, ears.languages) == ("whisper", {"ko", "en"})
    assert [(ear.started, ear.closed) for ear in made] == [(1, 1)]


@pytest.mark.parametrize(("language", "name"), [("ko", "one"), ("en", "two"), ("en-US", "two"), ("KO_kr", "one")])
async def test_a_stream_is_opened_by_the_engine_for_its_language(language: str, name: str) -> None:
    ears = Engines({"ko": Ear("one"), "en": Ear("two")}, language_model=True)
    assert ears.name == "one+two"
    stream = await ears.open(language=language, tenant="hanbit-store")
    stream.feed(AudioFrame(silence(8000, 0.1), 8000, 0.0))
    stream.end_utterance()
    await stream.close()
    assert [t.text async for t in stream.transcripts()] == [name]


async def test_a_language_that_nobody_hears_is_refused_with_advice() -> None:
    ears = Engines({"en": Ear()}, language_model=True)
    with pytest.raises(LanguageNotSupported, match=r"'ko'.*AICC_STT_MODEL"):
        await ears.open(language="ko", tenant="hanbit-store")
    assert Engines({}, language_model=True).name == "none"


async def test_a_caller_can_change_to_what_the_same_engine_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    both, one = Ear(), Ear()
    told: list[tuple[str, ...]] = []

    async def opened(*, language: str, tenant: str, languages: tuple[str, ...]) -> None:
        told.append(languages)

    monkeypatch.setattr(both, "open", opened)
    ears = Engines({"ko": both, "en": both, "ja": one}, language_model=True)
    await ears.open(language="ko", tenant="hanbit-store", languages=("ko-KR", "en", "ja", "fr"))
    assert told == [("ko-KR", "en")]


async def test_every_engine_is_closed_once() -> None:
    shared, other = Ear(), Ear("other")
    await Engines({"ko": shared, "en": shared, "ja": other}, language_model=True).close()
    assert (shared.closed, other.closed) == (1, 1)


async def test_only_who_can_learn_learns_and_only_if_wanted(tmp_path: Path) -> None:
    learner = Learner(tmp_path)
    ears = Engines({"en": learner, "ko": Ear()}, language_model=True)
    await ears.learn("hanbit-store", "en", ["refund"])
    await ears.learn("hanbit-store", "ko", ["환불"])
    await ears.learn("hanbit-store", "ja", ["返金"])
    await Engines({"en": learner}, language_model=False).learn("hanbit-store", "en", ["never"])
    assert learner.learned == [("hanbit-store", ["refund"])]


@pytest.mark.parametrize(
    ("settings", "active"),
    [
        (SttSettings(), {"whisper": (), "pocketsphinx": ("en",), "scripted": ()}),
        (SttSettings(model="small"), {"whisper": ("ko", "en"), "pocketsphinx": (), "scripted": ()}),
        (SttSettings(engine="whisper"), {"whisper": (), "pocketsphinx": (), "scripted": ()}),
        (SttSettings(engine="scripted"), {"whisper": (), "pocketsphinx": (), "scripted": ("ko", "en")}),
    ],
)
def test_the_doctor_hears_who_is_active(settings: SttSettings, active: dict[str, tuple[str, ...]]) -> None:
    assert {status.name: status.active for status in describe(settings)} == active


def test_the_doctor_hears_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    whisper, *_ = describe(SttSettings())
    assert "AICC_STT_MODEL" in whisper.note
    assert "small" in describe(SttSettings(model="small"))[0].note
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert [status.available for status in describe(SttSettings())] == [False, False, True]


def test_an_engine_is_active_for_languages_that_it_has() -> None:
    for settings in (SttSettings(), SttSettings(model="small"), SttSettings(engine="scripted")):
        for status in describe(settings):
            assert set(status.active) <= set(status.languages)
            assert status.licence


async def test_an_engine_without_a_queue_keeps_nobody_waiting() -> None:
    engines = Engines({"en": ScriptedRecognizer(())}, language_model=False)
    assert engines.waiting == 0.0
