"""When a far end is given up, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.telephony.leg import HangUpCause, HungUp
from gateway.telephony.patience import Patience
from tests.virtual_time import run


def given_up(act: Callable[[Patience], None] | None = None, *, seconds: float = 60.0) -> list[tuple[float, HungUp]]:
    """What is noticed, and when, while ``act`` is done every second."""

    async def main() -> list[tuple[float, HungUp]]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        noticed: list[tuple[float, HungUp]] = []

        def give_up(end: HungUp) -> None:
            noticed.append((round(loop.time() - began, 1), end))
            patience.end()

        patience = Patience(10.0, 5.0, give_up)
        for _ in range(round(seconds)):
            await asyncio.sleep(1.0)
            if act is not None:
                act(patience)
        patience.end()
        return noticed

    return run(main())


def heard(patience: Patience) -> None:
    patience.heard_at = asyncio.get_running_loop().time()


def test_silence_is_noticed_once_after_its_limit() -> None:
    assert given_up() == [(10.0, HungUp("silence on the wire for 10 s", HangUpCause.IDLE))]


def test_a_far_end_that_speaks_is_borne_with_for_ever() -> None:
    assert given_up(heard) == []


def test_a_far_end_that_speaks_but_takes_nothing_is_given_up() -> None:
    stuck = False

    def speak_and_block(patience: Patience) -> None:
        nonlocal stuck
        heard(patience)
        if not stuck:
            stuck = True
            patience.writable(False)

    assert given_up(speak_and_block) == [(6.0, HungUp("the far end took nothing for 5 s", HangUpCause.STALLED))]


def test_a_far_end_that_takes_a_little_now_and_then_is_borne_with() -> None:
    def speak_and_take(patience: Patience) -> None:
        heard(patience)
        patience.writable(True)
        patience.writable(False)

    assert given_up(speak_and_take) == []


def test_nobody_is_judged_by_a_loop_that_was_blocked_itself() -> None:
    async def main() -> list[HungUp]:
        loop = asyncio.get_running_loop()
        noticed: list[HungUp] = []
        patience = Patience(10.0, 5.0, noticed.append)
        loop._jumping.now += 30.0  # type: ignore[attr-defined]  # blocked for half a minute
        await asyncio.sleep(0.1)
        heard(patience)  # what came in meanwhile is read only now
        await asyncio.sleep(5.0)
        patience.end()
        return noticed

    assert run(main()) == []
