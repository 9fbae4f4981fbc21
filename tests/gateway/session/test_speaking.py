from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from gateway.session import playback
from gateway.session.speaking import speak
from tests.gateway.session.stage import WORD, Mouth
from tts.errors import SynthesizerUnavailable
from tts.speech import SpeechChunk


async def test_sentences_are_spoken_in_order_at_the_legs_rate_with_their_marks() -> None:
    told: list[playback.Event] = []
    await speak(
        Mouth(),
        reply=3,
        sentences=("one two", "three"),
        language="en",
        gain=0.0,
        pace=1.0,
        rate=16000,
        tell=told.append,
        wanted=lambda: True,
    )
    seconds = [0.0, 0.0]
    for event in told:
        if isinstance(event, playback.SpeechReady):
            seconds[event.sentence] += len(event.pcm) / 2 / 16000
    assert seconds == pytest.approx([2 * WORD, WORD], abs=0.01)
    assert [event for event in told if isinstance(event, playback.SentenceReady)] == [
        playback.SentenceReady(3, 0),
        playback.SentenceReady(3, 1),
    ]
    marks = [mark.start for event in told if isinstance(event, playback.SpeechReady) for mark in event.marks]
    assert marks == [0, 4, 0]


async def test_speech_that_nobody_wants_any_more_is_not_made() -> None:
    told: list[playback.Event] = []
    await speak(
        Mouth(),
        reply=1,
        sentences=("one two three", "four"),
        language="en",
        gain=0.0,
        pace=1.0,
        rate=8000,
        tell=told.append,
        wanted=lambda: len(told) < 1,
    )
    assert [event.sentence for event in told if isinstance(event, playback.SpeechReady)] == [0]


class Hoarse(Mouth):
    async def speak(self, text: str, *, language: str, pace: float = 1.0) -> AsyncGenerator[SpeechChunk, None]:
        if text == "two":
            raise SynthesizerUnavailable("no voice")
        async for chunk in super().speak(text, language=language, pace=pace):
            yield chunk


async def test_a_voice_that_fails_leaves_no_reply_that_never_ends() -> None:
    told: list[playback.Event] = []
    with pytest.raises(SynthesizerUnavailable):
        await speak(
            Hoarse(),
            reply=1,
            sentences=("one", "two", "three"),
            language="en",
            gain=0.0,
            pace=1.0,
            rate=8000,
            tell=told.append,
            wanted=lambda: True,
        )
    ready = [event.sentence for event in told if isinstance(event, playback.SentenceReady)]
    assert ready == [0, 1, 2]
