from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from infra.audio import read_wav
from stt.errors import RecognizerUnavailable
from stt.local_agreement import text_of
from stt.whisper_model import MOST_HINT_TOKENS, CtranslateWhisper, Prompt, find_model
from stt.whisper_window import RATE, Samples
from tests.stt.tinywhisper import build_tiny_whisper

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"
TEXT = "where is my order"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that always says "where is my order", through the real conversion."""
    return build_tiny_whisper(tmp_path_factory.mktemp("tiny") / "model", tmp_path_factory.mktemp("original"))


@pytest.fixture(scope="module")
def model(folder: Path) -> CtranslateWhisper:
    return CtranslateWhisper(folder, "cpu", "int8", 1)


@pytest.fixture(scope="module")
def speech() -> Samples:
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    assert rate == RATE
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768


@pytest.mark.parametrize("window", [10.0, 15.0, 30.0])
def test_the_encoder_gets_the_window_and_no_more(model: CtranslateWhisper, speech: Samples, window: float) -> None:
    sounds = model.encode([speech, speech[:RATE]], window)
    assert [len(sound.states) for sound in sounds] == [window * 50] * 2
    assert [sound.seconds for sound in sounds] == [len(speech) / RATE, 1.0]


def test_encoded_together_as_on_a_graphics_card_or_apart_the_states_are_the_same(
    model: CtranslateWhisper, speech: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = [speech, speech[:RATE]]
    apart = model.encode(turns, 10.0)
    monkeypatch.setattr(model, "together", True)
    for one, other in zip(apart, model.encode(turns, 10.0), strict=True):
        np.testing.assert_allclose(one.states, other.states, atol=1e-4)


def test_what_follows_the_speech_in_the_window_is_silence(model: CtranslateWhisper, speech: Samples) -> None:
    silence = np.zeros(4 * RATE, np.float32)
    one, same = model.encode([speech, np.concatenate((speech, silence))], 10.0)
    np.testing.assert_allclose(one.states, same.states, atol=1e-5)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_converted_model_is_decoded_and_aligned(model: CtranslateWhisper, speech: Samples, language: str) -> None:
    (sound,) = model.encode([speech], 10.0)
    (found,) = model.decode([sound], [Prompt(language)])
    assert text_of(found.words) == TEXT
    assert [word.text for word in found.words] == [f" {word}" for word in TEXT.split()]
    assert found.log_probability == pytest.approx(0, abs=0.1)
    assert found.no_speech < 0.1
    aligned = model.align(sound, language, found.words)
    assert len(aligned) == len(found.words)
    assert all(0 <= one.start <= one.end <= sound.seconds for one in aligned)
    assert [one.start for one in aligned] == sorted(one.start for one in aligned)
    assert all(one.probability == pytest.approx(1.0, abs=0.05) for one in aligned)


def test_a_prefix_is_gone_on_with_and_not_told_again(model: CtranslateWhisper, speech: Samples) -> None:
    (sound,) = model.encode([speech], 10.0)
    (whole,) = model.decode([sound], [Prompt("en")])
    for count in range(len(whole.words) + 1):
        prefix = tuple(token for word in whole.words[:count] for token in word.tokens)
        (rest,) = model.decode([sound], [Prompt("en", prefix)])
        assert rest.words == whole.words[count:]
        assert rest.log_probability == pytest.approx(0, abs=0.1)


def test_turns_of_different_prompts_go_together_and_keep_their_order(model: CtranslateWhisper, speech: Samples) -> None:
    sounds = model.encode([speech] * 4, 10.0)
    (whole,) = model.decode(sounds[:1], [Prompt("en")])
    prompts = [
        Prompt("en"),
        Prompt("ko", tuple(token for word in whole.words[:2] for token in word.tokens)),
        Prompt("en", whole.words[0].tokens),
        Prompt("ko"),
    ]
    found = model.decode(sounds, prompts)
    assert [text_of(one.words) for one in found] == [TEXT, "my order", "is my order", TEXT]
    assert model.decode([], []) == []


def test_hints_go_before_the_transcript_and_are_bounded(model: CtranslateWhisper, speech: Samples) -> None:
    sounds = model.encode([speech] * 2, 10.0)
    # The tiny model knows places and not words: what stands before the transcript moves its answer.
    first = model.decode(sounds[:1], [Prompt("en", hints=("refund",))])[0]
    assert text_of(first.words) != TEXT
    long = tuple(f"phrase {number}" for number in range(200))
    both = model.decode(sounds, [Prompt("en", hints=long), Prompt("en")])
    assert text_of(both[1].words) == TEXT
    assert len(long[0]) * len(long) > 10 * MOST_HINT_TOKENS


def test_a_text_is_no_longer_than_can_be_said(model: CtranslateWhisper, speech: Samples) -> None:
    # With a hint the tiny model does not end by itself.
    short, longer = model.encode([speech[:RATE], np.tile(speech, 4)], 10.0)
    lengths = [
        sum(len(word.tokens) for word in model.decode([sound], [Prompt("en", hints=("no end",))])[0].words)
        for sound in (short, longer)
    ]
    assert lengths[0] <= 16 + 12 * 1.0
    assert lengths[1] <= 16 + 12 * longer.seconds


def test_languages_come_with_probabilities(model: CtranslateWhisper, speech: Samples) -> None:
    (sound,) = model.encode([speech], 10.0)
    found = model.languages(sound)
    assert set(found) == {"en", "ko"}
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-3)


def test_nothing_said_has_no_place(model: CtranslateWhisper, speech: Samples) -> None:
    (sound,) = model.encode([speech], 10.0)
    assert model.align(sound, "en", ()) == []


# --- Finding and loading --------------------------------------------------------------------------------------------


def test_a_model_that_does_not_load_is_refused_with_what_to_do(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"this is no model")
    with pytest.raises(RecognizerUnavailable, match="give a folder with a CTranslate2 model"):
        CtranslateWhisper(tmp_path, "cpu", "int8", 1)


def test_a_model_without_its_tokenizer_is_refused(tmp_path: Path, folder: Path) -> None:
    for file in folder.iterdir():
        if file.name != "tokenizer.json":
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(RecognizerUnavailable, match=r"tokenizer\.json"):
        CtranslateWhisper(tmp_path, "cpu", "int8", 1)


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
