from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from dialog.privacy.kinds import Found, PersonalKind
from gateway.session import turn_taking as turns
from gateway.session.hearing import LegClock
from gateway.session.listening import REOPENINGS, Listening
from gateway.session.live import Live
from infra.audio import AudioFrame
from infra.workers import WorkerLost
from stt.final_lag import FinalLag
from stt.vad import Segmenter
from tests.gateway.session.stage import RATE, Activity, Ear


class Minutes:
    """What was written down of listening."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.heard: list[tuple[str, bool]] = []

    def write(self, kind: str, **payload: Any) -> None:
        self.failures.append(payload["fallback"])

    def transcript(self, transcript: Any, engine: str, *, secret: bool) -> tuple[Found, ...]:
        self.heard.append((transcript.text, secret))
        return tuple(Found(at, at + 3, PersonalKind.NAME) for at in [transcript.text.find("Kim")] if at >= 0)


def listening(heard: list[str | Exception], *, language: str = "en", secret: bool = False) -> tuple[Listening, Any]:
    ear, minutes = Ear(heard), Minutes()
    services = SimpleNamespace(
        tenant=SimpleNamespace(id="shop", languages=("en",)),
        recognizer=ear,
        activity=Activity(),
        segmenter=lambda: Segmenter(),
        final_lag=FinalLag(),
        melody=None,
        hotwords=lambda language: (),
    )
    told: list[turns.Event] = []
    seen = SimpleNamespace(ear=ear, minutes=minutes, told=told, live=Live(), silenced=[])
    one = Listening(
        services,  # type: ignore[arg-type]
        minutes,  # type: ignore[arg-type]
        seen.live,
        rate=RATE,
        clock=LegClock(),
        tell=told.append,
        secret=lambda: secret,
        silence=lambda start, end: seen.silenced.append((start, end)),
        language=lambda: language,
    )
    return one, seen


def utter(one: Listening) -> None:
    assert one.ear is not None
    one.ear._ear.fed = True
    one.ear.end_utterance()


async def test_where_nobody_hears_the_language_there_is_no_ear_and_it_is_written_down() -> None:
    one, seen = listening([], language="ko")
    await one.open()
    assert one.ear is None
    assert seen.minutes.failures == ["hand-over"]
    assert await one.read()
    one.expect(["a topic"])
    await one.close()


async def test_what_is_heard_is_written_down_shown_and_told() -> None:
    one, seen = listening(["where is it"])
    await one.open()
    async with seen.live.look_on() as onlooker:
        utter(one)
        await one.close()
        assert await one.read()
        assert (await anext(onlooker)).data["text"] == "where is it"
    assert seen.minutes.heard == [("where is it", False)]
    assert [type(event) for event in seen.told] == [turns.Recognized]


async def test_a_secret_is_shown_to_nobody() -> None:
    one, seen = listening(["one two three"], secret=True)
    await one.open()
    async with seen.live.look_on() as onlooker:
        utter(one)
        await one.close()
        await one.read()
        assert not onlooker._waiting
    assert seen.minutes.heard == [("one two three", True)]


async def test_what_is_personal_in_it_is_to_be_silent() -> None:
    one, seen = listening(["my card is 4111 1111 1111 1111"])
    await one.open()
    utter(one)
    await one.close()
    await one.read()
    ((start, end),) = seen.silenced
    assert 0.0 < start < 0.3 < 0.7 < end < 1.0


async def test_what_was_found_as_it_was_written_down_is_to_be_silent_as_well() -> None:
    one, seen = listening(["it is Kim of course"])
    await one.open()
    utter(one)
    await one.close()
    await one.read()
    ((start, end),) = seen.silenced
    assert start <= 0.2
    assert 0.3 <= end <= 0.6


async def test_an_ear_that_is_lost_again_and_again_is_lost_for_good() -> None:
    one, seen = listening([WorkerLost("killed")] * (REOPENINGS + 2))
    await one.open()
    assert one.ear is not None
    replace = one.ear.replace

    async def replaced(stream: Any) -> None:
        await replace(stream)
        utter(one)

    one.ear.replace = replaced  # type: ignore[method-assign]
    utter(one)
    assert not await one.read()
    assert seen.minutes.failures == ["opened again"] * REOPENINGS + ["hand-over"]
    assert seen.ear.opened == REOPENINGS + 2
    one.ear.frame(AudioFrame(bytes(320), RATE, 0.0))
    await one.close()
