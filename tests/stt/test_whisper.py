from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.audio import AudioFrame, read_wav, silence
from stt.engines import Engines
from stt.errors import LanguageNotSupported, RecognizerUnavailable
from stt.settings import SttSettings
from stt.transcript import Transcript
from stt.whisper import WhisperRecognizer
from stt.worker_stream import WorkerStream
from tests.stt.tinywhisper import build_tiny_whisper

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that always says "where is my order", through the real conversion."""
    return build_tiny_whisper(tmp_path_factory.mktemp("tiny") / "model", tmp_path_factory.mktemp("original"))


@pytest.fixture
async def recognizer(tiny: Path, tmp_path: Path) -> AsyncIterator[WhisperRecognizer]:
    recognizer = WhisperRecognizer(SttSettings(model=str(tiny), device="cpu", streams=2), tmp_path)
    await recognizer.start()
    yield recognizer
    await recognizer.close()


def say(stream: WorkerStream, pcm: bytes, rate: int, at: float = 0.0) -> None:
    size = rate // 50 * 2
    for start in range(0, len(pcm), size):
        stream.feed(AudioFrame(pcm[start : start + size], rate, at + start / 2 / rate))


async def finals(stream: WorkerStream, count: int) -> list[Transcript]:
    found: list[Transcript] = []
    async with asyncio.timeout(60):
        async for transcript in stream.transcripts():
            if transcript.final:
                found.append(transcript)
            if len(found) == count:
                break
    return found


@pytest.mark.parametrize("language", ["en-US", "ko"])
async def test_a_turn_has_one_final_in_the_language_of_the_call(recognizer: WhisperRecognizer, language: str) -> None:
    stream = await recognizer.open(language=language, tenant="hanbit-store")
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    stream.end_utterance()
    for at in (0.0, 10.0):
        say(stream, pcm, rate, at)
        stream.end_utterance()
        stream.settle()
    say(stream, silence(rate, 1.0), rate, at=20.0)
    stream.end_utterance()
    found = await finals(stream, 3)
    assert [one.utterance for one in found] == [0, 1, 2]
    assert [one.text for one in found] == ["where is my order", "where is my order", ""]
    assert {one.language for one in found} == {language[:2]}
    assert found[1].words[0].start >= 10.0
    assert all(one.lag > 0 for one in found)
    await stream.close()
    await stream.close()


async def test_an_end_is_a_speculation_until_it_is_settled(recognizer: WhisperRecognizer) -> None:
    stream = await recognizer.open(language="en", tenant="hanbit-store", languages=("en-US", "ko-KR", "fr"))
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    seconds = len(pcm) / 2 / rate
    for part in range(2):
        say(stream, pcm, rate, at=part * seconds)
        stream.end_utterance()
    stream.settle()
    say(stream, pcm, rate, at=30.0)
    stream.end_utterance()
    found = await finals(stream, 3)
    await stream.close()
    assert [one.utterance for one in found] == [0, 0, 1]
    assert [one.text for one in found[1:]] == ["where is my order"] * 2
    assert found[2].words[0].start >= 30.0


async def test_waits_in_the_queue_reach_admission(recognizer: WhisperRecognizer) -> None:
    stream = await recognizer.open(language="en", tenant="hanbit-store")
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    say(stream, pcm, rate)
    stream.end_utterance()
    (final,) = await finals(stream, 1)
    await stream.close()
    assert final.waited > 0
    assert recognizer.waiting >= final.waited
    assert Engines({"en": recognizer}, language_model=False).waiting >= final.waited


async def test_another_language_is_refused(recognizer: WhisperRecognizer) -> None:
    with pytest.raises(LanguageNotSupported, match="'fr' is not offered"):
        await recognizer.open(language="fr", tenant="hanbit-store")


async def test_places_are_counted(recognizer: WhisperRecognizer) -> None:
    streams = [await recognizer.open(language="en", tenant="hanbit-store") for _ in range(2)]
    assert recognizer.free == 0
    with pytest.raises(RecognizerUnavailable, match="no recognizer is free"):
        await recognizer.open(language="en", tenant="hanbit-store")
    for stream in streams:
        await stream.close()
    assert recognizer.free == 2


def test_without_a_model_in_the_settings_there_is_no_recognizer(tmp_path: Path) -> None:
    with pytest.raises(RecognizerUnavailable, match="AICC_STT_MODEL"):
        WhisperRecognizer(SttSettings(), tmp_path)


@pytest.mark.parametrize("content", [None, b"this is no model"])
async def test_a_model_that_is_missing_or_damaged_stops_the_start_with_what_to_do(
    tmp_path: Path, content: bytes | None
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    if content is not None:
        (folder / "model.bin").write_bytes(content)
    recognizer = WhisperRecognizer(SttSettings(model=f"{folder}{os.sep}", device="cpu"), tmp_path)
    with pytest.raises(RecognizerUnavailable, match="give a folder"):
        await recognizer.start()
    await recognizer.close()
