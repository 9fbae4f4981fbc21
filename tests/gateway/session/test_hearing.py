from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from gateway.session import turn_taking as turns
from gateway.session.echo import ECHO, NO_ECHO, EchoWatch
from gateway.session.hearing import DOUBTED, PRE_ROLL, Hearing, LegClock
from infra.audio import AudioFrame, Resampler, read_wav
from stt.final_lag import FinalLag
from stt.transcript import Transcript
from stt.vad import Segmenter
from tests.gateway.session.stage import RATE, SILENCE, VOICE, Activity
from tests.house import EXAMPLE

CALLS = sorted((EXAMPLE / "calls").glob("*.wav"))


class Stream:
    def __init__(self) -> None:
        self.fed: list[float] = []
        self.ended = 0
        self.closed = 0
        self.settled = 0

    def feed(self, frame: AudioFrame) -> None:
        self.fed.append(frame.at)

    def end_utterance(self) -> None:
        self.ended += 1

    def settle(self) -> None:
        self.settled += 1

    def expect(self, phrases: Sequence[str]) -> None:
        pass

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
        lag=FinalLag(),
        rate=RATE,
        clock=clock,
        tell=told.append,
    )


def say(ear: Hearing, frames: int) -> None:
    for index in range(frames):
        ear.frame(AudioFrame(VOICE, RATE, index * 0.02))


def test_the_recognizer_gets_what_came_just_before_the_voice_was_noticed_and_nothing_earlier() -> None:
    stream, told, clock = Stream(), [], LegClock()
    ear = hearing(stream, told, clock)
    spoke = []
    for index in range(200):
        frame = AudioFrame(VOICE if 100 <= index < 150 else SILENCE, RATE, index * 0.02)
        clock.arrived(frame, 50.0 + frame.until)
        ear.frame(frame)
        spoke.append(ear.caller_speaks)
        if any(isinstance(event, turns.SpeechStopped) for event in told) and not stream.ended:
            ear.end_utterance()
    started, stopped = told
    assert (spoke[99], spoke[125], spoke[-1]) == (False, True, False)
    assert started == turns.SpeechStarted(pytest.approx(52.0))
    assert isinstance(stopped, turns.SpeechStopped)
    assert 2.0 - PRE_ROLL <= stream.fed[0] < 2.0
    assert stream.fed == sorted(set(stream.fed))
    assert stream.ended == 1


async def test_a_lost_stream_is_closed_when_another_takes_its_place() -> None:
    lost, fresh = Stream(), Stream()
    ear = hearing(lost, [], LegClock())
    await ear.replace(fresh)
    say(ear, 50)
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


def test_a_final_comes_even_when_the_recognizer_was_given_nothing() -> None:
    stream, told, clock = Stream(), [], LegClock()
    ear = hearing(stream, told, clock)
    ear.end_utterance()
    assert stream.ended == 0
    [event] = told
    assert isinstance(event, turns.Recognized)
    assert (event.transcript.final, event.transcript.text) == (True, "")


class Speaking(Stream):
    """A recognizer that numbers its finals from 0, as each new stream does."""

    async def transcripts(self) -> AsyncIterator[Transcript]:
        for number, text in enumerate(("hello", "there")):
            yield Transcript(number, text, (), True, "en", 0.9, lag=0.1)


async def test_utterances_are_numbered_through_when_another_recognizer_goes_on() -> None:
    ear = hearing(Speaking(), [], LegClock())
    before = [transcript.utterance async for transcript in ear.transcripts()]
    await ear.replace(Speaking())
    after = [transcript.utterance async for transcript in ear.transcripts()]
    assert before == [0, 1]
    assert len(set(before + after)) == 4
    assert sorted(before + after) == before + after
    await ear.close()


def frames(path: Path) -> list[bytes]:
    pcm, rate = read_wav(path)
    pcm = Resampler(rate, RATE).process(pcm)
    return [pcm[start : start + 320] for start in range(0, len(pcm) - 320, 320)]


def overheard(*, delay: int, loudness: float, caller: list[bytes] | None = None) -> tuple[list[turns.Event], Stream]:
    """We speak, and the line gives it back ``delay`` frames later; a caller may speak up after three seconds."""
    ours = frames(CALLS[0]) * 4
    stream, told, clock = Stream(), [], LegClock()
    ear = hearing(stream, told, clock)
    for index, mine in enumerate(ours):
        now = index * 0.02
        frame = np.frombuffer(ours[index - delay], "<i2") * loudness if index >= delay else np.zeros(160)
        if caller and 150 <= index < 150 + len(caller):
            frame = frame + np.frombuffer(caller[index - 150], "<i2")
        pcm = np.clip(frame, -32768, 32767).astype("<i2").tobytes()
        clock.arrived(AudioFrame(pcm, RATE, now), now + 0.02)
        ear.spoken(mine, now + 0.02)
        ear.frame(AudioFrame(pcm if np.abs(frame).max() > 100 else SILENCE, RATE, now))
    return told, stream


@pytest.mark.parametrize(("delay", "loudness"), [(5, 0.25), (12, 0.1), (25, 0.15)])
def test_our_own_voice_given_back_by_the_line_is_not_the_callers(delay: int, loudness: float) -> None:
    told, stream = overheard(delay=delay, loudness=loudness)
    assert told == []
    assert stream.fed == []


def test_a_caller_who_speaks_over_the_echo_is_heard() -> None:
    told, stream = overheard(delay=10, loudness=0.1, caller=frames(CALLS[1]))
    started = [event for event in told if isinstance(event, turns.SpeechStarted)]
    assert started
    assert 2.9 <= started[0].at <= 3.6
    assert stream.fed


class Watched(EchoWatch):
    """Finds the likenesses of a script, one after the other; the last one stays."""

    def __init__(self, *likenesses: float) -> None:
        super().__init__(RATE)
        self.likenesses = list(likenesses)

    def begins(self, moment: float) -> bool:
        return False

    def likeness(self, at: float, moment: float) -> float:
        return self.likenesses.pop(0) if len(self.likenesses) > 1 else self.likenesses[0]


def doubted(*likenesses: float) -> tuple[float | None, Stream]:
    """When (in seconds after it began) a voice that sounds while we speak is taken for the caller's."""
    stream, told, clock = Stream(), [], LegClock()
    ear = hearing(stream, told, clock)
    ear._echo = Watched(*likenesses)
    for index in range(200):
        frame = AudioFrame(VOICE if index >= 50 else SILENCE, RATE, index * 0.02)
        clock.arrived(frame, frame.until)
        ear.spoken(VOICE, frame.until)
        ear.frame(frame)
        if told:
            return frame.until - 1.0, stream
    return None, stream


def test_a_voice_that_is_neither_like_ours_nor_unlike_it_is_looked_at_again() -> None:
    between = (ECHO + NO_ECHO) / 2
    unlike, _ = doubted(NO_ECHO / 2)
    after_a_look, heard = doubted(between, NO_ECHO / 2)
    in_the_end, _ = doubted(between)
    assert unlike is not None
    assert after_a_look is not None
    assert in_the_end is not None
    assert unlike < after_a_look < in_the_end
    assert in_the_end == pytest.approx(DOUBTED, abs=0.15)
    assert heard.fed[0] < 1.0, "nothing of what was held back is lost"
    assert doubted(between, ECHO, between)[0] is None


def test_music_on_hold_is_nobodys_voice_and_ends_what_was_being_said() -> None:
    stream, told, clock = Stream(), [], LegClock()
    ear = hearing(stream, told, clock)
    say(ear, 30)
    ear.hold(True)
    say(ear, 200)
    assert [type(event) for event in told] == [turns.SpeechStarted, turns.SpeechStopped]
    ear.hold(False)
    for index in range(230, 260):
        ear.frame(AudioFrame(VOICE, RATE, index * 0.02))
    assert type(told[-1]) is turns.SpeechStarted
