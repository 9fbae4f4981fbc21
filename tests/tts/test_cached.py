from __future__ import annotations

from contextlib import aclosing

import pytest

from tests.tts.listening import hear
from tts.cached import MOST_PHRASES, CachedSynthesizer
from tts.scripted import ScriptedSynthesizer


async def test_a_declared_phrase_is_made_once() -> None:
    inner = ScriptedSynthesizer()
    cached = CachedSynthesizer(inner, most_bytes=1_000_000)
    cached.keep("안녕하세요", language="ko")
    first, second = await hear(cached, "안녕하세요", "ko"), await hear(cached, "안녕하세요", "ko")
    assert first == second
    assert list(inner.said) == ["안녕하세요"]
    assert cached.bytes_held == len(first.pcm)


async def test_pace_and_language_are_part_of_the_phrase() -> None:
    inner = ScriptedSynthesizer()
    cached = CachedSynthesizer(inner, most_bytes=1_000_000)
    await cached.prepare(["hello"], language="en")
    await hear(cached, "hello", "en", pace=0.8)
    await hear(cached, "hello", "ko")
    assert len(inner.said) == 3


async def test_what_was_not_declared_is_never_kept() -> None:
    inner = ScriptedSynthesizer()
    cached = CachedSynthesizer(inner, most_bytes=1_000_000)
    for _ in range(2):
        await hear(cached, "Ms. Kim, your order is ready")
    assert len(inner.said) == 2
    assert cached.bytes_held == 0


async def test_prepared_phrases_need_no_engine() -> None:
    inner = ScriptedSynthesizer()
    cached = CachedSynthesizer(inner, most_bytes=1_000_000)
    await cached.prepare(["one moment", "hello"], language="en")
    await inner.close()
    assert (await hear(cached, "one moment")).pcm


async def test_a_speech_that_was_broken_off_is_not_kept() -> None:
    cached = CachedSynthesizer(ScriptedSynthesizer(), most_bytes=1_000_000)
    cached.keep("one moment please", language="en")
    async with aclosing(cached.speak("one moment please", language="en")) as chunks:
        await anext(chunks)
    assert cached.bytes_held == 0


async def test_the_least_recently_spoken_goes_first() -> None:
    inner = ScriptedSynthesizer()
    size = len((await hear(inner, "aa")).pcm)
    cached = CachedSynthesizer(inner, most_bytes=2 * size)
    await cached.prepare(["aa", "bb"], language="en")
    inner.said.clear()
    await hear(cached, "aa")
    await cached.prepare(["cc"], language="en")
    assert cached.bytes_held <= 2 * size
    await hear(cached, "aa")
    await hear(cached, "cc")
    assert list(inner.said) == ["cc"]
    await hear(cached, "bb")
    assert list(inner.said) == ["cc", "bb"]


@pytest.mark.parametrize("most_bytes", [0, 100])
async def test_a_phrase_larger_than_the_memory_is_spoken_but_not_kept(most_bytes: int) -> None:
    cached = CachedSynthesizer(ScriptedSynthesizer(), most_bytes=most_bytes)
    await cached.prepare(["hello"], language="en")
    assert cached.bytes_held == 0
    assert (await hear(cached, "hello")).pcm


async def test_declarations_are_bounded_and_closing_forgets() -> None:
    inner = ScriptedSynthesizer()
    cached = CachedSynthesizer(inner, most_bytes=1_000_000)
    await cached.prepare(["first"], language="en")
    for number in range(MOST_PHRASES):
        cached.keep(f"phrase {number}", language="en")
    assert cached.bytes_held == 0
    await cached.prepare(["last"], language="en")
    await cached.close()
    assert cached.bytes_held == 0
