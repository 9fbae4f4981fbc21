"""The contract of ``stt.recognizer.Recognizer``, run on the twin and on every engine, Whisper with a model of ours."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.audio import AudioFrame, Resampler, mulaw_decode, mulaw_encode, read_wav, silence
from stt.engines import Engines
from stt.errors import LanguageNotSupported
from stt.pocketsphinx import PocketsphinxRecognizer
from stt.recognizer import Recognizer, RecognizerStream
from stt.scripted import ScriptedRecognizer
from stt.settings import SttSettings
from stt.transcript import Transcript
from stt.whisper import WhisperRecognizer
from tests.stt.tinywhisper import build_tiny_whisper

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"
SAID = ("where-is-my-order.wav", "refund-time.wav")
SCRIPT = ("where is my order", "when will i get my refund")
RATE, PACKET = 8000, 160
WITHIN = 30.0


def on_the_line(name: str) -> bytes:
    """A recording as a telephone line brings it: 8 kHz, through mu-law."""
    pcm, rate = read_wav(CALLS / name)
    resampler = Resampler(rate, RATE)
    return mulaw_decode(mulaw_encode(resampler.process(pcm) + resampler.flush()))


def packets(pcm: bytes, at: float = 0.0) -> list[AudioFrame]:
    cut = [pcm[start : start + 2 * PACKET] for start in range(0, len(pcm), 2 * PACKET)]
    return [AudioFrame(part, RATE, at + index * PACKET / RATE) for index, part in enumerate(cut)]


def say(stream: RecognizerStream, pcm: bytes, at: float = 0.0) -> None:
    for frame in packets(pcm, at):
        stream.feed(frame)


async def until_finals(stream: RecognizerStream, count: int) -> list[Transcript]:
    """What is heard, up to the ``count``-th final."""
    heard: list[Transcript] = []
    async with asyncio.timeout(WITHIN):
        async for transcript in stream.transcripts():
            heard.append(transcript)
            if sum(one.final for one in heard) == count:
                break
    return heard


async def until_partial(stream: RecognizerStream) -> Transcript:
    """The first thing that is heard."""
    async with asyncio.timeout(WITHIN):
        return await anext(aiter(stream.transcripts()))


async def until_closed(stream: RecognizerStream) -> list[Transcript]:
    async with asyncio.timeout(WITHIN):
        return [transcript async for transcript in stream.transcripts()]


@pytest.fixture(scope="module", params=["scripted", "scripted-by-language", "pocketsphinx", "whisper"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def tiny_whisper(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """A model that always says "where is my order", through the real conversion."""
    if engine != "whisper":
        return None
    return build_tiny_whisper(tmp_path_factory.mktemp("tiny") / "model", tmp_path_factory.mktemp("original"))


@pytest.fixture
async def recognizer(engine: str, tiny_whisper: Path | None, tmp_path: Path) -> AsyncIterator[Recognizer]:
    match engine:
        case "whisper":
            made: Recognizer = WhisperRecognizer(SttSettings(model=str(tiny_whisper), device="cpu"), tmp_path)
            await made.start()  # type: ignore[attr-defined]
        case "pocketsphinx":
            made = PocketsphinxRecognizer(tmp_path)
            await made.start()  # type: ignore[attr-defined]
        case "scripted":
            made = ScriptedRecognizer(SCRIPT)
        case _:
            made = Engines({"en": ScriptedRecognizer(SCRIPT)}, language_model=False)
    yield made
    await made.close()


async def open_stream(recognizer: Recognizer) -> RecognizerStream:
    return await recognizer.open(language="en", tenant="hanbit-store")


async def test_each_ended_utterance_has_one_final_after_its_partials(recognizer: Recognizer) -> None:
    stream = await open_stream(recognizer)
    at = 0.0
    heard: list[Transcript] = []
    for name in SAID:
        pcm = on_the_line(name)
        say(stream, pcm, at)
        heard.append(await until_partial(stream))
        stream.end_utterance()
        stream.settle()
        heard += await until_finals(stream, 1)
        at += len(pcm) / 2 / RATE + 1.0
    await stream.close()
    assert [one.utterance for one in heard if one.final] == [0, 1]
    for number in range(len(SAID)):
        kinds = [one.final for one in heard if one.utterance == number]
        assert len(kinds) > 1, "partials came before it"
        assert kinds == [False] * (len(kinds) - 1) + [True]
    assert [one.utterance for one in heard] == sorted(one.utterance for one in heard)


async def test_a_final_tells_words_with_media_times_in_order(recognizer: Recognizer) -> None:
    stream = await open_stream(recognizer)
    pcm = on_the_line(SAID[0])
    say(stream, pcm, at=10.0)
    stream.end_utterance()
    (final,) = [one for one in await until_finals(stream, 1) if one.final]
    await stream.close()
    assert "order" in final.text.split()
    assert final.text == " ".join(word.text for word in final.words)
    assert final.language == "en"
    assert 0 < final.confidence <= 1
    assert all(0 <= word.confidence <= 1 and word.start < word.end for word in final.words)
    assert all(before.end <= after.start + 1e-6 for before, after in itertools.pairwise(final.words))
    assert 10.0 <= final.words[0].start < final.words[-1].end <= 10.0 + len(pcm) / 2 / RATE + 0.1


async def test_without_sound_there_is_no_final(recognizer: Recognizer) -> None:
    stream = await open_stream(recognizer)
    stream.end_utterance()
    stream.end_utterance()
    say(stream, on_the_line(SAID[0]))
    stream.end_utterance()
    stream.end_utterance()
    heard = await until_finals(stream, 1)
    assert [one.utterance for one in heard if one.final] == [0]
    await stream.close()
    assert await until_closed(stream) == []


async def test_what_is_not_ended_has_no_final(recognizer: Recognizer) -> None:
    stream = await open_stream(recognizer)
    say(stream, on_the_line(SAID[0]))
    await stream.close()
    assert not any(one.final for one in await until_closed(stream))


async def test_a_final_does_not_change_any_more_and_nothing_that_was_stable_does(recognizer: Recognizer) -> None:
    stream = await open_stream(recognizer)
    say(stream, on_the_line(SAID[0]))
    stream.end_utterance()
    *partials, final = await until_finals(stream, 1)
    await stream.close()
    assert final.stable == len(final.text) > 0
    assert all(final.text.startswith(one.text[: one.stable]) for one in partials)
    assert [one.stable for one in partials] == sorted(one.stable for one in partials)


async def test_each_end_has_its_final_and_what_was_settled_is_never_gone_on_with(recognizer: Recognizer) -> None:
    stream = await open_stream(recognizer)
    stream.expect(["order", "refund"])
    at = 0.0
    for name in SAID:
        pcm = on_the_line(name)
        half = len(pcm) // 4 * 2
        for part in (pcm[:half], pcm[half:]):
            say(stream, part, at)
            stream.end_utterance()
            at += len(part) / 2 / RATE
        stream.settle()
    finals = [one for one in await until_finals(stream, 4) if one.final]
    await stream.close()
    assert len(finals) == 4
    assert [one.utterance for one in finals] == sorted(one.utterance for one in finals)
    assert finals[1].utterance < finals[2].utterance, "settled in between"


async def test_a_caller_may_be_said_to_change_languages(recognizer: Recognizer) -> None:
    stream = await recognizer.open(language="en", tenant="hanbit-store", languages=("en", "ko"))
    say(stream, on_the_line(SAID[0]))
    stream.end_utterance()
    (final,) = [one for one in await until_finals(stream, 1) if one.final]
    assert final.language in ("en", "ko")
    await stream.close()


async def test_a_turn_without_speech_has_a_final_all_the_same(recognizer: Recognizer) -> None:
    stream = await open_stream(recognizer)
    say(stream, silence(RATE, 0.5))
    stream.end_utterance()
    assert [one.utterance for one in await until_finals(stream, 1) if one.final] == [0]
    await stream.close()


async def test_a_stream_is_closed_twice_and_ends_its_reader(recognizer: Recognizer) -> None:
    stream = await open_stream(recognizer)
    reading = asyncio.create_task(until_closed(stream))
    await asyncio.sleep(0)
    await stream.close()
    await stream.close()
    assert await reading == []


async def test_streams_do_not_hear_one_another(recognizer: Recognizer) -> None:
    first, second = await open_stream(recognizer), await open_stream(recognizer)
    say(first, on_the_line(SAID[0]))
    first.end_utterance()
    assert [one.utterance for one in await until_finals(first, 1) if one.final] == [0]
    await second.close()
    assert await until_closed(second) == []
    await first.close()


async def test_a_language_it_does_not_hear_is_refused(recognizer: Recognizer) -> None:
    assert "fr" not in recognizer.languages
    with pytest.raises(LanguageNotSupported):
        await recognizer.open(language="fr", tenant="hanbit-store")
