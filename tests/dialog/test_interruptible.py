"""A stream that is ended from outside: while nobody waits, and while somebody does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from dialog.interruptible import Interruptible


class Source:
    """Gives numbers, hangs after ``until``, and knows whether it was closed."""

    def __init__(self, until: int) -> None:
        self.until = until
        self.hangs = asyncio.Event()
        self.closed = False

    async def numbers(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(1, self.until + 1):
                yield number
            self.hangs.set()
            await asyncio.Event().wait()
        finally:
            self.closed = True


async def test_it_gives_all_that_the_stream_gives() -> None:
    async def three() -> AsyncGenerator[str, None]:
        for text in ("a", "b", "c"):
            yield text

    assert [text async for text in Interruptible(three()).events()] == ["a", "b", "c"]


async def test_whoever_waits_for_more_learns_at_once_that_there_is_none() -> None:
    source = Source(until=2)
    stream = Interruptible(source.numbers())
    heard: list[int] = []

    async def listen() -> None:
        heard.extend([number async for number in stream.events()])

    listening = asyncio.create_task(listen())
    await source.hangs.wait()
    stream.stop()
    await asyncio.wait_for(listening, 1.0)
    assert heard == [1, 2]
    assert source.closed


async def test_stopped_between_two_it_gives_no_other() -> None:
    source = Source(until=3)
    stream = Interruptible(source.numbers())
    heard = []
    async for number in stream.events():
        heard.append(number)
        stream.stop()
    assert heard == [1]
    assert stream.stopped and source.closed


async def test_whoever_stops_reading_closes_the_stream() -> None:
    source = Source(until=3)
    async with aclosing(Interruptible(source.numbers()).events()) as events:
        assert await anext(events) == 1
    assert source.closed


async def test_being_cancelled_while_waiting_closes_it_too() -> None:
    source = Source(until=0)

    async def listen() -> None:
        async with aclosing(Interruptible(source.numbers()).events()) as events:
            await anext(events)

    listening = asyncio.create_task(listen())
    await source.hangs.wait()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert source.closed


async def test_what_breaks_the_stream_is_passed_on() -> None:
    async def breaks() -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        _ = [number async for number in Interruptible(breaks()).events()]
