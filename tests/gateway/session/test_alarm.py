from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from gateway.session.alarm import Alarm
from tests.virtual_time import run


def test_it_rings_once_at_the_moment_that_was_set_last() -> None:
    async def main() -> None:
        loop, rung = asyncio.get_running_loop(), []
        alarm = Alarm(lambda: rung.append(loop.time()))
        began = loop.time()
        alarm.set(began + 1.0)
        alarm.set(began + 3.0)
        alarm.set(began + 2.0)
        alarm.set(began + 2.0)
        await asyncio.sleep(5.0)
        assert rung == [pytest.approx(began + 2.0)]
        alarm.set(began + 2.0)  # past: at once
        await asyncio.sleep(0.1)
        assert len(rung) == 2

    run(main())


def test_set_to_never_or_cancelled_it_does_not_ring() -> None:
    async def main() -> None:
        loop, rung = asyncio.get_running_loop(), []
        alarm = Alarm(lambda: rung.append(loop.time()))
        alarm.set(loop.time() + 1.0)
        alarm.set(None)
        alarm.set(loop.time() + 1.0)
        alarm.cancel()
        alarm.cancel()
        await asyncio.sleep(5.0)
        assert rung == []

    run(main())


@pytest.mark.parametrize("runner", [asyncio.run, uvloop.run])
def test_on_every_loop_it_rings_for_what_is_due_now(runner: Callable[[Awaitable[None]], None]) -> None:
    async def main() -> None:
        loop, rung = asyncio.get_running_loop(), asyncio.Event()
        alarm = Alarm(rung.set)
        alarm.set(loop.time())
        alarm.set(loop.time() - 1.0)
        await asyncio.wait_for(rung.wait(), 20.0)

    runner(main())
