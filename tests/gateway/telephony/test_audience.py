"""Whoever listens to a leg late has missed nothing, and whoever never listens does not fill the memory."""

from __future__ import annotations

import asyncio

import pytest

from gateway.telephony.audience import UNHEARD, Audience
from gateway.telephony.leg import LegEvent, MarkPlayed


async def test_what_came_before_is_told_first_and_not_from_within() -> None:
    audience, heard = Audience(lambda: None), list[LegEvent]()
    audience.tell(MarkPlayed("1"))
    audience.listen(heard.append)
    assert heard == []
    audience.tell(MarkPlayed("2"))
    await asyncio.sleep(0)
    audience.tell(MarkPlayed("3"))
    assert heard == [MarkPlayed("1"), MarkPlayed("2"), MarkPlayed("3")]


async def test_there_is_one_listener() -> None:
    audience = Audience(lambda: None)
    audience.listen(lambda event: None)
    with pytest.raises(RuntimeError, match="one listener"):
        audience.listen(lambda event: None)


async def test_where_nobody_comes_the_leg_is_ended() -> None:
    failures: list[str] = []
    audience = Audience(lambda: failures.append("failed"))
    for number in range(UNHEARD):
        audience.tell(MarkPlayed(str(number)))
    assert failures == ["failed"]


async def test_a_listener_that_fails_ends_the_leg() -> None:
    failures: list[str] = []
    audience = Audience(lambda: failures.append("failed"))
    audience.tell(MarkPlayed("1"))
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context["exception"]))

    def hear(event: LegEvent) -> None:
        raise ArithmeticError("a mistake")

    audience.listen(hear)
    await asyncio.sleep(0)
    assert failures == ["failed"]
    assert isinstance(reported[0], ArithmeticError)
