from __future__ import annotations

import numpy as np
import pytest

from tests.tts.listening import hear
from tts.errors import LanguageNotSupported, SynthesizerUnavailable
from tts.scripted import ScriptedSynthesizer


async def test_length_follows_the_syllables_and_marks_are_exact() -> None:
    synthesizer = ScriptedSynthesizer(rate=8000, syllable_seconds=0.1)
    heard = await hear(synthesizer, "네 3개 입니다", "ko")
    assert [round(mark.at, 3) for mark in heard.marks] == [0.0, 0.14, 0.42]
    assert heard.seconds == pytest.approx(0.1 + 0.1 + 0.1 + 0.3 + 4 * 0.04)
    samples = np.frombuffer(heard.pcm, dtype="<i2")
    assert not samples[int(0.101 * 8000) : int(0.139 * 8000)].any()
    assert np.abs(samples[: int(0.1 * 8000)]).max() > 3000


async def test_the_same_text_gives_the_same_sound_and_another_gives_another() -> None:
    synthesizer = ScriptedSynthesizer()
    first, second, other = [(await hear(synthesizer, text)).pcm for text in ("Hello", "Hello", "World")]
    assert first == second != other


async def test_pace_and_refusals() -> None:
    synthesizer = ScriptedSynthesizer()
    slow, fast = await hear(synthesizer, "Hello", pace=0.5), await hear(synthesizer, "Hello", pace=1.0)
    assert slow.seconds == pytest.approx(2 * fast.seconds, rel=0.01)
    with pytest.raises(LanguageNotSupported):
        await hear(synthesizer, "Bonjour", "fr")
    await synthesizer.close()
    with pytest.raises(SynthesizerUnavailable):
        await hear(synthesizer, "Hello")
    assert list(synthesizer.said) == ["Hello", "Hello"]
