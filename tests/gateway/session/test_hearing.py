from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.session import turn_taking as turns
from gateway.session.hearing import PRE_ROLL, Hearing, LegClock
from infra.audio import AudioFrame
from stt.transcript import Transcript
from stt.vad import Segmenter
from tests.gateway.session.stage import RATE, SILENCE, VOICE, Activity


class Stream:
    def __init__(self) -> None:
        self.fed: list[float] = []
        self.ended = 0
        self.closed = 0

    def feed(self, frame: AudioFrame) -> None:
        self.fed.append(frame.at)

    def end_utterance(self) -> None:
        self.ended += 1

    async def transcripts(self) -> AsyncIterator[Transcript]:
        return
        yield

    async def close(self) -> None:
        self.closed += 1


def hearing(stream: Stream, told: list[turns.Event], clock: LegClock) -> Hearing:
    return Hearing(
        activity=Activity(),  # type: ignore[arg-type]
        segmenter=Segmenter(min_speech=0.096),
        stream=stream,
        rate=RATE,
        clock=clock,
        tell=told.append,
    )


def test_the_recognizer_gets_what_came_just_before_the_voice_was_noticed_and_nothing_earlier() -> None:
    stream, told, clock = Stream(), [], LegClock()
    ear = hearing(stream, told, clock)
    for index in range(200):
        frame = AudioFrame(VOICE if 100 <= index < 150 else SILENCE, RATE, index * 0.02)
        clock.arrived(frame, 50.0 + frame.until)
        ear.frame(frame)
        if any(isinstance(event, turns.SpeechStopped) for event in told) and not stream.ended:
            ear.end_utterance()
    started, stopped = told
    assert started == turns.SpeechStarted(pytest.approx(52.0))
    assert isinstance(stopped, turns.SpeechStopped)
    assert 2.0 - PRE_ROLL <= stream.fed[0] < 2.0
    assert stream.fed == sorted(set(stream.fed))
    assert stream.ended == 1


async def test_a_lost_stream_is_closed_when_another_takes_its_place() -> None:
    lost, fresh = Stream(), Stream()
    ear = hearing(lost, [], LegClock())
    await ear.replace(fresh)
    ear.end_utterance()
    await ear.close()
    assert (lost.closed, lost.ended, fresh.closed, fresh.ended) == (1, 0, 1, 1)


def test_the_clock_believes_the_frame_that_no_jitter_delayed() -> None:
    clock = LegClock()
    assert clock.media(123.0) == 0.0
    for index, delay in enumerate([0.08, 0.0, 0.05]):
        frame = AudioFrame(SILENCE, RATE, index * 0.02)
        clock.arrived(frame, 10.0 + frame.until + delay)
    assert clock.moment(1.0) == pytest.approx(11.0)
    assert clock.media(11.0) == pytest.approx(1.0)
