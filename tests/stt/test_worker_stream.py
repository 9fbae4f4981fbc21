from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from infra.audio import AudioFrame
from infra.telemetry.metrics import metrics
from infra.workers import PoolFull, WorkerLost, WorkerPool
from stt.errors import LanguageNotSupported, RecognizerUnavailable
from stt.queue_wait import QueueWait
from stt.transcript import Transcript, Word
from stt.worker_stream import WorkerStream, open_worker_stream

RATE = 8000
PACKET = 0.02


class ScriptedLease:
    """A lease that takes ``room`` casts and keeps what it took."""

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.taken: list[tuple[Any, ...]] = []
        self.releases = 0
        self.told: asyncio.Queue[Transcript | Exception | None] = asyncio.Queue()
        self._opened: Any = None

    def cast(self, method: str, *args: object) -> bool:
        if self.room <= 0:
            return False
        self.room -= 1
        self.taken.append((method, *args))
        return True

    def when_room(self, callback: Any) -> None:
        self._opened = callback

    def make_room(self, count: int) -> None:
        self.room += count
        if self._opened is not None:
            callback, self._opened = self._opened, None
            callback()

    async def events(self) -> AsyncIterator[Transcript]:
        while (event := await self.told.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event

    async def release(self) -> None:
        self.releases += 1
        self.told.put_nowait(None)

    @property
    def sound(self) -> bytes:
        return b"".join(message[2] for message in self.taken if message[0] == "hear")

    @property
    def asked(self) -> list[tuple[Any, ...]]:
        return [("hear", message[1]) if message[0] == "hear" else message for message in self.taken]

    @property
    def ends(self) -> list[int]:
        return [message[1] for message in self.taken if message[0] == "end"]


def stream_on(lease: ScriptedLease, **options: Any) -> WorkerStream:
    return WorkerStream(cast(Any, lease), "en", **options)


def speech(seconds: float, at: float = 0.0, rate: int = RATE) -> list[AudioFrame]:
    """Packets of 20 ms, each of its own value."""
    count = round(seconds / PACKET)
    return [
        AudioFrame((index + 1).to_bytes(2, "little") * int(rate * PACKET), rate, at + index * PACKET)
        for index in range(count)
    ]


def feed(stream: WorkerStream, frames: list[AudioFrame]) -> None:
    for frame in frames:
        stream.feed(frame)


def final(utterance: int, confidence: float = 0.8) -> Transcript:
    return Transcript(utterance, "order", (Word("order", 0.0, 0.4, confidence),), True, "en", confidence)


async def test_sound_goes_on_whole_in_order_and_gathered() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease)
    frames = speech(0.5)
    feed(stream, frames)
    assert len(lease.taken) == 5, "a message for each tenth of a second"
    stream.end_utterance()
    assert lease.sound == b"".join(frame.pcm for frame in frames)
    assert [message[1] for message in lease.taken] == [0] * 6
    assert [message[4] for message in lease.taken[:-1]] == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert lease.ends == [0]


async def test_what_was_gathered_goes_before_the_end() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease)
    feed(stream, speech(0.06))
    assert lease.taken == []
    stream.end_utterance()
    assert [message[0] for message in lease.taken] == ["hear", "end"]


async def test_a_gap_and_a_new_rate_begin_a_new_message_with_its_own_time() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease)
    feed(stream, [*speech(0.04, at=1.0), *speech(0.04, at=2.0), *speech(0.04, at=2.04, rate=16000)])
    stream.end_utterance()
    heard = [message[3:] for message in lease.taken if message[0] == "hear"]
    assert heard == [(RATE, 1.0), (RATE, 2.0), (16000, 2.04)]


async def test_each_utterance_has_its_number_and_one_without_sound_has_none() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease)
    stream.end_utterance()
    stream.feed(AudioFrame(b"", RATE, 0.0))
    stream.end_utterance()
    assert lease.taken == []
    feed(stream, speech(0.1))
    stream.end_utterance()
    stream.end_utterance()
    feed(stream, speech(0.1, at=1.0))
    stream.end_utterance()
    assert lease.ends == [0, 1]


async def test_what_the_process_cannot_take_waits_and_follows_in_order() -> None:
    lease = ScriptedLease(room=1)
    stream = stream_on(lease)
    frames = speech(0.5)
    feed(stream, frames)
    stream.end_utterance()
    assert len(lease.taken) == 1
    lease.make_room(2)
    assert len(lease.taken) == 3
    lease.make_room(10)
    assert lease.sound == b"".join(frame.pcm for frame in frames)
    assert lease.taken[-1] == ("end", 0)
    assert stream.dropped_seconds == 0


async def test_over_the_backlog_the_oldest_sound_is_dropped_and_confidence_says_so() -> None:
    lease = ScriptedLease(room=0)
    stream = stream_on(lease, backlog=0.5)
    frames = speech(1.0)
    feed(stream, frames)
    stream.end_utterance()
    assert stream.dropped_seconds == pytest.approx(0.5)
    lease.make_room(100)
    assert lease.sound == b"".join(frame.pcm for frame in frames[25:]), "the newest half is left"
    lease.told.put_nowait(final(0, 0.8))
    transcript = await anext(stream.transcripts())
    assert transcript.confidence == pytest.approx(0.4)
    assert transcript.words[0].confidence == pytest.approx(0.4)


async def test_the_loss_of_one_utterance_is_not_counted_against_the_next() -> None:
    lease = ScriptedLease(room=0)
    stream = stream_on(lease, backlog=0.5)
    feed(stream, speech(1.0))
    stream.end_utterance()
    lease.make_room(100)
    feed(stream, speech(0.4, at=3.0))
    stream.end_utterance()
    lease.told.put_nowait(final(0))
    lease.told.put_nowait(final(1))
    transcripts = stream.transcripts()
    assert [(await anext(transcripts)).confidence for _ in range(2)] == pytest.approx([0.4, 0.8])


async def test_an_end_is_never_dropped() -> None:
    lease = ScriptedLease(room=0)
    stream = stream_on(lease, backlog=0.2)
    for number in range(5):
        feed(stream, speech(0.2, at=float(number)))
        stream.end_utterance()
    lease.make_room(100)
    assert lease.ends == [0, 1, 2, 3, 4]


async def test_a_partial_passes_as_it_is_and_a_final_tells_its_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    lease = ScriptedLease()
    stream = stream_on(lease)
    loop = asyncio.get_running_loop()
    feed(stream, speech(0.2))
    partial = Transcript(0, "or", (), False, "en", 0.0)
    lease.told.put_nowait(partial)
    transcripts = stream.transcripts()
    assert await anext(transcripts) is partial
    with monkeypatch.context() as patch:
        asked = loop.time()
        patch.setattr(loop, "time", lambda: asked)
        stream.end_utterance()
    lease.told.put_nowait(final(0))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "time", lambda: asked + 0.25)
        told = await anext(transcripts)
    assert told.lag == pytest.approx(0.25)


async def test_when_the_process_dies_each_ended_utterance_gets_an_empty_final_and_the_reader_is_told() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease)
    for number in range(2):
        feed(stream, speech(0.2, at=float(number)))
        stream.end_utterance()
    feed(stream, speech(0.2, at=5.0))  # not ended: it gets none
    lease.told.put_nowait(WorkerLost("the process died"))
    heard = []
    with pytest.raises(RecognizerUnavailable, match="lost in mid-call"):
        async for transcript in stream.transcripts():
            heard.append(transcript)  # noqa: PERF401 - it ends in an error
    assert [(one.utterance, one.text, one.final, one.confidence) for one in heard] == [
        (0, "", True, 0.0),
        (1, "", True, 0.0),
    ]


async def test_after_closing_nothing_is_sent_and_closing_again_is_nothing() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease)
    await stream.close()
    feed(stream, speech(0.5))
    stream.end_utterance()
    assert lease.taken == []
    assert [transcript async for transcript in stream.transcripts()] == []
    await stream.close()


# --- A session that takes an early end as a speculation ----------------------------------------------------------


async def test_sound_after_an_end_goes_on_with_the_utterance_until_it_is_settled() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease, speculative=True)
    for _ in range(2):
        feed(stream, speech(0.1))
        stream.end_utterance()
    stream.settle()
    stream.settle()
    feed(stream, speech(0.1))
    stream.end_utterance()
    assert lease.asked == [
        ("hear", 0), ("end", 0), ("hear", 0), ("end", 0), ("settle",), ("hear", 1), ("end", 1),
    ]  # fmt: skip


async def test_what_came_after_the_end_that_is_settled_is_of_the_next_utterance() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease, speculative=True)
    feed(stream, speech(0.1))
    stream.end_utterance()
    feed(stream, speech(0.16))
    stream.settle()
    feed(stream, speech(0.1))
    stream.end_utterance()
    assert lease.asked == [
        ("hear", 0), ("end", 0), ("hear", 0), ("hear", 0), ("settle",), ("hear", 1), ("end", 1),
    ]  # fmt: skip
    assert len(lease.sound) == 2 * RATE * 36 // 100


async def test_an_utterance_that_is_only_what_came_before_it_was_settled_has_a_final() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease, speculative=True)
    feed(stream, speech(0.1))
    stream.end_utterance()
    feed(stream, speech(0.1))
    stream.settle()
    stream.end_utterance()
    lease.told.put_nowait(final(0, 0.8))
    lease.told.put_nowait(final(1, 0.8))
    transcripts = stream.transcripts()
    assert [(await anext(transcripts)).confidence for _ in range(2)] == pytest.approx([0.8, 0.8])


async def test_an_utterance_that_was_never_ended_is_not_settled() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease, speculative=True)
    stream.settle()
    feed(stream, speech(0.1))
    stream.settle()
    stream.end_utterance()
    assert lease.asked == [("hear", 0), ("end", 0)]


async def test_each_end_of_one_utterance_has_a_final_with_its_own_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    lease = ScriptedLease()
    stream = stream_on(lease, speculative=True)
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)
    for _ in range(2):
        feed(stream, speech(0.2))
        stream.end_utterance()
        now += 1.0
    lease.told.put_nowait(Transcript(0, "", (), True, "en", 0.0))
    lease.told.put_nowait(final(0))
    transcripts = stream.transcripts()
    told = [await anext(transcripts) for _ in range(2)]
    assert [(one.text, one.lag, one.stable) for one in told] == [
        ("", pytest.approx(2.0), 0),
        ("order", pytest.approx(1.0), 5),
    ]


async def test_of_what_is_expected_the_newest_alone_waits_for_the_process() -> None:
    lease = ScriptedLease(room=1)
    stream = stream_on(lease, speculative=True)
    stream.expect(["Hanbit"])
    stream.expect(["refund", "order"])
    stream.expect(["delivery"])
    lease.make_room(10)
    assert lease.taken == [("expect", ("Hanbit",)), ("expect", ("delivery",))]


async def test_a_session_that_does_not_speculate_is_told_nothing_of_it() -> None:
    lease = ScriptedLease()
    stream = stream_on(lease)
    stream.expect(["order"])
    feed(stream, speech(0.1))
    stream.end_utterance()
    stream.settle()
    feed(stream, speech(0.1))
    assert lease.asked == [("hear", 0), ("end", 0), ("hear", 1)]


async def test_waits_in_the_queue_are_gathered_for_admission() -> None:
    lease, waits = ScriptedLease(), QueueWait()
    stream = stream_on(lease, speculative=True, waits=waits)
    counted = metrics.value("aicc_stt_queue_wait_seconds_count")
    lease.told.put_nowait(Transcript(0, "or", (), False, "en", 0.0, waited=0.4))
    await anext(stream.transcripts())
    assert waits.quantile(1.0, asyncio.get_running_loop().time()) == 0.4
    assert metrics.value("aicc_stt_queue_wait_seconds_count") == counted + 1


class RefusingPool:
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def lease(self, *_: object, timeout: float) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PoolFull("eight of eight"), "no recognizer is free: eight of eight"),
        (WorkerLost("it died"), "takes no stream: it died"),
        (LanguageNotSupported("not Latin"), "takes no stream: not Latin"),
        (RecognizerUnavailable("no such model"), "^no such model$"),
    ],
)
async def test_a_stream_that_cannot_be_opened_says_why(error: Exception, says: str) -> None:
    with pytest.raises(RecognizerUnavailable, match=says):
        await open_worker_stream(cast(WorkerPool, RefusingPool(error)), "hanbit-store", language="en")
