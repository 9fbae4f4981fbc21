from __future__ import annotations

import asyncio

import pytest

from dialog.memory import deadline
from dialog.memory.deadline import within


async def answer(value: int) -> int:
    return value


async def fail() -> int:
    raise ValueError("no")


class Stubborn:
    """Takes its time to stop, as a driver does whose server is dead."""

    def __init__(self) -> None:
        self.told, self.may_end = asyncio.Event(), asyncio.Event()

    async def work(self) -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.told.set()
            await self.may_end.wait()
            raise ConnectionError("the server is gone") from None
        return 1


async def test_what_is_there_in_time_is_given_also_an_error() -> None:
    assert await within(1.0, answer(7)) == 7
    with pytest.raises(ValueError, match="no"):
        await within(1.0, fail())


async def test_what_is_late_is_told_to_stop_and_not_waited_for() -> None:
    stubborn = Stubborn()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await within(0.01, stubborn.work())
    await asyncio.wait_for(stubborn.told.wait(), 5)
    assert deadline._ending
    stubborn.may_end.set()
    async with asyncio.timeout(5):
        while deadline._ending:
            await asyncio.sleep(0)


async def test_who_stops_waiting_stops_the_work() -> None:
    stubborn = Stubborn()
    stubborn.may_end.set()
    waiting = asyncio.create_task(within(60.0, stubborn.work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    await asyncio.wait_for(stubborn.told.wait(), 5)
