"""People in a call: who is heard, recorded, and let go, in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.session.conference import Mode
from gateway.session.errors import NotInCall
from tests.gateway.session.desk_stage import KIM, LEE, handed_over, heard_at, now, seat
from tests.gateway.session.stage import VOICE, Stage


def test_what_people_say_to_the_caller_is_on_the_recording_and_a_whisper_is_not() -> None:
    async def script(stage: Stage) -> None:
        whisperer, _ = await seat(stage, LEE, Mode.WHISPER)
        leg, _ = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        stage.recorder.heard.clear()
        whisperer.loud_until = now() + 1.0
        await asyncio.sleep(1.5)
        assert VOICE in [pcm for _, pcm in leg.sent]
        assert not any(any(frame.pcm) for frame in stage.recorder.heard)
        leg.loud_until = now() + 1.0
        await asyncio.sleep(1.5)
        assert sum(frame.pcm == VOICE for frame in stage.recorder.heard) > 40
        stage.hang_up()

    handed_over(script, consent="notice")


def test_a_person_who_comes_in_by_a_new_line_goes_on_and_the_old_line_ends() -> None:
    async def script(stage: Stage) -> None:
        old, before = await seat(stage, KIM, Mode.TALK)
        new, _ = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        assert "another line" in (await before).why
        assert old.hung_up_at is not None
        assert len(stage.session.room.people.seats) == 1
        stage.leg.loud_until = now() + 1.0
        await asyncio.sleep(1.5)
        assert VOICE in [pcm for _, pcm in new.sent]
        stage.hang_up()

    handed_over(script)


def test_nobody_can_be_changed_or_sent_away_who_is_not_there() -> None:
    async def script(stage: Stage) -> None:
        with pytest.raises(NotInCall):
            await stage.session.room.people.change("kim", muted=True)
        with pytest.raises(NotInCall):
            await stage.session.room.people.dismiss("kim", "never there")
        stage.hang_up()

    handed_over(script)


def test_who_has_left_and_still_sends_is_not_heard_and_breaks_nothing() -> None:
    async def script(stage: Stage) -> None:
        leg, _ = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        listened = leg.hang_up

        async def deaf(reason: str) -> None:
            """The far end has not noticed yet."""

        leg.hang_up = deaf  # type: ignore[method-assign]
        await stage.session.room.people.dismiss("kim", "left")
        since = now()
        leg.loud_until = since + 0.5
        await asyncio.sleep(1.0)
        assert not [at for at in heard_at(stage.leg, VOICE) if at > since]
        await listened("gone")
        stage.hang_up()

    handed_over(script)


def slow_ears(stage: Stage, seconds: float) -> list[Any]:
    """Have each further ear take a while to be opened; those that were opened."""
    opened: list[Any] = []
    open_now = stage.ear.open

    async def open_late(**asked: Any) -> Any:
        await asyncio.sleep(seconds)
        stream = await open_now(**asked)
        stream.closed = False
        close = stream.close

        async def close_it() -> None:
            stream.closed = True
            await close()

        stream.close = close_it
        opened.append(stream)
        return stream

    stage.ear.open = open_late  # type: ignore[method-assign]
    return opened


def test_whoever_is_given_the_word_while_their_ear_is_opened_gets_one_ear() -> None:
    async def script(stage: Stage) -> None:
        opened = slow_ears(stage, 1.0)
        await seat(stage, KIM, Mode.TALK)
        await stage.session.room.people.change("kim", mode=Mode.TALK)
        assert len(opened) == 1
        stage.hang_up()
        await asyncio.sleep(1.0)
        assert opened[0].closed

    handed_over(script)


def test_the_ear_of_somebody_who_has_left_before_it_was_open_is_closed() -> None:
    async def script(stage: Stage) -> None:
        await seat(stage, LEE, Mode.LISTEN)
        opened = slow_ears(stage, 1.0)
        talking = asyncio.create_task(stage.session.room.people.change("lee", mode=Mode.TALK))
        await asyncio.sleep(0.1)
        await stage.session.room.people.dismiss("lee", "sent out")
        await talking
        assert [stream.closed for stream in opened] == [True]
        stage.hang_up()

    handed_over(script)


def test_a_mixing_that_fails_is_a_lost_line_to_everybody_and_the_next_who_comes_is_heard() -> None:
    async def script(stage: Stage) -> None:
        leg, part = await seat(stage, KIM, Mode.TALK)

        def fail(frame: object) -> None:
            raise OSError("the wire is broken")

        leg.send = fail  # type: ignore[method-assign]
        stage.leg.loud_until = now() + 1.0
        departure = await part
        assert departure.lost
        again, _ = await seat(stage, KIM, Mode.TALK)
        since = now()
        again.loud_until = since + 1.0
        await asyncio.sleep(1.5)
        assert [at for at in heard_at(stage.leg, VOICE) if at > since]
        stage.hang_up()

    stage = handed_over(script)
    assert [event["component"] for event in stage.of("component.failed")] == ["conference"]
