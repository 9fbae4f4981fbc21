from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.audio import AudioFrame, Resampler, mulaw_decode, mulaw_encode, read_wav
from stt.errors import LanguageNotSupported, RecognizerUnavailable
from stt.model_folder import TenantNameUnusable, current_model
from stt.pocketsphinx import LanguageModelBuilder, PocketsphinxRecognizer
from stt.transcript import Transcript
from stt.worker_stream import WorkerStream

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"
RATE = 8000
TEXTS = ["Where is my order? When will I get my refund?"]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
async def recognizer(models: Path) -> AsyncIterator[PocketsphinxRecognizer]:
    recognizer = PocketsphinxRecognizer(models, streams=2)
    await recognizer.start()
    yield recognizer
    await recognizer.close()


def say(stream: WorkerStream, name: str) -> None:
    """A recording as a telephone line brings it: 8 kHz, through mu-law, packets of 20 ms."""
    pcm, rate = read_wav(CALLS / name)
    resampler = Resampler(rate, RATE)
    pcm = mulaw_decode(mulaw_encode(resampler.process(pcm) + resampler.flush()))
    for start in range(0, len(pcm), 320):
        stream.feed(AudioFrame(pcm[start : start + 320], RATE, start / 2 / RATE))


async def final_of(stream: WorkerStream) -> Transcript:
    async with asyncio.timeout(30):
        async for transcript in stream.transcripts():
            if transcript.final:
                return transcript
    raise AssertionError("no final came")


def children() -> set[int]:
    """The processes that this one started and that still run."""
    return {
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text(encoding="ascii").split()
    }


async def test_a_caller_is_heard_in_another_process(recognizer: PocketsphinxRecognizer) -> None:
    stream = await recognizer.open(language="en-US", tenant="hanbit-store")
    say(stream, "where-is-my-order.wav")
    stream.end_utterance()
    final = await final_of(stream)
    assert "order" in final.text.split()
    assert 0 < final.lag < 30
    assert final.calibrated
    assert all(0.2 < word.confidence < 1 for word in final.words)
    await stream.close()


async def test_korean_is_refused_with_what_to_do(recognizer: PocketsphinxRecognizer) -> None:
    with pytest.raises(LanguageNotSupported, match="Whisper"):
        await recognizer.open(language="ko", tenant="hanbit-store")


async def test_places_are_counted_and_when_none_is_free_that_is_said(recognizer: PocketsphinxRecognizer) -> None:
    assert recognizer.free == 2
    streams = [await recognizer.open(language="en", tenant="hanbit-store") for _ in range(2)]
    assert recognizer.free == 0
    with pytest.raises(RecognizerUnavailable, match="no recognizer is free"):
        await recognizer.open(language="en", tenant="hanbit-store")
    await streams[0].close()
    assert recognizer.free == 1
    await (await recognizer.open(language="en", tenant="hanbit-store")).close()
    await streams[1].close()


async def test_a_name_that_is_no_tenants_gets_no_stream(recognizer: PocketsphinxRecognizer) -> None:
    with pytest.raises(RecognizerUnavailable, match="cannot name a folder"):
        await recognizer.open(language="en", tenant="../elsewhere")


async def test_when_the_process_is_killed_the_reader_is_told_and_another_stream_can_be_opened(models: Path) -> None:
    before = children()
    recognizer = PocketsphinxRecognizer(models, streams=2)
    await recognizer.start()
    try:
        stream = await recognizer.open(language="en", tenant="hanbit-store")
        (worker,) = children() - before
        os.kill(worker, signal.SIGSTOP)  # it hears nothing more, so the final cannot come first
        say(stream, "where-is-my-order.wav")
        stream.end_utterance()
        os.kill(worker, signal.SIGKILL)
        heard = []
        with pytest.raises(RecognizerUnavailable, match="lost in mid-call"):
            async with asyncio.timeout(20):
                async for transcript in stream.transcripts():
                    heard.append(transcript)  # noqa: PERF401 - it ends in an error
        assert [(one.utterance, one.text) for one in heard if one.final] == [(0, "")]
        await stream.close()
        async with asyncio.timeout(20):
            while recognizer.free < 2:
                await asyncio.sleep(0.02)
        again = await recognizer.open(language="en", tenant="hanbit-store")
        say(again, "where-is-my-order.wav")
        again.end_utterance()
        assert "order" in (await final_of(again)).text.split()
        await again.close()
    finally:
        await recognizer.close()
    assert children() <= before


async def test_a_tenants_words_are_learned_while_calls_go_on(recognizer: PocketsphinxRecognizer, models: Path) -> None:
    before = await recognizer.open(language="en", tenant="learner")
    folder = await recognizer.learn("learner", TEXTS)
    assert current_model(models / "learner") == folder
    after = await recognizer.open(language="en", tenant="learner")
    for stream in (before, after):
        say(stream, "refund-time.wav")
        stream.end_utterance()
        assert "refund" in (await final_of(stream)).text.split()
        await stream.close()
    assert LanguageModelBuilder().build(list(reversed(TEXTS)), models / "learner") == folder


async def test_a_tenant_whose_name_leads_elsewhere_learns_nothing(recognizer: PocketsphinxRecognizer) -> None:
    with pytest.raises(TenantNameUnusable):
        await recognizer.learn("../elsewhere", TEXTS)


async def test_a_stock_model_that_is_damaged_stops_the_start(tmp_path: Path) -> None:
    from stt.model_folder import DICTIONARY, GENERIC, MODEL, REPORT, make_current

    folder = tmp_path / GENERIC / "en-1"
    folder.mkdir(parents=True)
    for name in (MODEL, DICTIONARY, REPORT):
        (folder / name).write_bytes(b"damaged")
    make_current(folder.parent, folder)
    recognizer = PocketsphinxRecognizer(tmp_path)
    with pytest.raises(RecognizerUnavailable, match="cannot load"):
        await recognizer.start()
    await recognizer.close()
