from __future__ import annotations

import asyncio
from pathlib import Path

import onnx
import pytest

from tests.tts.listening import hear
from tests.tts.tinyvoice import BLOCK, BLOCKS_PER_SYMBOL, RATE, build_lexicon_voice, build_piper_voice
from tts import espeak
from tts.errors import SynthesizerUnavailable
from tts.settings import TtsSettings
from tts.sherpa import SherpaEngine, VoiceKind, find_voice, probe
from tts.threaded import ThreadedSynthesizer

WORDS = {"hello": "helo", "there": "ther", "my": "mai", "friend": "frend"}
needs_phonemes = pytest.mark.skipif(
    not espeak.available(), reason='phonemes need espeak-ng: pip install "aicc[espeak]" (GPL-3)'
)


@pytest.fixture(scope="module")
def lexicon_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_lexicon_voice(tmp_path_factory.mktemp("lexicon"), WORDS)


@pytest.fixture(scope="module")
def piper_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_piper_voice(tmp_path_factory.mktemp("piper"), "ko")


def _synthesizer(folder: Path, language: str = "en") -> ThreadedSynthesizer:
    settings = TtsSettings(model_en=folder) if language == "en" else TtsSettings(model_ko=folder)
    return ThreadedSynthesizer(SherpaEngine(settings, frozenset({language})))


async def test_a_voice_with_a_lexicon_speaks(lexicon_voice: Path) -> None:
    synthesizer = _synthesizer(lexicon_voice)
    text = "Hello there, my friend. Hello"
    heard = await hear(synthesizer, text)
    assert {chunk.rate for chunk in heard.chunks} == {RATE}
    assert heard.seconds > 20 * BLOCK * BLOCKS_PER_SYMBOL / RATE
    assert max(len(chunk.pcm) for chunk in heard.chunks) <= 2 * (0.35 + 0.3) * RATE  # a batch and a pause
    assert [text[mark.start : mark.end] for mark in heard.marks] == text.split()
    assert all(mark.estimated for mark in heard.marks)
    await synthesizer.close()


@needs_phonemes
async def test_a_piper_voice_speaks_from_phonemes(piper_voice: Path) -> None:
    synthesizer = _synthesizer(piper_voice, "ko")
    text = "주문하신 상품 3개가 발송되었습니다."
    heard = await hear(synthesizer, text, "ko")
    assert heard.seconds > 2.0
    assert [text[mark.start : mark.end] for mark in heard.marks] == text.split()
    slow = await hear(synthesizer, text, "ko", pace=0.5)
    assert slow.seconds == pytest.approx(2 * heard.seconds, rel=0.1)
    await synthesizer.close()


@needs_phonemes
async def test_several_speakers_share_one_voice(piper_voice: Path) -> None:
    synthesizer = _synthesizer(piper_voice, "ko")
    heard = await asyncio.gather(*(hear(synthesizer, "네, 알겠습니다.", "ko") for _ in range(6)))
    assert len({one.pcm for one in heard}) == 1
    await synthesizer.close()


def test_the_kind_of_a_voice_is_told_from_its_files(tmp_path: Path, lexicon_voice: Path, piper_voice: Path) -> None:
    assert find_voice(lexicon_voice, "en").kind is VoiceKind.VITS
    assert find_voice(lexicon_voice, "en").phonemes is None
    assert find_voice(piper_voice, "ko").phonemes == "ko"

    kokoro = tmp_path / "kokoro"
    kokoro.mkdir()
    for name in ("model.onnx", "voices.bin", "tokens.txt", "lexicon-us-en.txt", "lexicon-gb-en.txt"):
        (kokoro / name).touch()
    voice = find_voice(kokoro, "en")
    assert voice.kind is VoiceKind.KOKORO
    assert voice.files["lexicon"].count("lexicon-") == 2

    supertonic = tmp_path / "supertonic"
    supertonic.mkdir()
    parts = ("duration_predictor", "text_encoder", "vector_estimator", "vocoder")
    for name in [*(f"{part}.int8.onnx" for part in parts), "tts.json", "unicode_indexer.bin", "voice.bin"]:
        (supertonic / name).touch()
    voice = find_voice(supertonic, "ko")
    assert voice.kind is VoiceKind.SUPERTONIC
    assert voice.files["vocoder"].endswith("vocoder.int8.onnx")
    assert voice.files["voice_style"].endswith("voice.bin")


def test_of_two_precisions_the_smaller_is_taken(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"12345678")
    (tmp_path / "model.int8.onnx").write_bytes(b"12")
    (tmp_path / "tokens.txt").touch()
    assert find_voice(tmp_path, "en").files["model"].endswith("model.int8.onnx")


def test_a_folder_without_a_voice_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SynthesizerUnavailable, match=r"lacks \*\.onnx, tokens\.txt"):
        find_voice(tmp_path, "en")
    with pytest.raises(SynthesizerUnavailable, match=r"tts\.model_ko"):
        find_voice(tmp_path / "none", "ko")
    (tmp_path / "duration_predictor.onnx").touch()
    with pytest.raises(SynthesizerUnavailable, match=r"voice\*\.bin"):
        find_voice(tmp_path, "en")


async def test_a_voice_that_would_kill_the_process_is_refused(tmp_path: Path, lexicon_voice: Path) -> None:
    model = onnx.load(str(lexicon_voice / "model.onnx"))
    del model.metadata_props[:]
    onnx.save(model, str(tmp_path / "model.onnx"))
    for name in ("tokens.txt", "lexicon.txt"):
        (tmp_path / name).write_bytes((lexicon_voice / name).read_bytes())
    with pytest.raises(SynthesizerUnavailable, match="metadata"):
        probe(find_voice(tmp_path, "en"))
    synthesizer = _synthesizer(tmp_path)
    with pytest.raises(SynthesizerUnavailable, match="does not load"):
        await hear(synthesizer, "Hello")
    with pytest.raises(SynthesizerUnavailable, match="start again"):
        await hear(synthesizer, "Hello")
    await synthesizer.close()


def test_a_file_that_is_no_model_is_refused(tmp_path: Path, lexicon_voice: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    for name in ("tokens.txt", "lexicon.txt"):
        (tmp_path / name).write_bytes((lexicon_voice / name).read_bytes())
    with pytest.raises(SynthesizerUnavailable, match="does not load"):
        probe(find_voice(tmp_path, "en"))
