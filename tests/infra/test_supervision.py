"""What fails is told, and nothing else fails with it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from infra.errors import AiccError
from infra.supervision import supervised


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
