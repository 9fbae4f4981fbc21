"""What fails is told, and nothing else fails with it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from infra.errors import AiccError
from infra.supervision import ended, supervised
from tests.virtual_time import run


async def failing(error: BaseException) -> int:
    raise error


async def seven() -> int:
    return 7


async def test_what_succeeds_gives_what_it_gives() -> None:
    assert await supervised(seven(), "not done") == 7


@pytest.mark.parametrize(
    ("error", "level", "traced"),
    [
        (AiccError("the store is away"), logging.WARNING, False),
        (ZeroDivisionError("a mistake of ours"), logging.ERROR, True),
        (ExceptionGroup("several", [ValueError("x")]), logging.ERROR, True),
    ],
)
async def test_what_fails_is_told_as_what_it_is(
    caplog: pytest.LogCaptureFixture, error: Exception, level: int, traced: bool
) -> None:
    assert await supervised(failing(error), "due calls could not be looked after") is None
    [record] = caplog.records
    assert (record.levelno, record.exc_info is not None) == (level, traced)
    assert record.getMessage().startswith("due calls could not be looked after")


async def test_what_is_told_to_stop_stops() -> None:
    with pytest.raises(asyncio.CancelledError):
        await supervised(failing(asyncio.CancelledError()), "not done")


def test_a_task_that_lost_its_cancellation_is_told_again() -> None:
    swallowed = []

    async def works() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed.append("once")

    async def scene() -> float:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(works())
        await asyncio.sleep(0)
        begun = loop.time()
        await ended(task, again_after=2.0)
        assert task.cancelled()
        return loop.time() - begun

    assert run(scene()) == 2.0
    assert swallowed == ["once"]


async def test_a_task_that_is_over_is_left_alone() -> None:
    task = asyncio.create_task(asyncio.sleep(0))
    await task
    await ended(task)
    assert not task.cancelled()
