from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing

import pytest

from tests.tts.listening import hear
from tts.alignment import WordStart
from tts.errors import LanguageNotSupported, SynthesizerUnavailable
from tts.threaded import MOST_SECONDS, Emit, ThreadedSynthesizer

RATE = 8000
CHUNK_SECONDS = 0.3
CHUNK = bytes(2 * round(RATE * CHUNK_SECONDS))


class Engine:
    """Gives ``chunks`` for each clause, and waits at ``gate`` before each if there is one."""

    name = "engine"
    languages = frozenset({"en", "ko"})
    timed = True

    def __init__(self, chunks: int = 3, gate: threading.Semaphore | None = None) -> None:
        self.chunks = chunks
        self.gate = gate
        self.clauses: list[str] = []
        self.given = 0
        self.refused = threading.Event()
        self.closed = False

    def speak(self, text: str, language: str, pace: float, emit: Emit) -> None:
        self.clauses.append(text)
        for index in range(self.chunks):
            if self.gate is not None and not self.gate.acquire(timeout=10):
                raise SynthesizerUnavailable("the test never opened the gate")
            words = [WordStart(0, 0.0)] if index == 0 else []
            if not emit(CHUNK, RATE, words):
                self.refused.set()
                return
            self.given += 1

    def close(self) -> None:
        self.closed = True


async def test_clauses_follow_each_other_with_a_pause() -> None:
    engine = Engine()
    synthesizer = ThreadedSynthesizer(engine)
    heard = await hear(synthesizer, "One. Two.")
    assert engine.clauses == ["One.", "Two."]
    assert heard.seconds == pytest.approx(3 * CHUNK_SECONDS + 0.3 + 3 * CHUNK_SECONDS)
    assert [(mark.start, round(mark.at, 2)) for mark in heard.marks] == [(0, 0.0), (5, 1.2)]
    await synthesizer.close()
    assert engine.closed


async def test_sound_comes_before_the_clause_is_finished() -> None:
    gate = threading.Semaphore(1)
    synthesizer = ThreadedSynthesizer(Engine(chunks=3, gate=gate))
    async with aclosing(synthesizer.speak("One.", language="en")) as chunks:
        first = await anext(chunks)
        assert first.pcm
        gate.release(2)
        assert len([chunk async for chunk in chunks]) == 2
    await synthesizer.close()


async def test_whoever_stops_listening_stops_the_engine() -> None:
    gate = threading.Semaphore(2)
    engine = Engine(chunks=100, gate=gate)
    synthesizer = ThreadedSynthesizer(engine)
    async with aclosing(synthesizer.speak("One. Two. Three.", language="en")) as chunks:
        await anext(chunks)
    gate.release()
    await asyncio.to_thread(engine.refused.wait, 10)
    assert engine.given <= 3
    await synthesizer.close()
    assert engine.clauses == ["One."]


async def test_a_slow_listener_makes_the_engine_wait_between_clauses() -> None:
    engine = Engine(chunks=2)
    synthesizer = ThreadedSynthesizer(engine)
    async with aclosing(synthesizer.speak("One. Two. Three. Four. Five.", language="en")) as chunks:
        await anext(chunks)
        await asyncio.to_thread(synthesizer._executor.submit(int).result)  # all that was asked for is made by now
        assert engine.clauses == ["One.", "Two."]
        assert len([chunk async for chunk in chunks]) == 9
    await synthesizer.close()


async def test_a_clause_without_end_is_cut_off() -> None:
    engine = Engine(chunks=10_000)
    synthesizer = ThreadedSynthesizer(engine)
    heard = await hear(synthesizer, "One.")
    assert heard.seconds == pytest.approx(MOST_SECONDS, abs=0.4)
    await synthesizer.close()


async def test_small_sounds_are_handed_over_together_behind_the_first() -> None:
    class Fine(Engine):
        def speak(self, text: str, language: str, pace: float, emit: Emit) -> None:
            for index in range(10):
                emit(CHUNK[: len(CHUNK) // 10], RATE, [WordStart(index * 2, index * 0.03)])

    synthesizer = ThreadedSynthesizer(Fine())
    heard = await hear(synthesizer, "a b c d e f g h i j")
    assert len(heard.chunks) == 2
    assert heard.seconds == pytest.approx(CHUNK_SECONDS)
    assert [round(mark.at, 2) for mark in heard.marks] == [round(index * 0.03, 2) for index in range(10)]
    await synthesizer.close()


async def test_more_texts_than_it_may_speak_at_once_are_refused() -> None:
    gate = threading.Semaphore(2)
    synthesizer = ThreadedSynthesizer(Engine(gate=gate), capacity=1)
    async with aclosing(synthesizer.speak("One.", language="en")) as chunks:
        await anext(chunks)
        with pytest.raises(SynthesizerUnavailable, match=r"tts\.capacity"):
            await hear(synthesizer, "Two.")
        gate.release(10)
    assert (await hear(synthesizer, "Two.")).pcm
    await synthesizer.close()


async def test_closing_ends_a_speech_that_waits() -> None:
    gate = threading.Semaphore(2)
    synthesizer = ThreadedSynthesizer(Engine(gate=gate))
    async with aclosing(synthesizer.speak("One. Two.", language="en")) as chunks:
        await anext(chunks)
        closing = asyncio.create_task(synthesizer.close())
        await asyncio.sleep(0)
        gate.release(10)
        with pytest.raises(SynthesizerUnavailable, match="closed"):
            async for _ in chunks:
                pass
        await closing
    with pytest.raises(SynthesizerUnavailable, match="closed"):
        await hear(synthesizer, "One.")
    await synthesizer.close()


async def test_an_engine_that_fails_says_so_where_it_is_heard() -> None:
    class Broken(Engine):
        def speak(self, text: str, language: str, pace: float, emit: Emit) -> None:
            emit(CHUNK, RATE, ())
            emit(CHUNK, RATE, ())
            raise SynthesizerUnavailable("the voice is gone")

    synthesizer = ThreadedSynthesizer(Broken())
    with pytest.raises(SynthesizerUnavailable, match="the voice is gone"):
        await hear(synthesizer, "One.")
    async with aclosing(synthesizer.speak("One. Two.", language="en")) as chunks:
        await anext(chunks)
    await synthesizer.close()


async def test_what_it_cannot_say_is_refused_at_once() -> None:
    synthesizer = ThreadedSynthesizer(Engine())
    with pytest.raises(LanguageNotSupported, match="en, ko"):
        await hear(synthesizer, "Bonjour", "fr")
    with pytest.raises(ValueError, match="pace"):
        await hear(synthesizer, "One.", pace=9.0)
    assert (await hear(synthesizer, "😀")).chunks == ()
    await synthesizer.close()


def test_a_loop_that_is_gone_stops_the_engine() -> None:
    gate = threading.Semaphore(2)
    engine = Engine(chunks=100, gate=gate)
    synthesizer = ThreadedSynthesizer(engine)

    async def listen() -> None:
        async with aclosing(synthesizer.speak("One.", language="en")) as chunks:
            await anext(chunks)

    asyncio.run(listen())
    gate.release(100)
    assert engine.refused.wait(10)
    asyncio.run(synthesizer.close())
