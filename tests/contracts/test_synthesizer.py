"""The contract of ``tts.synthesizer.Synthesizer``, run on every engine and on what wraps them."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.tts.listening import hear
from tests.tts.tinyvoice import build_lexicon_voice, build_piper_voice
from tts import espeak
from tts.cached import CachedSynthesizer
from tts.engines import ByLanguage
from tts.errors import LanguageNotSupported, SynthesizerUnavailable
from tts.scripted import ScriptedSynthesizer
from tts.settings import TtsSettings
from tts.sherpa import SherpaEngine
from tts.synthesizer import Synthesizer
from tts.threaded import ThreadedSynthesizer

TEXTS = {
    "ko": [
        "네",
        "고객님, 주문번호 HB-20261121-0042 상품 3개는 11월 21일 오후 3시에 출고됩니다. 배송비는 3,000원이에요!",
        "VIP 고객센터는 1588-0000 이고 평일 09:00~18:00 에 운영하며 점심시간은 12시부터 1시간입니다 감사합니다",
    ],
    "en": [
        "Yes",
        "Your order HB-20261121-0042 ships on November 21, 2026 at 3 p.m. because of the delay. Anything else?",
        "It costs $1,299.50 - that is all of it - and it will be there in 2-3 days, I think of it as one of the best.",
    ],
}


def _espeak(_: Path) -> Synthesizer:
    return ThreadedSynthesizer(espeak.EspeakEngine())


def _sherpa(folder: Path) -> Synthesizer:
    korean = build_piper_voice(folder / "ko", "ko")
    english = build_lexicon_voice(folder / "en", {"your": "yor", "order": "oder", "yes": "yes"})
    settings = TtsSettings(model_ko=korean, model_en=english)
    return ThreadedSynthesizer(SherpaEngine(settings, frozenset({"ko", "en"})), threads=2)


def _cached(_: Path) -> Synthesizer:
    cached = CachedSynthesizer(ScriptedSynthesizer(), most_bytes=10_000_000)
    for language, texts in TEXTS.items():
        for text in texts:
            cached.keep(text, language=language)
    return cached


def _by_language(_: Path) -> Synthesizer:
    return ByLanguage({"ko": ScriptedSynthesizer(), "en": ScriptedSynthesizer()})


needs_espeak = pytest.mark.skipif(
    not espeak.available(), reason='espeak-ng is not installed: pip install "aicc[espeak]" (GPL-3)'
)
ENGINES = [
    pytest.param(lambda _: ScriptedSynthesizer(), id="scripted"),
    pytest.param(_espeak, id="espeak", marks=needs_espeak),
    pytest.param(_sherpa, id="sherpa", marks=needs_espeak),
    pytest.param(_cached, id="cached"),
    pytest.param(_by_language, id="by-language"),
]


@pytest.fixture(params=ENGINES)
async def synthesizer(  # type: ignore[no-untyped-def]
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # The voices were built a moment ago; tests/tts/test_sherpa.py tries the child process that guards the loading.
    monkeypatch.setattr("tts.sherpa.probe", lambda voice: None)
    make: Callable[[Path], Synthesizer] = request.param
    made = make(tmp_path)
    yield made
    await made.close()


def _cases() -> list[tuple[str, str]]:
    return [(language, text) for language, texts in TEXTS.items() for text in texts]


async def test_every_word_is_marked_once_in_order_within_its_chunk(synthesizer: Synthesizer) -> None:
    for language, text in _cases():
        heard = await hear(synthesizer, text, language)
        at = 0.0
        for chunk in heard.chunks:
            until = at + len(chunk.pcm) / 2 / chunk.rate
            for mark in chunk.marks:
                assert at - 1e-6 <= mark.at <= until + 1e-6
            at = until
        marks = heard.marks
        assert all(mark.start < mark.end <= len(text) for mark in marks)
        assert all(before.end <= after.start for before, after in itertools.pairwise(marks))
        for word in re.finditer(r"[^\W_]\S*", text):
            assert any(mark.start <= word.start() and word.end() <= mark.end for mark in marks), word.group()


async def test_sound_is_whole_samples_at_one_rate(synthesizer: Synthesizer) -> None:
    for language, text in _cases():
        heard = await hear(synthesizer, text, language)
        assert len({chunk.rate for chunk in heard.chunks}) == 1
        assert all(len(chunk.pcm) % 2 == 0 for chunk in heard.chunks)
        assert heard.seconds > 0.05


async def test_it_can_be_stopped_and_used_again(synthesizer: Synthesizer) -> None:
    for language, texts in TEXTS.items():
        async with aclosing(synthesizer.speak(texts[1], language=language)) as chunks:
            await anext(chunks)
        assert (await hear(synthesizer, texts[0], language)).pcm


async def test_several_speak_at_once(synthesizer: Synthesizer) -> None:
    heard = await asyncio.gather(*(hear(synthesizer, text, language) for language, text in _cases() * 2))
    assert all(one.pcm for one in heard)


async def test_the_loop_keeps_running_while_it_speaks(synthesizer: Synthesizer) -> None:
    await hear(synthesizer, TEXTS["en"][0])
    loop = asyncio.get_running_loop()
    longest = 0.0
    speaking = asyncio.create_task(hear(synthesizer, TEXTS["en"][1]))
    while not speaking.done():
        before = loop.time()
        await asyncio.sleep(0)
        longest = max(longest, loop.time() - before)
    assert longest < 0.25  # a generous bound for a busy machine; a blocking engine takes the whole speech


async def test_nothing_to_say_is_silence(synthesizer: Synthesizer) -> None:
    assert (await hear(synthesizer, "")).pcm == b""
    assert (await hear(synthesizer, " … 😀 ", "ko")).marks == ()


async def test_a_language_it_does_not_speak_is_refused(synthesizer: Synthesizer) -> None:
    assert synthesizer.languages == {"ko", "en"}
    with pytest.raises(LanguageNotSupported):
        await hear(synthesizer, "Bonjour", "fr")


async def test_once_closed_it_does_not_speak(synthesizer: Synthesizer) -> None:
    await synthesizer.close()
    with pytest.raises(SynthesizerUnavailable):
        await hear(synthesizer, "Never said before")
    await synthesizer.close()
