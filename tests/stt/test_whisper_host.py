from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from infra.audio import Resampler, mulaw_decode, mulaw_encode, read_wav, silence
from stt import whisper_host
from stt.errors import RecognizerUnavailable
from stt.transcript import Transcript
from stt.vad import SileroModel
from stt.whisper_host import (
    LONGEST_TURN,
    RATE,
    FasterWhisper,
    Samples,
    Segment,
    WhisperHost,
    WhisperSession,
    believable,
    find_model,
    speech_seconds,
)
from tests.stt.tinywhisper import build_tiny_whisper

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"
TEXT = "where is my order"


def segment(text: str = TEXT, *, no_speech: float = 0.0, log: float = -0.2, compression: float = 1.0) -> Segment:
    words = tuple((f" {word}", 0.3 * i, 0.3 * i + 0.3, 0.8) for i, word in enumerate(text.split()))
    return Segment(words, no_speech, log, compression)


class ScriptedTranscriber:
    """Says its segments and keeps what it was given."""

    def __init__(self, *segments: Segment) -> None:
        self.segments = segments
        self.given: list[tuple[Samples, str]] = []

    def transcribe(self, samples: Samples, language: str) -> Sequence[Segment]:
        self.given.append((samples, language))
        return self.segments


@pytest.fixture(scope="module")
def voice() -> SileroModel:
    return SileroModel()


@pytest.fixture(scope="module")
def speech() -> bytes:
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    assert rate == RATE
    return pcm


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that always says "where is my order", through the real conversion."""
    return build_tiny_whisper(tmp_path_factory.mktemp("tiny") / "model", tmp_path_factory.mktemp("original"))


@pytest.fixture
def heard() -> list[Transcript]:
    return []


# --- The model itself ----------------------------------------------------------------------------------------------


def test_a_converted_model_is_loaded_and_transcribes_in_both_languages(tiny: Path, speech: bytes) -> None:
    model = FasterWhisper(str(tiny), Path("nowhere"), "cpu", "int8", 1)
    samples = np.frombuffer(speech, "<i2").astype(np.float32) / 32768
    for language in ("en", "ko"):
        (found,) = model.transcribe(samples, language)
        assert found.text == TEXT
        assert [word for word, *_ in found.words] == [f" {word}" for word in TEXT.split()]
        assert all(0 <= start <= end <= len(samples) / RATE + 0.1 for _, start, end, _ in found.words)
        assert found.log_probability == pytest.approx(0, abs=0.1)
        assert found.no_speech < 0.1


def test_a_host_hears_a_telephone_line_with_a_real_model(tiny: Path, speech: bytes, heard: list[Transcript]) -> None:
    host = WhisperHost(str(tiny), "nowhere", "cpu", "int8", 1)
    session = host.open_session(heard.append, "en")
    narrow = Resampler(RATE, 8000)
    line = mulaw_decode(mulaw_encode(narrow.process(speech) + narrow.flush()))
    for start in range(0, len(line), 1600):
        session.hear(0, line[start : start + 1600], 8000, 50.0 + start / 2 / 8000)
    session.end(0)
    (final,) = heard
    assert final.text == TEXT
    assert [word.text for word in final.words] == TEXT.split()
    assert all(50.0 <= word.start <= 50.0 + len(line) / 2 / 8000 + 0.1 for word in final.words)
    assert final.final
    assert final.language == "en"
    assert final.confidence == pytest.approx(1.0, abs=0.05)


def test_a_model_that_does_not_load_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"this is no model")
    with pytest.raises(RecognizerUnavailable, match="give a folder with a CTranslate2 model"):
        FasterWhisper(str(tmp_path), tmp_path, "cpu", "int8", 1)


def test_a_model_is_found_in_its_folder_or_where_it_was_pulled(tmp_path: Path) -> None:
    for folder in (tmp_path / "mine", tmp_path / "whisper-small"):
        folder.mkdir()
        (folder / "model.bin").touch()
    assert find_model(str(tmp_path / "mine"), tmp_path / "nowhere") == tmp_path / "mine"
    assert find_model("small", tmp_path) == tmp_path / "whisper-small"


def test_a_folder_without_a_model_is_refused_without_asking_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> str:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr("faster_whisper.download_model", asked)
    with pytest.raises(RecognizerUnavailable, match=r"no model\.bin"):
        find_model(str(tmp_path / "empty"), tmp_path)


def test_a_size_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecognizerUnavailable, match="no Whisper model of the size 'gigantic'"):
        find_model("gigantic", tmp_path)


def test_without_the_hub_a_missing_model_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_reach(*_: object, **__: object) -> str:
        raise ConnectionError("no route")

    monkeypatch.setattr("faster_whisper.download_model", out_of_reach)
    with pytest.raises(RecognizerUnavailable, match="aicc models pull whisper-small"):
        find_model("small", tmp_path)


def test_what_is_in_the_hubs_cache_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cached(model: str, *, cache_dir: str, local_files_only: bool = False) -> str:
        assert local_files_only, "it was fetched"
        return f"{cache_dir}/{model}"

    monkeypatch.setattr("faster_whisper.download_model", cached)
    assert find_model("small", tmp_path) == tmp_path / "hub" / "small"


# --- What is believed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "language", "believed"),
    [
        (segment(), "en", True),
        (segment("배송 언제 와요"), "ko", True),
        (segment(no_speech=0.9), "en", True),  # doubted, yet the words themselves are certain
        (segment(log=-1.5), "en", True),  # uncertain words, yet somebody surely spoke
        (segment(no_speech=0.9, log=-1.5), "en", False),
        (segment(compression=3.0), "en", False),
        (segment("Thank you for watching!", no_speech=0.4), "en", False),
        (segment("Thank you for watching!", no_speech=0.1), "en", True),
        (segment("시청해 주셔서 감사합니다", no_speech=0.4), "ko", False),
        (segment("MBC 뉴스 이덕영입니다", no_speech=0.4), "ko", False),
        (segment("a" * 100), "en", False),
        (segment("가" * 40), "ko", False),
        (segment("a" * 40), "en", True),
    ],
)
def test_what_was_surely_not_said_is_not_believed(said: Segment, language: str, believed: bool) -> None:
    assert believable(said, language, 2.0) is believed


def test_korean_keeps_the_blanks_that_the_model_set() -> None:
    words = ((" 배송", 0.0, 0.3, 0.9), ("은", 0.3, 0.4, 0.9), (" 언제", 0.4, 0.8, 0.9))
    assert Segment(words, 0.0, 0.0, 1.0).text == "배송은 언제"


def test_speech_is_measured_in_seconds(voice: SileroModel, speech: bytes) -> None:
    samples = np.frombuffer(speech, "<i2").astype(np.float32) / 32768
    assert 0.4 < speech_seconds(samples, voice) <= len(samples) / RATE
    assert speech_seconds(np.zeros(RATE, np.float32), voice) == 0
    assert speech_seconds(np.zeros(10, np.float32), voice) == 0


# --- A turn --------------------------------------------------------------------------------------------------------


def test_a_turn_is_transcribed_whole_when_it_ends(voice: SileroModel, speech: bytes, heard: list[Transcript]) -> None:
    transcriber = ScriptedTranscriber(segment("where is"), segment("my order"))
    session = WhisperSession(heard.append, transcriber, voice, "en")
    for start in range(0, len(speech), 3200):
        session.hear(0, speech[start : start + 3200], RATE, 7.0 + start / 2 / RATE)
    assert transcriber.given == []
    assert heard == []
    session.end(0)
    ((samples, language),) = transcriber.given
    assert language == "en"
    np.testing.assert_allclose(samples, np.frombuffer(speech, "<i2") / 32768, atol=1e-6)
    assert heard[0].text == TEXT
    assert heard[0].words[0].start == pytest.approx(7.0)
    assert heard[0].words[1].end == pytest.approx(7.6)
    assert heard[0].confidence == pytest.approx(0.8)


def test_where_nobody_spoke_the_model_is_not_even_asked(voice: SileroModel, heard: list[Transcript]) -> None:
    transcriber = ScriptedTranscriber(segment("Thank you for watching!"))
    session = WhisperSession(heard.append, transcriber, voice, "en")
    session.hear(0, silence(RATE, 2.0), RATE, 0.0)
    session.end(0)
    session.end(1)
    assert transcriber.given == []
    assert [(one.utterance, one.text, one.final, one.confidence) for one in heard] == [
        (0, "", True, 0.0),
        (1, "", True, 0.0),
    ]


def test_what_is_not_believed_is_left_out(voice: SileroModel, speech: bytes, heard: list[Transcript]) -> None:
    transcriber = ScriptedTranscriber(segment("my order"), segment("please subscribe", no_speech=0.5))
    session = WhisperSession(heard.append, transcriber, voice, "en")
    session.hear(0, speech, RATE, 0.0)
    session.end(0)
    assert heard[0].text == "my order"


def test_a_turn_starts_with_nothing_of_the_one_before(
    voice: SileroModel, speech: bytes, heard: list[Transcript]
) -> None:
    transcriber = ScriptedTranscriber(segment("order"))
    session = WhisperSession(heard.append, transcriber, voice, "ko")
    for number, at in enumerate((0.0, 100.0)):
        session.hear(number, speech, RATE, at)
        session.end(number)
    assert [len(samples) for samples, _ in transcriber.given] == [len(speech) // 2] * 2
    assert [one.words[0].start for one in heard] == pytest.approx([0.0, 100.0])
    session.hear(2, speech, RATE, 200.0)
    session.close()
    session.end(3)
    assert heard[-1].text == ""


def test_of_a_turn_that_is_too_long_the_beginning_is_forgotten_and_times_stay_true(
    voice: SileroModel, speech: bytes, heard: list[Transcript], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper_host, "LONGEST_TURN", 1.0)
    transcriber = ScriptedTranscriber(segment("order"))
    session = WhisperSession(heard.append, transcriber, voice, "en")
    seconds = len(speech) / 2 / RATE
    assert seconds > 1.0
    session.hear(0, speech, RATE, 10.0)
    session.end(0)
    ((samples, _),) = transcriber.given
    assert len(samples) == RATE
    assert heard[0].words[0].start == pytest.approx(10.0 + seconds - 1.0)
    assert LONGEST_TURN == 60.0
