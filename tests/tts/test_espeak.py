from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from tests.tts.listening import Heard, hear
from tts import espeak
from tts.alignment import WordStart
from tts.errors import SynthesizerUnavailable
from tts.espeak import EspeakEngine, phonemes
from tts.threaded import ThreadedSynthesizer

pytestmark = pytest.mark.skipif(
    not espeak.available(), reason='espeak-ng is not installed: pip install "aicc[espeak]" (GPL-3)'
)


async def _hear(text: str, language: str, pace: float = 1.0) -> Heard:
    synthesizer = ThreadedSynthesizer(EspeakEngine())
    try:
        return await hear(synthesizer, text, language, pace)
    finally:
        await synthesizer.close()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ko", "주문하신 상품 3개는 11월 21일 오후 3시에 출고됩니다."),
        ("en", "Because of the delay, your order ships on November 21, 2026 at 3 p.m."),
    ],
)
async def test_it_speaks_both_languages(language: str, text: str) -> None:
    heard = await _hear(text, language)
    samples = np.frombuffer(heard.pcm, dtype="<i2").astype(np.float64)
    assert {chunk.rate for chunk in heard.chunks} == {22050}
    assert 3.0 < heard.seconds < 12.0
    assert 500 < np.sqrt(np.mean(samples**2)) < 20000
    assert np.abs(samples).max() < 32767


async def test_marks_follow_the_words() -> None:
    text = "Your order number HB-20261121 is ready because of the help of a friend."
    heard = await _hear(text, "en")
    said = [text[mark.start : mark.end] for mark in heard.marks]
    assert said == text.split()
    times = {word: mark.at for word, mark in zip(said, heard.marks, strict=True)}
    assert not any(mark.estimated for mark in heard.marks)
    assert times["is"] - times["HB-20261121"] > 3.0  # ten letters and digits take their time
    assert [mark.at for mark in heard.marks] == sorted(mark.at for mark in heard.marks)


async def test_pace_changes_the_length() -> None:
    slow, fast = await _hear("안녕하세요 반갑습니다", "ko", 0.7), await _hear("안녕하세요 반갑습니다", "ko", 1.5)
    assert 1.6 < slow.seconds / fast.seconds < 2.6


async def test_a_listener_who_leaves_stops_the_library() -> None:
    synthesizer = ThreadedSynthesizer(EspeakEngine())
    text = "This is one quite long clause without any mark"
    async with aclosing(synthesizer.speak(text, language="en")) as chunks:
        await anext(chunks)
    assert (await hear(synthesizer, "Next.")).seconds < 1.5
    await synthesizer.close()


def test_the_library_stops_when_the_sink_says_so() -> None:
    taken: list[int] = []

    def once(pcm: bytes, rate: int, words: object) -> bool:
        taken.append(len(pcm))
        return False

    EspeakEngine().speak("This is one quite long clause without any mark in it", "en", 1.0, once)
    assert len(taken) == 1


def test_two_threads_never_meet_in_the_library() -> None:
    """Unlocked, this kills the process."""
    texts = {"ko": "주문하신 상품이 발송되었습니다", "en": "Your order has been shipped today"}
    made: dict[str, list[int]] = {"ko": [], "en": []}
    first_words: list[WordStart] = []

    def speaker(language: str) -> None:
        for _ in range(25):
            samples = 0

            def count(pcm: bytes, rate: int, words: list[WordStart]) -> bool:
                nonlocal samples
                samples += len(pcm) // 2
                first_words.extend(words[:1])
                return True

            EspeakEngine().speak(texts[language], language, 1.0, count)  # type: ignore[arg-type]
            made[language].append(samples)

    threads = [threading.Thread(target=speaker, args=(language,)) for language in ("ko", "en", "ko", "en")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for lengths in made.values():
        assert len(lengths) == 50
        assert max(lengths) - min(lengths) < 2000  # the same text is as long, whoever spoke before


async def test_many_speakers_at_once_on_one_loop() -> None:
    synthesizers = [ThreadedSynthesizer(EspeakEngine()) for _ in range(2)]
    heard = await asyncio.gather(
        *(hear(synthesizers[i % 2], f"Call {i}. Thank you.", "en" if i % 3 else "ko") for i in range(12))
    )
    assert all(one.seconds > 0.8 for one in heard)
    for synthesizer in synthesizers:
        await synthesizer.close()


def test_phonemes_keep_punctuation_and_name_no_languages() -> None:
    english = phonemes("Hello there, my friend.", "en-us")
    assert english.startswith("həl")
    assert "," in english
    assert english.endswith(".")
    assert "(" not in phonemes("주문하신 delivery 입니다", "ko")


@pytest.mark.parametrize("text", ["U S A today", "code is A one B", "A one B two", "nine A M to six"])
def test_the_letter_a_is_not_said_like_the_article(text: str) -> None:
    assert "eɪ" in phonemes(text, "en-us")


def test_the_article_stays_the_article() -> None:
    assert "eɪ" not in phonemes("A friend of the family", "en-us")


def test_a_voice_that_does_not_exist_is_named() -> None:
    with pytest.raises(SynthesizerUnavailable, match="no voice 'xx-none'"):
        EspeakEngine({"en": "xx-none"}).speak("Hello", "en", 1.0, lambda *_: True)


def test_a_path_too_long_for_the_library_is_shortened(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 80) / ("e" * 80) / "espeak-ng-data"
    deep.mkdir(parents=True)
    (deep / "phontab").write_text("here")
    short = espeak._short(deep)
    assert len(str(short)) <= 140
    assert (short / "phontab").read_text() == "here"
    assert espeak._short(tmp_path) == tmp_path


def test_a_missing_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "espeakng_loader", None)
    with pytest.raises(SynthesizerUnavailable, match=r"aicc\[espeak\]"):
        espeak._Library()
