from __future__ import annotations

import pytest

from infra.audio import AudioFrame, silence
from stt import scripted
from stt.scripted import CONFIDENCE, SECONDS_PER_WORD, ScriptedRecognizer, ScriptedStream
from stt.transcript import Transcript


async def opened(*script: str, language: str = "en") -> ScriptedStream:
    return await ScriptedRecognizer(script).open(language=language, tenant="hanbit-store")


def feed(stream: ScriptedStream, seconds: float, at: float = 0.0) -> None:
    for number in range(round(seconds / 0.02)):
        stream.feed(AudioFrame(silence(8000, 0.02), 8000, at + number * 0.02))


async def heard(stream: ScriptedStream) -> list[Transcript]:
    await stream.close()
    return [transcript async for transcript in stream.transcripts()]


async def test_partials_grow_word_by_word_and_one_final_ends_the_utterance() -> None:
    stream = await opened("where is my order")
    feed(stream, 4.5 * SECONDS_PER_WORD)
    stream.end_utterance()
    found = await heard(stream)
    assert [(t.text, t.final) for t in found] == [
        ("where", False),
        ("where is", False),
        ("where is my", False),
        ("where is my order", False),
        ("where is my order", True),
    ]
    assert {t.utterance for t in found} == {0}
    assert {t.confidence for t in found} == {CONFIDENCE}
    assert {t.language for t in found} == {"en"}


async def test_a_final_has_all_its_words_however_short_the_sound() -> None:
    stream = await opened("where is my order")
    feed(stream, 0.1)
    stream.end_utterance()
    (final,) = await heard(stream)
    assert final.text == "where is my order"
    assert final.final


async def test_words_lie_one_after_the_other_from_where_the_utterance_began() -> None:
    stream = await opened("one", "two three")
    feed(stream, 0.1, at=1.0)
    stream.end_utterance()
    feed(stream, 0.1, at=7.0)
    stream.end_utterance()
    _, final = await heard(stream)
    assert [(w.text, w.start, w.end) for w in final.words] == [
        ("two", 7.0, pytest.approx(7.0 + SECONDS_PER_WORD)),
        ("three", pytest.approx(7.0 + SECONDS_PER_WORD), pytest.approx(7.0 + 2 * SECONDS_PER_WORD)),
    ]


async def test_utterances_are_counted_and_after_the_script_nothing_is_understood() -> None:
    stream = await opened("yes", "no")
    for _ in range(3):
        feed(stream, 0.1)
        stream.end_utterance()
    found = await heard(stream)
    assert [(t.utterance, t.text, t.final) for t in found] == [(0, "yes", True), (1, "no", True), (2, "", True)]
    assert (found[2].words, found[2].confidence) == ((), 0.0)


async def test_an_utterance_without_sound_has_no_final_and_uses_up_no_script() -> None:
    stream = await opened("yes")
    stream.end_utterance()
    feed(stream, 0.1)
    stream.end_utterance()
    stream.end_utterance()
    assert [t.text for t in await heard(stream)] == ["yes"]


async def test_each_stream_begins_the_script_anew_in_its_own_language() -> None:
    recognizer = ScriptedRecognizer(["네", "아니요"])
    assert recognizer.languages == {"ko", "en"}
    for language in ("ko", "en"):
        stream = await recognizer.open(language=language, tenant="hanbit-store")
        feed(stream, 0.1)
        stream.end_utterance()
        assert [(t.text, t.language) for t in await heard(stream)] == [("네", language)]
    await recognizer.close()


async def test_when_nobody_reads_partials_are_dropped_and_finals_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripted, "MOST_WAITING", 3)
    stream = await opened(*["one two three four"] * 2)
    for _ in range(2):
        feed(stream, 2.0)
        stream.end_utterance()
    assert [t.final for t in await heard(stream)] == [False, False, False, True, True]


async def test_a_stream_may_be_closed_twice() -> None:
    stream = await opened("yes")
    await stream.close()
    assert await heard(stream) == []
